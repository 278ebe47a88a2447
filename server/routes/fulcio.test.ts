import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { base64, type JsonObject, utf8 } from '@countersign/core'
import { derBits, context, der, derNumber, derSequence, parseCertificates } from '@countersign/formats/x509'
import { verifyCertificate } from '@countersign/verify/identity'
import { nameOf, newKey } from '../../test/anchors/certificates.ts'
import { asking, fulcioRequest } from '../../test/identity/asking.ts'
import { type LocalIssuer, ruleFor, startIssuer } from '../../test/identity/local-issuer.ts'
import { openTestServer, type TestServer } from '../../test/server.ts'
import { ownAuthorities } from '../verbs/authorities.ts'

let server: TestServer
let issuer: LocalIssuer
beforeAll(async () => {
  server = await openTestServer({ tenants: ['acme', 'other'], now: () => new Date().toISOString() })
  issuer = await startIssuer({ audience: 'countersign:test' })
  const rule = { ...ruleFor('github-actions', { issuer: issuer.url }), id: 'ci' }
  const added = await server.request('POST', '/v1/issuers', { body: JSON.stringify(rule) })
  expect([added.status, added.status === 201 ? null : await added.text()]).toEqual([201, null])
})
afterAll(async () => {
  await issuer.close()
  await server.close()
})

const bodyOf = (token: string, over?: string): JsonObject => fulcioRequest(asking(token, over))
const ask = (body: unknown, headers: Record<string, string> = {}) =>
  server.request('POST', '/api/v2/signingCert', {
    token: null,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  })

async function chainOf(reply: Response): Promise<string[]> {
  const text = await reply.text()
  expect([reply.status, reply.status === 200 ? '' : text]).toEqual([200, ''])
  return (JSON.parse(text) as { signedCertificateEmbeddedSct: { chain: { certificates: string[] } } })
    .signedCertificateEmbeddedSct.chain.certificates
}

