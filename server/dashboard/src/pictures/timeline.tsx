import { systemName } from '@countersign/evidence-page/names'
import { lengthText, timeText } from '../parts/moment.tsx'
import { fittedApart } from './fitted.ts'
import './timeline.css'

export interface Span {
  readonly id: string
  readonly title: string
  readonly system: string | null
  /** ISO times. */
  readonly from: string
  readonly to: string
  readonly bad: boolean
  /** Only the server says so. */
  readonly said: boolean
}

const ROW = 26
const AXIS = 28
const MAX_ROWS = 200
/** Steps between marks of the axis, milliseconds. */
const TICKS = [100, 500, 1_000, 5_000, 15_000, 60_000, 300_000, 900_000, 3_600_000, 21_600_000, 86_400_000, 604_800_000]

interface TimelineProps {
  readonly spans: readonly Span[]
  /** Pixels across. */
  readonly room: number
  readonly hrefOf: (id: string) => string
}

/** When each step ran: a bar from its beginning to its end. Its twin is the table of steps. */
export function Timeline({ spans, room, hrefOf }: TimelineProps) {
  const shown = spans
    .filter(({ from, to }) => !Number.isNaN(Date.parse(from) + Date.parse(to)))
    .toSorted((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : a.title < b.title ? -1 : 1))
    .slice(0, MAX_ROWS)
  if (shown.length === 0 || room <= 0) return null
  const begin = Math.min(...shown.map(({ from }) => Date.parse(from)))
  const end = Math.max(...shown.map(({ to }) => Date.parse(to)))
  const names = Math.min(200, Math.max(96, room * 0.26))
  const whole = Math.max(1, end - begin)
  const width = Math.max(120, room - names - 64)
  const at = (iso: string) => names + ((Date.parse(iso) - begin) / whole) * width
  const tick = TICKS.find((step) => whole / step <= Math.max(2, width / 110)) ?? TICKS.at(-1)!
  const marks = Array.from({ length: Math.min(50, Math.floor(whole / tick) + 1) }, (_, i) => i * tick)
  const written = fittedApart(
    shown.map(({ title }) => title),
    names / 7.4 - 2,
  )
  const height = AXIS + shown.length * ROW + 6
  return (
    <figure>
      <svg
        class="timeline"
        viewBox={`0 0 ${room} ${height}`}
        width={room}
        height={height}
        role="group"
        aria-label="When each step ran"
      >
        {marks.map((ms) => {
          const x = names + (ms / whole) * width
          return (
            <g key={ms} class="tick">
              <line x1={x} y1={AXIS - 6} x2={x} y2={height} />
              <text x={x + 3} y={AXIS - 10}>
                {ms === 0 ? '0' : `+${lengthText(ms)}`}
              </text>
            </g>
          )
        })}
        {shown.map(({ id, title, system, from, to, bad, said }, i) => {
          const y = AXIS + i * ROW
          const x = at(from)
          const length = Math.max(3, at(to) - x)
          const took = lengthText(Math.max(0, Date.parse(to) - Date.parse(from)))
          return (
            <a
              key={id}
              href={hrefOf(id)}
              class={`span${bad ? ' bad' : ''}${said ? ' said' : ''}`}
              tabIndex={i === 0 ? 0 : -1}
            >
              <title>{`${title} on ${systemName(system)}, ${timeText(from)} – ${timeText(to)}, ${took}${bad ? ', it does not hold' : ''}`}</title>
              <text x="0" y={y + 17} class="span-name" aria-hidden="true">
                {`${bad ? '✗ ' : ''}${written.get(title)}`}
              </text>
              <rect x={x} y={y + 5} width={length} height={ROW - 10} rx="4" />
              <text x={x + length + 6} y={y + 17} class="span-length" aria-hidden="true">
                {took}
              </text>
            </a>
          )
        })}
      </svg>
      <figcaption class="quiet small">
        From {timeText(new Date(begin).toISOString())}, as the recorders say; {lengthText(end - begin)} in all.
        {spans.length > shown.length ? ` ${shown.length} of ${spans.length} steps.` : ''}
      </figcaption>
    </figure>
  )
}
