import type { Client, ListedKey } from '@countersign/client'
import { CodedError, isHex } from '@countersign/core'
import { plain, short } from './output.ts'

const UNITS: Readonly<Record<string, number>> = { m: 60, h: 3_600, d: 86_400 }

/** An enrolled key by its id, the beginning of that, or its name where no other has it. Throws `usage`, `not-found`. */
export async function enrolledKey(client: Client, text: string): Promise<ListedKey> {
  const keys = await client.keys()
  const isId = text.length >= 8 && isHex(text, text.length)
  const found = keys.filter(({ keyId, name }) => name === text || (isId && keyId.startsWith(text)))
  const [key, other] = found
  if (key === undefined) throw new CodedError('not-found', `no key ${plain(text, 80)} is enrolled`)
  if (other === undefined) return key
  const ids = found.map(({ keyId }) => short(keyId)).join(', ')
  throw new CodedError('usage', `${plain(text, 80)} are ${found.length} keys: ${ids}`, { fix: 'Name one by its id.' })
}

/** Seconds of a duration like 30m, 24h, 7d. Throws `usage`. */
export function secondsOf(option: string, text: string): number {
  const [, count, unit] = /^([0-9]{1,6})([mhd])$/.exec(text) ?? []
  if (count !== undefined) return Number(count) * UNITS[unit!]!
  throw new CodedError('usage', `${option} ${plain(text, 40)} is not a duration like 30m, 24h or 7d`)
}

const TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/

/** ISO time of a day, or of a time with its zone. Throws `usage`. */
export function timeOf(option: string, text: string): string {
  const ms = TIME.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(ms)) return new Date(ms).toISOString()
  throw new CodedError('usage', `${option} ${plain(text, 40)} is not a time like 2026-01-31 or 2026-01-31T12:00Z`)
}
