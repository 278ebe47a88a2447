import { CodedError } from '@countersign/core'
import { TILE_WIDTH } from './tile.ts'

/** The longest entry a bundle can hold: its length is written in two bytes. */
export const MAX_ENTRY_BYTES = 65_535

/**
 * An entry bundle: each entry after its length, two bytes, big endian (C2SP tlog-tiles). Throws `input-too-large`
 * for an entry above 65,535 bytes, `tile-invalid` unless there are 1 to 256 entries.
 */
export function writeEntries(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length < 1 || entries.length > TILE_WIDTH) {
    throw new CodedError('tile-invalid', `${entries.length} entries do not make a bundle`)
  }
  let length = 0
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_BYTES) {
      throw new CodedError('input-too-large', `an entry of ${entry.length} bytes does not fit in a bundle`)
    }
    length += 2 + entry.length
  }
  const bundle = new Uint8Array(length)
  const view = new DataView(bundle.buffer)
  let at = 0
  for (const entry of entries) {
    view.setUint16(at, entry.length)
    bundle.set(entry, at + 2)
    at += 2 + entry.length
  }
  return bundle
}

/** The entries of a bundle, as views of it. Throws `tile-invalid` unless it holds exactly `width` entries and ends with the last. */
export function readEntries(bundle: Uint8Array, width: number): Uint8Array[] {
  const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.byteLength)
  const entries: Uint8Array[] = []
  let at = 0
  while (at < bundle.length) {
    if (entries.length === width) throw new CodedError('tile-invalid', `a bundle holds more than ${width} entries`)
    const begin = at + 2
    const end = begin <= bundle.length ? begin + view.getUint16(at) : Number.POSITIVE_INFINITY
    if (end > bundle.length) throw new CodedError('tile-invalid', 'a bundle ends within an entry')
    entries.push(bundle.subarray(begin, end))
    at = end
  }
  if (entries.length !== width || width < 1 || width > TILE_WIDTH) {
    throw new CodedError('tile-invalid', `a bundle holds ${entries.length} entries, not ${width}`)
  }
  return entries
}
