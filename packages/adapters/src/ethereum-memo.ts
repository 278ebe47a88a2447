import { CodedError, fromHex, hex, type JsonObject } from '@countersign/core'
import { Shape } from '@countersign/formats'
import { parseTransaction, type SignedEthereumTransaction } from '@countersign/formats/anchor'
import { addressText, keccak256, senderOf } from '@countersign/verify/anchors'

/** Most transactions of one nonce: a fee that grows by an eighth each time is a thousandfold by then. */
export const MAX_REPLACEMENTS = 60

/** Where a transaction was seen. */
export interface Seen {
  /** Of the transaction, `0x` and hex. */
  readonly transaction: string
  /** `0x` and hex. */
  readonly blockHash: string
  readonly blockNumber: number
}

/**
 * What is durable of a statement on its way: every transaction that was signed for it. All have one nonce, so at most
 * one of them can ever be in the chain.
 */
export interface Memo {
  /** The newest as it is sent. */
  readonly raw: Uint8Array
  /** Hashes of all, oldest first; `0x` and hex. */
  readonly hashes: readonly string[]
  /** When the newest was signed; milliseconds since 1970. */
  readonly signedAt: number
  readonly seen: Seen | null
}

/** A memo with what its transaction says. */
export interface ReadMemo extends Memo {
  readonly transaction: SignedEthereumTransaction
  /** Address of who signed it. */
  readonly sender: string
}

export function writeMemo({ raw, hashes, signedAt, seen }: Memo): JsonObject {
  return { raw: hex(raw), hashes, signedAt, seen: seen === null ? null : { ...seen } } as unknown as JsonObject
}

/** {@link writeMemo} the other way; null at the beginning. Throws `anchor-invalid`. */
export function readMemo(memo: JsonObject | null): ReadMemo | null {
  if (memo === null) return null
  const it = new Shape('anchor-invalid', memo, 'the memo').object(['raw', 'hashes', 'signedAt', 'seen'])
  const raw = fromHex(it.get('raw').string(8192))
  const transaction = parseTransaction(raw)
  const hashes = it
    .get('hashes')
    .array(MAX_REPLACEMENTS)
    .map((hash) => hash.text(66))
  if (hashes.at(-1) !== hashOf(raw)) throw new CodedError('anchor-invalid', 'the memo is of another transaction')
  const seen = it.get('seen').nullable((shape) => {
    const one = shape.object(['transaction', 'blockHash', 'blockNumber'])
    return {
      transaction: one.text('transaction', 66),
      blockHash: one.text('blockHash', 66),
      blockNumber: one.integer('blockNumber', 0, Number.MAX_SAFE_INTEGER),
    }
  })
  return {
    raw,
    hashes,
    signedAt: it.integer('signedAt', 0, Number.MAX_SAFE_INTEGER),
    seen,
    transaction,
    sender: addressText(senderOf(transaction, transaction.signature)),
  }
}

/** Of a transaction. */
export function hashOf(raw: Uint8Array): string {
  return `0x${hex(keccak256(raw))}`
}
