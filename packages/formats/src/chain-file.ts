import { CodedError, fromUtf8 } from '@countersign/core'
import { type ChainLine, parseChainLine, writeChainLine } from './chain-line.ts'

/** Most bytes and lines of one chain file. */
export const MAX_CHAIN_BYTES = 256 * 1024 * 1024
export const MAX_CHAIN_LINES = 100_000

/**
 * `<artifact>.chain.jsonl`: Sigstore bundles of attestations (in-toto bundle), receipts, withheld attestations,
 * disclosures and attachments, one a line, order without meaning, empty lines ignored. Nothing in it is verified. Throws `chain-file-invalid` with the line,
 * `input-too-large` or `utf8-invalid`.
 */
export function parseChainFile(bytes: Uint8Array): ChainLine[] {
  if (bytes.length > MAX_CHAIN_BYTES)
    throw new CodedError('input-too-large', `the chain file exceeds ${MAX_CHAIN_BYTES} bytes`)
  const text = fromUtf8(bytes)
  const lines: ChainLine[] = []
  let from = 0
  for (let number = 1; from < text.length; number++) {
    if (number > MAX_CHAIN_LINES)
      throw new CodedError('input-too-large', `the chain file exceeds ${MAX_CHAIN_LINES} lines`)
    const end = text.indexOf('\n', from)
    const line = text.slice(from, end < 0 ? text.length : end)
    from += line.length + 1
    if (line === '' || line === '\r') continue
    try {
      lines.push(parseChainLine(line.endsWith('\r') ? line.slice(0, -1) : line))
    } catch (cause) {
      if (!(cause instanceof CodedError)) throw cause
      throw new CodedError('chain-file-invalid', `line ${number}: ${cause.code}: ${cause.what}`, { cause })
    }
  }
  return lines
}

/** The lines, each in its one spelling. Throws `input-too-large` for what no reader would take. */
export function writeChainFile(content: Iterable<ChainLine>): Uint8Array {
  const lines = Array.from(content, writeChainLine)
  const length = lines.reduce((sum, line) => sum + line.length + 1, 0)
  if (lines.length > MAX_CHAIN_LINES || length > MAX_CHAIN_BYTES) {
    throw new CodedError('input-too-large', `${lines.length} lines of ${length} bytes exceed one chain file`)
  }
  const file = new Uint8Array(length)
  let at = 0
  for (const line of lines) {
    file.set(line, at)
    at += line.length
    file[at++] = 0x0a
  }
  return file
}
