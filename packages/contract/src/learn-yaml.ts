/** What some reader of YAML takes for something else than text. */
const WORDS = /^(?:y|n|yes|no|on|off|true|false|null|~)$/i

/** A name as a scalar: in quotes where a reader could take it for something else. */
export function scalar(name: string): string {
  return /^[A-Za-z][A-Za-z0-9._/-]*$/.test(name) && !WORDS.test(name) ? name : quoted(name)
}

/** A text in double quotes: as JSON writes it, and nothing invisible in it. */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

export function list(texts: readonly string[]): string {
  return `[${texts.map(scalar).join(', ')}]`
}
