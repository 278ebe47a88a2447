import { fromUtf8 } from './bytes.ts'
import { CodedError } from './errors.ts'

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [key: string]: JsonValue
}

export interface JsonLimits {
  /** Most bytes of input (UTF-16 units where it is text already); default 16 MiB. */
  readonly maxBytes?: number
  /** Most nested arrays and objects; default 64. */
  readonly maxDepth?: number
}

export const DEFAULT_MAX_BYTES = 16 * 1024 * 1024
export const DEFAULT_MAX_DEPTH = 64

/**
 * Strict JSON (RFC 8259, and I-JSON RFC 7493 where that is narrower): UTF-8 without BOM, no duplicate
 * keys, no lone surrogates, no `__proto__` key, no −0, no integer beyond ±(2^53−1), no number that
 * overflows or underflows, bounded size and depth. Objects inherit nothing.
 *
 * Throws `json-invalid`, `json-duplicate-key`, `json-number`, `json-string`, `json-depth`,
 * `input-too-large` or `utf8-invalid`.
 */
export function parseJson(input: Uint8Array | string, limits: JsonLimits = {}): JsonValue {
  const maxBytes = limits.maxBytes ?? DEFAULT_MAX_BYTES
  if (input.length > maxBytes) {
    throw new CodedError('input-too-large', `JSON of ${input.length} bytes exceeds ${maxBytes}`)
  }
  const text = typeof input === 'string' ? input : fromUtf8(input)
  return new Parser(text, limits.maxDepth ?? DEFAULT_MAX_DEPTH).document()
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u001f]/
/** Strings up to here are scanned by character; beyond, finding the end natively is faster. */
const SHORT = 24
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

/**
 * Makes objects that inherit nothing, not even what somebody put on Object.prototype. Unlike
 * `Object.create(null)` they keep the engine's fast form.
 */
const Members = function () {} as unknown as new () => Record<string, JsonValue>
Members.prototype = Object.freeze(Object.create(null))

class Parser {
  readonly #text: string
  readonly #maxDepth: number
  #at = 0
  #depth = 0
  /** Place of the next back-slash at or after `#at`, once known. */
  #escape = -1

  constructor(text: string, maxDepth: number) {
    this.#text = text
    this.#maxDepth = maxDepth
  }

