import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Code, CodedError, parsePublicKey } from '@countersign/core'
import { type Bundle, PAYLOAD_TYPE } from '@countersign/formats'
import { type Identity, identityText } from '@countersign/formats/identity'
import { describe, expect, test } from 'vitest'
import { certificate, newKey, seededKey, TIME_STAMPING } from '../../../test/anchors/certificates.ts'
import { genTime, timestampResponse, timestampToken } from '../../../test/anchors/tokens.ts'
import { ISSUED, LocalAuthority, RUN } from '../../../test/identity/local-ca.ts'
import { logKeyOf, party } from '../../../test/pipeline.ts'
import { parseCertificate } from '@countersign/formats/x509'
import type { TrustedAuthority } from './identity/index.ts'
import {
  ANY_IDENTITY,
  believesCertificates,
  type Certified,
  CertificatesRead,
  certifiedBy,
  isWithin,
  timestampsOf,
} from './keyless.ts'
import type { BelievedAuthority, Trust, TrustedIdentity } from './types.ts'

const CA = new LocalAuthority()
const { der, chain, key } = CA.issue()
const MAIN = CA.fulcio
/** So many seconds after the certificate was issued. */
const after = (seconds: number) => new Date(ISSUED + seconds * 1000).toISOString()
const [A, B, C] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string]

const believed = (id: string, more: Partial<BelievedAuthority> = {}): BelievedAuthority => ({
  id,
  isPublic: false,
  authority: MAIN,
  revokedAt: null,
  ...more,
})
const named = (name: string, more: Partial<TrustedIdentity> = {}): TrustedIdentity => ({
  name,
  pattern: { issuer: RUN.issuer, subject: RUN.subject, facts: new Map() },
  authorities: [A],
  revokedAt: null,
  ...more,
})
const bundleOf = (more: Partial<Bundle> = {}): Bundle => ({
  key: { kind: 'certificate', chain: [der] },
  tlogEntries: [],
  timestamps: [],
  envelope: { payloadType: PAYLOAD_TYPE, payload: new Uint8Array(), signature: new Uint8Array(64), keyid: null },
  ...more,
})
const CERTIFIED = certifiedBy(bundleOf())
const TRUST: Trust = { signers: [], countersigners: [], authorities: [believed(A)], identities: [named('who')] }

/** Who signed, by these times; or the code that refuses. */
function signer(times: readonly string[], more: Partial<Trust> = {}, certified: Certified = CERTIFIED) {
  try {
    return new CertificatesRead({ ...TRUST, ...more }, nodeCrypto).signer(certified, times)
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return { code: error.code, what: error.what }
  }
}
const codeOf = (...of: Parameters<typeof signer>): Code | null => {
  const found = signer(...of)
  return 'code' in found ? found.code : null
}

describe('the certificate of a bundle', () => {
  test('is the first, and what else came along is of no matter', () => {
    for (const all of [[der], chain, [der, new Uint8Array(3)]]) {
      const { leaf, key: found } = certifiedBy(bundleOf({ key: { kind: 'certificate', chain: all } }))
      expect([leaf.der, found.spki]).toEqual([der, key.spki])
    }
  })

  test('is there, and can be read', () => {
    for (const one of [
      { kind: 'certificate' as const, chain: [] },
      { kind: 'publicKey' as const, hint: A },
      { kind: 'certificate' as const, chain: [new Uint8Array(3)] },
    ]) {
      expect(() => certifiedBy(bundleOf({ key: one }))).toThrow(
        expect.objectContaining({ name: 'CodedError', code: 'certificate-invalid' }),
      )
    }
    const rsa = CA.issue({ key: newKey('RSA') })
    expect(() => certifiedBy(bundleOf({ key: { kind: 'certificate', chain: [rsa.der] } }))).toThrow(
      expect.objectContaining({ code: 'key-invalid' }),
    )
  })

  test('counts where an authority is believed, and not where none is', () => {
    const none: Trust = { signers: [], countersigners: [] }
    expect([none, { ...none, authorities: [] }, TRUST].map(believesCertificates)).toEqual([false, false, true])
  })

  test('is valid from its first millisecond to its last', () => {
    const { leaf } = CERTIFIED
    const within = (milliseconds: number) => isWithin(new Date(ISSUED + milliseconds).toISOString(), leaf)
    expect([-1, 0, 600_000, 600_001].map(within)).toEqual([false, true, true, false])
  })
})

