import { CodedError } from '@countersign/core'
import { type Evidence, writeEvidence } from '@countersign/evidence'
import type { Examination } from './examine.ts'
import {
  type Bundle,
  type ChainLine,
  isBundle,
  isReceipt,
  parseStep,
  type Receipt,
  receiptOf,
  writeOpening,
} from '@countersign/formats'

/** Where a byte is changed: in what a step says, in its signature, in a receipt, or anywhere in the file. */
export type Target = 'payload' | 'signature' | 'receipt' | 'file'

export interface Tampered {
  readonly bytes: Uint8Array
  /** What was changed, for the reader. */
  readonly what: string
}

/** What came of a change, in words; null where the evidence cannot be read any more. */
export function noticed(before: Examination, after: Examination | null): string {
  if (after === null) return 'Noticed: it is no evidence any more.'
  if (after.verdict.verdict !== before.verdict.verdict) return 'Noticed: the verdict is another.'
  if (after.verdict.refused.length !== before.verdict.refused.length) {
    return 'Noticed: what was changed does not verify, and counts for nothing. The verdict does not rest on it.'
  }
  if (after.trustRoot !== before.trustRoot) return 'Noticed by the trust root alone: it is another now.'
  return 'Not noticed: no signature covers this byte. It is the word of whoever exported it.'
}

/** Picks a whole number from 0 up to below `n`. */
export type Pick = (n: number) => number

/** The targets that some evidence has. */
export function targetsOf({ lines }: Evidence): Target[] {
  return lines.some(isReceipt) ? ['payload', 'signature', 'receipt', 'file'] : ['payload', 'signature', 'file']
}

/** The evidence with one bit of one byte changed, everything else being as well-formed as before. */
export function tamper(evidence: Evidence, target: Target, pick: Pick): Tampered {
  if (target === 'file') {
    const { bytes, place, change } = flipped(writeEvidence(evidence), pick)
    return { bytes, what: `byte ${place} of the file${change}` }
  }
  const indices = evidence.lines.flatMap((line, i) => ((target === 'receipt' ? isReceipt : isBundle)(line) ? [i] : []))
  const index = indices[pick(indices.length)]
  if (index === undefined) throw new CodedError('evidence-invalid', `the evidence has no ${target}`)
  const line = evidence.lines[index]! as Receipt | Bundle
  const { line: changed, what } = isReceipt(line) ? tamperReceipt(line, pick) : tamperBundle(line, target, pick)
  return { bytes: writeEvidence({ ...evidence, lines: evidence.lines.with(index, changed) }), what }
}

function tamperBundle(line: Bundle, target: Target, pick: Pick): { line: ChainLine; what: string } {
  const { envelope } = line
  const name = nameOf(line)
  if (target === 'signature') {
    const { bytes: signature, place, change } = flipped(envelope.signature, pick)
    return {
      line: { ...line, envelope: { ...envelope, signature } },
      what: `byte ${place} of the signature of ${name}${change}`,
    }
  }
  const { bytes: payload, place, change } = flipped(envelope.payload, pick)
  return { line: { ...line, envelope: { ...envelope, payload } }, what: `byte ${place} of what ${name} says${change}` }
}

function tamperReceipt({ opening, proof }: Receipt, pick: Pick): { line: ChainLine; what: string } {
  const { bytes: salt, place, change } = flipped(opening.salt, pick)
  const line = receiptOf({ ...proof, extra: writeOpening({ ...opening, salt }) })
  return { line, what: `byte ${place} of the salt in the receipt of ${opening.link.slice(0, 12)}${change}` }
}

function nameOf({ envelope }: Bundle): string {
  try {
    return `step ${parseStep(envelope.payload).predicate.step.name}`
  } catch {
    return 'an attestation'
  }
}

function flipped(bytes: Uint8Array, pick: Pick): { bytes: Uint8Array; place: number; change: string } {
  const place = pick(bytes.length)
  const changed = new Uint8Array(bytes)
  changed[place]! ^= 1
  const shown = (byte: number) => byte.toString(16).padStart(2, '0')
  return { bytes: changed, place, change: `: ${shown(bytes[place]!)} became ${shown(changed[place]!)}` }
}
