import { type Code, CodedError, type ErrorReport, hex } from '@countersign/core'
import { type Contract, isExcusable } from '@countersign/contract'
import { type Deviation, DEVIATION_PAYLOAD_TYPE, type Endorsed, pae, parseDeviation } from '@countersign/formats'
import { endorsedText, endorsersOf, enough } from './endorsed.ts'
import type { IdentityCrypto } from './identity/index.ts'
import type { Signer, Trust, VerifiedDeviation } from './types.ts'

/** Name of a deviation: SHA-256 of its PAE, 64 hex digits. It covers what is excused, and not who signed it. */
export function deviationId(payload: Uint8Array, crypto: Pick<IdentityCrypto, 'sha256'>): string {
  return hex(crypto.sha256(pae(DEVIATION_PAYLOAD_TYPE, payload)))
}

/**
 * Verifies a deviation from a contract: it is of this contract, excuses nothing but what can be excused, as many of the
 * contract's maintainers as it asks for have signed it, and where the contract demands receipts, such a log has it: nothing
 * is let through that is not on record. `at` is when the caller has the signatures; null where the log must say so. Whether
 * it has expired is for `Excusing` to ask. Throws `deviation-invalid`, `deviation-unsigned`, `receipt-missing` and what
 * strict JSON reading throws.
 */
export function verifyDeviation(
  endorsed: Endorsed,
  { contract, trust, at, unlogged = false }: DeviationTrust,
  crypto: IdentityCrypto,
): VerifiedDeviation {
  const deviation = parseDeviation(endorsed.payload)
  checkExcuses(deviation, contract)
  const endorsers = endorsersOf(endorsed, { contract, trust, at }, crypto)
  if (!enough(contract, endorsers)) {
    const why = endorsers.refused.map(({ code }) => code)
    const others = why.length === 0 ? '' : `; what did not count: ${[...new Set(why)].join(', ')}`
    throw new CodedError('deviation-unsigned', `${endorsedText(contract, endorsers)}${others}`)
  }
  if (!unlogged && contract.countersigners.length > 0 && !isCountersigned(contract, endorsers.logged?.log ?? null)) {
    throw new CodedError('receipt-missing', 'no log that the contract names has the deviation', {
      fix: 'Bring it forward as the server gives it, with its proof: countersign deviate appends it.',
    })
  }
  const by = [...endorsers.parties.keys()]
  const id = deviationId(endorsed.payload, crypto)
  return {
    endorsed,
    deviation,
    id,
    by,
    under: endorsers.under,
    signers: endorsers.parties,
  } as unknown as VerifiedDeviation
}

/** {@link verifyDeviation} under the contract among those that are trusted which it says it is from. */
export function deviationIn(endorsed: Endorsed, trust: Trust, crypto: IdentityCrypto): VerifiedDeviation {
  const { contract: digest } = parseDeviation(endorsed.payload)
  const contract = trust.maintained?.find((one) => one.digest === digest)
  if (contract === undefined) {
    throw new CodedError(
      'deviation-invalid',
      `the deviation is from contract ${digest.slice(0, 12)}, which is not judged under`,
    )
  }
  return verifyDeviation(endorsed, { contract, trust, at: null }, crypto)
}

export interface DeviationTrust {
  readonly contract: Contract
  readonly trust: Trust
  readonly at: string | null
  /** True for the log itself, which is about to take it. */
  readonly unlogged?: boolean
}

/** Throws `deviation-invalid` unless it is of the contract, and excuses only what can be excused. */
function checkExcuses({ contract: digest, pipeline, excuses }: Deviation, contract: Contract): void {
  if (digest !== contract.digest || pipeline !== contract.pipeline) {
    const what = `the deviation is from contract ${digest.slice(0, 12)} of ${pipeline}, not from ${contract.digest.slice(0, 12)}`
    throw new CodedError('deviation-invalid', what)
  }
  for (const { code, step } of excuses) {
    if (!isExcusable(code)) throw new CodedError('deviation-invalid', `${code} can never be excused`)
    if (!contract.steps.has(step)) throw new CodedError('deviation-invalid', `the contract has no step ${step}`)
  }
}

