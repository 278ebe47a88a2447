import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { CodedError, publicKeyPem, utf8 } from '@countersign/core'
import { parseLeaf } from '@countersign/formats'
import { issuanceLeaf, loggedTbs } from '@countersign/formats/identity'
import { context, der, derBits, derNumber, derSequence, parseCertificate } from '@countersign/formats/x509'
import { verifyCertificate } from '@countersign/verify/identity'
import { nameOf, newKey, type TestKey } from '../../test/anchors/certificates.ts'
import { CERTIFIED } from '../../test/identity/asking.ts'
import { type Party, party } from '../../test/pipeline.ts'
import { openTestServer, type TestServer } from '../../test/server.ts'
import { ownAuthorities } from './authorities.ts'
import { type CertifiedToken, issueCertificate, type KeyRequest, proveKey } from './issue-certificate.ts'

const NOW = '2026-11-21T12:00:00.123Z'
const token = CERTIFIED
const { identity } = CERTIFIED

const keyOf = (by: Party, challenge: string): KeyRequest => ({
  kind: 'key',
  publicKey: publicKeyPem(by.publicKey),
  proof: new Uint8Array(sign(by.publicKey.algorithm === 'ed25519' ? null : 'sha256', utf8(challenge), by.privateKey)),
})

/** PKCS #10 (RFC 2986) of one key, signed with another where it is given. */
function requestOf(key: TestKey, by: TestKey = key): KeyRequest {
  const info = derSequence(derNumber(0), nameOf('somebody else'), key.spki, der(context(0)))
  return { kind: 'request', der: derSequence(info, by.algorithm, derBits(by.sign(info))) }
}

