import { canonicalJson, CodedError, isHex } from '@countersign/core'
import { RECEIPT_PREDICATE, STATEMENT_TYPE } from './constants.ts'
import { Shape } from './shape.ts'
import { parseStatement, type Statement } from './statement.ts'
import { readName } from './step.ts'

/**
 * What a server's countersignature says: this attestation fitted its chain, was made durable, and has
 * this place in the server's order. Travels as a Sigstore bundle whose subject is the attestation.
 */
export interface Receipt {
  /** Link digest of the attestation. */
  readonly link: string
  /** Name of the server that signed, for example `countersign.example.com/acme`. */
  readonly origin: string
  /** Place in the tenant's order: contiguous from 0, never reused. */
  readonly index: number
  readonly chain: string
  readonly step: string
  readonly acceptedAt: string
  /** True when it was uploaded from a spool after the run. */
  readonly late: boolean
}

/** Payload bytes of a receipt: canonical JSON. Throws `receipt-invalid` or `digest-invalid` for what no reader would take. */
export function writeReceipt(receipt: Receipt): Uint8Array {
  const { link, ...predicate } = receipt
  const subject = [{ name: 'attestation', digest: { sha256: link } }]
  // Only a digest is checked by the statement's reader and not by the receipt's.
  if (!isHex(link, 64)) throw new CodedError('digest-invalid', 'the link digest is not 64 lower-case hex digits')
  readReceipt({ subject, predicateType: RECEIPT_PREDICATE, predicate })
  return canonicalJson({ _type: STATEMENT_TYPE, subject, predicateType: RECEIPT_PREDICATE, predicate })
}

/** Receipt from payload bytes; throws `receipt-invalid`, `predicate-type` and what `parseStatement` throws. */
export function parseReceipt(payload: Uint8Array): Receipt {
  return readReceipt(parseStatement(payload))
}

export function readReceipt(statement: Statement): Receipt {
  if (statement.predicateType !== RECEIPT_PREDICATE) {
    throw new CodedError(
      'predicate-type',
      `predicate type ${JSON.stringify(statement.predicateType.slice(0, 120))} is not ${RECEIPT_PREDICATE}`,
    )
  }
  const subject = statement.subject[0]
  const exact =
    statement.subject.length === 1 &&
    subject !== undefined &&
    subject.name === 'attestation' &&
    Object.keys(subject).length === 2 &&
    Object.keys(subject.digest).length === 1
  if (!exact) {
    throw new CodedError('receipt-invalid', 'a receipt is about exactly one attestation')
  }
  const it = new Shape('receipt-invalid', statement.predicate, 'receipt').object([
    'origin',
    'index',
    'chain',
    'step',
    'acceptedAt',
    'late',
  ])
  return {
    link: subject.digest.sha256,
    origin: it.get('origin').text(256),
    index: it.get('index').integer(0, Number.MAX_SAFE_INTEGER),
    chain: it.get('chain').hex(32),
    step: readName(it.get('step')),
    acceptedAt: it.get('acceptedAt').time(),
    late: it.get('late').boolean(),
  }
}
