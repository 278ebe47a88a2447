import { CodedError, type Crypto, isHex, type JsonObject, parseJson, type PublicKey } from '@countersign/core'
import { pae, parseStatement, PAYLOAD_TYPE, readEnvelope, Shape } from '@countersign/formats'
import { DEVIATED, DEVIATION, SLSA_SUMMARY } from './summary.ts'

/** Most bytes of a summary in its envelope. */
export const MAX_SUMMARY_BYTES = 4 * 1024 * 1024

/** What a summary must say to be taken for a yes. */
export interface SummaryDemand {
  /** Whose word it must be: one of these keys. Never none. */
  readonly keys: readonly PublicKey[]
  /** SHA-256 of the artifact, hex. */
  readonly artifact: string
  /** SHA-256 of the contract that must have been kept to, hex; null: whichever, which the caller looks at. */
  readonly contract: string | null
  /** ISO time. */
  readonly now: string
  /** Milliseconds that it counts from its making on; and how far clocks may disagree. */
  readonly maxAge: number
  readonly clockTolerance: number
}

/** A summary that passed every check. */
export interface PassedSummary {
  readonly artifact: string
  readonly contract: string
  readonly verifier: string
  /** ISO time. */
  readonly timeVerified: string
  readonly levels: readonly string[]
  /** SHA-256 of the attestations that it was judged by, hex: link digests. None where the summary does not say. */
  readonly inputs: readonly string[]
  /** Whether it passed by a deviation: whoever is told that it did is told that too. */
  readonly deviated: boolean
  /** Ids of the deviations that let something through, hex; not among the inputs. */
  readonly deviations: readonly string[]
}

/**
 * A signed verification summary (slsa.dev/spec/v1.2/verification_summary) that says of this artifact that it passed, and
 * not too long ago. Throws `signature-invalid`, `predicate-type`, `artifact-mismatch`, `contract-mismatch`,
 * `summary-refused`, `summary-expired`, `time-future`, and what reading throws: whatever it throws is no yes.
 */
export function passedSummary(bytes: Uint8Array, demand: SummaryDemand, crypto: Pick<Crypto, 'verify'>): PassedSummary {
  const { keys, artifact, contract, now, maxAge, clockTolerance } = demand
  const envelope = readEnvelope(parseJson(bytes, { maxBytes: MAX_SUMMARY_BYTES }), PAYLOAD_TYPE)
  const signed = pae(envelope.payloadType, envelope.payload)
  if (!keys.some((key) => crypto.verify(key, signed, envelope.signature))) {
    throw new CodedError('signature-invalid', 'no key that is believed has signed the summary')
  }
  const { subject, predicateType, predicate } = parseStatement(envelope.payload)
  if (predicateType !== SLSA_SUMMARY) {
    throw new CodedError('predicate-type', `${JSON.stringify(predicateType.slice(0, 80))} is no verification summary`)
  }
  if (subject.length !== 1 || subject[0]!.digest.sha256 !== artifact) {
    throw new CodedError('artifact-mismatch', 'the summary is about another artifact')
  }
  const it = new Shape('statement-invalid', predicate, 'predicate')
  const said = it.object(FIELDS, Object.keys(it.members()))
  const policy = said.get('policy').members()
  const digest = digestOf(policy)
  if (contract !== null && digest !== contract) {
    throw new CodedError('contract-mismatch', `the summary is under contract ${digest.slice(0, 12)}`)
  }
  const levels = said
    .get('verifiedLevels')
    .array(64)
    .map((level) => level.string(256))
  if (said.text('verificationResult', 16) !== 'PASSED' || levels.length === 0 || levels.includes('FAILED')) {
    throw new CodedError('summary-refused', 'the summary says that it did not pass')
  }
  const timeVerified = said.text('timeVerified', 64)
  const age = Date.parse(now) - timeOf(timeVerified)
  if (age < -clockTolerance) throw new CodedError('time-future', `the summary is of ${timeVerified}, which is to come`)
  if (age > maxAge) throw new CodedError('summary-expired', `the summary is of ${timeVerified}`)
  const verifier = said.get('verifier').members()['id']
  if (typeof verifier !== 'string') throw new CodedError('statement-invalid', 'the summary does not say who verified')
  const told = said.has('inputAttestations') ? said.get('inputAttestations').array(MAX_INPUTS) : []
  const all = told.map((input) => {
    const members = input.members()
    const own = digestOf(members)
    return { digest: own, deviates: members['uri'] === `${DEVIATION}${own}` }
  })
  const digests = (deviates: boolean) => all.filter((one) => one.deviates === deviates).map((one) => one.digest)
  const [inputs, deviations] = [digests(false), digests(true)]
  return {
    artifact,
    contract: digest,
    verifier,
    timeVerified,
    levels,
    inputs,
    deviated: levels.includes(DEVIATED),
    deviations,
  }
}

const MAX_INPUTS = 100_000
const FIELDS = ['verifier', 'timeVerified', 'resourceUri', 'policy', 'verificationResult', 'verifiedLevels']

function digestOf({ digest }: JsonObject): string {
  const sha256 =
    typeof digest === 'object' && digest !== null && !Array.isArray(digest) ? (digest as JsonObject)['sha256'] : null
  if (typeof sha256 === 'string' && isHex(sha256, 64)) return sha256
  throw new CodedError('statement-invalid', 'the summary names something without its digest')
}

/** A date without a zone would be of somewhere. */
function timeOf(text: string): number {
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(time)) return time
  throw new CodedError('statement-invalid', 'timeVerified of the summary is no time in UTC')
}
