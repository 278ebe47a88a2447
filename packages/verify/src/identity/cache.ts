import { CodedError, concat, hex } from '@countersign/core'
import type { ValidFor } from '@countersign/formats/anchor'
import type { Certificate } from '@countersign/formats/x509'
import type { TrustedAuthority } from './authority.ts'
import { type Chain, checkAt, type IdentityCrypto, judge, parseChain, type VerifiedCertificate } from './certificate.ts'

/** Most chains that are remembered: some megabytes. */
const MAX_REMEMBERED = 10_000

interface Remembered {
  readonly found: VerifiedCertificate | CodedError
  /** From when to when the same would be found: milliseconds since 1970, both included. */
  readonly from: number
  readonly until: number
}

/**
 * Certificates of many signatures. All steps of a job share one: it is verified once, and what was found holds for as
 * long as no certificate and no authority begins or ends to be valid. So no verdict depends on what was asked before.
 */
export class CertificateCache {
  readonly #authorities: readonly TrustedAuthority[]
  readonly #crypto: IdentityCrypto
  readonly #known = new Map<string, Remembered>()
  /** Which certificates of the authorities signed which, whoever brings them along. */
  readonly #signed = new WeakMap<Certificate, WeakSet<Certificate>>()

  constructor(authorities: readonly TrustedAuthority[], crypto: IdentityCrypto) {
    this.#authorities = authorities
    this.#crypto = crypto
  }

  /** {@link verifyCertificate} under the authorities of the cache. */
  verify(chain: readonly Uint8Array[], at: number): VerifiedCertificate {
    checkAt(at)
    const { found } = this.#find(chain, at)
    if (found instanceof CodedError) throw found
    return found
  }

  #find(chain: readonly Uint8Array[], at: number): Remembered {
    // Hash by hash, so that no two chains have one name.
    const name = hex(this.#crypto.sha256(concat(...chain.map((der) => this.#crypto.sha256(der)))))
    const known = this.#known.get(name)
    if (known !== undefined && at >= known.from && at <= known.until) return known
    const fresh = this.#judge(chain, at)
    if (known === undefined && this.#known.size >= MAX_REMEMBERED) {
      this.#known.delete(this.#known.keys().next().value!)
    }
    this.#known.set(name, fresh)
    return fresh
  }

  #judge(chain: readonly Uint8Array[], at: number): Remembered {
    const always = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY }
    let parsed: Chain
    try {
      parsed = parseChain(chain, this.#authorities)
    } catch (error) {
      if (error instanceof CodedError) return { found: error, ...always }
      throw error
    }
    const within = around(at, [...parsed.map(lifeOf), ...this.#authorities.flatMap(spansOf)])
    try {
      return { found: judge(parsed, this.#authorities, at, this.#crypto, this.#signed), ...within }
    } catch (error) {
      if (error instanceof CodedError) return { found: error, ...within }
      throw error
    }
  }
}

const lifeOf = ({ notBefore, notAfter }: Certificate): ValidFor => ({ start: notBefore, end: notAfter })

/** Every span of time that a verdict under an authority depends on. */
function spansOf({ chain, validFor }: TrustedAuthority): ValidFor[] {
  return [validFor, ...chain.map(lifeOf)]
}

/** The longest time around `at` in which none of the spans begins or ends. */
function around(at: number, spans: readonly ValidFor[]): Pick<Remembered, 'from' | 'until'> {
  let [from, until] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (const { start, end } of spans) {
    if (start !== null && start <= at) from = Math.max(from, start)
    if (start !== null && start > at) until = Math.min(until, start - 1)
    if (end !== null && end >= at) until = Math.min(until, end)
    if (end !== null && end < at) from = Math.max(from, end + 1)
  }
  return { from, until }
}
