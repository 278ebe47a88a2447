import { CodedError, type JsonObject, type JsonValue, parseJson } from '@countersign/core'
import type { Facts } from '../report-ref.ts'
import type { DigestSet } from '../statement.ts'
import { type Attestation, ATTESTATIONS } from './attestation.ts'
import { DOCUMENTS } from './document.ts'
import { readJunit } from './junit.ts'
import { parseXml } from './xml.ts'

/** What a report is and says. Nothing in it is verified. */
export interface Report {
  /** Like `spdx`; SPEC.md §6, Reports. */
  readonly type: string
  readonly mediaType: string
  /** What it says it is about, each by its digests; none where it does not say. */
  readonly about: readonly DigestSet[]
  readonly facts: Facts
  /** Of a statement, signed or not: who it must be about, and what was signed. Null for all else. */
  readonly attestation: Attestation | null
}

/** Most bytes of a report that is read. */
export const MAX_REPORT_BYTES = 32 * 1024 * 1024

/**
 * Reads a report by what it holds, and never by its name: JSON or XML of exactly one type. Throws `report-unknown` where
 * it is of none, `report-invalid` where it is of two, or of one that it breaks, and `input-too-large`.
 */
export function parseReport(bytes: Uint8Array): Report {
  if (bytes.length > MAX_REPORT_BYTES) {
    throw new CodedError(
      'input-too-large',
      `the report has ${bytes.length} bytes, at most ${MAX_REPORT_BYTES} are read`,
    )
  }
  try {
    return beginsXml(bytes) ? readJunit(parseXml(bytes)) : readJson(bytes)
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause
    if (KEPT.has(cause.code)) throw cause
    throw new CodedError('report-invalid', `the report cannot be read: ${cause.code}: ${cause.what}`, { cause })
  }
}

const KEPT: ReadonlySet<string> = new Set(['report-invalid', 'report-unknown', 'input-too-large'])

function beginsXml(bytes: Uint8Array): boolean {
  const from = bytes[0] === 0xef ? 3 : 0
  const first = bytes.subarray(from, from + 1000).find((byte) => byte > 0x20)
  return first === 0x3c
}

function readJson(bytes: Uint8Array): Report {
  const first = bytes.find((byte) => byte > 0x20)
  if (first !== 0x7b) throw unknown('it is neither a JSON object nor XML')
  return readReport(parseJson(bytes, { maxBytes: MAX_REPORT_BYTES }))
}

/** {@link parseReport} of JSON that was parsed strictly already. */
export function readReport(value: JsonValue): Report {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unknown('it is no JSON object')
  const given = value as JsonObject
  const readers = [...DOCUMENTS, ...ATTESTATIONS].filter(({ is }) => is(given))
  const [reader] = readers
  if (reader === undefined) throw unknown('it is JSON of no type that is known')
  // Two programs would read two reports in it.
  if (readers.length > 1) {
    throw new CodedError('report-invalid', `it is ${readers.map(({ name }) => name).join(' and ')} at once`)
  }
  return reader.read(given)
}

function unknown(what: string): CodedError {
  return new CodedError('report-unknown', what)
}
