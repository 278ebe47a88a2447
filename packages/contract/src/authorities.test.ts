import { hex, sha256 } from '@countersign/core'
import { writeVkey } from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { CT_KEY, LocalAuthority, LOG } from '../../../test/identity/local-ca.ts'
import { authorityYaml, CA, keylessContract, pemOf, SERVER, WORKFLOWS } from '../../../test/keyless.ts'
import { logKeyOf } from '../../../test/pipeline.ts'
import { keyOf, lint, parse, vkeyOf } from './contract.test-kit.ts'

const other = new LocalAuthority({ name: 'other', seed: 'other' })
const root = new LocalAuthority({ name: 'alone', seed: 'alone', intermediate: null })
const OURS = authorityYaml()
const pem = (...ders: readonly Uint8Array[]) =>
  `    certificates: |\n${pemOf(...ders).replace(/^(?=.)/gm, '      ')}`.trimEnd()
const of = (authorities: string, more: Parameters<typeof keylessContract>[0] = {}) =>
  keylessContract({ authorities, ...more })
const whats = (text: string) => lint(text).map(({ code, what }) => `${code}: ${what}`)
const invalid = (what: string) => [`contract-invalid: ${what}`]

describe('an authority is read', () => {
  const ruleOf = (text: string) => {
    expect(whats(text)).toEqual([])
    return parse(text).authorities.get('ours')!
  }

  test('with its certificates, the root last, and the keys of its logs', () => {
    const rule = ruleOf(of(`  ours:\n${OURS}`))
    if (rule.kind !== 'countersign') throw new Error('another kind')
    expect(rule.id).toBe(hex(sha256(CA.root.der)))
    expect(rule.certificates.map(({ der }) => der)).toEqual([CA.intermediate!.der, CA.root.der])
    expect([rule.logs.length, rule.revokedAt]).toEqual([1, null])
  })

  test('with several logs, and since when it is not believed', () => {
    const second = vkeyOf('second.example')
    const text = of(
      `  ours:\n${OURS.replace(/log: .*/, `log: ["${LOG.vkey}", "${second}"]`)}\n    revokedSince: "2026-11-01T12:00:00.000Z"`,
    )
    const rule = ruleOf(text)
    if (rule.kind !== 'countersign') throw new Error('another kind')
    expect(rule.logs.map(writeVkey)).toEqual([LOG.vkey, second])
    expect(rule.revokedAt).toBe('2026-11-01T12:00:00.000Z')
  })

  test.each(['public', 'a1'.repeat(32)])('as the Sigstore %s', (id) => {
    expect(ruleOf(of(`  ours: { sigstore: "${id}" }`))).toEqual({ kind: 'sigstore', id, revokedAt: null })
    expect(ruleOf(of(`  ours: { sigstore: "${id}", revokedSince: "2026-11-01T12:00:00.000Z" }`)).revokedAt).toBe(
      '2026-11-01T12:00:00.000Z',
    )
  })
})

