/** As much of a text as there is room for; its end, where names differ, stays. */
export function fitted(text: string, letters: number): string {
  if (text.length <= letters) return text
  if (letters < 8) return `${text.slice(0, Math.max(1, letters - 1))}…`
  const end = Math.floor((letters - 1) * 0.6)
  return `${text.slice(0, letters - 1 - end)}…${text.slice(-end)}`
}

/** Letters that stay of the beginning where what tells names apart is in their middle; where there is little room, one. */
const HEAD = 3
const LITTLE = 10
/** With less nothing is told apart. */
const LEAST = 5

/**
 * Names as they are written beside one another: as much of each as fits, and where that makes two the same, from where they
 * begin to differ. Gives what is shown of each.
 */
export function fittedApart(texts: Iterable<string>, letters: number): ReadonlyMap<string, string> {
  const most = Math.max(1, Math.floor(letters))
  const alike = Map.groupBy(new Set(texts), (text) => cut(text, most))
  const shown = [...alike].flatMap(([short, all]) => {
    if (all.length === 1 || most < LEAST) return all.map((text) => [text, short] as const)
    const same = all.reduce((least, text) => Math.min(least, sameBeginning(all[0]!, text)), Infinity)
    const head = most < LITTLE ? 1 : HEAD
    const room = most - head - 1
    return all.map((text) => {
      // From where they part, or a letter before within a word, and not past the end.
      const from = /[A-Za-z0-9]/.test(text[same - 1] ?? '') ? same - 1 : same
      const rest = text.slice(Math.min(from, text.length - room))
      return [text, `${text.slice(0, head)}…${cut(rest, room)}`] as const
    })
  })
  return new Map(shown)
}

function cut(text: string, letters: number): string {
  return text.length > letters ? `${text.slice(0, Math.max(1, letters - 1))}…` : text
}

function sameBeginning(one: string, other: string): number {
  let i = 0
  while (i < one.length && i < other.length && one[i] === other[i]) i++
  return one === other ? one.length : i
}
