import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { concat } from '@countersign/core'
import { describe, expect, test } from 'vitest'
import { ISSUED, LocalAuthority, MINUTE } from '../../../../test/identity/local-ca.ts'
import type { TrustedAuthority } from './authority.ts'
import { CertificateCache } from './cache.ts'

const authority = new LocalAuthority()
const { chain } = authority.issue()
const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })

/** A cache, and how often it judged since it was last asked: each certificate costs one check of its issuer's signature. */
function counted(...authorities: readonly TrustedAuthority[]) {
  let [checks, hashes] = [0, Number.POSITIVE_INFINITY]
  const crypto: typeof nodeCrypto = {
    ...nodeCrypto,
    sha256(data) {
      if (hashes-- === 0) throw new RangeError('out of memory')
      return nodeCrypto.sha256(data)
    },
    verify(...of) {
      checks++
      return nodeCrypto.verify(...of)
    },
    verifySigned(...of) {
      checks++
      return nodeCrypto.verifySigned!(...of)
    },
  }
  const cache = new CertificateCache(authorities.length === 0 ? [authority.trusted] : authorities, crypto)
  return {
    cache,
    failAfter: (count: number) => (hashes = count),
    checks() {
      const since = checks
      checks = 0
      return since
    },
  }
}

describe('a cache of certificates', () => {
  test('judges once what is asked again for a time at which nothing begins or ends', () => {
    const { cache, checks } = counted()
    const first = cache.verify(chain, ISSUED + MINUTE)
    // Leaf, intermediate, and the checkpoint of the log that proves the leaf.
    expect(checks()).toBe(3)
    for (const at of [ISSUED + MINUTE, ISSUED, ISSUED + 10 * MINUTE]) expect(cache.verify(chain, at)).toBe(first)
    expect(checks()).toBe(0)
    expect(() => cache.verify(chain, ISSUED + 10 * MINUTE + 1)).toThrow(coded('certificate-expired'))
    expect(() => cache.verify(chain, ISSUED - 1)).toThrow(coded('certificate-expired'))
    expect(cache.verify(chain, ISSUED)).toEqual(first)
  })

  test('asks about what the authorities signed once, whoever brings it along', () => {
    const { cache, checks } = counted()
    cache.verify(chain, ISSUED)
    checks()
    // Another leaf, and the proof of its log; the intermediate is known.
    expect(cache.verify(authority.issue({ serial: 1 }).chain, ISSUED).authority).toBe('local')
    expect(checks()).toBe(2)
    const [leaf, intermediate] = authority.issue({ serial: 2 }).chain as [Uint8Array, Uint8Array]
    cache.verify([leaf, Uint8Array.from(intermediate)], ISSUED)
    expect(checks()).toBe(2)
  })

  test('remembers what is wrong, as long as it is', () => {
    const { cache, checks } = counted({ ...authority.trusted, validFor: { start: ISSUED + MINUTE, end: null } })
    for (const at of [ISSUED, ISSUED + 1, ISSUED + MINUTE - 1]) {
      expect(() => cache.verify(chain, at)).toThrow(coded('certificate-expired'))
    }
    expect(checks()).toBe(2)
    expect(cache.verify(chain, ISSUED + MINUTE).grade).toBe('A')
    const over = counted({ ...authority.trusted, validFor: { start: null, end: ISSUED } })
    for (const at of [ISSUED + 1, ISSUED + 1, ISSUED + MINUTE]) {
      expect(() => over.cache.verify(chain, at)).toThrow(coded('certificate-expired'))
    }
    expect(over.checks()).toBe(2)
    const torn = [chain[0]!, Uint8Array.of(0x30)]
    for (const at of [ISSUED, ISSUED + MINUTE, 0]) {
      expect(() => cache.verify(torn, at)).toThrow(coded('certificate-invalid'))
      expect(() => cache.verify([], at)).toThrow(coded('certificate-invalid'))
    }
  })

  test.each([
    ['the authority is believed', { validFor: { start: ISSUED + 2 * MINUTE, end: ISSUED + 4 * MINUTE } }, {}],
    ['its root is valid', {}, { root: span(2, 4) }],
    ['its intermediate is valid', {}, { intermediate: span(2, 4) }],
  ])('knows to the millisecond when %s', (_, changes, made) => {
    const local = new LocalAuthority(made)
    const trusted = { ...local.trusted, ...changes }
    const issued = local.issue().chain
    const [start, end] = [ISSUED + 2 * MINUTE, ISSUED + 4 * MINUTE]
    // In every order: what was found before must not be told of another time.
    for (const asked of [
      [start - 1, start, end, end + 1],
      [end + 1, end, start, start - 1],
      [start + MINUTE, end + 1, start - 1, end, start],
      [end, end + 1],
      [start, start - 1],
    ]) {
      const { cache } = counted(trusted)
      for (const at of asked) {
        const verify = () => cache.verify(issued, at)
        if (at >= start && at <= end) expect(verify().authority).toBe('local')
        else expect(verify).toThrow(coded('certificate-expired'))
      }
    }
  })

  test('takes no chain for another whose bytes are the same in a row', () => {
    const { cache } = counted()
    const [leaf, intermediate] = chain as [Uint8Array, Uint8Array]
    expect(() => cache.verify([concat(leaf, intermediate)], ISSUED)).toThrow(coded('certificate-invalid'))
    expect(cache.verify([leaf, intermediate], ISSUED).authority).toBe('local')
    expect(() => cache.verify([leaf.subarray(0, 100), concat(leaf.subarray(100), intermediate)], ISSUED)).toThrow(
      coded('certificate-invalid'),
    )
  })

  test('holds ten thousand, and gives up the eldest for a new one', () => {
    const { cache, checks } = counted()
    const other = (i: number) => {
      expect(() => cache.verify([Uint8Array.of(0x30, i >> 8, i & 0xff)], ISSUED)).toThrow(coded('certificate-invalid'))
    }
    const second = authority.issue({ serial: 1 }).chain
    cache.verify(chain, ISSUED)
    cache.verify(second, ISSUED)
    checks()
    for (let i = 2; i < 10_000; i++) other(i)
    cache.verify(chain, ISSUED)
    expect(checks()).toBe(0)
    // Asked about another time, it is not one more.
    expect(() => cache.verify(second, ISSUED - 1)).toThrow(coded('certificate-expired'))
    cache.verify(chain, ISSUED)
    expect(checks()).toBe(0)
    other(10_000)
    cache.verify(chain, ISSUED)
    expect(checks()).toBe(2)
  })

  test('remembers no failure of its own', () => {
    const { cache, failAfter } = counted()
    // The name of the chain takes three; what comes after is the judgement.
    for (const count of [0, 2, 3, 4]) {
      failAfter(count)
      expect(() => cache.verify(chain, ISSUED)).toThrow(RangeError)
    }
    failAfter(Number.POSITIVE_INFINITY)
    expect(cache.verify(chain, ISSUED).authority).toBe('local')
  })
})

function span(from: number, until: number) {
  const iso = (minutes: number) => new Date(ISSUED + minutes * MINUTE).toISOString()
  return { from: iso(from), until: iso(until) }
}
