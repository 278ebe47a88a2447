/** A day's place in a calendar: weeks are columns and begin on Monday. */
export interface DayPlace {
  readonly date: string
  /** From the oldest week that is shown. */
  readonly column: number
  /** 0 is Monday. */
  readonly row: number
}

export interface CalendarLayout {
  readonly width: number
  readonly height: number
  readonly cell: number
  readonly days: readonly DayPlace[]
  /** Where the first week of a month is. */
  readonly months: readonly { readonly text: string; readonly column: number }[]
  readonly columns: number
  x(column: number): number
  y(row: number): number
}

const DAY = 86_400_000
const LEFT = 34
export const CALENDAR_HEAD = 20

/** Days of `from` to `to`, dates in UTC, both in it; of the weeks those that have room, the newest. */
export function calendarLayout(
  from: string,
  to: string,
  width: number,
  { least = 24, most = 28 }: { least?: number; most?: number } = {},
): CalendarLayout {
  const [first, last] = [Date.parse(from), Date.parse(to)]
  const monday = (time: number) => time - ((new Date(time).getUTCDay() + 6) % 7) * DAY
  const weeks = Math.max(0, Math.round((monday(last) - monday(first)) / (7 * DAY)) + 1)
  const columns = Math.min(weeks, Math.max(1, Math.floor((width - LEFT) / least)))
  const cell = columns === 0 ? least : Math.max(least, Math.min(most, Math.floor((width - LEFT) / columns)))
  const start = monday(last) - (columns - 1) * 7 * DAY
  const days: DayPlace[] = []
  const months: { text: string; column: number }[] = []
  for (let time = Math.max(start, first); time <= last; time += DAY) {
    const date = new Date(time).toISOString().slice(0, 10)
    const since = Math.round((time - start) / DAY)
    const column = Math.floor(since / 7)
    days.push({ date, column, row: since % 7 })
    const text = date.slice(0, 7)
    if (months.at(-1)?.text !== text) months.push({ text, column })
  }
  return {
    width,
    height: CALENDAR_HEAD + 7 * cell,
    cell,
    days,
    // A month that has hardly begun where the picture does leaves its name's room to the next.
    months: months.filter(({ column }, i) => (months[i + 1]?.column ?? column + 2) - column >= 2),
    columns,
    x: (column) => LEFT + column * cell,
    y: (row) => CALENDAR_HEAD + row * cell,
  }
}
