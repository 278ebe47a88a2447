import type { VNode } from 'preact'
import { fitted } from './fitted.ts'
import { type LegendItem, Picture, type Twin } from './frame.tsx'
import { roving } from './roving.ts'
import { dayText, ticks } from './scale.ts'
import type { Tone } from './shapes.tsx'
import { barsOf, type Bucket, type Merged, merged, unitOf } from './strip-layout.ts'
import { useWidth } from './width.ts'

export interface StripLane {
  readonly name: string
  readonly href: string | null
  /** What is there now; null: nothing was ever let in. */
  readonly now: { readonly text: string; readonly tone: Tone; readonly href: string | null } | null
  readonly buckets: readonly Bucket[]
}

interface Props {
  readonly title: string
  /** All with the same times. */
  readonly lanes: readonly StripLane[]
  /** How long one bucket is, for its name. */
  readonly bucket: 'hour' | 'day'
  readonly selected: string | null
  /** Where the decisions of a lane in a span of time are; ISO times, the second not in it. */
  hrefOf(lane: string, since: string, until: string): string
}

const LEGEND: readonly LegendItem[] = [
  { tone: 'good', shape: 'square', step: 4, says: 'let through (up)' },
  { tone: 'warn', shape: 'diamond', says: 'by deviation' },
  { tone: 'bad', shape: 'square', step: 2, says: 'refused (down)' },
  { tone: 'unknown', shape: 'dashed', says: 'unknown (down)' },
]

const REACH = { up: 32, down: 18 }
const NAME = 30
const HEAD = 20
const TALL = REACH.up + REACH.down
const LANE = NAME + TALL + 10
const LETTER = 6.6
const HOUR = 3_600_000

/** Environments × time: what gates let through goes up, what they refused goes down. */
export function Strip({ title, lanes, bucket, selected, hrefOf }: Props): VNode {
  const [ref, width] = useWidth<HTMLDivElement>()
  const room = Math.max(width, 200)
  const strips = lanes.map((lane) => ({ ...lane, buckets: merged(lane.buckets, Math.floor(room / 24)) }))
  const unit = unitOf(
    strips.map(({ buckets }) => buckets),
    REACH,
  )
  const length = strips[0]?.buckets.length ?? 0
  const slot = length === 0 ? room : room / length
  const until = ({ last }: Merged) => new Date(Date.parse(last) + (bucket === 'day' ? 24 : 1) * HOUR).toISOString()
  const nameOf = (one: Merged) => spanText(one, bucket)
  const reached = strips.findIndex(({ buckets }) => buckets.some(isFull))
  const longest = bucket === 'day' ? 6 : 12
  const named = ticks(length, (longest * LETTER + 10) / slot)
  return (
    <Picture title={title} legend={LEGEND} twin={twinOf(strips, { nameOf, hrefOf, until })}>
      <div ref={ref} class="picture-room">
        {width === 0 ? null : (
          <svg
            class="strip"
            width={room}
            height={HEAD + strips.length * LANE}
            viewBox={`0 0 ${room} ${HEAD + strips.length * LANE}`}
            role="group"
            aria-label={title}
            {...roving}
          >
            {strips[0]?.buckets.map((one, i) =>
              named.has(i) ? (
                <text key={one.start} class="axis" x={(i + 1) * slot - 3} y={HEAD - 7} text-anchor="end">
                  {tickText(one, bucket)}
                </text>
              ) : null,
            )}
            {strips.map((lane, row) => (
              <g key={lane.name} transform={`translate(0 ${HEAD + row * LANE})`}>
                <Head lane={lane} room={room} selected={lane.name === selected} />
                <line class="strip-line" x1="0" x2={room} y1={NAME + REACH.up} y2={NAME + REACH.up} />
                {lane.buckets.map((one, column) =>
                  !isFull(one) ? null : (
                    <a
                      key={one.start}
                      href={hrefOf(lane.name, one.start, until(one))}
                      aria-label={`${lane.name}, ${nameOf(one)}: ${told(one)}`}
                      data-row={row}
                      data-column={column}
                      tabindex={row === reached && column === lane.buckets.findLastIndex(isFull) ? 0 : -1}
                    >
                      <title>{`${nameOf(one)}: ${told(one)}`}</title>
                      <Bar one={one} unit={unit} x={column * slot} width={slot} />
                    </a>
                  ),
                )}
              </g>
            ))}
          </svg>
        )}
      </div>
    </Picture>
  )
}

