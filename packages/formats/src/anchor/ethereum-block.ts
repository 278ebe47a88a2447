import { CodedError, concat, utf8 } from '@countersign/core'
import type { StatementDigests } from '../log-statement.ts'
import { bytesOf, listOf, parseRlp, readSmall, writeInteger, writeRlp } from './rlp.ts'

const invalid = (what: string) => new CodedError('anchor-invalid', what)

/** Last second of the year 9999: beyond, times no longer sort as text. */
const MAX_TIMESTAMP = 253_402_300_799

/** What counts of a block's header. Where the fields are is fixed for ever; what forks add comes after them. */
export interface EthereumHeader {
  /** Root of the trie of its transactions, 32 bytes. */
  readonly transactionsRoot: Uint8Array
  /** Root of the trie of their receipts, 32 bytes. */
  readonly receiptsRoot: Uint8Array
  readonly number: number
  /** Seconds since 1970. */
  readonly timestamp: number
}

/** Reads the RLP of a header, whose Keccak-256 is the block's hash. Throws `anchor-invalid`. */
export function parseHeader(bytes: Uint8Array): EthereumHeader {
  const fields = listOf(parseRlp(bytes), 'the header')
  if (fields.length < 15) throw invalid('the header has less than 15 fields')
  for (const field of fields) bytesOf(field, 'a field of the header')
  bytesOf(fields[0], 'the hash of the parent', 32)
  const timestamp = readSmall(fields[11], 'the time of the block')
  if (timestamp > MAX_TIMESTAMP) throw invalid('the time of the block is after the year 9999')
  return {
    transactionsRoot: bytesOf(fields[4], 'the root of the transactions', 32),
    receiptsRoot: bytesOf(fields[5], 'the root of the receipts', 32),
    number: readSmall(fields[8], 'the number of the block'),
    timestamp,
  }
}

/** Under what key a trie of transactions or receipts holds the one at this place in its block. */
export function placeKey(index: number): Uint8Array {
  return writeRlp(writeInteger(BigInt(index)))
}

/** What a contract has logged. */
export interface EthereumEvent {
  /** Of the contract, 20 bytes. */
  readonly address: Uint8Array
  /** 32 bytes each, at most four. */
  readonly topics: readonly Uint8Array[]
  readonly data: Uint8Array
}

export interface EthereumReceipt {
  readonly succeeded: boolean
  readonly events: readonly EthereumEvent[]
}

/** Reads a receipt as its trie holds it: the transaction's type (EIP-2718) and RLP. Throws `anchor-invalid`. */
export function parseTransactionReceipt(raw: Uint8Array): EthereumReceipt {
  const first = raw[0] ?? 0
  const typed = first > 0 && first < 0x80
  const fields = listOf(parseRlp(typed ? raw.subarray(1) : raw), 'the receipt')
  if (fields.length !== 4) throw invalid('the receipt has not 4 fields')
  const status = readSmall(fields[0], 'the status')
  if (status > 1) throw invalid('the status is neither 0 nor 1')
  readSmall(fields[1], 'the gas')
  bytesOf(fields[2], 'the bloom filter', 256)
  const events = listOf(fields[3], 'the list of events').map((entry) => {
    const parts = listOf(entry, 'an event')
    if (parts.length !== 3) throw invalid('an event has not 3 fields')
    const topics = listOf(parts[1], 'the topics').map((topic) => bytesOf(topic, 'a topic', 32))
    if (topics.length > 4) throw invalid('an event has more than 4 topics')
    return { address: bytesOf(parts[0], 'the address of a contract', 20), topics, data: bytesOf(parts[2], 'the data') }
  })
  return { succeeded: status === 1, events }
}

/** Signature of the event that the contract `StatementAnchor` logs; its Keccak-256 is the first topic. */
export const ANCHOR_EVENT = 'Anchored(address,bytes32,uint256,bytes32,bytes32)'
/** Signature of its function; the first 4 bytes of its Keccak-256 select it. */
export const ANCHOR_FUNCTION = 'anchor(bytes32,uint256,bytes32,bytes32)'

/** A statement as the contract takes it. */
export interface EventStatement {
  /** Name of the log; the contract gets its SHA-256. */
  readonly origin: string
  readonly number: number
  readonly digests: StatementDigests
}

/** What calls the contract for a statement: 132 bytes. */
export function eventCalldata(
  { origin, number, digests }: EventStatement,
  hashes: { readonly sha256: (data: Uint8Array) => Uint8Array; readonly keccak: (data: Uint8Array) => Uint8Array },
): Uint8Array {
  const selector = hashes.keccak(utf8(ANCHOR_FUNCTION)).subarray(0, 4)
  return concat(selector, hashes.sha256(utf8(origin)), word(number), digests.sha256, digests.sha3_256)
}

/** A whole number as the EVM holds it: 32 bytes. */
export function word(number: number): Uint8Array {
  const digits = writeInteger(BigInt(number))
  return concat(new Uint8Array(32 - digits.length), digits)
}
