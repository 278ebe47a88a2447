import { X509Certificate } from 'node:crypto'
import { concat, hex, utf8 } from '@countersign/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newKey, seededKey } from '../../../../test/anchors/certificates.ts'
import { certificateRequest, LocalAuthority, RUN } from '../../../../test/identity/local-ca.ts'
import { der, derNull, derSequence, parseCertificate } from '../x509/index.ts'
import {
  bareIdentity,
  type CertifiedIdentity,
  type Identity,
  IDENTITY_FACTS,
  identityOf,
  loggedTbs,
  parseCertificateRequest,
  precertTbs,
  readSctList,
  type Sct,
  sctMessage,
  type SigningCertificate,
  tbsCertificate,
  withExtension,
  writeCertificate,
  writeSctList,
} from './index.ts'

const invalid = expect.objectContaining({ name: 'CodedError', code: 'certificate-invalid' })
const key = seededKey('signer')
const good: SigningCertificate = {
  serial: new Uint8Array(16).fill(0xff),
  issuer: derSequence(),
  issuerKeyId: new Uint8Array(20).fill(1),
  subjectKeyId: new Uint8Array(20).fill(2),
  notBefore: Date.parse('2026-11-21T12:00:00Z'),
  notAfter: Date.parse('2026-11-21T12:10:00Z'),
  spki: key.spki,
  algorithm: 'ecdsa-sha256',
  identity: RUN,
  grade: 'A',
  system: 'github-actions',
}
const certificateOf = (options: Partial<SigningCertificate>) =>
  parseCertificate(
    writeCertificate(tbsCertificate({ ...good, ...options }), 'ecdsa-sha256', new Uint8Array(70)),
    'certificate-invalid',
  )

const ascii = fc.string({ minLength: 1, maxLength: 40 })
const fact = fc
  .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
  .filter((text) => !/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u.test(text) && text.isWellFormed())
const identities: fc.Arbitrary<CertifiedIdentity> = fc.record({
  identity: fc
    .record({
      subject: fc.record({ kind: fc.constantFrom('uri' as const, 'email' as const), value: ascii }),
      issuer: fact,
      facts: fc.dictionary(fc.constantFrom(...IDENTITY_FACTS.filter((name) => name !== 'issuer')), fact),
    })
    .map(({ subject, issuer, facts }): Identity => ({ ...bareIdentity(issuer, subject), ...facts })),
  grade: fc.constantFrom('A' as const, 'B' as const, 'C' as const, null),
  system: fc.constantFrom('github-actions', 'spiffe', null),
})

test('every identity is read as it was written', () => {
  fc.assert(
    fc.property(identities, (certified) => {
      expect(identityOf(certificateOf(certified))).toEqual(certified)
    }),
  )
})

test('what no reader would take is not written', () => {
  for (const identity of [
    { ...RUN, issuer: '' },
    { ...RUN, sourceRepositoryRef: '' },
    { ...RUN, sourceRepositoryRef: 'a\nb' },
    { ...RUN, tokenSubject: 'a'.repeat(4097) },
    bareIdentity(RUN.issuer, { kind: 'uri', value: '' }),
    bareIdentity(RUN.issuer, { kind: 'uri', value: 'https://exämple' }),
  ]) {
    expect(() => tbsCertificate({ ...good, identity })).toThrow(invalid)
  }
  for (const options of [
    { grade: 'D' as 'A' },
    { system: 'GitHub' },
    { serial: new Uint8Array(15) },
    { notBefore: good.notBefore + 1 },
    { notAfter: Number.NaN },
  ]) {
    expect(() => tbsCertificate({ ...good, ...options })).toThrow(invalid)
  }
})