describe('no authority', () => {
  const at = 'authorities.ours'
  const certificates = OURS.replace(/\n *log:.*/, '')
  const withLog = (log: string) => `  ours:\n${certificates}\n    log: ${log}`
  const certificate = (what: string) => [`certificate-invalid: ${at}.certificates ${what}`]

  test.each<[string, string, readonly string[] | RegExp]>([
    ['is empty', '  {}', ['contract-empty: authorities is empty']],
    ['is a text', '  ours: x', invalid(`${at} is not a mapping`)],
    ['has a field of nobody', `  ours:\n${OURS}\n    name: x`, invalid(`${at}.name is not a field here`)],
    ['is of no kind', '  ours: {}', invalid(`${at} needs one of certificates and sigstore`)],
    [
      'is of both kinds',
      `  ours:\n${OURS}\n    sigstore: public`,
      invalid(`${at} needs one of certificates and sigstore`),
    ],
    [
      'is a Sigstore with a log',
      `  ours: { sigstore: public, log: "${LOG.vkey}" }`,
      invalid(`${at}.log goes with certificates only`),
    ],
    [
      'is a Sigstore by another name',
      '  ours: { sigstore: Public }',
      /^contract-invalid: authorities.ours.sigstore is not public, or /,
    ],
    [
      'is a Sigstore by half a digest',
      `  ours: { sigstore: "${'a'.repeat(63)}" }`,
      /^contract-invalid: authorities.ours.sigstore is not /,
    ],
    ['lacks its log', `  ours:\n${certificates}`, invalid(`${at} lacks log`)],
    ['has no log in a list', withLog('[]'), [`contract-empty: ${at}.log is empty`]],
    ['has null for a log', withLog(''), [`contract-empty: ${at}.log is empty`]],
    ['has a log twice', withLog(`["${LOG.vkey}", "${LOG.vkey}"]`), invalid(`${at}.log[1] stands there already`)],
    [
      'has 17 logs',
      withLog(`[${Array.from({ length: 17 }, () => 'x').join(', ')}]`),
      invalid(`${at}.log has more than 16 items`),
    ],
    ['has a log without a key', withLog('x'), /^key-invalid: authorities.ours.log is not a usable key: /],
    [
      'has a log with the key of a signer',
      withLog(keyOf('x')),
      /^key-invalid: authorities.ours.log is not a usable key: /,
    ],
    [
      'has a log with a key that is too long',
      withLog('x'.repeat(4097)),
      invalid(`${at}.log is not a verifier key (name+id+key)`),
    ],
    [
      'has certificates in a list',
      `  ours:\n    certificates: [x]\n    log: ${LOG.vkey}`,
      /^contract-invalid: authorities.ours.certificates is not certificates in PEM/,
    ],
    [
      'has certificates that are none',
      `  ours:\n    certificates: x\n    log: ${LOG.vkey}`,
      /^certificate-invalid: .* is no certificate: /,
    ],
    [
      'has certificates that are too long',
      `  ours:\n    certificates: ${'x'.repeat(65_537)}\n    log: ${LOG.vkey}`,
      /^contract-invalid: .* is not certificates in PEM/,
    ],
    [
      'has no root',
      `  ours:\n${pem(CA.intermediate!.der)}\n    log: ${LOG.vkey}`,
      certificate('does not end in a root'),
    ],
    [
      'has the root first',
      `  ours:\n${pem(CA.root.der, CA.intermediate!.der)}\n    log: ${LOG.vkey}`,
      certificate('is not in order, what issues first and the root last'),
    ],
    [
      'has the root of another',
      `  ours:\n${pem(CA.intermediate!.der, other.root.der)}\n    log: ${LOG.vkey}`,
      certificate('is not in order, what issues first and the root last'),
    ],
    [
      'has six certificates',
      `  ours:\n${pem(CA.intermediate!.der, ...Array.from({ length: 5 }, () => CA.root.der))}\n    log: ${LOG.vkey}`,
      certificate('holds more than 5 certificates'),
    ],
    [
      'is no authority',
      `  ours:\n${pem(CA.issue().der, CA.intermediate!.der, CA.root.der)}\n    log: ${LOG.vkey}`,
      certificate('holds a certificate that may issue no others'),
    ],
  ])('%s', (_, authorities, expected) => {
    const [first, ...more] = whats(of(authorities))
    if (Array.isArray(expected)) expect([first, ...more]).toEqual(expected)
    else expect(first).toMatch(expected as RegExp)
    expect(more).toEqual([])
  })

  test('has another for its name, or a name that is none', () => {
    expect(whats(of(`  "a b":\n${OURS}`)).slice(0, 1)).toEqual(invalid('authorities."a b" is not a name'))
    expect(whats(of(`  ours:\n${OURS}\n  again:\n${OURS}`))).toContain(
      'contract-invalid: authorities.again is the same authority as authorities.ours',
    )
    expect(whats(of('  ours: { sigstore: public }\n  again: { sigstore: public }'))).toContain(
      'contract-invalid: authorities.again is the same authority as authorities.ours',
    )
  })

  test('is one of more than a hundred', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, i) => `  a${i}: { sigstore: "${i.toString(16).padStart(64, '0')}" }`).join('\n')
    expect(whats(of(many(101)))).toEqual(invalid('authorities has more than 100 authorities'))
    expect(whats(of(many(100)))).not.toContain('contract-invalid: authorities has more than 100 authorities')
  })

  test('is said to vouch for nobody while it is not certain who is there', () => {
    const spare = `  ours:\n${OURS}\n  spare: { sigstore: public }`
    const signers = {
      source: `${WORKFLOWS.source}\n    authority: ours`,
      build: `${WORKFLOWS.build}\n    authority: ours`,
      deploy: `${WORKFLOWS.deploy}\n    authority: ours`,
    }
    const said = 'contract-invalid: authorities.spare vouches for nobody'
    expect(whats(of(spare, { signers }))).toEqual([said])
    expect(whats(of(`${spare}\n  third: 5`, { signers }))).toEqual(invalid('authorities.third is not a mapping'))
    expect(whats(of(spare, { signers: { ...signers, build: 'x' } }))).not.toContain(said)
    // Who maintains the contract is vouched for too.
    const top = `maintainers:\n  threshold: 1\n  of:\n    ana:\n      issuer: https://id.example\n      subject: ana@shop.example\n      authority: spare`
    expect(whats(of(spare, { signers, top }))).toEqual([])
  })
})

describe('whoever vouches plays no other part (T-39)', () => {
  const spki = (key: Uint8Array) => Buffer.from(key).toString('base64')

  test('it signs no steps, with none of its certificates', () => {
    for (const key of [CA.intermediate!.key.spki, CA.root.key.spki]) {
      expect(whats(of(`  ours:\n${OURS}`, { signers: { ...WORKFLOWS, deploy: spki(key) } }))).toEqual(
        invalid('authorities.ours.certificates is the same key as signers.deploy'),
      )
    }
  })

  test('its log signs none either, and may countersign', () => {
    const log = writeVkey(logKeyOf(SERVER))
    const authorities = `  ours:\n${authorityYaml(CA, log)}`
    expect(whats(of(authorities))).toEqual([])
    expect(
      whats(of(authorities, { server: null, signers: { ...WORKFLOWS, deploy: spki(SERVER.publicKey.spki) } })),
    ).toEqual(invalid('authorities.ours.log is the same key as signers.deploy'))
    expect(whats(of(`  ours:\n${authorityYaml(root, log)}`))).toEqual([])
  })

  test('two may share a log, and none an issuer', () => {
    const signers = { ...WORKFLOWS, source: `${WORKFLOWS.source}\n    authority: [other]` }
    expect(whats(of(`  ours:\n${OURS}\n  other:\n${authorityYaml(other)}`, { signers }))).toEqual([])
  })
})

test('the key of a Sigstore log is not of the form that ours have', () => {
  expect(
    whats(of(`  ours:\n${OURS.replace(/log: .*/, `log: ${Buffer.from(CT_KEY.spki).toString('base64')}`)}`))[0],
  ).toMatch(/^key-invalid: /)
})