describe('the authority', () => {
  let server: TestServer
  const by = party('ephemeral')
  beforeAll(async () => {
    server = await openTestServer({ tenants: ['acme', 'other'], now: () => NOW })
  })
  afterAll(() => server.close())

  interface Asked {
    readonly tenant?: string
    readonly token?: CertifiedToken
    readonly key?: KeyRequest
  }
  const issue = async ({ tenant = 'acme', token: shown = token, key = keyOf(by, 'repo:acme/shop') }: Asked = {}) => {
    const proven = await proveKey(server.deps, key, shown.claims)
    return issueCertificate(server.deps, { tenant, token: shown, key: proven })
  }
  const verify = (chain: readonly Uint8Array[], when: string) =>
    verifyCertificate({
      chain: chain.slice(0, 1),
      authorities: ownAuthorities(server.deps),
      at: Date.parse(when),
      crypto: nodeCrypto,
    })
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'issued',
      (error: CodedError) => error.code,
    )

  it('certifies who the token says, for ten minutes, under a proof that it was logged', async () => {
    const { chain, serial, index, notBefore, notAfter } = await issue()
    const [leaf] = chain
    const verified = verify(chain, notBefore)
    expect(verified).toMatchObject({
      identity,
      grade: 'A',
      system: 'github-actions',
      authority: 'test',
      kind: 'countersign',
      serial,
    })
    expect(verified.publicKey.keyId).toBe(by.publicKey.keyId)
    expect([notBefore, notAfter]).toEqual(['2026-11-21T12:00:00.000Z', '2026-11-21T12:10:00.000Z'])
    const parsed = parseCertificate(leaf!, 'certificate-invalid')
    const [entry] = server.deps.log.data.entries(index, index + 1)
    expect(parseLeaf(entry!)).toEqual(issuanceLeaf(loggedTbs(parsed), Date.parse(notBefore), nodeCrypto))
    const held = await server.store.issued.one('acme', serial)
    expect(held).toMatchObject({ index, serial, issuedAt: notBefore, notAfter, keyId: by.publicKey.keyId })
    expect(held!.tbs).toEqual(loggedTbs(parsed))
    expect(await server.store.issued.one('other', serial)).toBeNull()
  })

  it('is one that OpenSSL follows to its root', async () => {
    const { chain } = await issue()
    const [leaf, intermediate, root] = chain.map((one) => new X509Certificate(one)) as [
      X509Certificate,
      X509Certificate,
      X509Certificate,
    ]
    expect([leaf.checkIssued(intermediate), leaf.verify(intermediate.publicKey)]).toEqual([true, true])
    expect([intermediate.checkIssued(root), intermediate.verify(root.publicKey)]).toEqual([true, true])
    expect([root.verify(root.publicKey), leaf.ca, intermediate.ca, root.ca]).toEqual([true, false, true, true])
    expect(leaf.subjectAltName).toBe('URI:https://example.com/acme/shop/build@refs/heads/main')
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.3'])
  })

  it('takes a signature over the subject or the e-mail address, and a request that its key has signed', async () => {
    expect(await codeOf(issue({ key: keyOf(by, 'robot@example.com') }))).toBe('issued')
    const key = newKey()
    const { chain } = await issue({ key: requestOf(key) })
    expect(parseCertificate(chain[0]!, 'certificate-invalid').spki).toEqual(key.spki)
    expect(verify(chain, '2026-11-21T12:05:00.000Z').identity.subject.value).toContain('acme/shop/build')
  })

  it.each<[string, string, () => Asked]>([
    ['a signature over something else', 'signature-invalid', () => ({ key: keyOf(by, 'repo:acme/other') })],
    ['a signature over nothing', 'signature-invalid', () => ({ key: keyOf(by, '') })],
    [
      'a signature by another key',
      'signature-invalid',
      () => ({
        key: { ...keyOf(party('other'), 'repo:acme/shop'), publicKey: publicKeyPem(by.publicKey) } as KeyRequest,
      }),
    ],
    ['a request for the key of somebody else', 'signature-invalid', () => ({ key: requestOf(newKey(), newKey()) })],
    ['a request of another algorithm', 'key-invalid', () => ({ key: requestOf(newKey('P-384', 'sha384')) })],
    ['a request that is none', 'certificate-invalid', () => ({ key: { kind: 'request', der: Uint8Array.of(48, 0) } })],
    ['an Ed25519 key', 'key-invalid', () => ({ key: keyOf(party('edwards', 'ed25519'), 'repo:acme/shop') })],
    ['a private key', 'key-invalid', () => ({ key: { kind: 'key', publicKey: pkcs8(), proof: new Uint8Array(64) } })],
    ['a token without subject', 'signature-invalid', () => ({ token: { ...token, claims: {} }, key: keyOf(by, '') })],
    [
      'an identity that no reader takes',
      'certificate-invalid',
      () => ({ token: { ...token, identity: { ...identity, subject: { kind: 'uri', value: 'https://a\nb' } } } }),
    ],
  ])('refuses %s, and logs nothing', async (_name, code, input) => {
    const before = server.deps.log.signedSize
    expect(await codeOf(issue(input()))).toBe(code)
    expect(server.deps.log.signedSize).toBe(before)
    // Red control: the same with nothing wrong.
    expect(await codeOf(issue())).toBe('issued')
  })

  it('refuses a key that was proven to the holder of another token', async () => {
    const key = await proveKey(server.deps, keyOf(by, 'repo:acme/other'), { sub: 'repo:acme/other' })
    expect(await codeOf(issueCertificate(server.deps, { tenant: 'acme', token, key }))).toBe('signature-invalid')
    const own = await proveKey(server.deps, keyOf(by, 'repo:acme/shop'), { sub: 'repo:acme/shop' })
    expect(await codeOf(issueCertificate(server.deps, { tenant: 'acme', token, key: own }))).toBe('issued')
  })

  it('has so many on their way for each tenant, and says then that it is busy', async () => {
    const many = Array.from({ length: 70 }, () => codeOf(issue()))
    const other = codeOf(issue({ tenant: 'other' }))
    const codes = await Promise.all(many)
    expect(codes.filter((code) => code === 'issued')).toHaveLength(64)
    expect(codes.filter((code) => code === 'server-busy')).toHaveLength(6)
    expect(await other).toBe('issued')
    expect(await codeOf(issue())).toBe('issued')
  })

  it('gives no two certificates one serial number', async () => {
    const issued = await Promise.all(Array.from({ length: 40 }, () => issue()))
    expect(new Set(issued.map(({ serial }) => serial)).size).toBe(40)
    expect(new Set(issued.map(({ index }) => index)).size).toBe(40)
    for (const { serial, chain } of issued) {
      expect(serial).toMatch(/^(?:00[89a-f]|[0-7])[0-9a-f]{31}$/)
      expect(parseCertificate(chain[0]!, 'certificate-invalid').serial).toBe(serial)
    }
  })
})

function pkcs8(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }) as string
}
