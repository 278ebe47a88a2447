import { type Bundle, parseBundle, writeBundle } from './bundle.ts'
import { parseReceipt, type Receipt, RECEIPT_START, writeReceipt } from './receipt.ts'
import { parseWithheld, type Withheld, WITHHELD_START, writeWithheld } from './withheld.ts'

/** What one line of a chain file holds: an attestation, the receipt of one, or what stands for one that is withheld. */
export type ChainLine = Bundle | Receipt | Withheld

export function isReceipt(line: ChainLine): line is Receipt {
  return 'opening' in line
}

export function isWithheld(line: ChainLine): line is Withheld {
  return 'unopened' in line
}

export function isBundle(line: ChainLine): line is Bundle {
  return 'envelope' in line
}

/** A line without its end. Throws what `parseReceipt`, `parseWithheld` and `parseBundle` throw. */
export function parseChainLine(line: string): ChainLine {
  // Of these two each has one spelling, and no bundle begins as they do.
  if (line.startsWith(RECEIPT_START)) return parseReceipt(line)
  return line.startsWith(WITHHELD_START) ? parseWithheld(line) : parseBundle(line)
}

/** The line in its one spelling, without an end. */
export function writeChainLine(line: ChainLine): Uint8Array {
  if (isReceipt(line)) return writeReceipt(line)
  return isWithheld(line) ? writeWithheld(line) : writeBundle(line)
}