test('Node reads the same out of it', () => {
  const { der: written, key: signer } = new LocalAuthority().issue()
  const [node, ours] = [new X509Certificate(written), parseCertificate(written, 'certificate-invalid')]
  expect(BigInt(`0x${node.serialNumber}`)).toBe(BigInt(`0x${ours.serial}`))
  expect(new Date(node.validFrom).getTime()).toBe(ours.notBefore)
  expect(new Date(node.validTo).getTime()).toBe(ours.notAfter)
  expect(node.subject).toBeUndefined()
  expect(hex(new Uint8Array(node.publicKey.export({ type: 'spki', format: 'der' })))).toBe(hex(signer.spki))
})

test.each([
  ['2049-12-31T23:59:59Z', 0x17],
  ['2050-01-01T00:00:00Z', 0x18],
])('a time of %s has the tag that RFC 5280 gives it', (time, tag) => {
  const certificate = certificateOf({ notAfter: Date.parse(time) })
  expect(certificate.notAfter).toBe(Date.parse(time))
  expect(hex(certificate.der)).toContain(hex(Uint8Array.of(tag)) + (tag === 0x17 ? '0d' : '0f'))
})

describe('the two proofs', () => {
  test('go in and come out', () => {
    const { der: written, logged, proven } = new LocalAuthority().issue()
    const certificate = parseCertificate(written, 'certificate-invalid')
    expect(loggedTbs(certificate)).toEqual(logged)
    expect(precertTbs(certificate)).toEqual(proven)
    expect(loggedTbs({ signed: logged })).toEqual(logged)
  })

  test('an extension goes in once', () => {
    const tbs = tbsCertificate(good)
    const once = withExtension(tbs, { oid: '1.2.3.4', critical: false, value: derNull() })
    expect(() => withExtension(once, { oid: '1.2.3.4', critical: false, value: derNull() })).toThrow(invalid)
  })
})

describe('SCTs', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
  const sct: fc.Arbitrary<Sct> = fc.record({
    logId: bytes(32),
    timestamp: fc.maxSafeNat(),
    extensions: fc.uint8Array({ maxLength: 300 }),
    hash: fc.nat(255),
    algorithm: fc.nat(255),
    signature: fc.uint8Array({ maxLength: 300 }),
  })

  test('are read as they were written', () => {
    fc.assert(
      fc.property(fc.array(sct, { minLength: 1, maxLength: 16 }), (scts) => {
        expect(readSctList(writeSctList(scts))).toEqual(scts)
      }),
    )
  })

  test('sign what RFC 6962 §3.2 says', () => {
    const said = { timestamp: 0x0102_0304_0506, extensions: utf8('e') }
    const message = sctMessage(said, new Uint8Array(32).fill(0xaa), utf8('tbs'))
    expect(hex(message)).toBe(
      `00000000010203040506${'0001'}${'aa'.repeat(32)}000003${hex(utf8('tbs'))}0001${hex(utf8('e'))}`,
    )
  })

  test('cut short anywhere are refused', () => {
    const [one] = fc.sample(sct, { numRuns: 1, seed: 1 })
    const list = writeSctList([one!])
    for (let length = 0; length < list.length; length++) {
      expect(() => readSctList(list.subarray(0, length))).toThrow(invalid)
    }
    expect(() => readSctList(concat(list, Uint8Array.of(0)))).toThrow(invalid)
  })
})

describe('a certification request', () => {
  test.each(['P-256', 'Ed25519', 'RSA'] as const)('of a %s key', (kind) => {
    const asked = newKey(kind)
    const request = parseCertificateRequest(certificateRequest(asked))
    expect(request.spki).toEqual(asked.spki)
  })

  test('cut short, or something else, is refused', () => {
    const request = certificateRequest(key)
    for (let length = 0; length < request.length; length += 5) {
      expect(() => parseCertificateRequest(request.subarray(0, length))).toThrow(invalid)
    }
    expect(() => parseCertificateRequest(certificateOf({}).der)).toThrow(invalid)
    expect(() => parseCertificateRequest(der(0x31, derNull()))).toThrow(invalid)
  })
})
