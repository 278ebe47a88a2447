import { ruleFor } from '../../identity/claims.ts'
import { elliptic, edwards, rsa } from './token-signers.ts'
import { mutated, type Topic } from './topic.ts'

const INVALID = 'issuer-invalid'
const UUID = '11111111-2222-4333-8444-555555555555'
const claim = (name: string, value = '1') => ({ name, value })

/** A rule of another system at an issuer, and whether it is one. */
const at = (system: string, issuer: string, claims: readonly object[], error: boolean) => ({
  ...(error ? { error: INVALID } : {}),
  rule: { id: 'a', system, issuer, claims },
})

export const issuerRules: Topic = {
  name: 'issuer-rule',
  vectors: {
    ...mutated('rule', ruleFor('github-actions'), [
      ['id-missing', 'id', undefined, INVALID],
      ['id-empty', 'id', '', INVALID],
      ['id-with-a-slash', 'id', 'a/b', INVALID],
      ['id-upper-case', 'id', 'Main', INVALID],
      ['system-unknown', 'system', 'github', INVALID],
      ['system-prototype', 'system', 'constructor', INVALID],
      ['unknown-field', 'algorithms', ['HS256'], INVALID],
      ['issuer-http', 'issuer', 'http://token.actions.githubusercontent.com', INVALID],
      ['issuer-with-a-slash', 'issuer', 'https://token.actions.githubusercontent.com/', null],
      ['issuer-of-an-enterprise', 'issuer', 'https://token.actions.githubusercontent.com/acme', null],
      ['issuer-of-a-server', 'issuer', 'https://git.acme.example/_services/token', null],
      ['issuer-of-a-cloud', 'issuer', 'https://token.actions.acme.ghe.com', null],
      ['issuer-on-this-machine', 'issuer', 'http://127.0.0.1:8080', null],
      ['issuer-of-another-system', 'issuer', 'https://gitlab.com', INVALID],
      ['issuer-near-miss', 'issuer', 'https://token.actions.githubusercontent.com.evil.example', INVALID],
      ['issuer-with-a-user', 'issuer', 'https://a@token.actions.githubusercontent.com', INVALID],
      ['issuer-with-a-query', 'issuer', 'https://token.actions.githubusercontent.com?a', INVALID],
      [
        'issuer-with-a-port-that-goes-without-saying',
        'issuer',
        'https://token.actions.githubusercontent.com:443',
        INVALID,
      ],
      ['issuer-upper-case', 'issuer', 'https://Token.actions.githubusercontent.com', INVALID],
      ['issuer-with-a-way-up', 'issuer', 'https://token.actions.githubusercontent.com/a/..', INVALID],
      ['issuer-not-a-url', 'issuer', 'github', INVALID],
      ['audience', 'audience', 'sigstore', null],
      ['audience-empty', 'audience', '', INVALID],
      ['url', 'url', 'https://git.acme.example', null],
      ['url-with-a-slash', 'url', 'https://git.acme.example/', INVALID],
      ['url-no-url', 'url', 'javascript:alert(1)', INVALID],
      ['no-claims', 'claims', [], INVALID],
      ['claims-missing', 'claims', undefined, INVALID],
      ['claims-by-name-alone', 'claims', [claim('repository', 'acme/widget')], INVALID],
      ['claims-by-owner', 'claims', [claim('repository_owner_id')], null],
      ['claims-by-subject', 'claims', [claim('repository_id'), claim('sub')], INVALID],
      ['claims-twice', 'claims', [claim('repository_id'), claim('repository_id', '2')], INVALID],
      ['claims-33', 'claims', Array.from({ length: 33 }, (_, i) => claim(`a${i}`)), INVALID],
      ['claim-empty', 'claims', [claim('repository_id', '')], INVALID],
      ['claim-a-number', 'claims', [{ name: 'repository_id', value: 1 }], INVALID],
      ['claim-with-a-pattern', 'claims', [{ name: 'repository_id', pattern: '*' }], INVALID],
      ['pull-requests-allowed', 'pullRequests', 'allow', null],
      ['forks-true', 'forks', true, INVALID],
      ['self-hosted-refused', 'selfHosted', 'refuse', null],
    ]),
    'confirm-off': { rule: ruleFor('github-actions', { confirm: 'off' }) },
    'confirm-demanded': { rule: ruleFor('github-actions', { confirm: 'demand' }) },
    'confirm-true': { error: INVALID, rule: { ...ruleFor('github-actions'), confirm: true } },
    'confirm-unknown': { error: INVALID, rule: { ...ruleFor('github-actions'), confirm: 'always' } },
    'confirm-demanded-of-nobody': {
      error: INVALID,
      rule: {
        id: 'a',
        system: 'jenkins',
        issuer: 'https://ci.acme.example/oidc',
        claims: [claim('sub')],
        confirm: 'demand',
      },
    },
    least: {
      rule: {
        id: 'a',
        system: 'github-actions',
        issuer: 'https://token.actions.githubusercontent.com',
        claims: [claim('repository_id')],
      },
    },
    'not-an-object': { error: INVALID, rule: [] },
    'gitlab-com-without-pin': at('gitlab-ci', 'https://gitlab.com', [], true),
    'gitlab-com-by-path': at('gitlab-ci', 'https://gitlab.com', [claim('project_path')], true),
    'gitlab-com-by-namespace': at('gitlab-ci', 'https://gitlab.com', [claim('namespace_id')], false),
    'gitlab-of-ones-own': at('gitlab-ci', 'https://git.acme.example', [], false),
    'circleci-for-all': at('circleci', 'https://oidc.circleci.com', [], true),
    'circleci-of-an-organisation': at('circleci', `https://oidc.circleci.com/org/${UUID}`, [], false),
    'buildkite-by-slug': at('buildkite', 'https://agent.buildkite.com', [claim('organization_slug')], true),
    'buildkite-by-id': at('buildkite', 'https://agent.buildkite.com', [claim('organization_id')], false),
    'azure-of-an-organisation': at('azure-pipelines', `https://vstoken.dev.azure.com/${UUID}`, [], false),
    'azure-by-entra': at('azure-pipelines', `https://login.microsoftonline.com/${UUID}/v2.0`, [], false),
    'azure-for-all': at('azure-pipelines', 'https://vstoken.dev.azure.com', [], true),
    'cloud-build-by-address': at('google-cloud-build', 'https://accounts.google.com', [claim('email')], true),
    'cloud-build-by-subject': at('google-cloud-build', 'https://accounts.google.com', [claim('sub')], false),
    'cloud-build-hosted-only': {
      error: INVALID,
      rule: {
        id: 'a',
        system: 'google-cloud-build',
        issuer: 'https://accounts.google.com',
        claims: [claim('sub')],
        selfHosted: 'refuse',
      },
    },
    'codebuild-by-account': at(
      'aws-codebuild',
      `https://${UUID}.tokens.sts.global.api.aws`,
      [claim('https://sts.amazonaws.com/aws_account')],
      true,
    ),
    'codebuild-by-role': at('aws-codebuild', `https://${UUID}.tokens.sts.global.api.aws`, [claim('sub', 'arn')], false),
    'kubernetes-without-pin': at('kubernetes', 'https://k8s.acme.example', [], true),
    'spiffe-by-trust-domain': at('spiffe', 'https://spire.acme.example', [claim('spiffe/trust-domain', 'a')], false),
    'oidc-without-pin': at('oidc', 'https://accounts.google.com', [], true),
  },
}

