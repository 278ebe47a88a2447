import type { Code } from '@countersign/core'

/** What kind of a gap kept something out, or let it in. */
export type Gap = 'missing' | 'late' | 'weak' | 'broken' | 'deviation' | 'unknown'

const MISSING: ReadonlySet<string> = new Set<Code>([
  'anchor-missing',
  'anchor-pending',
  'approval-missing',
  'artifact-unproven',
  'contract-missing',
  'contract-unknown',
  'cosignature-missing',
  'edge-empty',
  'evidence-missing',
  'final-missing',
  'material-unproven',
  'matrix-incomplete',
  'previous-missing',
  'product-missing',
  'receipt-missing',
  'step-skipped',
  'step-withheld',
  'not-found',
])
const LATE: ReadonlySet<string> = new Set<Code>([
  'anchor-late',
  'contract-superseded',
  'deviation-expired',
  'step-stale',
  'summary-expired',
  'time-future',
  'time-order',
])
const WEAK: ReadonlySet<string> = new Set<Code>([
  'approval-own',
  'condition-unmet',
  'grade-too-low',
  'runner-not-allowed',
])
const UNKNOWN: ReadonlySet<string> = new Set<Code>(['evidence-unavailable', 'server-unreachable', 'store-failed'])

const SAYS: Readonly<Record<Gap, string>> = {
  missing: 'missing',
  late: 'late',
  weak: 'weak',
  broken: 'does not fit',
  deviation: 'by deviation',
  unknown: 'not known',
}

interface Decided {
  readonly decision: 'allow' | 'deny' | 'unknown'
  readonly deviated: boolean
  readonly code: string | null
}

/** The gap in a decision; null where there was none. */
export function gapOf({ decision, deviated, code }: Decided): Gap | null {
  if (decision === 'allow') return deviated ? 'deviation' : null
  if (code === null || UNKNOWN.has(code)) return 'unknown'
  if (MISSING.has(code)) return 'missing'
  if (LATE.has(code)) return 'late'
  return WEAK.has(code) ? 'weak' : 'broken'
}

export function gapText(gap: Gap): string {
  return SAYS[gap]
}
