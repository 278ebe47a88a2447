import { type Attachment, ATTACHMENT_START, parseAttachment, writeAttachment } from './attachment.ts'
import { type Bundle, parseBundle, writeBundle } from './bundle.ts'
import { DEVIATION_PAYLOAD_TYPE, DEVIATION_START, parseDeviationLine, writeDeviationLine } from './deviation.ts'
import type { Endorsed } from './endorsed.ts'
import { type Disclosure, DISCLOSURE_START, parseDisclosure, writeDisclosure } from './disclosure.ts'
import { parseReceipt, type Receipt, RECEIPT_START, writeReceipt } from './receipt.ts'
import { parseRemarkLine, REMARK_START, writeRemarkLine } from './remark.ts'
import { parseWithheld, type Withheld, WITHHELD_START, writeWithheld } from './withheld.ts'

/**
 * What one line of a chain file holds: an attestation, the receipt of one, what stands for one that is withheld, what
 * opens a sealed field of one, a report of one, a deviation from the contract, or a signed note.
 */
export type ChainLine = Bundle | Receipt | Withheld | Disclosure | Attachment | Endorsed

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

export function isAttachment(line: ChainLine): line is Attachment {
  return 'content' in line
}

export function isDeviation(line: ChainLine): line is Endorsed {
  return 'endorsements' in line && line.payloadType === DEVIATION_PAYLOAD_TYPE
}

export function isRemark(line: ChainLine): line is Endorsed {
  return 'endorsements' in line && line.payloadType !== DEVIATION_PAYLOAD_TYPE
}

/** A line without its end. Throws what the reader of its kind throws. */
export function parseChainLine(line: string): ChainLine {
  // Of these each has one spelling, and no bundle begins as they do.
  if (line.startsWith(RECEIPT_START)) return parseReceipt(line)
  if (line.startsWith(WITHHELD_START)) return parseWithheld(line)
  if (line.startsWith(DISCLOSURE_START)) return parseDisclosure(line)
  if (line.startsWith(DEVIATION_START)) return parseDeviationLine(line)
  if (line.startsWith(REMARK_START)) return parseRemarkLine(line)
  return line.startsWith(ATTACHMENT_START) ? parseAttachment(line) : parseBundle(line)
}

/** The line in its one spelling, without an end. */
export function writeChainLine(line: ChainLine): Uint8Array {
  if (isReceipt(line)) return writeReceipt(line)
  if (isWithheld(line)) return writeWithheld(line)
  if (isDisclosure(line)) return writeDisclosure(line)
  if (isDeviation(line)) return writeDeviationLine(line)
  if (isRemark(line)) return writeRemarkLine(line)
  return isAttachment(line) ? writeAttachment(line) : writeBundle(line)
}
