import type { VNode } from 'preact'
import { CALENDAR_HEAD, calendarLayout } from './calendar-layout.ts'
import { type LegendItem, Picture } from './frame.tsx'
import { roving } from './roving.ts'
import { dayText, monthText } from './scale.ts'
import { type Glyph, GlyphShape } from './shapes.tsx'
import { useWidth } from './width.ts'

export interface CalendarDay extends Glyph {
  /** ISO date. */
  readonly date: string
  readonly told: string
  readonly href: string | null
}

interface Props {
  readonly title: string
  /** ISO dates, both in it. */
  readonly from: string
  readonly to: string
  readonly days: readonly CalendarDay[]
  readonly legend: readonly LegendItem[]
  readonly selected: string | null
}

const WEEKDAYS = ['Mon', '', 'Wed', '', 'Fri', '', 'Sun']

/** A calendar with a sign a day: weeks are columns. */
export function Calendar({ title, from, to, days, legend, selected }: Props): VNode {
  const [ref, width] = useWidth<HTMLDivElement>()
  const calendar = calendarLayout(from, to, Math.max(width, 200))
  const known = new Map(days.map((day) => [day.date, day]))
  const shown = calendar.days.flatMap((place) => {
    const day = known.get(place.date)
    return day === undefined ? [] : [{ ...place, day }]
  })
  const reached = shown.find(({ date }) => date === selected)?.date ?? shown.at(-1)?.date
  const left = days.filter(({ date }) => date < (calendar.days[0]?.date ?? date)).length
  const note = left === 0 ? null : `${left} earlier days have no room here; the table has them.`
  const twin = {
    head: ['day', 'what'],
    rows: days
      .toSorted((a, b) => (a.date < b.date ? 1 : -1))
      .map(({ date, told, href }) => [date, href === null ? told : { text: told, href }]),
  }
  return (
    <Picture title={title} legend={legend} twin={twin} note={note}>
      <div ref={ref} class="picture-room">
        {width === 0 ? null : (
          <svg
            class="calendar"
            width={calendar.width}
            height={calendar.height}
            viewBox={`0 0 ${calendar.width} ${calendar.height}`}
            role="group"
            aria-label={title}
            {...roving}
          >
            {calendar.months.map(({ text, column }) => (
              <text key={text} class="axis" x={calendar.x(column) + 1} y={CALENDAR_HEAD - 7}>
                {monthText(text)}
              </text>
            ))}
            {WEEKDAYS.map((text, row) => (
              <text key={row} class="axis" x="0" y={calendar.y(row) + calendar.cell / 2 + 4}>
                {text}
              </text>
            ))}
            {calendar.days.map(({ date, column, row }) =>
              known.has(date) ? null : (
                <circle
                  key={date}
                  class="calendar-empty"
                  cx={calendar.x(column) + calendar.cell / 2}
                  cy={calendar.y(row) + calendar.cell / 2}
                  r="1.5"
                />
              ),
            )}
            {shown.map(({ date, column, row, day }) => {
              const [x, y] = [calendar.x(column), calendar.y(row)]
              const { told, href, date: _, ...glyph } = day
              const label = `${dayText(date)}: ${told}`
              const place = { 'data-row': row, 'data-column': column, tabindex: date === reached ? 0 : -1 }
              const drawn = (
                <>
                  <title>{label}</title>
                  <GlyphShape {...glyph} x={x + 2} y={y + 2} size={calendar.cell - 4} />
                  {date === selected ? (
                    <rect
                      class="selected-ring"
                      x={x + 0.5}
                      y={y + 0.5}
                      width={calendar.cell - 1}
                      height={calendar.cell - 1}
                      rx="5"
                    />
                  ) : null}
                  <rect class="hit" x={x} y={y} width={calendar.cell} height={calendar.cell} />
                  <rect
                    class="focus-ring"
                    x={x + 0.5}
                    y={y + 0.5}
                    width={calendar.cell - 1}
                    height={calendar.cell - 1}
                    rx="5"
                  />
                </>
              )
              return href === null ? (
                <g key={date} role="img" aria-label={label} {...place}>
                  {drawn}
                </g>
              ) : (
                <a
                  key={date}
                  href={href}
                  aria-label={label}
                  aria-current={date === selected ? 'date' : undefined}
                  {...place}
                >
                  {drawn}
                </a>
              )
            })}
          </svg>
        )}
      </div>
    </Picture>
  )
}