describe('who signed under a certificate', () => {
  test('is told with when, by whose word, and how well it is known', () => {
    expect(signer([after(60)])).toEqual({
      name: 'who',
      keyId: parsePublicKey(key.spki).keyId,
      algorithm: 'ecdsa-p256',
      grade: 'A',
      identity: RUN,
      authority: 'local',
      certificate: {
        authorityId: A,
        vouchedBy: [A],
        serial: CERTIFIED.leaf.serial,
        system: null,
        notBefore: after(0),
        notAfter: after(600),
        signedAt: after(60),
      },
    })
    const { name } = signer([after(60)], { identities: [ANY_IDENTITY] }) as { name: string }
    expect(name).toBe(identityText(RUN))
  })

  test('signed at the earliest time within the certificate’s life, in whatever order they are told', () => {
    const at = (...times: readonly number[]) => {
      const found = signer(times.map(after))
      return 'code' in found ? found.code : found.certificate!.signedAt
    }
    expect(at(60, 120)).toBe(after(60))
    expect(at(120, 60)).toBe(after(60))
    expect(at(700, -5, 120)).toBe(after(120))
    expect(at(0)).toBe(after(0))
    expect(at(600)).toBe(after(600))
    expect([at(-1), at(601), at(601, -1)]).toEqual(times(3, 'certificate-expired'))
    expect(signer([after(700), after(650)])).toMatchObject({
      what: `the certificate was valid from ${after(0)} to ${after(600)}, not at ${after(650)}`,
    })
  })

  test('is nobody where no time is told (T-56); what nobody issued is told first', () => {
    expect(codeOf([])).toBe('time-untrusted')
    const forged = { leaf: parseCertificate(new LocalAuthority({ seed: 'forger' }).issue().der, 'certificate-invalid') }
    const own = { ...CERTIFIED, ...forged }
    for (const all of [[], [after(700)], [after(60)]]) expect(codeOf(all, {}, own)).toBe('certificate-untrusted')
    const unproven = certifiedBy(bundleOf({ key: { kind: 'certificate', chain: [CA.issue({ scts: null }).der] } }))
    for (const all of [[], [after(700)], [after(60)]]) expect(codeOf(all, {}, unproven)).toBe('issuance-unproven')
  })

  test('may have signed at a later time, where the authority was not believed at the earliest', () => {
    const from = (seconds: number) => [
      believed(A, { authority: { ...MAIN, validFor: { start: ISSUED + seconds * 1000, end: null } } }),
    ]
    expect(signer([after(60), after(120)], { authorities: from(90) })).toMatchObject({
      certificate: { signedAt: after(120) },
    })
    expect(codeOf([after(60)], { authorities: from(90) })).toBe('certificate-expired')
    expect(codeOf([after(60), after(120)], { authorities: from(130) })).toBe('certificate-expired')
    // What is wrong at every time is told of the earliest.
    expect(codeOf([after(60), after(120)], { identities: [] })).toBe('signer-unknown')
    const revoked = { identities: [named('who', { revokedAt: after(61) })] }
    expect(signer([after(60), after(120)], revoked)).toMatchObject({ certificate: { signedAt: after(60) } })
  })

  test('T-39: is no log and no witness, whoever certified its key', () => {
    const other = party('other', 'ed25519')
    const same = { ...logKeyOf(other), name: 'log.example', publicKey: CERTIFIED.key }
    const code = 'certificate-untrusted'
    expect(signer([after(60)], { countersigners: [{ key: same, revokedAt: null }] })).toEqual({
      code,
      what: 'the certificate is for the key of log.example, which signs no steps',
    })
    expect(codeOf([after(60)], { witnesses: [{ ...same, type: 'cosignature-v1' }] })).toBe(code)
    expect(
      codeOf([after(60)], {
        witnesses: [logKeyOf(other)],
        countersigners: [{ key: logKeyOf(other), revokedAt: null }],
      }),
    ).toBe(null)
  })

  test('is who the first identity says that means it', () => {
    const pattern = (more: Partial<Identity>) => ({
      issuer: RUN.issuer,
      subject: RUN.subject,
      facts: new Map(),
      ...more,
    })
    const other = named('other', { pattern: { ...pattern({}), issuer: 'https://other.example' } })
    const name = (...identities: readonly TrustedIdentity[]) => {
      const found = signer([after(60)], { identities })
      return 'code' in found ? found.code : found.name
    }
    expect(name(other, named('one'), named('two'))).toBe('one')
    expect(name(named('two'), named('one'))).toBe('two')
    expect([name(other), name()]).toEqual(['signer-unknown', 'signer-unknown'])
    expect(name(named('one', { authorities: [B] }), named('two'))).toBe('two')
    expect(name(named('one', { authorities: [B, A] }))).toBe('one')
    expect(name(named('one', { authorities: [] }))).toBe('signer-unknown')
    expect(name(named('one', { authorities: null }))).toBe('one')
    expect(name(named('one', { pattern: null, authorities: [B] }))).toBe('signer-unknown')
    expect(codeOf([after(60)], { identities: [named('one', { authorities: ['public'] })] })).toBe('signer-unknown')
    const world = { authorities: [believed(A, { isPublic: true })] }
    const found = signer([after(60)], { ...world, identities: [named('one', { authorities: ['public'] })] })
    expect(found).toMatchObject({ name: 'one', certificate: { authorityId: A, vouchedBy: [A, 'public'] } })
  })

  test('is believed until it was revoked, and what it signed before for ever', () => {
    const until = (seconds: number) => ({ identities: [named('who', { revokedAt: after(seconds) })] })
    expect(codeOf([after(60)], until(61))).toBe(null)
    expect(signer([after(60)], until(60))).toEqual({
      code: 'signer-revoked',
      what: `the identity who was revoked at ${after(60)}`,
    })
    expect(codeOf([after(60)], until(59))).toBe('signer-revoked')
  })

  test('is vouched for by an authority until that was revoked', () => {
    const until = (seconds: number) => ({ authorities: [believed(A, { revokedAt: after(seconds) })] })
    expect(codeOf([after(60)], until(61))).toBe(null)
    const what = `the authority local was revoked at ${after(60)}`
    expect(signer([after(60)], until(60))).toEqual({ code: 'signer-revoked', what })
    expect(codeOf([after(60)], until(59))).toBe('signer-revoked')
    // Who is meant by nobody is unknown, revoked authority or not.
    expect(codeOf([after(60)], { ...until(60), identities: [named('who', { authorities: [B] })] })).toBe(
      'signer-unknown',
    )
    expect(codeOf([after(60)], { ...until(60), identities: [named('who', { authorities: null })] })).toBe(
      'signer-revoked',
    )
  })
})