function isCountersigned({ countersigners }: Contract, log: Signer | null): boolean {
  return log !== null && countersigners.some((key) => key.name === log.name && key.publicKey.keyId === log.keyId)
}

/** A deviation that something was let through by, and what. */
export interface Excused {
  readonly deviation: VerifiedDeviation
  readonly findings: readonly ErrorReport[]
}

/** What is judged when it is asked what may be let through. */
export interface ExcusingScope {
  /** Null: nothing is excused, for nobody says who may. */
  readonly contract: Contract | null
  /** Chain id of the run. */
  readonly chain: string
  /** SHA-256 of the artifact, hex; null where a run is judged, or a step. */
  readonly artifact: string | null
  readonly now: string
}

/** Takes a finding, and the step that it is about: also one that is not there. */
export type FindAt = (code: Code, what: string, step: string) => void

/** What deviations let through of one judgement, and by which of them. */
export class Excusing {
  readonly #open: readonly VerifiedDeviation[]
  readonly #kept: readonly Code[]
  readonly #used = new Map<VerifiedDeviation, ErrorReport[]>()
  /** Why others that are about it do not count. */
  readonly refused: readonly ErrorReport[]

  constructor(deviations: readonly VerifiedDeviation[], { contract, chain, artifact, now }: ExcusingScope) {
    const own = deviations.filter(
      ({ deviation }) =>
        deviation.contract === contract?.digest &&
        (deviation.chain === null || deviation.chain === chain) &&
        (deviation.artifact === null || deviation.artifact === artifact),
    )
    const tolerance = contract?.clockTolerance ?? 0
    const [open, closed] = [[] as VerifiedDeviation[], [] as ErrorReport[]]
    for (const one of own) {
      const { issuedAt, expiresAt } = one.deviation
      // Asked this way round, a `now` that is no time excuses nothing.
      const begun = Date.parse(issuedAt) <= Date.parse(now) + tolerance
      if (begun && Date.parse(now) < Date.parse(expiresAt)) open.push(one)
      else {
        const when = begun ? `expired at ${expiresAt}` : `begins at ${issuedAt}`
        closed.push(new CodedError('deviation-expired', `deviation ${one.id.slice(0, 12)} ${when}`).report())
      }
    }
    this.#open = open
    this.#kept = contract?.kept ?? []
    this.refused = closed
  }

  /** Of what was found at a step, or of a step that is not there, what nothing excuses. */
  left(step: string, findings: readonly ErrorReport[]): readonly ErrorReport[] {
    if (this.#open.length === 0) return findings
    return findings.filter((finding) => !this.#excuse(step, finding))
  }

  /** Whether one of them excuses this of a step; it is not used by that. */
  excuses(code: Code, step: string): boolean {
    return !this.#kept.includes(code) && this.#open.some((one) => isExcusedBy(one, code, step))
  }

  #excuse(step: string, finding: ErrorReport): boolean {
    if (!isExcusable(finding.code) || this.#kept.includes(finding.code)) return false
    const by = this.#open.find((one) => isExcusedBy(one, finding.code, step))
    if (by === undefined) return false
    const known = this.#used.get(by)
    if (known === undefined) this.#used.set(by, [finding])
    else known.push(finding)
    return true
  }

  /** What was let through; none where nothing was. */
  get used(): readonly Excused[] {
    return [...this.#used].map(([deviation, findings]) => ({ deviation, findings }))
  }
}

function isExcusedBy({ deviation }: VerifiedDeviation, code: Code, step: string): boolean {
  return isExcusable(code) && deviation.excuses.some((excuse) => excuse.code === code && excuse.step === step)
}
