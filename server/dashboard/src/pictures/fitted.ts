/** As much of a text as there is room for; its end, where names differ, stays. */
export function fitted(text: string, letters: number): string {
  if (text.length <= letters) return text
  if (letters < 8) return `${text.slice(0, Math.max(1, letters - 1))}…`
  const end = Math.floor((letters - 1) * 0.6)
  return `${text.slice(0, letters - 1 - end)}…${text.slice(-end)}`
}
