import { type Bundle, parseBundle, writeBundle } from './bundle.ts'
import { parseReceipt, type Receipt, RECEIPT_START, writeReceipt } from './receipt.ts'

/** What one line of a chain file holds: an attestation, or the receipt of one. */
export type ChainLine = Bundle | Receipt

export function isReceipt(line: ChainLine): line is Receipt {
  return 'opening' in line
}

/** A line without its end. Throws what `parseReceipt` and `parseBundle` throw. */
export function parseChainLine(line: string): ChainLine {
  // A receipt has one spelling, and no bundle begins as it does.
  return line.startsWith(RECEIPT_START) ? parseReceipt(line) : parseBundle(line)
}

/** The line in its one spelling, without an end. */
export function writeChainLine(line: ChainLine): Uint8Array {
  return isReceipt(line) ? writeReceipt(line) : writeBundle(line)
}