  document(): JsonValue {
    // Then every plain piece of it is well-formed too; only \u escapes can still make a lone surrogate.
    if (!this.#text.isWellFormed()) throw new CodedError('json-string', 'the text holds a lone surrogate')
    this.#space()
    const value = this.#value()
    this.#space()
    if (this.#at !== this.#text.length) this.#fail('text after the value')
    return value
  }

  #fail(what: string): never {
    throw new CodedError('json-invalid', `${what} at character ${this.#at}`)
  }

  #space(): void {
    const text = this.#text
    let at = this.#at
    for (;;) {
      const c = text.charCodeAt(at)
      if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) break
      at++
    }
    this.#at = at
  }

  #value(): JsonValue {
    switch (this.#text.charCodeAt(this.#at)) {
      case 0x22:
        return this.#string()
      case 0x7b:
        return this.#object()
      case 0x5b:
        return this.#array()
      case 0x74:
        return this.#word('true', true)
      case 0x66:
        return this.#word('false', false)
      case 0x6e:
        return this.#word('null', null)
      default:
        return this.#number()
    }
  }

  #word<T extends JsonValue>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.#fail('unknown word')
    this.#at += word.length
    return value
  }

  #enter(): void {
    this.#at++
    if (++this.#depth > this.#maxDepth) {
      throw new CodedError('json-depth', `JSON nested deeper than ${this.#maxDepth}`)
    }
    this.#space()
  }

  #object(): JsonObject {
    this.#enter()
    const text = this.#text
    const object = new Members()
    if (text.charCodeAt(this.#at) === 0x7d) return this.#leave(object)
    for (;;) {
      if (text.charCodeAt(this.#at) !== 0x22) this.#fail('expected a key')
      const key = this.#string()
      // No JSON value is undefined, and nothing is inherited: this asks for an own member.
      if (object[key] !== undefined) {
        throw new CodedError('json-duplicate-key', `duplicate key ${JSON.stringify(clip(key))}`)
      }
      if (key === '__proto__') throw new CodedError('json-invalid', 'the key __proto__ is refused')
      // Written out rather than called: documents without white space are read a fifth faster.
      if (text.charCodeAt(this.#at) <= 0x20) this.#space()
      if (text.charCodeAt(this.#at) !== 0x3a) this.#fail('expected a colon')
      this.#at++
      if (text.charCodeAt(this.#at) <= 0x20) this.#space()
      object[key] = this.#value()
      if (text.charCodeAt(this.#at) <= 0x20) this.#space()
      const c = text.charCodeAt(this.#at)
      if (c === 0x7d) return this.#leave(object)
      if (c !== 0x2c) this.#fail('expected a comma or }')
      this.#at++
      if (text.charCodeAt(this.#at) <= 0x20) this.#space()
    }
  }

  #array(): JsonValue[] {
    this.#enter()
    const array: JsonValue[] = []
    if (this.#text.charCodeAt(this.#at) === 0x5d) return this.#leave(array)
    for (;;) {
      array.push(this.#value())
      this.#space()
      const c = this.#text.charCodeAt(this.#at)
      if (c === 0x5d) return this.#leave(array)
      if (c !== 0x2c) this.#fail('expected a comma or ]')
      this.#at++
      this.#space()
    }
  }

  #leave<T>(value: T): T {
    this.#at++
    this.#depth--
    return value
  }

  #string(): string {
    const text = this.#text
    const start = this.#at + 1
    let at = start
    for (const stop = start + SHORT; at < stop; at++) {
      const c = text.charCodeAt(at)
      if (c === 0x22) {
        this.#at = at + 1
        return text.slice(start, at)
      }
      if (c === 0x5c) return this.#escapedString(start, at)
      if (c < 0x20 || c !== c) this.#failString(at)
    }
    const end = text.indexOf('"', at)
    if (end < 0) this.#failString(text.length)
    if (this.#escape < at) {
      const next = text.indexOf('\\', at)
      this.#escape = next < 0 ? text.length : next
    }
    if (this.#escape < end) return this.#escapedString(start, at)
    const plain = text.slice(start, end)
    if (CONTROL.test(plain)) this.#failString(at)
    this.#at = end + 1
    return plain
  }

  #failString(at: number): never {
    this.#at = at
    this.#fail(at < this.#text.length ? 'control character in a string' : 'unfinished string')
  }

  /** The rest of a string that holds an escape, `from` its start, with nothing escaped before `at`. */
  #escapedString(from: number, at: number): string {
    const text = this.#text
    let value = ''
    let plain = from
    for (;;) {
      const c = text.charCodeAt(at)
      if (c < 0x20 || c !== c) this.#failString(at)
      if (c !== 0x22 && c !== 0x5c) {
        at++
        continue
      }
      value += text.slice(plain, at)
      if (c === 0x22) break
      this.#at = at
      const escape = text[at + 1]
      if (escape === 'u') {
        const digits = text.slice(at + 2, at + 6)
        if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.#fail('bad \\u escape')
        value += String.fromCharCode(Number.parseInt(digits, 16))
        at += 6
      } else {
        const character = escape === undefined ? undefined : ESCAPES[escape]
        if (character === undefined) this.#fail('bad escape')
        value += character
        at += 2
      }
      plain = at
    }
    if (!value.isWellFormed()) throw new CodedError('json-string', 'a string holds a lone surrogate')
    this.#at = at + 1
    return value
  }

  #number(): number {
    const text = this.#text
    // Almost all are short and whole; up to 15 digits are exact.
    let at = this.#at
    let whole = 0
    let c = text.charCodeAt(at)
    const first = c
    while (c >= 0x30 && c <= 0x39) {
      whole = whole * 10 + (c - 0x30)
      c = text.charCodeAt(++at)
    }
    const digits = at - this.#at
    const plain = digits === 1 || (digits > 1 && digits <= 15 && first !== 0x30)
    if (plain && c !== 0x2e && c !== 0x65 && c !== 0x45) {
      this.#at = at
      return whole
    }
    return this.#anyNumber()
  }

  #anyNumber(): number {
    NUMBER.lastIndex = this.#at
    const match = NUMBER.exec(this.#text)
    if (match === null) this.#fail('unexpected character')
    const literal = match[0]
    this.#at += literal.length
    const value = Number(literal)
    const refused =
      !Number.isFinite(value) ||
      Object.is(value, -0) ||
      (value === 0 && /[1-9]/.test(literal.split(/[eE]/)[0]!)) ||
      (Number.isInteger(value) && !Number.isSafeInteger(value))
    if (refused) throw new CodedError('json-number', `number ${clip(literal)} has no exact, portable value`)
    return value
  }
}

function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}
