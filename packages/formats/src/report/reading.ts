import { isHex, type JsonObject, type JsonValue } from '@countersign/core'
import { MAX_FACT_TEXT } from '../report-ref.ts'
import type { Shape } from '../shape.ts'
import type { DigestSet } from '../statement.ts'

/** Most items of a list in a report. */
export const MAX_ITEMS = 1_000_000

/** Algorithms as other formats spell them: CycloneDX `SHA-256`, SPDX `SHA256`, OpenVEX `sha-256`. */
const ALGORITHMS: Readonly<Record<string, string>> = { sha256: 'sha256', sha384: 'sha384', sha512: 'sha512' }
const LENGTHS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 }

/** One set of the strong digests, in lower case; none where there is no strong one, or it is not of its length. */
export function digestSetOf(given: readonly (readonly [string, string])[]): DigestSet[] {
  const digests: Record<string, string> = {}
  for (const [name, text] of given) {
    const algorithm = ALGORITHMS[name.toLowerCase().replace('-', '')]
    const value = text.toLowerCase()
    if (algorithm !== undefined && isHex(value, LENGTHS[algorithm]!)) digests[algorithm] = value
  }
  return Object.keys(digests).length > 0 ? [digests] : []
}

/** The texts of a list. */
export function texts(shape: Shape): string[] {
  return shape.array(MAX_ITEMS).map((one) => one.text())
}

/** A text, or none where it is something else. */
export function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : ''
}

export function membersOf(value: JsonValue | undefined): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
}

// What a fact may not hold.
const UNPRINTABLE = /[^\x20-\x7e]+/g

/** A text of somebody's as a fact: printable ASCII, cut at its greatest length; null where nothing is left. */
export function factText(text: string): string | null {
  const told = text.replace(UNPRINTABLE, '?').slice(0, MAX_FACT_TEXT)
  return told.trim() === '' ? null : told
}
