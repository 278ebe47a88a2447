import { canonicalJson, CodedError, equal, parseJson } from '@countersign/core'
import {
  type Endorsed,
  type EndorsedKind,
  endorsedStart,
  maxEndorsedBytes,
  parseEndorsed,
  writeEndorsed,
} from './endorsed.ts'
import { isName } from './step.ts'
import { Shape } from './shape.ts'

/** What is let through: a finding of this code at this step, or that the step itself is missing. */
export interface Excuse {
  readonly code: string
  readonly step: string
}

/** That maintainers of a contract let something through which it refuses, for a while. Nothing in it is verified. */
export interface Deviation {
  /** Digest of the contract, 64 hex digits: under another one it means nothing. */
  readonly contract: string
  readonly pipeline: string
  /** Chain id of the one run that it is about, 32 hex digits; null: whichever run made the artifact. */
  readonly chain: string | null
  /** SHA-256 of the one artifact that it is about, hex; null: whatever the run made. One of the two is there. */
  readonly artifact: string | null
  /** Never none, sorted by step and code, none twice. */
  readonly excuses: readonly Excuse[]
  /** Why, in words: 1 to 1024 characters. Whoever reads the verdict reads it. */
  readonly reason: string
  /** ISO times; the second is after the first, by at most {@link MAX_DEVIATION_LIFE}. */
  readonly issuedAt: string
  readonly expiresAt: string
}

/** Milliseconds: what is let through for longer is a change of the contract. */
export const MAX_DEVIATION_LIFE = 90 * 86_400_000

export const DEVIATION_PAYLOAD_TYPE = 'application/vnd.countersign.deviation.v1+json'

const DEVIATION: EndorsedKind = {
  mediaType: 'application/vnd.countersign.signed-deviation.v1+json',
  payloadType: DEVIATION_PAYLOAD_TYPE,
  maxPayload: 64 * 1024,
}

export const MAX_DEVIATION_BYTES = maxEndorsedBytes(DEVIATION)

/** How the line of a deviation begins, and no other line of a chain file. */
export const DEVIATION_START = endorsedStart(DEVIATION)

const CODE = 'deviation-invalid'
const FIELDS = ['artifact', 'chain', 'contract', 'excuses', 'expiresAt', 'issuedAt', 'pipeline', 'reason', 'version']
const VERSION = 1
const MAX_EXCUSES = 100
const MAX_PAYLOAD = DEVIATION.maxPayload

/** Canonical JSON of a deviation: what its maintainers sign. Throws `deviation-invalid` for what no reader would take. */
export function writeDeviation(deviation: Deviation): Uint8Array {
  const { excuses, ...rest } = deviation
  const bytes = canonicalJson({
    ...rest,
    excuses: excuses.map(({ code, step }) => ({ code, step })),
    version: VERSION,
  })
  parseDeviation(bytes)
  return bytes
}

/** {@link writeDeviation} the other way; it has one spelling. Throws also what strict JSON reading throws. */
export function parseDeviation(bytes: Uint8Array): Deviation {
  const value = parseJson(bytes, { maxBytes: MAX_PAYLOAD })
  if (!equal(canonicalJson(value), bytes)) throw new CodedError(CODE, 'the deviation is not canonical JSON')
  const it = new Shape(CODE, value, 'deviation').object(FIELDS)
  it.integer('version', VERSION, VERSION)
  const pipeline = it.text('pipeline', 128)
  if (!isName(pipeline)) it.get('pipeline').fail('is not a name')
  const chain = it.get('chain').nullable((shape) => shape.hex(32))
  const artifact = it.get('artifact').nullable((shape) => shape.hex(64))
  if (chain === null && artifact === null) throw new CodedError(CODE, 'the deviation is about no run and no artifact')
  const items = it.get('excuses').array(MAX_EXCUSES)
  if (items.length === 0) it.get('excuses').fail('is empty')
  const excuses = items.map((item) => {
    const one = item.object(['code', 'step'])
    const [code, step] = [one.text('code', 64), one.text('step', 128)]
    if (!/^[a-z]+(?:-[a-z0-9]+)+$/.test(code)) one.get('code').fail('is not a code')
    if (!isName(step)) one.get('step').fail('is not a name')
    return { code, step }
  })
  const sorted = excuses.map(nameOf)
  if (sorted.some((one, i) => i > 0 && one <= sorted[i - 1]!)) it.get('excuses').fail('is not sorted, or has one twice')
  const [issuedAt, expiresAt] = [it.time('issuedAt'), it.time('expiresAt')]
  const life = Date.parse(expiresAt) - Date.parse(issuedAt)
  if (!(life > 0)) throw new CodedError(CODE, 'the deviation ends before it begins')
  if (life > MAX_DEVIATION_LIFE) {
    throw new CodedError(CODE, `the deviation lasts longer than ${MAX_DEVIATION_LIFE / 86_400_000} days`)
  }
  return {
    contract: it.hex('contract', 64),
    pipeline,
    chain,
    artifact,
    excuses,
    reason: it.text('reason', 1024),
    issuedAt,
    expiresAt,
  }
}

function nameOf({ code, step }: Excuse): string {
  return `${step} ${code}`
}

/** Excuses in the order in which a deviation has them, each once. */
export function sortedExcuses(excuses: readonly Excuse[]): readonly Excuse[] {
  const named = new Map(excuses.map((one) => [nameOf(one), one]))
  return [...named].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, one]) => one)
}

/** The line of a deviation with its signatures. See {@link parseEndorsed}. */
export function parseDeviationLine(line: Uint8Array | string): Endorsed {
  return parseEndorsed(line, DEVIATION)
}

export function writeDeviationLine(deviation: Endorsed): Uint8Array {
  return writeEndorsed(deviation, DEVIATION)
}