describe('authorities that have the same certificates', () => {
  const three = (...revoked: readonly (string | null)[]) =>
    [A, B, C].map((id, i) => believed(id, { revokedAt: revoked[i] ?? null }))
  const seen = (more: Partial<Trust>) => {
    const found = signer([after(60)], more)
    if ('code' in found) return found.code
    return [
      found.name,
      found.authority,
      found.certificate!.authorityId.slice(0, 1),
      found.certificate!.vouchedBy.map((id) => id.slice(0, 1)).join(''),
    ]
  }

  test('vouch each for whom it is named for, under names of which no two are equal', () => {
    const identities = [named('for c', { authorities: [C] })]
    expect(seen({ authorities: three(), identities })).toEqual(['for c', 'local', 'a', 'abc'])
    const two = [named('for b', { authorities: [B] }), named('for a', { authorities: [A] })]
    expect(seen({ authorities: three(), identities: two })).toEqual(['for b', 'local', 'a', 'abc'])
  })

  test('take no word away from one another', () => {
    const identities = [named('any', { authorities: null })]
    const early = after(1)
    expect(seen({ authorities: three(early), identities })).toEqual(['any', 'local', 'b', 'bc'])
    expect(seen({ authorities: three(early, early), identities })).toEqual(['any', 'local', 'c', 'c'])
    expect(seen({ authorities: three(early, early, early), identities })).toBe('signer-revoked')
    expect(seen({ authorities: three(early, null, null), identities: [named('for a')] })).toBe('signer-revoked')
    // Since when: the first of them that was.
    expect(signer([after(60)], { authorities: three(after(9), after(3), after(7)), identities })).toMatchObject({
      what: `the authority local was revoked at ${after(3)}`,
    })
  })

  test('vouch at times of their own, and for nothing that is not theirs', () => {
    const late: TrustedAuthority = { ...MAIN, validFor: { start: ISSUED + 90_000, end: null } }
    const identities = [named('any', { authorities: null })]
    const both = [believed(A), believed(B, { authority: late })]
    expect(seen({ authorities: both, identities })).toEqual(['any', 'local', 'a', 'a'])
    expect(seen({ authorities: both.toReversed(), identities })).toEqual(['any', 'local', 'a', 'a'])
    const blind: TrustedAuthority = { ...MAIN, ctlogs: [] }
    expect(seen({ authorities: [believed(A), believed(B, { authority: blind })], identities })).toEqual([
      'any',
      'local',
      'a',
      'a',
    ])
    const stranger = believed(B, { authority: new LocalAuthority({ seed: 'other' }).fulcio })
    expect(seen({ authorities: [stranger, believed(A)], identities })).toEqual(['any', 'local', 'a', 'a'])
    // One of the name that a second gets.
    const taken = believed(C, { authority: { ...stranger.authority, name: 'local (2)' } })
    expect(seen({ authorities: [stranger, taken, believed(A)], identities })).toEqual(['any', 'local', 'a', 'a'])
  })
})

