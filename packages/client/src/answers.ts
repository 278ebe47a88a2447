import { CodedError, fromBase64, isHex, type JsonObject, type JsonValue, utf8 } from '@countersign/core'
import {
  type Bundle,
  type Coverage,
  readBundle,
  readCoverage,
  readReceipt,
  readWithheld,
  type Receipt,
  parseTlogProof,
  Shape,
  type TlogProof,
  type Withheld,
} from '@countersign/formats'
import { plainText } from './plain-text.ts'

/**
 * Reads a server's JSON answer as far as it is used; what else it holds is a newer server's business. Throws
 * `server-answer` naming the field. Every text comes out plain (T-92).
 */
export class Reading {
  readonly #object: JsonObject

  constructor(value: JsonValue | undefined) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) fail('an object is missing')
    this.#object = value as JsonObject
  }

  text(key: string): string {
    const value = this.#object[key]
    if (typeof value !== 'string') fail(`${key} is not text`)
    return plainText(value)
  }

  /** Text or null; a field that is left out is null too. */
  textOrNull(key: string): string | null {
    const value = this.#object[key]
    return value === undefined || value === null ? null : this.text(key)
  }

  hex(key: string, length: number): string {
    const value = this.#object[key]
    if (typeof value !== 'string' || !isHex(value, length)) fail(`${key} is not ${length} hex digits`)
    return value
  }

  integer(key: string): number {
    const value = this.#object[key]
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) fail(`${key} is not a count`)
    return value
  }

  /** Any number that is not below nothing. */
  number(key: string): number {
    const value = this.#object[key]
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) fail(`${key} is not a number`)
    return value
  }

  boolean(key: string): boolean {
    const value = this.#object[key]
    if (typeof value !== 'boolean') fail(`${key} is not true or false`)
    return value
  }

  isMissing(key: string): boolean {
    return this.#object[key] === undefined || this.#object[key] === null
  }

  object(key: string): Reading {
    return new Reading(this.#object[key])
  }

  objectOrNull(key: string): Reading | null {
    return this.#object[key] === null ? null : this.object(key)
  }

  list<T>(key: string, read: (item: Reading) => T): T[] {
    return this.#array(key).map((item) => read(new Reading(item)))
  }

  hexes(key: string, length: number): string[] {
    return this.#array(key).map((item) => {
      if (typeof item !== 'string' || !isHex(item, length)) fail(`${key} holds what is not ${length} hex digits`)
      return item
    })
  }

  /** Texts as they are, line ends and all: for what is parsed. */
  texts(key: string): string[] {
    return this.#array(key).map((item) => {
      if (typeof item !== 'string') fail(`${key} holds what is not text`)
      return item
    })
  }

  /** Proofs that statements cover entries, unverified. */
  coverage(key: string): Coverage[] {
    return this.#array(key).map((_, i) =>
      this.#document(key, 'list of coverage', (all) =>
        readCoverage(new Shape('server-answer', (all as readonly JsonValue[])[i], 'coverage')),
      ),
    )
  }

  /** A Sigstore bundle, unverified as any other. */
  bundle(key: string): Bundle {
    return this.#document(key, 'bundle', readBundle)
  }

  /** A receipt, unverified too. */
  receipt(key: string): Receipt {
    return this.#document(key, 'receipt', readReceipt)
  }

  /** What stands for a withheld attestation, unverified too. */
  withheld(key: string): Withheld {
    return this.#document(key, 'withheld attestation', readWithheld)
  }

  /** A document whose shape its own reader looks at, or null. */
  json(key: string): JsonValue {
    return this.#object[key] ?? null
  }

  base64(key: string): Uint8Array {
    return this.#document(key, 'text in base64', (value) => fromBase64(new Shape('server-answer', value, key).string()))
  }

  /** A `.tlog-proof`, unverified too. */
  proof(key: string): TlogProof {
    return this.#document(key, 'proof', (value) =>
      parseTlogProof(utf8(new Shape('server-answer', value, key).string())),
    )
  }

  #document<T>(key: string, kind: string, read: (value: JsonValue) => T): T {
    try {
      return read(this.#object[key] ?? null)
    } catch (cause) {
      if (!(cause instanceof CodedError)) throw cause
      throw new CodedError('server-answer', `${key} is not a ${kind}: ${plainText(cause.what, 200)}`, { cause })
    }
  }

  #array(key: string): readonly JsonValue[] {
    const value = this.#object[key]
    if (!Array.isArray(value) || value.length > 100_000) fail(`${key} is not a list`)
    return value as readonly JsonValue[]
  }
}

function fail(what: string): never {
  throw new CodedError('server-answer', `in the server's answer, ${what}`)
}

/** An answer in a format of its own; throws `server-answer` where it is not. */
export function readAnswer<T>(bytes: Uint8Array, parse: (bytes: Uint8Array) => T, what: string): T {
  try {
    return parse(bytes)
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause
    throw new CodedError('server-answer', `the answer is not ${what}: ${plainText(cause.what, 200)}`, { cause })
  }
}
