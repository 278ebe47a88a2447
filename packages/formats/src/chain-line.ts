import { type Bundle, parseBundle, writeBundle } from './bundle.ts'
import { type Disclosure, DISCLOSURE_START, parseDisclosure, writeDisclosure } from './disclosure.ts'
import { parseReceipt, type Receipt, RECEIPT_START, writeReceipt } from './receipt.ts'
import { parseWithheld, type Withheld, WITHHELD_START, writeWithheld } from './withheld.ts'

/**
 * What one line of a chain file holds: an attestation, the receipt of one, what stands for one that is withheld, or
 * what opens a sealed field of one.
 */
export type ChainLine = Bundle | Receipt | Withheld | Disclosure

export function isReceipt(line: ChainLine): line is Receipt {
  return 'opening' in line
}

export function isWithheld(line: ChainLine): line is Withheld {
  return 'unopened' in line
}

export function isBundle(line: ChainLine): line is Bundle {
  return 'envelope' in line
}

export function isDisclosure(line: ChainLine): line is Disclosure {
  return 'salt' in line
}

/** A line without its end. Throws what `parseReceipt`, `parseWithheld`, `parseDisclosure` and `parseBundle` throw. */
export function parseChainLine(line: string): ChainLine {
  // Of these each has one spelling, and no bundle begins as they do.
  if (line.startsWith(RECEIPT_START)) return parseReceipt(line)
  if (line.startsWith(WITHHELD_START)) return parseWithheld(line)
  return line.startsWith(DISCLOSURE_START) ? parseDisclosure(line) : parseBundle(line)
}

/** The line in its one spelling, without an end. */
export function writeChainLine(line: ChainLine): Uint8Array {
  if (isReceipt(line)) return writeReceipt(line)
  if (isWithheld(line)) return writeWithheld(line)
  return isDisclosure(line) ? writeDisclosure(line) : writeBundle(line)
}
