import { CodedError, concat } from '@countersign/core'
import type { StatementDigests } from '../log-statement.ts'
import { bytesOf, listOf, parseRlp, readInteger, readSmall, type Rlp, writeInteger, writeRlp } from './rlp.ts'

/** EIP-2718 type of an EIP-1559 transaction: the only one that anchors are made of. */
const TYPE = 2
/** `csanchr`, and the version of what follows. */
const MAGIC = Uint8Array.of(0x63, 0x73, 0x61, 0x6e, 0x63, 0x68, 0x72, 0x01)
/** Half of the order of secp256k1: with an s above, every signature would have a twin (EIP-2). */
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const EMPTY: readonly Rlp[] = []

const invalid = (what: string) => new CodedError('anchor-invalid', what)

/** An EIP-1559 transaction without access list. */
export interface EthereumTransaction {
  readonly chainId: number
  readonly nonce: number
  /** Wei. */
  readonly maxPriorityFeePerGas: bigint
  /** Wei. */
  readonly maxFeePerGas: bigint
  readonly gasLimit: number
  /** 20 bytes. */
  readonly to: Uint8Array
  /** Wei. */
  readonly value: bigint
  readonly data: Uint8Array
}

/** ECDSA over secp256k1. */
export interface EthereumSignature {
  /** r‖s, 64 bytes; s is in the lower half (EIP-2). */
  readonly compact: Uint8Array
  readonly yParity: 0 | 1
}

export interface SignedEthereumTransaction extends EthereumTransaction {
  readonly signature: EthereumSignature
}

/** What a transaction carries of a statement: 8 bytes of magic and version, SHA-256, SHA3-256; 72 bytes. */
export function statementCalldata({ sha256, sha3_256 }: StatementDigests): Uint8Array {
  return concat(MAGIC, sha256, sha3_256)
}

/** What is hashed with Keccak-256 and signed. */
export function transactionToSign(transaction: EthereumTransaction): Uint8Array {
  return concat(Uint8Array.of(TYPE), writeRlp(fieldsOf(transaction)))
}

/** The transaction as it is sent, and as its block's trie holds it. Its Keccak-256 is its hash. */
export function writeTransaction(transaction: EthereumTransaction, signature: EthereumSignature): Uint8Array {
  const { compact, yParity } = signature
  const [r, s] = [integerOf(compact.subarray(0, 32)), integerOf(compact.subarray(32))]
  checkSignature(r, s)
  const fields = [...fieldsOf(transaction), writeInteger(BigInt(yParity)), writeInteger(r), writeInteger(s)]
  return concat(Uint8Array.of(TYPE), writeRlp(fields))
}

/** {@link writeTransaction} the other way. Throws `anchor-invalid` for every other kind of transaction and spelling. */
export function parseTransaction(raw: Uint8Array): SignedEthereumTransaction {
  if (raw[0] !== TYPE) throw invalid('the transaction is not one of EIP-1559')
  const fields = listOf(parseRlp(raw.subarray(1)), 'the transaction')
  if (fields.length !== 12) throw invalid('the transaction has not 12 fields')
  if (listOf(fields[8], 'the access list').length > 0) throw invalid('the transaction has an access list')
  const yParity = readSmall(fields[9], 'the parity')
  if (yParity !== 0 && yParity !== 1) throw invalid('the parity is neither 0 nor 1')
  const [r, s] = [readInteger(fields[10], 32, 'r'), readInteger(fields[11], 32, 's')]
  checkSignature(r, s)
  return {
    chainId: readSmall(fields[0], 'the chain id'),
    nonce: readSmall(fields[1], 'the nonce'),
    maxPriorityFeePerGas: readInteger(fields[2], 32, 'a fee'),
    maxFeePerGas: readInteger(fields[3], 32, 'a fee'),
    gasLimit: readSmall(fields[4], 'the gas limit'),
    to: bytesOf(fields[5], 'the recipient', 20),
    value: readInteger(fields[6], 32, 'the value'),
    data: bytesOf(fields[7], 'the data'),
    signature: { compact: concat(padded(r), padded(s)), yParity },
  }
}

function fieldsOf(transaction: EthereumTransaction): Rlp[] {
  const { chainId, nonce, maxPriorityFeePerGas, maxFeePerGas, gasLimit, to, value, data } = transaction
  return [
    writeInteger(BigInt(chainId)),
    writeInteger(BigInt(nonce)),
    writeInteger(maxPriorityFeePerGas),
    writeInteger(maxFeePerGas),
    writeInteger(BigInt(gasLimit)),
    to,
    writeInteger(value),
    data,
    EMPTY,
  ]
}

function checkSignature(r: bigint, s: bigint): void {
  if (r === 0n || r >= ORDER || s === 0n) throw invalid('a number of the signature is out of range')
  if (s > HALF_ORDER) throw invalid('the signature has an s in the upper half')
}

function integerOf(bytes: Uint8Array): bigint {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return value
}

function padded(value: bigint): Uint8Array {
  const bytes = new Uint8Array(32)
  const digits = writeInteger(value)
  bytes.set(digits, 32 - digits.length)
  return bytes
}
