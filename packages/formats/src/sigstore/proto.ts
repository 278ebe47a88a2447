import { fromBase64 } from '@countersign/core'
import { readDecimal } from '../lines.ts'
import type { ObjectShape, Shape } from '../shape.ts'

/**
 * A message of protobuf in JSON (ProtoJSON): members that are not known are refused, and those that hold the default of
 * their type, or null, may be left out, so none is required by the spelling alone.
 */
export class Message {
  readonly #shape: Shape
  readonly #it: ObjectShape

  constructor(shape: Shape, members: readonly string[]) {
    this.#shape = shape
    this.#it = shape.object([], members)
  }

  fail(what: string): never {
    this.#shape.fail(what)
  }

  has(key: string): boolean {
    return this.#it.has(key) && !this.#it.isNull(key)
  }

  get(key: string): Shape {
    if (!this.has(key)) this.#shape.fail(`lacks ${key}`)
    return this.#it.get(key)
  }

  /** What `read` makes of a member, null where it is not there. */
  optional<T>(key: string, read: (shape: Shape) => T): T | null {
    return this.has(key) ? read(this.#it.get(key)) : null
  }

  /** The items of a list; none where it is not there. */
  list(key: string, max: number): Shape[] {
    return this.has(key) ? this.#it.get(key).array(max) : []
  }

  /** An int64 that is not negative, as text, which is how ProtoJSON writes it; 0 where it is not there. */
  int64(key: string): number {
    return this.has(key) ? readDecimal(this.#it.get(key).string(20), key, 'bundle-invalid') : 0
  }

  /** Bytes in base64, none of them none. */
  bytes(key: string, max: number): Uint8Array {
    const bytes = fromBase64(this.get(key).string(Math.ceil(max / 3) * 4))
    if (bytes.length === 0) this.#it.get(key).fail('is empty')
    return bytes
  }
}
