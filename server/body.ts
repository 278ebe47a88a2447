import type { Context as HonoContext } from 'hono'
import { CodedError, type JsonObject, parseJson } from '@countersign/core'

import type { AppEnv } from './access.ts'

type Context = HonoContext<AppEnv>

const MIB = 1024 * 1024
/** Most bytes of bodies that are being received at once, over all callers. */
const MAX_RECEIVING = 96 * MIB
/** How much of that is kept for small bodies: a few stalled large ones must not turn everybody away. */
const FOR_SMALL = 24 * MIB
/** Bodies up to here are small, and their room is taken when they are announced. */
const SMALL = 64 * 1024

/** What the bodies that are being received may take together: many slow uploads must not fill the memory. */
export class BodyBudget {
  #free = MAX_RECEIVING

  /** Reserves, for a body that is `size` bytes by now, and gives back what releases it. Throws `server-busy`. */
  take(bytes: number, size: number): () => void {
    const free = size > SMALL ? this.#free - FOR_SMALL : this.#free
    if (bytes > free) throw new CodedError('server-busy', 'too many bodies are being received at once')
    this.#free -= bytes
    return () => {
      this.#free += bytes
    }
  }
}

/** A body above the bound of its route; it was not read to its end. */
export class TooLarge extends CodedError {
  /** Announced bytes; null where none were announced. */
  readonly size: number | null

  constructor(size: number | null, max: number) {
    super('input-too-large', `the body${size === null ? '' : ` of ${size} bytes`} exceeds ${max} bytes`)
    this.size = size
  }
}

/**
 * The request's body, at most `max` bytes. A length that is announced is checked before a byte is read; a large body,
 * and one of unknown length (chunked), is counted as it comes, so that no more than `max` is ever held
 * (CVE-2026-44456) and no room is taken by an announcement alone. Throws `input-too-large` ({@link TooLarge}),
 * `server-busy`, or `request-invalid` for a body that breaks off.
 */
export async function readBody(c: Context, max: number): Promise<Uint8Array> {
  const announced = c.req.header('content-length')
  const chunked = announced === undefined || c.req.header('transfer-encoding') !== undefined
  if (!chunked && !/^[0-9]{1,15}$/.test(announced))
    throw new CodedError('request-invalid', 'the content length is not a number')
  const size = chunked ? null : Number(announced)
  if (size !== null && size > max) throw new TooLarge(size, max)
  if (size === null || size > SMALL) return readCounted(c, size, max)
  const release = c.get('bodies').take(size, size)
  try {
    return new Uint8Array(await c.req.arrayBuffer())
  } catch (cause) {
    throw brokenOff(cause)
  } finally {
    release()
  }
}

/** A body that is reserved as it comes. */
async function readCounted(c: Context, announced: number | null, max: number): Promise<Uint8Array> {
  const stream = c.req.raw.body
  if (stream === null) return new Uint8Array()
  const parts: Uint8Array[] = []
  const releases: (() => void)[] = []
  let size = 0
  const reader = stream.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return new Uint8Array(Buffer.concat(parts))
      size += value.length
      if (size > max) throw new TooLarge(null, max)
      releases.push(c.get('bodies').take(value.length, announced ?? size))
      parts.push(value)
    }
  } catch (error) {
    await reader.cancel().catch(() => undefined)
    throw error instanceof CodedError ? error : brokenOff(error)
  } finally {
    for (const release of releases) release()
  }
}

/** The client went, or was too slow: its doing, not ours. */
function brokenOff(cause: unknown): CodedError {
  return new CodedError('request-invalid', 'the body broke off before its end', { cause })
}

/**
 * A JSON object with exactly these fields, and at most the optional ones beside them; where all are optional, no body
 * will do. Throws `request-invalid`, or what strict JSON reading throws.
 */
export async function readObject(
  c: Context,
  fields: readonly string[],
  max: number,
  optional: readonly string[] = [],
): Promise<JsonObject> {
  const body = await readBody(c, max)
  if (body.length === 0 && fields.length === 0 && optional.length > 0) return {}
  const value = parseJson(body, { maxBytes: max })
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CodedError('request-invalid', 'the body is not a JSON object')
  const object = value as JsonObject
  for (const field of fields)
    if (!Object.hasOwn(object, field)) throw new CodedError('request-invalid', `the body lacks ${field}`)
  for (const field of Object.keys(object)) {
    if (!fields.includes(field) && !optional.includes(field))
      throw new CodedError('request-invalid', `the body has the unknown field ${JSON.stringify(field.slice(0, 40))}`)
  }
  return object
}
