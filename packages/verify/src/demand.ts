import { type Code, CodedError, type ErrorReport } from '@countersign/core'
import type { Contract } from '@countersign/contract'
import type { AnchorKind } from '@countersign/formats/anchor'
import { type Anchored, type CoveredEntry, existedBy } from './anchors/anchored.ts'
import type { Chain } from './chain.ts'
import type { Criterion } from './criteria.ts'

/** Outside evidence that every step on the way must have. */
export interface AnchorDemand {
  /** Kinds that must all be there. */
  readonly kinds: readonly AnchorKind[]
  /** How many different kinds must be there at least. */
  readonly count: number
  /** How long after the log accepted the step they must prove that it existed, milliseconds; null: whenever. */
  readonly within: number | null
}

/**
 * How long a step may wait for anchors where nobody says how long: the rest of its day, the making of the statement, and
 * what the slowest anchor takes until it is final. Milliseconds.
 */
export const ANCHOR_PATIENCE = 36 * 3_600_000

/** What the contract demands, and what the caller demands beside it. */
export function demandsOf(contract: Contract | null, demands: readonly AnchorDemand[] = []): readonly AnchorDemand[] {
  const own = contract?.anchored ?? null
  if (own === null) return demands
  const { within, by } = own
  return [{ kinds: by, count: Math.max(1, by.length), within }, ...demands]
}

/** What an entry of the log is judged by. */
export interface AnchorFacts {
  readonly chain: Chain
  readonly anchored: Anchored | null
  readonly now: string
}

/**
 * What speaks against a step, or a withheld attestation, for want of anchors. `anchor-pending` says that nothing does
 * yet: its time is not over, and no anchor of the kind was brought forward and refused.
 */
export function anchorFindings(
  link: string,
  name: string,
  demands: readonly AnchorDemand[],
  { chain, anchored, now }: AnchorFacts,
): ErrorReport[] {
  const entries = anchored?.entries.get(link) ?? []
  return demands.flatMap((demand) => {
    const missing = missingOf(demand, entries)
    if (missing === null) return []
    const wanted = `step ${name} is not anchored${textOf(demand)}`
    if (missing.late !== null) {
      return [new CodedError('anchor-late', `${wanted}: ${missing.late}`).report()]
    }
    const refused = refusalOf(missing.kinds, entries, anchored)
    if (refused !== null) return [new CodedError('anchor-missing', `${wanted}: ${refused}`).report()]
    const why = entries.length === 0 ? 'no statement that verifies covers it' : missing.what
    const accepted = acceptedAt(link, entries, chain)
    const pending = accepted !== null && Date.parse(now) <= accepted + (demand.within ?? ANCHOR_PATIENCE)
    return [new CodedError(pending ? 'anchor-pending' : 'anchor-missing', `${wanted}: ${why}`).report()]
  })
}

interface Missing {
  /** Kinds that are not there; none where it is their number, or a time. */
  readonly kinds: readonly AnchorKind[]
  readonly what: string
  /** What is there, and came too late; null where nothing is. */
  readonly late: string | null
}

function missingOf({ kinds, count, within }: AnchorDemand, entries: readonly CoveredEntry[]): Missing | null {
  const there = new Set<AnchorKind>()
  const late = new Map<AnchorKind, string>()
  let timed = false
  for (const { acceptedAt: accepted, statement } of entries) {
    for (const proved of statement.proved) {
      const by = existedBy(statement, proved)
      if (within !== null && by !== null && by > Date.parse(accepted) + within) {
        late.set(proved.kind, `${proved.kind} proves it from ${new Date(by).toISOString()} on, accepted ${accepted}`)
        continue
      }
      there.add(proved.kind)
      timed ||= by !== null
    }
  }
  const absent = kinds.filter((kind) => !there.has(kind))
  if (absent.length > 0 || there.size < count) {
    const about = absent.length > 0 ? absent : [...late.keys()].filter((kind) => !there.has(kind))
    const told = about.flatMap((kind) => late.get(kind) ?? [])
    const what = absent.length > 0 ? `${absent.join(', ')} is missing` : `${there.size} of ${count} kinds are there`
    return { kinds: absent, what, late: told[0] ?? null }
  }
  // Of anchors that name no time nobody can say when.
  if (within !== null && !timed) return { kinds: [], what: 'none of its anchors names a time', late: null }
  return null
}

/** Why an anchor that was brought forward for these entries did not count. */
function refusalOf(
  kinds: readonly AnchorKind[],
  entries: readonly CoveredEntry[],
  anchored: Anchored | null,
): string | null {
  const own = new Set(entries.map(({ statement }) => statement.id))
  for (const { kind, statement, report } of anchored?.refused ?? []) {
    if (kind === null || statement === null || (kinds.length > 0 && !kinds.includes(kind))) continue
    if (own.has(statement)) return `${kind} did not count: ${report.code}: ${report.what}`
  }
  return null
}

/** When the log says that it took it, by the earliest of its proofs; null where nobody says. Milliseconds since 1970. */
function acceptedAt(link: string, entries: readonly CoveredEntry[], { receipts, withheld }: Chain): number | null {
  const closed = withheld.get(link)?.withheld.unopened.leaf.acceptedAt
  const times = [
    ...entries.map((entry) => entry.acceptedAt),
    ...(receipts.get(link) ?? []).map(({ receipt }) => receipt.opening.leaf.acceptedAt),
    ...(closed === undefined ? [] : [closed]),
  ]
  return times.length === 0 ? null : Math.min(...times.map((time) => Date.parse(time)))
}

function textOf({ kinds, count, within }: AnchorDemand): string {
  const by = kinds.length > 0 ? ` by ${kinds.join(', ')}` : count > 1 ? ` in ${count} ways` : ''
  return within === null ? by : `${by} within ${durationText(within)}`
}

/** `36h`, `90m`, `2d`: the largest unit that says it in a whole number. */
export function durationText(ms: number): string {
  for (const [unit, size] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
  ] as const) {
    if (ms % size === 0) return `${ms / size}${unit}`
  }
  return `${ms / 1000}s`
}

/** What was demanded, and what speaks against it. */
export function anchorsCriterion(
  demands: readonly AnchorDemand[],
  findings: readonly ErrorReport[],
  steps: number,
): Criterion {
  const reasons = findings.filter(({ code }) => ANCHOR_CODES.has(code))
  const [first] = reasons
  const wanted = demands.map((demand) => textOf(demand).trim() || 'in any way').join(', and ')
  if (first === undefined) {
    return { name: 'anchors', met: true, detail: `${steps === 1 ? 'the step is' : 'all steps are'} anchored ${wanted}` }
  }
  const open = reasons.every(({ code }) => code === 'anchor-pending')
  return { name: 'anchors', met: open ? null : false, detail: first.what }
}

const ANCHOR_CODES: ReadonlySet<Code> = new Set<Code>([
  'anchor-missing',
  'anchor-pending',
  'anchor-late',
  'statement-forked',
])
