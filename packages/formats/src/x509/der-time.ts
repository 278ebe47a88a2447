import type { DerElement, DerReader } from './der.ts'
import { TAG } from './der.ts'
import { isTime } from '../shape.ts'

/** Time of a certificate's validity (RFC 5280 §4.1.2.5), milliseconds since 1970: whole seconds, in UTC. */
export function readTime(reader: DerReader): number {
  const short = reader.optional(TAG.utcTime)
  const text = ascii(short ?? reader.next(TAG.generalizedTime), reader)
  const full = short === null ? text : `${Number(text.slice(0, 2)) >= 50 ? '19' : '20'}${text}`
  if (!/^\d{14}Z$/.test(full)) reader.fail('has a time that is not in seconds and UTC')
  return milliseconds(full, '000', reader)
}

/** When a token was issued, by its authority's clock. */
export interface GenTime {
  /** Milliseconds since 1970; a fraction of one counts as a whole, so that it is never before the time meant. */
  readonly milliseconds: number
  /** As it stands in the token. */
  readonly text: string
}

/**
 * GenTime of a TSTInfo (RFC 3161 §2.4.2): in UTC, with seconds, and a fraction of any number of digits or none. Zeros
 * at the end of the fraction are read too, which DER forbids and libraries write.
 */
export function readGenTime(reader: DerReader): GenTime {
  const text = ascii(reader.next(TAG.generalizedTime), reader)
  const [, seconds, fraction = ''] =
    /^(\d{14})(?:\.(\d{1,20}))?Z$/.exec(text) ?? reader.fail('has a time it must not have')
  const rounded = /[1-9]/.test(fraction.slice(3)) ? 1 : 0
  return { milliseconds: milliseconds(`${seconds}Z`, fraction.slice(0, 3).padEnd(3, '0'), reader) + rounded, text }
}

function milliseconds(full: string, fraction: string, reader: DerReader): number {
  const part = (from: number, to: number) => full.slice(from, to)
  const time = `${part(0, 4)}-${part(4, 6)}-${part(6, 8)}T${part(8, 10)}:${part(10, 12)}:${part(12, 14)}.${fraction}Z`
  if (!isTime(time)) reader.fail('has a time that there never was')
  return Date.parse(time)
}

function ascii({ content }: DerElement, reader: DerReader): string {
  if (content.length > 40) reader.fail('has a time that is too long')
  return String.fromCharCode(...content)
}
