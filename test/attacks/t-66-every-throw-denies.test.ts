import { portableCrypto } from '@countersign/core/portable'
import { type IdentityCrypto, verifyCertificate } from '@countersign/verify/identity'
import { describe, expect, test } from 'vitest'
import { ISSUED, LocalAuthority } from '../identity/local-ca.ts'

const authority = new LocalAuthority()
const { chain } = authority.issue()

describe.each(['countersign', 'fulcio'] as const)(
  'T-66: whatever fails while a certificate of a %s is judged, it is not trusted',
  (kind) => {
    const trusted = kind === 'countersign' ? authority.trusted : authority.fulcio
    const verify = (crypto: IdentityCrypto) => verifyCertificate({ chain, authorities: [trusted], at: ISSUED, crypto })

    /** Cryptography of which call number `failing` does what is said instead. */
    function sabotaged(failing: number, instead: () => never | boolean) {
      let calls = 0
      const wrap =
        <A extends unknown[], R>(real: (...args: A) => R) =>
        (...args: A): R =>
          calls++ === failing ? (instead() as R) : real(...args)
      const crypto: IdentityCrypto = {
        ...portableCrypto,
        sha256: wrap(portableCrypto.sha256),
        sha3_256: wrap(portableCrypto.sha3_256),
        verify: wrap(portableCrypto.verify),
        verifySigned: wrap(() => true),
      }
      return { crypto, called: () => calls }
    }

    const counted = sabotaged(-1, () => true)
    verify(counted.crypto)
    const total = counted.called()

    test('there are calls, and without a failure they say yes', () => {
      expect(total).toBeGreaterThan(4)
      expect(verify(sabotaged(-1, () => true).crypto).authority).toBe('local')
    })

    test.each(Array.from({ length: total }, (_, i) => i))('call %i throws', (failing) => {
      for (const thrown of [
        new Error('out of memory'),
        new TypeError('x is not a function'),
        null,
        undefined,
        'text',
      ]) {
        const { crypto, called } = sabotaged(failing, () => {
          throw thrown
        })
        let verified: unknown = 'denied'
        try {
          verified = verify(crypto)
        } catch {
          // Whatever it throws, it says no.
        }
        expect(verified).toBe('denied')
        expect(called()).toBeGreaterThan(failing)
      }
    })

    test('every check of a signature that says no denies', () => {
      for (const name of ['verify', 'verifySigned'] as const) {
        const crypto: IdentityCrypto = { ...portableCrypto, verifySigned: () => true, [name]: () => false }
        expect(() => verify(crypto)).toThrow()
      }
    })

    test('a certificate that throws while it is read denies', () => {
      const broken = new Proxy(chain[0]!, {
        get(target, key) {
          if (key === 'subarray') throw new Error('broken')
          return Reflect.get(target, key) as unknown
        },
      })
      expect(() =>
        verifyCertificate({ chain: [broken], authorities: [trusted], at: ISSUED, crypto: portableCrypto }),
      ).toThrow()
    })
  },
)
