import { CodedError, concat, fromUtf8, utf8 } from '@countersign/core'
import { type Bundle, parseBundle, writeBundle } from './bundle.ts'

const NEWLINE = utf8('\n')

/** Most bytes and lines of one chain file. */
export const MAX_CHAIN_BYTES = 256 * 1024 * 1024
export const MAX_CHAIN_LINES = 100_000

/**
 * `<artifact>.chain.jsonl`: Sigstore bundles of attestations and receipts, one a line, order without
 * meaning, empty lines ignored (in-toto bundle). Nothing in it is verified. Throws `chain-file-invalid`
 * with the line, or `input-too-large`.
 */
export function parseChainFile(bytes: Uint8Array): Bundle[] {
  if (bytes.length > MAX_CHAIN_BYTES)
    throw new CodedError('input-too-large', `the chain file exceeds ${MAX_CHAIN_BYTES} bytes`)
  const lines = fromUtf8(bytes).split('\n')
  if (lines.length > MAX_CHAIN_LINES)
    throw new CodedError('input-too-large', `the chain file exceeds ${MAX_CHAIN_LINES} lines`)
  const bundles: Bundle[] = []
  for (const [i, line] of lines.entries()) {
    if (line === '' || line === '\r') continue
    try {
      bundles.push(parseBundle(line))
    } catch (cause) {
      if (!(cause instanceof CodedError)) throw cause
      throw new CodedError('chain-file-invalid', `line ${i + 1}: ${cause.code}: ${cause.what}`, { cause })
    }
  }
  return bundles
}

export function writeChainFile(bundles: Iterable<Bundle>): Uint8Array {
  const parts: Uint8Array[] = []
  for (const bundle of bundles) parts.push(writeBundle(bundle), NEWLINE)
  return concat(...parts)
}
