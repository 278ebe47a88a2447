import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { CodedError } from '@countersign/core'
import { CertificateCache, type TrustedAuthority, verifyCertificate } from '@countersign/verify/identity'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ctLog, ISSUED, LocalAuthority, MINUTE } from '../identity/local-ca.ts'

const crypto = nodeCrypto
const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })
const iso = (time: number) => new Date(time).toISOString()

describe('T-55: every certificate of the path is valid when the signature was made', () => {
  const spans = { root: [-40, 40], intermediate: [-20, 20], leaf: [0, 10], authority: [-30, 30] } as const
  type Part = keyof typeof spans

  /** An authority and a certificate that live from so many minutes to so many around the time of issue. */
  function world(changed: Partial<Record<Part, readonly [number, number]>>) {
    const at = (part: Part) =>
      (changed[part] ?? spans[part]).map((minutes) => ISSUED + minutes * MINUTE) as [number, number]
    const life = (part: Part) => ({ from: iso(at(part)[0]), until: iso(at(part)[1]) })
    const local = new LocalAuthority({ root: life('root'), intermediate: life('intermediate') })
    const [notBefore, notAfter] = at('leaf')
    const { chain } = local.issue({ notBefore, life: notAfter - notBefore })
    const [start, end] = at('authority')
    const trusted: TrustedAuthority = { ...local.trusted, validFor: { start, end } }
    return (minutes: number) =>
      verifyCertificate({ chain, authorities: [trusted], at: ISSUED + minutes * MINUTE, crypto })
  }

  test('with all of them it counts, and not a minute around them', () => {
    const verify = world({})
    for (const minutes of [0, 5, 10]) expect(verify(minutes).grade).toBe('A')
    for (const minutes of [-1, 11]) expect(() => verify(minutes)).toThrow(coded('certificate-expired'))
  })

  test.each(['root', 'intermediate', 'authority'] as const)(
    'the %s that ended, or is not there yet, ends it',
    (part) => {
      expect(() => world({ [part]: [-40, 4] })(5)).toThrow(coded('certificate-expired'))
      expect(() => world({ [part]: [6, 40] })(5)).toThrow(coded('certificate-expired'))
      // The same certificate at the time before, and after.
      expect(world({ [part]: [-40, 4] })(4).grade).toBe('A')
      expect(world({ [part]: [6, 40] })(6).grade).toBe('A')
    },
  )
})

describe('T-67: what a compromised authority issues after that counts no more', () => {
  const authority = new LocalAuthority()
  const { chain } = authority.issue()
  const until = (end: number): TrustedAuthority => ({ ...authority.trusted, validFor: { start: null, end } })
  const compromised = ISSUED + 5 * MINUTE

  test('and what it issued before counts still', () => {
    const verify = (at: number) => verifyCertificate({ chain, authorities: [until(compromised)], at, crypto })
    expect(verify(compromised).grade).toBe('A')
    expect(() => verify(compromised + 1)).toThrow(coded('certificate-expired'))
    expect(verifyCertificate({ chain, authorities: [authority.trusted], at: compromised + 1, crypto }).grade).toBe('A')
  })

  test('a log of SCTs that was compromised likewise, by the time of its SCTs', () => {
    const promised = authority.issue({ scts: (make) => [make({ timestamp: compromised })] })
    const of = (end: number) => [{ ...authority.fulcio, ctlogs: [{ ...ctLog(), validFor: { start: null, end } }] }]
    const verify = (end: number) =>
      verifyCertificate({ chain: promised.chain, authorities: of(end), at: ISSUED + MINUTE, crypto })
    expect(verify(compromised).grade).toBe('A')
    expect(() => verify(compromised - 1)).toThrow(coded('issuance-unproven'))
  })
})

test('T-55: a cache says at every time what is said without it, in whatever order it is asked', () => {
  const authorities: TrustedAuthority[] = [
    {
      ...new LocalAuthority({ seed: 'a', name: 'first' }).trusted,
      validFor: { start: null, end: ISSUED + 3 * MINUTE },
    },
    {
      ...new LocalAuthority({ seed: 'a', name: 'first' }).trusted,
      name: 'second',
      validFor: { start: ISSUED + MINUTE, end: null },
    },
  ]
  const own = new LocalAuthority({ seed: 'a', name: 'first' })
  const chains = [
    own.issue().chain,
    own.issue({ serial: 1, notBefore: ISSUED + 2 * MINUTE }).chain,
    own.issue({ serial: 2, proof: null }).chain,
    new LocalAuthority({ seed: 'b' }).issue().chain,
    own.issue().chain.slice(0, 1),
    [own.issue().der, ...new LocalAuthority({ seed: 'b' }).issue().chain.slice(1)],
    [],
    [Uint8Array.of(1)],
  ]
  const said = (ask: () => { readonly authority: string }) => {
    try {
      return ask().authority
    } catch (error) {
      if (error instanceof CodedError) return error.message
      throw error
    }
  }
  const asked = fc.tuple(
    fc.nat(chains.length - 1),
    fc.oneof(fc.integer({ min: -2, max: 14 }), fc.double({ min: -1, max: 13, noNaN: false })),
  )
  let passed = 0
  fc.assert(
    fc.property(fc.array(asked, { maxLength: 12 }), (questions) => {
      const cache = new CertificateCache(authorities, crypto)
      for (const [which, minutes] of questions) {
        const [chain, at] = [chains[which]!, ISSUED + minutes * MINUTE]
        const plain = said(() => verifyCertificate({ chain, authorities, at, crypto }))
        expect(said(() => cache.verify(chain, at))).toBe(plain)
        if (!plain.includes(':')) passed++
      }
    }),
    { numRuns: 60 },
  )
  expect(passed).toBeGreaterThan(20)
})

test('T-56: without a time there is no verdict, with a cache or without', () => {
  const authority = new LocalAuthority()
  const { chain } = authority.issue()
  const cache = new CertificateCache([authority.trusted], crypto)
  for (const at of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, ISSUED + 0.5]) {
    const input = { chain, authorities: [authority.trusted], at, crypto }
    expect(() => verifyCertificate(input)).toThrow(coded('time-untrusted'))
    expect(() => cache.verify(chain, at)).toThrow(coded('time-untrusted'))
  }
  expect(cache.verify(chain, ISSUED).grade).toBe('A')
})
