/** What an act says of itself, to be read: `role: viewer, was: admin`. What is null is left out; all of it is in the JSON. */
export function detailText(detail: Readonly<Record<string, unknown>>): string {
  return Object.entries(detail)
    .flatMap(([name, value]) =>
      isSaid(value) ? [isGroup(value) ? detailText(value) : `${name}: ${textOf(value)}`] : [],
    )
    .join(', ')
}

type Group = Readonly<Record<string, unknown>>

function isSaid(value: unknown): boolean {
  return value !== null && !(Array.isArray(value) && value.length === 0)
}

function isGroup(value: unknown): value is Group {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(textOf).join(' ')
  if (!isGroup(value)) return JSON.stringify(value)
  const { name, value: of } = value
  return typeof name === 'string' && Object.keys(value).length === 2 && of !== undefined
    ? `${name} = ${textOf(of)}`
    : `(${detailText(value)})`
}
