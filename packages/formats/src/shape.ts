import { type Code, CodedError, hasControl, isHex, type JsonObject, type JsonValue } from '@countersign/core'

const NONE: readonly string[] = []

/**
 * Reads a parsed JSON value against one exact shape, naming the place of the first fault.
 * Every reader of a wire format in this room goes through it, so unknown fields are refused everywhere.
 */
export class Shape {
  readonly #code: Code
  readonly #value: JsonValue | undefined
  readonly #key: string | number
  /** What the value is inside of; null for the outermost. Together with the keys it is the path that a fault names. */
  readonly #within: Shape | null

  constructor(code: Code, value: JsonValue | undefined, key: string | number, within: Shape | null = null) {
    this.#code = code
    this.#value = value
    this.#key = key
    this.#within = within
  }

  fail(what: string): never {
    throw new CodedError(this.#code, `${this.#path()} ${what}`)
  }

  #path(): string {
    if (this.#within === null) return String(this.#key)
    const path = this.#within.#path()
    return typeof this.#key === 'number' ? `${path}[${this.#key}]` : `${path}.${this.#key}`
  }

  /** An object with exactly the `required` members, and at most the `optional` ones beside them. */
  object(required: readonly string[], optional: readonly string[] = NONE): ObjectShape {
    const object = this.members()
    for (const key of required) if (!Object.hasOwn(object, key)) this.fail(`lacks ${key}`)
    // Object.keys would make an array of each object that is read.
    for (const key in object) {
      if (required.includes(key) || optional.includes(key)) continue
      this.fail(`has the unknown field ${JSON.stringify(key.slice(0, 60))}`)
    }
    return new ObjectShape(this.#code, object, this)
  }

  /** True for an object with this one member and no other. */
  hasOnly(key: string): boolean {
    const value = this.#value
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false
    return Object.keys(value).length === 1
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
    return value.map((item: JsonValue, i) => new Shape(this.#code, item, i, this))
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
    if (!isTime(value)) this.fail('is not a time like 2026-01-31T12:00:00.000Z')
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
  readonly #shape: Shape

  constructor(code: Code, object: JsonObject, shape: Shape) {
    this.#code = code
    this.#object = object
    this.#shape = shape
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#object, key)
  }

  /** The object itself, by the type that its reader has just checked. */
  as<T extends object>(): T {
    return this.#object as unknown as T
  }

  get(key: string): Shape {
    return new Shape(this.#code, this.#object[key], key, this.#shape)
  }

  // Most members are leaves, and most leaves are as they should be: these make no Shape for such.

  isNull(key: string): boolean {
    return this.#object[key] === null
  }

  /** {@link Shape.text} of a member. */
  text(key: string, max = 4096): string {
    const value = this.#object[key]
    const good = typeof value === 'string' && value !== '' && value.length <= max && !hasControl(value)
    return good ? value : this.get(key).text(max)
  }

  /** {@link Shape.hex} of a member. */
  hex(key: string, length: number): string {
    const value = this.#object[key]
    return typeof value === 'string' && isHex(value, length) ? value : this.get(key).hex(length)
  }

  /** {@link Shape.integer} of a member. */
  integer(key: string, min: number, max: number): number {
    const value = this.#object[key]
    const good = typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max
    return good ? value : this.get(key).integer(min, max)
  }

  /** {@link Shape.time} of a member. */
  time(key: string): string {
    const value = this.#object[key]
    return typeof value === 'string' && isTime(value) ? value : this.get(key).time()
  }

  /** {@link Shape.exactly} of a member. */
  exactly<T extends string>(key: string, ...allowed: readonly T[]): T {
    const value = this.#object[key]
    return (allowed as readonly unknown[]).includes(value) ? (value as T) : this.get(key).exactly(...allowed)
  }
}

const TIME = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/

/** Whether a text is a time as `Date.toISOString` writes it. Four digits of year only: with more, times would no longer sort as text. */
export function isTime(text: string): boolean {
  if (!TIME.test(text)) return false
  const year = Number(text.slice(0, 4))
  const month = Number(text.slice(5, 7))
  const day = Number(text.slice(8, 10))
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
}
