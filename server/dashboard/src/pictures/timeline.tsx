import { systemName } from '@countersign/evidence-page/names'
import { useMemo } from 'preact/hooks'
import { lengthText, timeText } from '../parts/moment.tsx'
import { fittedApart } from './fitted.ts'
import { useSlices } from './slices.ts'
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
/** Rows that are drawn at once, about a screen; the others when what stands before them on the page is there. */
const SCREEN = 30
const LATER = 2
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
  const drawing = useMemo(() => timelineOf(spans, room), [spans, room])
  const slices = useMemo(() => {
    const rows = drawing.rows.map((row) => () => <Bar key={row.span.id} {...row} href={hrefOf(row.span.id)} />)
    return [rows.slice(0, SCREEN), rows.slice(SCREEN)].map((some, i) => ({
      turn: i * LATER,
      draw: () => some.map((bar) => bar()),
    }))
  }, [drawing, hrefOf])
  const { shown } = useSlices(slices)
  const { rows, height, ticks, begin, end } = drawing
  if (rows.length === 0 || room <= 0) return null
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
        {ticks.map(({ ms, x }) => (
          <g key={ms} class="tick">
            <line x1={x} y1={AXIS - 6} x2={x} y2={height} />
            <text x={x + 3} y={AXIS - 10}>
              {ms === 0 ? '0' : `+${lengthText(ms)}`}
            </text>
          </g>
        ))}
        {shown}
      </svg>
      <figcaption class="quiet small">
        From {timeText(new Date(begin).toISOString())}, as the recorders say; {lengthText(end - begin)} in all.
        {spans.length > rows.length ? ` ${rows.length} of ${spans.length} steps.` : ''}
      </figcaption>
    </figure>
  )
}

interface BarProps {
  readonly span: Span
  readonly name: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly isFirst: boolean
}

function Bar({ span, name, x, y, width, isFirst, href }: BarProps & { readonly href: string }) {
  const { title, system, from, to, bad, said } = span
  const took = lengthText(Math.max(0, Date.parse(to) - Date.parse(from)))
  return (
    <a href={href} class={`span${bad ? ' bad' : ''}${said ? ' said' : ''}`} tabIndex={isFirst ? 0 : -1}>
      <title>{`${title} on ${systemName(system)}, ${timeText(from)} – ${timeText(to)}, ${took}${bad ? ', it does not hold' : ''}`}</title>
      <text x="0" y={y + 17} class="span-name" aria-hidden="true">
        {`${bad ? '✗ ' : ''}${name}`}
      </text>
      <rect x={x} y={y + 5} width={width} height={ROW - 10} rx="4" />
      <text x={x + width + 6} y={y + 17} class="span-length" aria-hidden="true">
        {took}
      </text>
    </a>
  )
}

/** Where each bar stands, in pixels, and the times at which the axis is marked. */
function timelineOf(spans: readonly Span[], room: number) {
  const kept = spans
    .filter(({ from, to }) => !Number.isNaN(Date.parse(from) + Date.parse(to)))
    .toSorted((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : a.title < b.title ? -1 : 1))
    .slice(0, MAX_ROWS)
  const begin = Math.min(...kept.map(({ from }) => Date.parse(from)))
  const end = Math.max(...kept.map(({ to }) => Date.parse(to)))
  const names = Math.min(200, Math.max(96, room * 0.26))
  const whole = Math.max(1, end - begin)
  const width = Math.max(120, room - names - 64)
  const at = (ms: number) => names + (ms / whole) * width
  const step = TICKS.find((one) => whole / one <= Math.max(2, width / 110)) ?? TICKS.at(-1)!
  const written = fittedApart(
    kept.map(({ title }) => title),
    names / 7.4 - 2,
  )
  return {
    begin,
    end,
    height: AXIS + kept.length * ROW + 6,
    ticks: Array.from({ length: kept.length === 0 ? 0 : Math.min(50, Math.floor(whole / step) + 1) }, (_, i) => {
      return { ms: i * step, x: at(i * step) }
    }),
    rows: kept.map((span, i): BarProps => {
      const x = at(Date.parse(span.from) - begin)
      return {
        span,
        name: written.get(span.title)!,
        x,
        y: AXIS + i * ROW,
        width: Math.max(3, at(Date.parse(span.to) - begin) - x),
        isFirst: i === 0,
      }
    }),
  }
}
