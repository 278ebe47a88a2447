import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { tbsCertificate, writeCertificate } from '@countersign/formats/identity'
import { parseCertificate } from '@countersign/formats/x509'
import { type TrustedAuthority, verifyCertificate } from '@countersign/verify/identity'
import { findPath } from '@countersign/verify/x509'
import { expect, test } from 'vitest'
import { certificate, seededKey, type TestKey } from '../anchors/certificates.ts'
import { CODE_SIGNING, ISSUED, LocalAuthority, MINUTE, RUN } from '../identity/local-ca.ts'

const crypto = nodeCrypto
const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })
const real = new LocalAuthority()
/** The attacker's: the same names, his keys. */
const fake = new LocalAuthority({ seed: 'attacker' })
const verify = (chain: readonly Uint8Array[], trusted: TrustedAuthority = real.trusted) =>
  verifyCertificate({ chain, authorities: [trusted], at: ISSUED, crypto })

test('T-61: a root that comes along counts for nothing', () => {
  const { chain } = fake.issue()
  for (const brought of [
    [...chain, fake.root.der],
    [...chain, fake.root.der, real.root.der],
    [...chain, real.intermediate!.der, real.root.der],
  ]) {
    expect(() => verify(brought)).toThrow(coded('certificate-untrusted'))
  }
  // For whoever trusts the attacker it is sound: nothing else is wrong with it.
  expect(verify([...chain, fake.root.der], fake.trusted).authority).toBe('local')
  // A verifier that takes what comes along for roots.
  const parsed = [...chain, fake.root.der].map((der) => parseCertificate(der, 'certificate-invalid'))
  const naive = findPath({
    leaf: parsed[0]!,
    others: parsed,
    pinned: parsed.slice(-1),
    time: ISSUED,
    purpose: CODE_SIGNING,
    crypto,
  })
  expect(naive.path?.length).toBe(3)
})

test('T-61: a certificate of the authority, used as that of a signer, is refused', () => {
  for (const der of [real.root.der, real.intermediate!.der]) {
    expect(() => verify([der])).toThrow(coded('certificate-untrusted'))
    expect(() => verify([der, ...real.issue().chain])).toThrow(coded('certificate-untrusted'))
  }
})

test('T-61: a signer cannot issue to another', () => {
  const { der, key } = real.issue()
  const below = (issuer: Uint8Array, by: TestKey) => {
    const tbs = tbsCertificate({
      serial: new Uint8Array(16).fill(1),
      issuer,
      issuerKeyId: null,
      subjectKeyId: new Uint8Array(20),
      notBefore: ISSUED,
      notAfter: ISSUED + MINUTE,
      spki: seededKey('mallory').spki,
      algorithm: 'ecdsa-sha256',
      identity: { ...RUN, sourceRepositoryURI: 'https://github.com/evil/shop' },
      grade: 'A',
      system: null,
    })
    return writeCertificate(tbs, 'ecdsa-sha256', by.sign(tbs))
  }
  const ownName = parseCertificate(der, 'certificate-invalid').subject
  expect(() => verify([below(ownName, key), der, real.intermediate!.der])).toThrow(coded('certificate-untrusted'))
  // Of the authority itself it lacks the proof alone.
  const issued = below(real.issuer.name, real.issuer.key)
  expect(() => verify([issued, real.intermediate!.der])).toThrow(coded('issuance-unproven'))
})

test('T-61: a chain of strangers does not keep a verifier busy', () => {
  let checked = 0
  const counting = {
    ...crypto,
    verifySigned: (...args: Parameters<NonNullable<typeof crypto.verifySigned>>) => {
      checked++
      return crypto.verifySigned!(...args)
    },
  }
  // Five CAs, each certified by each of the others.
  const names = ['a', 'b', 'c', 'd', 'e']
  const loops = names.map((_, i) =>
    certificate({
      name: 'loop',
      key: seededKey('loop'),
      issuer: {
        ...certificate({ name: 'loop', key: seededKey('loop'), issuer: null, ca: true }),
        serial: new Uint8Array(),
      },
      ca: true,
      serial: i + 2,
    }),
  )
  const leaf = certificate({ name: 'leaf', key: seededKey('leaf'), issuer: loops[0]!, purposes: [CODE_SIGNING] })
  const parsed = [leaf, ...loops].map(({ der }) => parseCertificate(der, 'certificate-invalid'))
  const search = {
    leaf: parsed[0]!,
    others: parsed.slice(1),
    pinned: real.trusted.chain,
    time: ISSUED,
    purpose: CODE_SIGNING,
  }
  expect(findPath({ ...search, crypto: counting }).path).toBeNull()
  expect(checked).toBeGreaterThan(4)
  expect(checked).toBeLessThanOrEqual(48)
})
