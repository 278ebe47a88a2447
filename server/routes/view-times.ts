import { CodedError } from '@countersign/core'
import { isTime } from '@countersign/formats'
import { DAY_MS, HOUR_MS, startOfWeek, weekOf } from '../counting.ts'

type Given = Readonly<Record<string, string>>

/** After whatever can be asked for. */
const EVER = Date.parse('9999-12-31T23:59:59.999Z')
const MONTH_DAYS = 30
const MAX_BUCKETS = 1_000
const MAX_DAYS = 366
const MAX_WEEKS = 53
const WEEKS = 12

/** Milliseconds since 1970 of a time, or of the beginning of a day in UTC; null where it is left out. Throws `request-invalid`. */
export function timeOf(name: string, text: string | undefined): number | null {
  if (text === undefined) return null
  const time = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) ? `${text}T00:00:00.000Z` : text
  const ms = isTime(time) ? Date.parse(time) : Number.NaN
  // Before that nothing was recorded, and nothing of it is a number of days.
  if (Number.isNaN(ms) || ms < 0) {
    throw new CodedError('request-invalid', `${name} is not a day or a time like 2026-01-31T12:00:00.000Z`)
  }
  return ms
}

/** `since` is in, `until` is not. */
export function spanOfTime({ since, until }: Given): { readonly since: number; readonly until: number } {
  return { since: timeOf('since', since) ?? 0, until: timeOf('until', until) ?? EVER }
}

/** Whole buckets, by default the last thirty days and today. */
export function spanOfStrips({ since, until, bucket = 'day' }: Given, now: number) {
  if (bucket !== 'day' && bucket !== 'hour') throw new CodedError('request-invalid', 'bucket is hour or day')
  const hours: 1 | 24 = bucket === 'hour' ? 1 : 24
  const width = hours * HOUR_MS
  const end = timeOf('until', until) ?? now + 1
  const to = Math.ceil(end / width)
  const begin = timeOf('since', since) ?? Math.max(0, to * width - MONTH_DAYS * DAY_MS)
  const from = Math.floor(begin / width)
  if (to <= from || to - from > MAX_BUCKETS) {
    throw new CodedError('request-invalid', `since is not before until, or more than ${MAX_BUCKETS} buckets before`)
  }
  const [start, stop] = [new Date(from * width).toISOString(), new Date(to * width).toISOString()]
  return { since: start, until: stop, bucket, span: { hours, from, to } } as const
}

/** Days in UTC, both in; by default the last thirty. */
export function spanOfDays({ since, until }: Given, now: number) {
  const to = Math.floor((timeOf('until', until) ?? now) / DAY_MS)
  const begin = timeOf('since', since)
  const from = begin === null ? Math.max(0, to - MONTH_DAYS + 1) : Math.floor(begin / DAY_MS)
  if (to < from || to - from >= MAX_DAYS) {
    throw new CodedError('request-invalid', `since is after until, or ${MAX_DAYS} days before`)
  }
  const [first, last] = [from, to].map((day) => dayOf(day * DAY_MS)) as [string, string]
  return { since: first, until: last, span: { from, to } } as const
}

/** By default the last twelve weeks. */
export function weeksFrom({ from, weeks = String(WEEKS) }: Given, now: number) {
  const count = Number(weeks)
  if (!/^[0-9]{1,2}$/.test(weeks) || count < 1 || count > MAX_WEEKS) {
    throw new CodedError('request-invalid', `weeks is from 1 to ${MAX_WEEKS}`)
  }
  const begin = timeOf('from', from)
  return { from: begin === null ? weekOf(now) - count + 1 : weekOf(begin), count }
}

/** The Mondays of weeks. */
export function mondaysFrom({ from, count }: { readonly from: number; readonly count: number }): readonly string[] {
  return Array.from({ length: count }, (_, i) => dayOf(startOfWeek(from + i)))
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}
