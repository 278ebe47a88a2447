import { CodedError } from '@countersign/core'
import type { Period } from '@countersign/evidence/pack'
import { isTime } from '@countersign/formats'
import { plain } from '../output.ts'

/** From the first moment of one day, UTC, up to the last of another; or between two ISO times. Throws `usage`. */
export function periodOf(since: string, until: string): Period {
  const period = { since: momentOf(since, '--since', 0), until: momentOf(until, '--until', 86_400_000) }
  if (period.since < period.until) return period
  throw new CodedError('usage', '--until is before --since')
}

function momentOf(text: string, option: string, later: number): string {
  if (isTime(text)) return text
  const start = `${text}T00:00:00.000Z`
  if (/^\d{4}-\d\d-\d\d$/.test(text) && isTime(start)) return new Date(Date.parse(start) + later).toISOString()
  throw new CodedError('usage', `${option} ${plain(text, 40)} is no day like 2026-11-30, and no time like ${start}`)
}
