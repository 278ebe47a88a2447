import type { Context as HonoContext } from 'hono'
import { CodedError, type JsonObject, parseJson } from '@countersign/core'

import type { AppEnv } from './access.ts'

type Context = HonoContext<AppEnv>

/** Most bytes of bodies that are being received at once, over all callers. */
const MAX_RECEIVING = 96 * 1024 * 1024

/** What the bodies that are being received may take together: many slow uploads must not fill the memory. */
export class BodyBudget {
  #free = MAX_RECEIVING

  /** Reserves, and gives back what releases it. Throws `server-busy`. */
  take(bytes: number): () => void {
    if (bytes > this.#free) throw new CodedError('server-busy', 'too many bodies are being received at once')
    this.#free -= bytes
    return () => {
      this.#free += bytes
    }
  }
}

/**
 * The request's body, at most `max` bytes. A length that is announced is checked before a byte is read; one that is
 * not (chunked) is counted as it comes, so that no more than `max` is ever held (CVE-2026-44456).
 */
export async function readBody(c: Context, max: number): Promise<Uint8Array> {
  const announced = c.req.header('content-length')
  const counted = announced === undefined || c.req.header('transfer-encoding') !== undefined
  if (!counted && !/^[0-9]{1,15}$/.test(announced))
    throw new CodedError('request-invalid', 'the content length is not a number')
  if (counted) return readCounted(c, max)
  const size = Number(announced)
  if (size > max) throw tooLarge(max)
  const release = c.get('bodies').take(size)
  try {
    return new Uint8Array(await c.req.arrayBuffer())
  } finally {
    release()
  }
}

/** A body of unknown length, reserved as it comes. */
async function readCounted(c: Context, max: number): Promise<Uint8Array> {
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
      if (size > max) throw tooLarge(max)
      releases.push(c.get('bodies').take(value.length))
      parts.push(value)
    }
  } catch (error) {
    await reader.cancel().catch(() => undefined)
    throw error
  } finally {
    for (const release of releases) release()
  }
}

function tooLarge(max: number): CodedError {
  return new CodedError('input-too-large', `the body exceeds ${max} bytes`)
}

/** A JSON object with exactly these fields. Throws `request-invalid`, or what strict JSON reading throws. */
export async function readObject(c: Context, fields: readonly string[], max: number): Promise<JsonObject> {
  const value = parseJson(await readBody(c, max), { maxBytes: max })
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CodedError('request-invalid', 'the body is not a JSON object')
  const object = value as JsonObject
  for (const field of fields)
    if (!Object.hasOwn(object, field)) throw new CodedError('request-invalid', `the body lacks ${field}`)
  for (const field of Object.keys(object)) {
    if (!fields.includes(field))
      throw new CodedError('request-invalid', `the body has the unknown field ${JSON.stringify(field.slice(0, 40))}`)
  }
  return object
}
