const DATE = new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: 'short', year: 'numeric', timeZone: 'UTC' })
const TIME = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZone: 'UTC',
})

/** `22 Nov 2026, 10:15:02 UTC` of an ISO time; the text itself where it is none. */
export function timeText(iso: string): string {
  const date = new Date(iso)
  return Number.isNaN(date.getTime()) ? iso : `${DATE.format(date)}, ${TIME.format(date)} UTC`
}

/** `22 Nov 2026` of an ISO time. */
export function dateText(iso: string): string {
  const date = new Date(iso)
  return Number.isNaN(date.getTime()) ? iso : DATE.format(date)
}

const STEPS: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]
const AGO = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

/** `3 days ago`, as seen from `now` (both ISO). */
export function agoText(iso: string, now: string): string {
  const seconds = (Date.parse(iso) - Date.parse(now)) / 1000
  if (Number.isNaN(seconds)) return iso
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return AGO.format(Math.round(seconds / length), unit)
  }
  return seconds > -5 ? 'just now' : AGO.format(Math.round(seconds), 'second')
}

/** A time, near ones as how long ago; whole when pointed at. All times are UTC. */
export function Moment({ time, whole = false }: { readonly time: string; readonly whole?: boolean }) {
  return (
    <time dateTime={time} title={timeText(time)} class={whole ? '' : 'ago'}>
      {whole ? timeText(time) : agoText(time, new Date().toISOString())}
    </time>
  )
}

/** `1 h 2 min`, `3.2 s` of milliseconds. */
export function lengthText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  const seconds = ms / 1000
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
