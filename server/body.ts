import type { Context } from 'hono'
import { CodedError, type JsonObject, parseJson } from '@countersign/core'

/**
 * The request's body, at most `max` bytes. A length that is announced is checked before a byte is read; one that is
 * not (chunked) is counted as it comes, so that no more than `max` is ever held (CVE-2026-44456).
 */
export async function readBody(c: Context, max: number): Promise<Uint8Array> {
  const announced = c.req.header('content-length')
  if (announced !== undefined && c.req.header('transfer-encoding') === undefined) {
    if (!/^[0-9]{1,15}$/.test(announced)) throw new CodedError('request-invalid', 'the content length is not a number')
    if (Number(announced) > max) throw tooLarge(max)
    return new Uint8Array(await c.req.arrayBuffer())
  }
  const stream = c.req.raw.body
  if (stream === null) return new Uint8Array()
  const parts: Uint8Array[] = []
  let size = 0
  const reader = stream.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.length
    if (size > max) {
      await reader.cancel()
      throw tooLarge(max)
    }
    parts.push(value)
  }
  return new Uint8Array(Buffer.concat(parts))
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
