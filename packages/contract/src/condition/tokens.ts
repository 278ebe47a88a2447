import { ConditionFault } from './fault.ts'

export interface Token {
  readonly kind: 'name' | 'number' | 'text' | 'mark' | 'end'
  /** Of a text what it means. */
  readonly text: string
  readonly at: number
}

const MARKS = ['&&', '||', '==', '!=', '<=', '>=', ...'()[].,?:<>!+-*/%'] as const
// Each is met at one place and goes one way: nothing is tried twice.
const SPACE = /[ \t\r\n]*/y
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y
const NUMBER = /[0-9]+/y
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\',
  '"': '"',
  "'": "'",
  '`': '`',
  '?': '?',
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}
const CODES: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

/** The tokens of a condition, an `end` last. Throws {@link ConditionFault}. */
export function tokens(text: string): Token[] {
  const list: Token[] = []
  let at = skip(text, 0)
  while (at < text.length) {
    const token = tokenAt(text, at)
    list.push(token.token)
    at = skip(text, token.end)
  }
  return [...list, { kind: 'end', text: '', at }]
}

function skip(text: string, at: number): number {
  SPACE.lastIndex = at
  SPACE.exec(text)
  return SPACE.lastIndex
}

function met(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? null
}

function tokenAt(text: string, at: number): { readonly token: Token; readonly end: number } {
  const first = text[at]!
  if (first === '"' || first === "'") return textAt(text, at)
  const name = met(NAME, text, at)
  if (name !== null) {
    const next = text[at + name.length]
    if (next === '"' || next === "'") throw new ConditionFault(at, `has a text of the kind ${name}, write it plainly`)
    return { token: { kind: 'name', text: name, at }, end: at + name.length }
  }
  const digits = met(NUMBER, text, at)
  if (digits !== null) {
    const end = at + digits.length
    if (/[A-Za-z_.]/.test(text[end] ?? '') || !Number.isSafeInteger(Number(digits))) {
      throw new ConditionFault(at, 'has a number that is no integer within ±(2^53−1), in digits alone')
    }
    return { token: { kind: 'number', text: digits, at }, end }
  }
  const mark = MARKS.find((one) => text.startsWith(one, at))
  if (mark === undefined || text.startsWith('//', at)) {
    throw new ConditionFault(at, `has ${JSON.stringify(text.slice(at, at + 2))}, which is nothing of CEL`)
  }
  return { token: { kind: 'mark', text: mark, at }, end: at + mark.length }
}

function textAt(text: string, at: number): { readonly token: Token; readonly end: number } {
  const quote = text[at]!
  if (text.startsWith(quote.repeat(3), at)) throw new ConditionFault(at, 'has a text in three quotes, write it plainly')
  let value = ''
  let next = at + 1
  while (next < text.length && text[next] !== quote) {
    if (text[next] === '\n' || text[next] === '\r') break
    if (text[next] !== '\\') {
      value += text[next++]!
      continue
    }
    const [character, end] = escapeAt(text, next)
    value += character
    next = end
  }
  if (text[next] !== quote) throw new ConditionFault(at, 'has a text that does not end')
  return { token: { kind: 'text', text: value, at }, end: next + 1 }
}

function escapeAt(text: string, at: number): [character: string, end: number] {
  const kind = text[at + 1] ?? ''
  if (Object.hasOwn(ESCAPES, kind)) return [ESCAPES[kind]!, at + 2]
  const length = Object.hasOwn(CODES, kind) ? CODES[kind]! : 0
  const digits = text.slice(at + 2, at + 2 + length)
  const code =
    length > 0 && digits.length === length && /^[0-9A-Fa-f]+$/.test(digits) ? Number.parseInt(digits, 16) : -1
  if (code < 0 || code > 0x10_ffff || (code >= 0xd800 && code <= 0xdfff)) {
    throw new ConditionFault(at, `has the escape \\${kind}, which CEL has not, or not so`)
  }
  return [String.fromCodePoint(code), at + 2 + length]
}
