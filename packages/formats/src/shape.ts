import { type Code, CodedError, hasControl, isHex, type JsonObject, type JsonValue } from '@countersign/core'

/**
 * Reads a parsed JSON value against one exact shape, naming the place of the first fault.
 * Every reader of a wire format in this room goes through it, so unknown fields are refused everywhere.
 */
export class Shape {
  readonly #code: Code
  readonly #value: JsonValue | undefined
  readonly #at: string

  constructor(code: Code, value: JsonValue | undefined, at: string) {
    this.#code = code
    this.#value = value
    this.#at = at
  }

  fail(what: string): never {
    throw new CodedError(this.#code, `${this.#at} ${what}`)
  }

  /** An object with exactly the `required` members, and at most the `optional` ones beside them. */
  object(required: readonly string[], optional: readonly string[] = []): ObjectShape {
    const object = this.members()
    for (const key of required) if (!Object.hasOwn(object, key)) this.fail(`lacks ${key}`)
    for (const key in object) {
      if (!required.includes(key) && !optional.includes(key))
        this.fail(`has the unknown field ${JSON.stringify(key.slice(0, 60))}`)
    }
    return new ObjectShape(this.#code, object, this.#at)
  }

  /** Any object. */
  members(): JsonObject {
    const value = this.#value
    if (typeof value !== 'object' || value === null || Array.isArray(value)) this.fail('is not an object')
    return value as JsonObject
  }

  array(max: number): Shape[] {
    const value = this.#value
    if (!Array.isArray(value)) this.fail('is not an array')
    if (value.length > max) this.fail(`has more than ${max} items`)
    return value.map((item: JsonValue, i) => new Shape(this.#code, item, `${this.#at}[${i}]`))
  }

  /** A string of 1 to `max` characters without control characters. */
  text(max = 4096): string {
    const value = this.string(max)
    if (value === '') this.fail('is empty')
    if (hasControl(value)) this.fail('holds a control character')
    return value
  }

  /** Any string of at most `max` characters. */
  string(max = 1 << 20): string {
    const value = this.#value
    if (typeof value !== 'string') this.fail('is not a string')
    if (value.length > max) this.fail(`is longer than ${max} characters`)
    return value
  }

  hex(length: number): string {
    const value = this.string()
    if (!isHex(value, length)) this.fail(`is not ${length} lower-case hex digits`)
    return value
  }

  integer(min: number, max: number): number {
    const value = this.#value
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
      this.fail(`is not an integer from ${min} to ${max}`)
    }
    return value
  }

  boolean(): boolean {
    if (typeof this.#value !== 'boolean') this.fail('is not true or false')
    return this.#value
  }

  /** RFC 3339 in UTC with milliseconds, as `Date.toISOString` writes it. */
  time(): string {
    const value = this.string(30)
    const parsed = Date.parse(value)
    // Years beyond 9999 have a sign and a longer form; times would no longer sort as text.
    if (value.length !== 24 || Number.isNaN(parsed) || new Date(parsed).toISOString() !== value)
      this.fail('is not a time like 2026-01-31T12:00:00.000Z')
    return value
  }

  exactly<T extends string>(...allowed: readonly T[]): T {
    const value = this.#value
    if (typeof value !== 'string' || !(allowed as readonly string[]).includes(value))
      this.fail(`is not ${allowed.join(' or ')}`)
    return value as T
  }

  nullable<T>(read: (shape: this) => T): T | null {
    return this.#value === null ? null : read(this)
  }
}

/** The members of an object already checked for exactly its fields. */
export class ObjectShape {
  readonly #code: Code
  readonly #object: JsonObject
  readonly #at: string

  constructor(code: Code, object: JsonObject, at: string) {
    this.#code = code
    this.#object = object
    this.#at = at
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#object, key)
  }

  get(key: string): Shape {
    return new Shape(this.#code, this.#object[key], this.#at === '' ? key : `${this.#at}.${key}`)
  }
}