const KEY = rsa('a').jwk
const EC = elliptic('a', 'ES256', 'issuer').jwk
const EC384 = elliptic('a', 'ES384', 'issuer').jwk
const ED = edwards('a', '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60').jwk
const CODE = 'identity-token-invalid'
const modulus = Buffer.from(KEY['n'] as string, 'base64url')
const b64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
/** Of bits as many, odd as it is. */
const short = (bytes: number) => b64(Buffer.concat([Buffer.of(modulus[0]! | 0x80), modulus.subarray(-bytes + 1)]))

/** A key set of one key, and the algorithms that it can be used with; none where it is left out. */
const one = (jwk: object, ...algorithms: readonly string[]) => ({
  keys: { keys: [jwk] },
  fit: algorithms.length === 0 ? {} : { a: algorithms },
  ...(algorithms.length === 0 ? { valid: false } : {}),
})

export const issuerKeySets: Topic = {
  name: 'issuer-keys',
  vectors: {
    rsa: one(KEY, 'RS256'),
    'rsa-for-all': one({ ...KEY, alg: undefined }, 'RS256', 'RS384', 'RS512', 'PS256'),
    'rsa-with-certificates': one({ ...KEY, x5c: ['MIIB'], x5t: 'aa' }, 'RS256'),
    p256: one(EC, 'ES256'),
    p384: one(EC384, 'ES384'),
    ed25519: one(ED, 'EdDSA'),
    'operations-verify': one({ ...KEY, use: undefined, key_ops: ['verify'] }, 'RS256'),
    empty: { keys: { keys: [] }, fit: {} },
    'kind-unknown': one({ ...KEY, kty: 'PQ' }),
    'without-name': one({ ...KEY, kid: undefined }),
    'name-empty': one({ ...KEY, kid: '' }),
    'for-encryption': one({ ...KEY, use: 'enc' }),
    'operations-sign': one({ ...KEY, key_ops: ['sign'] }),
    'operations-a-text': one({ ...KEY, key_ops: 'verify' }),
    'rsa-for-sha-1': one({ ...KEY, alg: 'RS1' }),
    'rsa-for-hmac': one({ ...KEY, alg: 'HS256' }),
    'rsa-for-none': one({ ...KEY, alg: 'none' }),
    'rsa-for-es256': one({ ...KEY, alg: 'ES256' }),
    'rsa-1024': one({ ...KEY, n: short(128) }),
    'rsa-2047': one({ ...KEY, n: b64(Buffer.concat([Buffer.of(0x7f), modulus.subarray(1)])) }),
    'rsa-8200': one({ ...KEY, n: b64(Buffer.concat([Buffer.of(0x80), Buffer.alloc(1023, 1), Buffer.of(1)])) }),
    'rsa-even': one({ ...KEY, n: b64(Buffer.concat([modulus.subarray(0, -1), Buffer.of(0)])) }),
    'rsa-zero-before': one({ ...KEY, n: b64(Buffer.concat([Buffer.of(0), modulus])) }),
    'rsa-padded': one({ ...KEY, n: `${KEY['n'] as string}=` }),
    'rsa-without-modulus': one({ ...KEY, n: undefined }),
    'exponent-1': one({ ...KEY, e: 'AQ' }),
    'exponent-3': one({ ...KEY, e: 'Aw' }),
    'exponent-even': one({ ...KEY, e: b64(Buffer.of(1, 0, 2)) }),
    'exponent-of-5-bytes': one({ ...KEY, e: b64(Buffer.of(1, 0, 0, 0, 1)) }),
    'private-part': one({ ...KEY, d: 'AQ' }),
    symmetric: one({ kty: 'oct', kid: 'a', k: 'c2VjcmV0' }),
    'curve-p521': one({ ...EC, crv: 'P-521' }),
    'curve-secp256k1': one({ ...EC, crv: 'secp256k1' }),
    'curve-wrong-size': one({ ...EC, crv: 'P-384' }),
    'point-off-the-curve': one({ ...EC, y: EC['x'] }),
    'point-off-p384': one({ ...EC384, y: EC384['x'] }),
    'point-short': one({ ...EC, x: b64(Buffer.from(EC['x'] as string, 'base64url').subarray(1)) }),
    'ed25519-of-low-order': one({ ...ED, x: b64(Buffer.concat([Buffer.of(1), Buffer.alloc(31)])) }),
    'ed25519-not-canonical': one({ ...ED, x: b64(Buffer.alloc(32, 0xff)) }),
    'curve-x25519': one({ ...ED, crv: 'X25519' }),
    'one-name-twice': { keys: { keys: [KEY, { ...EC }] }, fit: {}, valid: false },
    'one-name-three-times': { keys: { keys: [KEY, EC, ED] }, fit: {}, valid: false },
    'one-name-twice-beside-another': { keys: { keys: [KEY, EC, { ...ED, kid: 'b' }] }, fit: { b: ['EdDSA'] } },
    'bad-beside-good': {
      keys: {
        keys: [
          { ...KEY, e: 'AQ' },
          { ...EC, kid: 'b' },
        ],
      },
      fit: { b: ['ES256'] },
    },
    'no-list': { error: CODE, keys: { keys: KEY } },
    'no-keys': { error: CODE, keys: {} },
    'a-list': { error: CODE, keys: [KEY] },
    'a-text-among-them': { error: CODE, keys: { keys: ['a'] } },
    '101-keys': { error: CODE, keys: { keys: Array.from({ length: 101 }, (_, i) => ({ kid: `${i}` })) } },
  },
}
