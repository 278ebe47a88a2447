import { CodedError, type Crypto, parseJson, type PublicKey } from '@countersign/core'
import type { DecisionRecord } from '@countersign/evidence/pack'
import { parseStatement, PAYLOAD_TYPE, readEnvelope } from '@countersign/formats'
import { passedSummary } from '@countersign/verify/slsa'

const MAX_SUMMARY_BYTES = 4 * 1024 * 1024
/** How far the time in a summary may be from that of the decision in the server's list; milliseconds. */
const TOLERANCE = 1000

interface Held {
  readonly bytes: Uint8Array
  readonly decision: DecisionRecord
}

/** Signed summaries of decisions, each beside the decision that it is of. */
export class Summaries {
  /** SHA-256 of what gates let out, hex. */
  readonly artifacts: ReadonlySet<string>
  readonly #decisions = new Map<string, DecisionRecord[]>()
  readonly #crypto: Pick<Crypto, 'verify'>
  readonly #held: Held[] = []

  constructor(decisions: readonly DecisionRecord[], crypto: Pick<Crypto, 'verify'>) {
    const allowed = decisions.filter(({ decision, artifact }) => decision === 'allow' && artifact !== null)
    this.artifacts = new Set(allowed.map(({ artifact }) => artifact!))
    for (const one of decisions) {
      if (one.artifact === null) continue
      this.#decisions.set(one.artifact, [...(this.#decisions.get(one.artifact) ?? []), one])
    }
    this.#crypto = crypto
  }

  /** Throws `pack-outside` for the summary of no decision that is listed, and what reading it throws. */
  add(bytes: Uint8Array): void {
    const { payload } = readEnvelope(parseJson(bytes, { maxBytes: MAX_SUMMARY_BYTES }), PAYLOAD_TYPE)
    const { subject, predicate } = parseStatement(payload)
    const time = (predicate as { readonly timeVerified?: unknown } | null)?.timeVerified
    const at = typeof time === 'string' ? Date.parse(time) : Number.NaN
    const decision = this.#decisions
      .get(subject[0]!.digest.sha256)
      ?.find((one) => Math.abs(Date.parse(one.at) - at) <= TOLERANCE)
    if (decision === undefined) throw new CodedError('pack-outside', 'a summary is of no decision that is listed')
    this.#held.push({ bytes, decision })
  }

  /** Numbers of the decisions to let out that one of these keys has signed. */
  verified(keys: readonly PublicKey[]): ReadonlySet<number> {
    const numbers = new Set<number>()
    for (const { bytes, decision } of this.#held) {
      if (decision.decision !== 'allow' || keys.length === 0) continue
      const { artifact, contract, at: now, id } = decision
      const demand = { keys, artifact: artifact!, contract, now, maxAge: TOLERANCE, clockTolerance: TOLERANCE }
      try {
        passedSummary(bytes, demand, this.#crypto)
        numbers.add(id)
      } catch (error) {
        if (!(error instanceof CodedError)) throw error
      }
    }
    return numbers
  }
}