function Head({ lane, room, selected }: { lane: Omit<StripLane, 'buckets'>; room: number; selected: boolean }): VNode {
  const letters = Math.floor(room / LETTER)
  const name = fitted(lane.name, Math.floor(letters * 0.45))
  const now = lane.now === null ? 'nothing was let in yet' : fitted(`now ${lane.now.text}`, letters - name.length - 3)
  const text = (
    <text class={selected ? 'grid-name selected' : 'grid-name'} x="0" y={NAME - 10}>
      <title>{lane.name}</title>
      {name}
    </text>
  )
  const standing = (
    <text
      class={`strip-now ${lane.now === null ? '' : `tone-${lane.now.tone}`}`}
      x={room}
      y={NAME - 10}
      text-anchor="end"
    >
      {now}
    </text>
  )
  return (
    <>
      {lane.href === null ? (
        text
      ) : (
        <a href={lane.href}>
          {text}
          <rect class="hit" x="0" y={NAME - 28} width={Math.max(24, name.length * LETTER)} height="24" />
        </a>
      )}
      {lane.now?.href == null ? (
        standing
      ) : (
        <a href={lane.now.href}>
          {standing}
          <rect class="hit" x={room - now.length * LETTER} y={NAME - 28} width={now.length * LETTER} height="24" />
        </a>
      )}
    </>
  )
}

function Bar({ one, unit, x, width }: { one: Merged; unit: number; x: number; width: number }): VNode {
  const bars = barsOf(one, unit)
  const middle = NAME + REACH.up
  const inner = Math.max(3, Math.min(width - 3, 28))
  const left = x + (width - inner) / 2
  const box = { x: left, width: inner, rx: 2 }
  const diamond = Math.min(5, inner / 2)
  const top = middle - bars.allow
  return (
    <>
      {bars.allow > 0 ? <rect {...box} class="bar-allow" y={top} height={bars.allow} /> : null}
      {one.deviated > 0 ? (
        <>
          <rect {...box} class="bar-deviated" y={top} height={bars.deviated} />
          <path
            class="bar-diamond"
            d={`M ${left + inner / 2} ${top - diamond - 1} l ${diamond} ${diamond} l ${-diamond} ${diamond} l ${-diamond} ${-diamond} Z`}
          />
        </>
      ) : null}
      {bars.deny > 0 ? (
        <>
          <rect {...box} class="bar-deny" y={middle + 1} height={bars.deny} />
          <path class="bar-cross" d={crossed(left, middle + 1, inner, bars.deny)} />
        </>
      ) : null}
      {bars.unknown > 0 ? (
        <rect {...box} class="bar-unknown" y={middle + 1.5 + bars.deny} height={Math.max(2, bars.unknown - 1)} />
      ) : null}
      <rect class="hit" x={x} y={NAME} width={width} height={TALL} />
      <rect class="focus-ring" x={x + 0.5} y={NAME - 2} width={Math.max(4, width - 1)} height={TALL + 4} rx="4" />
    </>
  )
}

/** Slanted lines over a bar: it is told from the others without its colour. */
function crossed(x: number, y: number, width: number, height: number): string {
  const parts: string[] = []
  for (let at = 0; at < width + height; at += 5) {
    const [x1, y1] = at < height ? [x, y + at] : [x + at - height, y + height]
    const [x2, y2] = at < width ? [x + at, y] : [x + width, y + at - width]
    parts.push(`M ${x1} ${y1} L ${x2} ${y2}`)
  }
  return parts.join(' ')
}

function isFull({ allow, deny, unknown }: Bucket): boolean {
  return allow + deny + unknown > 0
}

function told({ allow, deny, unknown, deviated }: Bucket): string {
  const through = deviated === 0 ? `${allow} let through` : `${allow} let through, ${deviated} of them by deviation`
  return [allow === 0 ? '' : through, deny === 0 ? '' : `${deny} refused`, unknown === 0 ? '' : `${unknown} unknown`]
    .filter((part) => part !== '')
    .join(', ')
}

function tickText({ start }: Pick<Merged, 'start'>, bucket: 'hour' | 'day'): string {
  return bucket === 'day' ? dayText(start) : `${dayText(start)} ${start.slice(11, 13)} h`
}

function spanText(one: Merged, bucket: 'hour' | 'day'): string {
  const [from, to] = [tickText(one, bucket), tickText({ start: one.last }, bucket)]
  return from === to ? from : `${from} to ${to}`
}

function twinOf(
  lanes: readonly { readonly name: string; readonly buckets: readonly Merged[] }[],
  to: { nameOf(one: Merged): string; hrefOf: Props['hrefOf']; until(one: Merged): string },
): Twin {
  return {
    head: ['environment', 'when', 'let through', 'by deviation', 'refused', 'unknown'],
    rows: lanes.flatMap(({ name, buckets }) =>
      buckets.toReversed().flatMap((one) => {
        if (!isFull(one)) return []
        const when = { text: to.nameOf(one), href: to.hrefOf(name, one.start, to.until(one)) }
        return [[name, when, ...[one.allow, one.deviated, one.deny, one.unknown].map(String)]]
      }),
    ),
  }
}
