/** How much of something there is, for an eye: nothing, and four steps. */
export type Step = 0 | 1 | 2 | 3 | 4

/** How far a field is filled at each step. Text stands in its own colour on the first four, and in that of the ground on the last. */
export const FILL: readonly number[] = [0, 0.1, 0.22, 0.38, 1]

/** Its step among counts up to `most`; one of something is never nothing. By roots: one large count hides no small ones. */
export function stepOf(count: number, most: number): Step {
  if (count <= 0 || most <= 0) return 0
  const part = Math.sqrt(Math.min(count, most) / most)
  return Math.max(1, Math.min(4, Math.ceil(part * 4))) as Step
}

const SHORT = ['', 'k', 'M', 'G']

/** `7`, `312`, `1.2k`, `48k`: four characters at most. */
export function shortCount(count: number): string {
  let [value, unit] = [count, 0]
  while (value >= 999.5 && unit < SHORT.length - 1) {
    value /= 1000
    unit++
  }
  if (unit === 0) return String(Math.round(value))
  return `${value < 9.95 ? Math.round(value * 10) / 10 : Math.round(value)}${SHORT[unit]}`
}

/** `312`, `1.2k (1249)`: what is seen, and what it is. */
export function countText(count: number): string {
  const short = shortCount(count)
  return short === String(count) ? short : `${short} (${count})`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `3 Nov`, of an ISO time or date, in UTC. */
export function dayText(iso: string): string {
  return `${Number(iso.slice(8, 10))} ${monthText(iso)}`
}

/** `Nov`, of an ISO time or date. */
export function monthText(iso: string): string {
  return MONTHS[Number(iso.slice(5, 7)) - 1] ?? ''
}

/**
 * Which columns carry their name, where each name takes `needs` columns: every n-th, counted from the last, for the newest is
 * what is looked for.
 */
export function ticks(count: number, needs: number): ReadonlySet<number> {
  const every = Math.max(1, Math.ceil(needs))
  const shown = new Set<number>()
  for (let column = count - 1; column >= 0; column -= every) shown.add(column)
  // Its name would begin before the picture does.
  if (shown.has(0) && every > 1) shown.delete(0)
  return shown
}
