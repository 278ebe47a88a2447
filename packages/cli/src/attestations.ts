import {
  canonicalJson,
  CodedError,
  fromUtf8,
  type JsonObject,
  type JsonValue,
  parseJson,
  utf8,
} from '@countersign/core'
import { MAX_REPORT_BYTES } from '@countersign/formats/report'

/** Most attestations of one file, or of one repository, that are looked at. */
export const MAX_ATTESTATIONS = 1000

/**
 * The attestations in a file, each as its JSON: one document, one a line (in-toto's and GitHub's bundle files), or the list
 * that GitHub's and npm's APIs answer with. None is read yet. Throws `report-invalid`.
 */
export function attestationsIn(bytes: Uint8Array): Uint8Array[] {
  const lines = linesOf(bytes)
  const found = lines.length > 1 ? lines : listedIn(bytes)
  if (found.length === 0) throw new CodedError('report-invalid', 'the file holds no attestation')
  if (found.length > MAX_ATTESTATIONS) {
    throw new CodedError('report-invalid', `the file holds more than ${MAX_ATTESTATIONS} attestations`)
  }
  return found
}

/** Lines that are each an object; none where the first line is not one by itself. */
function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines = fromUtf8(bytes)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  return lines.every((line) => line.startsWith('{') && line.endsWith('}')) ? lines.map(utf8) : []
}

function listedIn(bytes: Uint8Array): Uint8Array[] {
  const whole = membersOf(parse(bytes))
  const list = whole?.['attestations']
  // As they came: a signature is over what is within, whatever is around it.
  if (whole === null || Object.keys(whole).length !== 1 || !Array.isArray(list)) return [bytes]
  return list.map((one: JsonValue) => {
    const bundle = membersOf(membersOf(one)?.['bundle'])
    if (bundle === null) throw new CodedError('report-invalid', 'the file lists something else than attestations')
    return canonicalJson(bundle)
  })
}

function parse(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(bytes, { maxBytes: MAX_REPORT_BYTES })
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause
    throw new CodedError('report-invalid', `the file cannot be read: ${cause.code}: ${cause.what}`, { cause })
  }
}

function membersOf(value: JsonValue | undefined): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
}