test('authorities of one name are told apart', () => {
  const [two, three] = ['b', 'c'].map((seed) => new LocalAuthority({ seed }).fulcio)
  const told = (...authorities: readonly BelievedAuthority[]) => {
    const found = signer([after(60)], { authorities, identities: [named('any', { authorities: null })] })
    return 'code' in found ? found.what : found.certificate!.authorityId
  }
  const ours = believed(A, { revokedAt: after(1) })
  const said = (name: string) => `the authority ${name} was revoked at ${after(1)}`
  expect(told(ours, believed(B, { authority: two! }))).toBe(said('local'))
  expect(told(believed(B, { authority: two! }), ours)).toBe(said('local (2)'))
  expect(told(believed(B, { authority: two! }), believed(C, { authority: three! }), ours)).toBe(said('local (3)'))
  const taken = believed(C, { authority: { ...three!, name: 'local (2)' } })
  expect(told(believed(B, { authority: two! }), taken, ours)).toBe(said('local (3)'))
})

describe('timestamps beside a signature', () => {
  const root = certificate({ name: 'root', key: newKey(), issuer: null, ca: true })
  const tsa = certificate({ name: 'tsa', key: seededKey('tsa'), issuer: root, purposes: [TIME_STAMPING] })
  const authority = {
    name: 'tsa',
    certificates: [parseCertificate(root.der, 'anchor-invalid')],
    from: null,
    until: null,
  }
  const trust: Trust = { ...TRUST, timestamps: { authorities: [authority] } }
  const token = (seconds: number, imprint = nodeCrypto.sha256(new Uint8Array(64))) =>
    timestampToken({ imprint, signer: tsa, certificates: [tsa.der, root.der], time: genTime(ISSUED + seconds * 1000) })
  const good = (seconds: number) => timestampResponse(token(seconds))
  const told = (timestamps: readonly Uint8Array[], of: Trust = trust) =>
    timestampsOf(bundleOf({ timestamps }), of, nodeCrypto)

  test('tell when it was there, each that verifies', () => {
    expect(told([good(2), good(1)])).toEqual([after(2), after(1)])
    expect(told([])).toEqual([])
    expect(told([good(2)], TRUST)).toEqual([])
    expect(told([timestampResponse(token(2), 1)])).toEqual([after(2)])
    const bad = [
      timestampResponse(token(2), 2),
      timestampResponse(null, 0),
      timestampResponse(null, 2),
      new Uint8Array(3),
      timestampResponse(token(2, new Uint8Array(32))),
    ]
    for (const one of bad) {
      expect(told([one])).toEqual([])
      expect(told([one, good(2)])).toEqual([after(2)])
    }
  })

  test('are looked at up to the fourth', () => {
    expect(told([1, 2, 3, 4, 5].map(good))).toEqual([1, 2, 3, 4].map(after))
    expect(told([...times(3, new Uint8Array(3)), good(1)])).toEqual([after(1)])
    expect(told([...times(4, new Uint8Array(3)), good(1)])).toEqual([])
  })

  test('a failure of the verifier is none of theirs', () => {
    let calls = 0
    const crypto = {
      ...nodeCrypto,
      sha256(data: Uint8Array) {
        if (++calls > 1) throw new RangeError('out of memory')
        return nodeCrypto.sha256(data)
      },
    }
    expect(() => timestampsOf(bundleOf({ timestamps: [good(1)] }), trust, crypto)).toThrow(RangeError)
  })
})

function times<T>(count: number, one: T): T[] {
  return Array.from({ length: count }, () => one)
}