describe('signingCert', () => {
  it('gives a certificate for an identity token, as Fulcio does', async () => {
    const certificates = await chainOf(await ask(bodyOf(issuer.token('github-actions'))))
    expect(certificates).toHaveLength(3)
    const [leaf] = parseCertificates(certificates[0]!, 'certificate-invalid')
    const verified = verifyCertificate({
      chain: [leaf!.der],
      authorities: ownAuthorities(server.deps),
      at: Date.now(),
      crypto: nodeCrypto,
    })
    expect(verified).toMatchObject({ grade: 'A', system: 'github-actions', identity: { issuer: issuer.url } })
    expect((await server.store.issued.page('acme', 9, null)).items[0]!.serial).toBe(leaf!.serial)
  })

  it('takes the token as a bearer token, and a certificate request', async () => {
    const { credentials: _, ...rest } = bodyOf(issuer.token('github-actions'))
    const token = issuer.token('github-actions')
    const key = newKey()
    const info = derSequence(derNumber(0), nameOf('any'), key.spki, der(context(0)))
    const request = derSequence(info, key.algorithm, derBits(key.sign(info)))
    const text = `-----BEGIN CERTIFICATE REQUEST-----\n${base64(request)}\n-----END CERTIFICATE REQUEST-----\n`
    const bearer = { authorization: `Bearer ${token}` }
    const certificates = await chainOf(await ask({ certificateSigningRequest: base64(utf8(text)) }, bearer))
    expect(parseCertificates(certificates[0]!, 'certificate-invalid')[0]!.spki).toEqual(key.spki)
    // Used up by it.
    expect((await ask(rest, bearer)).status).toBe(401)
  })

  it('counts a token once, and only where the key was good', async () => {
    const token = issuer.token('github-actions')
    const wrong = await ask(bodyOf(token, 'something else'))
    expect(await wrong.json()).toMatchObject({
      code: 3,
      message: expect.stringMatching(/^signature-invalid: /) as string,
    })
    await chainOf(await ask(bodyOf(token)))
    const again = await ask(bodyOf(token))
    expect([again.status, await again.json()]).toEqual([
      401,
      { code: 16, message: expect.stringMatching(/^identity-token-used: /) as string, details: [] },
    ])
  })

  it.each<[string, number, number, string, () => unknown]>([
    [
      'no token',
      401,
      16,
      'identity-token-invalid',
      () => ({ ...bodyOf(issuer.token('github-actions')), credentials: undefined }),
    ],
    ['a token that is none', 401, 16, 'identity-token-invalid', () => bodyOf('a.e30.b', 'x')],
    [
      'a token of an issuer that nobody trusts',
      403,
      7,
      'issuer-unknown',
      () => bodyOf(issuer.sign({ ...issuer.claimsOf('github-actions'), iss: 'https://issuer.example.com' })),
    ],
    [
      'a token for somebody else',
      401,
      16,
      'identity-token-invalid',
      () => bodyOf(issuer.token('github-actions', { aud: 'sigstore' })),
    ],
    ['an unknown member', 400, 3, 'request-invalid', () => ({ ...bodyOf(issuer.token('github-actions')), more: 1 })],
    ['JSON that is none', 400, 3, 'json-invalid', () => '{'],
    ['a member twice', 400, 3, 'json-duplicate-key', () => '{"credentials":{},"credentials":{}}'],
    ['neither key nor request', 400, 3, 'request-invalid', () => ({ credentials: { oidcIdentityToken: 'x.y.z' } })],
    [
      'a request that is no PEM',
      400,
      3,
      'request-invalid',
      () => ({ credentials: { oidcIdentityToken: 'x' }, certificateSigningRequest: 'AAAA' }),
    ],
    ['a body of megabytes', 400, 3, 'input-too-large', () => `{"credentials":"${'x'.repeat(2_000_000)}"}`],
  ])('refuses %s, and tells nothing of the token', async (_name, status, code, ours, body) => {
    const before = server.deps.log.signedSize
    const made = body()
    const reply = await ask(made)
    const text = await reply.text()
    expect([reply.status, JSON.parse(text)]).toEqual([
      status,
      { code, message: expect.stringMatching(new RegExp(`^${ours}: `)) as string, details: [] },
    ])
    const token = /"oidcIdentityToken":"([^"]{20,})"/.exec(typeof made === 'string' ? made : JSON.stringify(made))?.[1]
    if (token !== undefined) for (const part of token.split('.')) expect(text).not.toContain(part)
    expect(server.deps.log.signedSize).toBe(before)
    // Red control.
    await chainOf(await ask(bodyOf(issuer.token('github-actions'))))
  })
})

describe('what the server publishes of its authority', () => {
  it('is the same in each of its forms', async () => {
    const get = async (path: string) => {
      const reply = await server.request('GET', path, { token: null })
      expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'application/json'])
      return (await reply.json()) as JsonObject
    }
    const chain = server.deps.authorities[0].chain
    const { chains } = (await get('/api/v2/trustBundle')) as unknown as { chains: { certificates: string[] }[] }
    expect(chains).toHaveLength(1)
    expect(
      parseCertificates(chains[0]!.certificates.join(''), 'certificate-invalid').map(({ der: one }) => one),
    ).toEqual(chain.map(({ der: one }) => one))
    const root = await get('/trusted_root.json')
    expect(root).toMatchObject({
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      certificateAuthorities: [
        { certChain: { certificates: chain.map(({ der: one }) => ({ rawBytes: base64(one) })) } },
      ],
    })
    expect(await get('/signing_config.json')).toMatchObject({
      caUrls: [{ url: 'http://localhost', majorApiVersion: 1, operator: 'test' }],
    })
    expect(await get('/api/v2/configuration')).toEqual({ issuers: [] })
  })

  it.each(['/trusted_root.json', '/signing_config.json'])(
    'no cache keeps %s for whom it was not made',
    async (path) => {
      const asked = await server.request('GET', path, { token: null })
      expect(asked.headers.get('cache-control')).toBe('no-store')
      const settled = await openTestServer({ publicUrl: 'https://countersign.example' })
      try {
        const reply = await settled.request('GET', path, { token: null })
        expect([await reply.text(), reply.headers.get('cache-control')]).toEqual([
          expect.stringContaining('"https://countersign.example"'),
          'public, max-age=60',
        ])
      } finally {
        await settled.close()
      }
    },
  )
})
