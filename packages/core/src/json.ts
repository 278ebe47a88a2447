import { fromUtf8 } from './bytes.ts'
import { CodedError } from './errors.ts'

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [key: string]: JsonValue
}

export interface JsonLimits {
  /** Most bytes of input; default 16 MiB. */
  readonly maxBytes?: number
  /** Most nested arrays and objects; default 64. */
  readonly maxDepth?: number
}

export const DEFAULT_MAX_BYTES = 16 * 1024 * 1024
export const DEFAULT_MAX_DEPTH = 64

/**
 * Strict JSON (RFC 8259, and I-JSON RFC 7493 where that is narrower): UTF-8 without BOM, no duplicate
 * keys, no lone surrogates, no `__proto__` key, no −0, no integer beyond ±(2^53−1), no number that
 * overflows or underflows, bounded size and depth. Objects have no prototype.
 *
 * Throws `json-invalid`, `json-duplicate-key`, `json-number`, `json-string`, `json-depth`,
 * `input-too-large` or `utf8-invalid`.
 */
export function parseJson(input: Uint8Array | string, limits: JsonLimits = {}): JsonValue {
  const maxBytes = limits.maxBytes ?? DEFAULT_MAX_BYTES
  if (input.length > maxBytes) {
    throw new CodedError('input-too-large', `JSON of ${input.length} bytes exceeds ${maxBytes}`)
  }
  const parser = new Parser(typeof input === 'string' ? input : fromUtf8(input), limits.maxDepth ?? DEFAULT_MAX_DEPTH)
  return parser.document()
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y
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

class Parser {
  readonly #text: string
  readonly #maxDepth: number
  #at = 0
  #depth = 0

  constructor(text: string, maxDepth: number) {
    this.#text = text
    this.#maxDepth = maxDepth
  }

  document(): JsonValue {
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
    for (;;) {
      const c = this.#text.charCodeAt(this.#at)
      if (c === 32 || c === 10 || c === 13 || c === 9) this.#at++
      else return
    }
  }

  #value(): JsonValue {
    switch (this.#text.charCodeAt(this.#at)) {
      case 0x7b:
        return this.#object()
      case 0x5b:
        return this.#array()
      case 0x22:
        return this.#string()
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
  }

  #object(): JsonObject {
    this.#enter()
    const object: Record<string, JsonValue> = Object.create(null)
    this.#space()
    if (this.#text.charCodeAt(this.#at) === 0x7d) {
      this.#at++
      this.#depth--
      return object
    }
    for (;;) {
      this.#space()
      if (this.#text.charCodeAt(this.#at) !== 0x22) this.#fail('expected a key')
      const key = this.#string()
      if (key === '__proto__') throw new CodedError('json-invalid', 'the key __proto__ is refused')
      if (key in object) throw new CodedError('json-duplicate-key', `duplicate key ${JSON.stringify(clip(key))}`)
      this.#space()
      if (this.#text.charCodeAt(this.#at) !== 0x3a) this.#fail('expected a colon')
      this.#at++
      this.#space()
      object[key] = this.#value()
      this.#space()
      const c = this.#text.charCodeAt(this.#at)
      this.#at++
      if (c === 0x2c) continue
      if (c === 0x7d) break
      this.#at--
      this.#fail('expected a comma or }')
    }
    this.#depth--
    return object
  }

  #array(): JsonValue[] {
    this.#enter()
    const array: JsonValue[] = []
    this.#space()
    if (this.#text.charCodeAt(this.#at) === 0x5d) {
      this.#at++
      this.#depth--
      return array
    }
    for (;;) {
      this.#space()
      array.push(this.#value())
      this.#space()
      const c = this.#text.charCodeAt(this.#at)
      this.#at++
      if (c === 0x2c) continue
      if (c === 0x5d) break
      this.#at--
      this.#fail('expected a comma or ]')
    }
    this.#depth--
    return array
  }

  #string(): string {
    const start = ++this.#at
    const text = this.#text
    for (;;) {
      const c = text.charCodeAt(this.#at)
      if (c === 0x22) {
        const plain = text.slice(start, this.#at++)
        return this.#wellFormed(plain)
      }
      if (c === 0x5c) return this.#escapedString(start)
      if (c < 0x20) this.#fail('control character in a string')
      if (c !== c) this.#fail('unfinished string')
      this.#at++
    }
  }

  #escapedString(start: number): string {
    const text = this.#text
    let value = text.slice(start, this.#at)
    for (;;) {
      const c = text.charCodeAt(this.#at)
      if (c === 0x22) {
        this.#at++
        return this.#wellFormed(value)
      }
      if (c !== c) this.#fail('unfinished string')
      if (c < 0x20) this.#fail('control character in a string')
      if (c !== 0x5c) {
        const from = this.#at
        let d = c
        while (d !== 0x22 && d !== 0x5c && d >= 0x20) d = text.charCodeAt(++this.#at)
        value += text.slice(from, this.#at)
        continue
      }
      const escape = text[this.#at + 1]
      if (escape === 'u') {
        const digits = text.slice(this.#at + 2, this.#at + 6)
        if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.#fail('bad \\u escape')
        value += String.fromCharCode(Number.parseInt(digits, 16))
        this.#at += 6
        continue
      }
      const plain = escape === undefined ? undefined : ESCAPES[escape]
      if (plain === undefined) this.#fail('bad escape')
      value += plain
      this.#at += 2
    }
  }

  #wellFormed(value: string): string {
    if (!value.isWellFormed()) throw new CodedError('json-string', 'a string holds a lone surrogate')
    return value
  }

  #number(): number {
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
