import { X509Certificate } from 'node:crypto'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { identityExtensions } from '@countersign/formats/identity'
import {
  context,
  der,
  derBits,
  derNumber,
  derOid,
  derSequence,
  derSet,
  derTrue,
  parseCertificate,
} from '@countersign/formats/x509'
import { verifyCertificate } from '@countersign/verify/identity'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ownAuthorities } from '../../server/verbs/authorities.ts'
import { issueCertificate, proveKey } from '../../server/verbs/issue-certificate.ts'
import { certificate, extension, nameOf, newKey } from '../anchors/certificates.ts'
import { CERTIFIED, certify } from '../identity/asking.ts'
import { openTestServer, type TestServer } from '../server.ts'

// T-61, at the authority: a certificate request may ask for anything, to be an authority among it.

let server: TestServer
beforeAll(async () => {
  server = await openTestServer({ now: () => new Date().toISOString() })
})
afterAll(() => server.close())

const verified = (chain: readonly Uint8Array[]) =>
  verifyCertificate({ chain, authorities: ownAuthorities(server.deps), at: Date.now(), crypto: nodeCrypto })
const untrusted = expect.objectContaining({ code: 'certificate-untrusted' }) as Error

test('who asks to be an authority, and somebody else, is certified as who he is', async () => {
  const key = newKey()
  // PKCS #9 extensionRequest (RFC 2985 §5.4.2): a CA, for any usage, of another name.
  const wanted = derSequence(
    extension('2.5.29.19', true, derSequence(derTrue())),
    extension('2.5.29.15', true, Uint8Array.of(3, 2, 1, 6)),
    extension('2.5.29.17', false, derSequence(der(0x86, new TextEncoder().encode('https://evil.example.com')))),
  )
  const attribute = derSequence(derOid('1.2.840.113549.1.9.14'), derSet(wanted))
  const info = derSequence(derNumber(0), nameOf('https://evil.example.com'), key.spki, der(context(0), attribute))
  const request = derSequence(info, key.algorithm, derBits(key.sign(info)))
  const proven = await proveKey(server.deps, { kind: 'request', der: request }, CERTIFIED.claims)
  const { chain } = await issueCertificate(server.deps, { tenant: 'acme', token: CERTIFIED, key: proven })
  expect(verified(chain.slice(0, 1)).identity).toEqual(CERTIFIED.identity)
  const leaf = new X509Certificate(chain[0]!)
  expect([leaf.ca, leaf.subject ?? '', Buffer.from(chain[0]!).includes('evil')]).toEqual([false, '', false])
})

test('whoever is certified certifies nobody', async () => {
  const key = newKey()
  const info = derSequence(derNumber(0), nameOf('any'), key.spki, der(context(0)))
  const request = derSequence(info, key.algorithm, derBits(key.sign(info)))
  const proven = await proveKey(server.deps, { kind: 'request', der: request }, CERTIFIED.claims)
  const { chain } = await issueCertificate(server.deps, { tenant: 'acme', token: CERTIFIED, key: proven })
  const own = parseCertificate(chain[0]!, 'certificate-invalid')
  const issuer = { der: own.der, name: own.subject, issuer: own.issuer, serial: derNumber(1), key }
  const from = new Date(own.notBefore).toISOString()
  const below = certificate({
    name: 'below',
    key: newKey(),
    issuer,
    from,
    until: new Date(own.notAfter).toISOString(),
    purposes: ['1.3.6.1.5.5.7.3.3'],
    purposesCritical: false,
    more: identityExtensions(CERTIFIED).map(({ oid, critical, value }) => extension(oid, critical, value)),
  })
  expect(() => verified([below.der, own.der])).toThrow(untrusted)
})

test("the authority's own certificate is no signer's, though its key has signed", async () => {
  const { chain } = await certify(server)
  for (const authority of chain.slice(1)) expect(() => verified([authority])).toThrow(untrusted)
  // Red control.
  expect(verified(chain.slice(0, 1)).grade).toBe('A')
})
