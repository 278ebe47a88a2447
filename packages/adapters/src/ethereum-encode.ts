import type { JsonObject, JsonValue } from '@countersign/core'
import { concat } from '@countersign/core'
import { type Rlp, writeInteger, writeRlp } from '@countersign/formats/anchor'
import { data, isObject, quantity, unreachable } from './ethereum-rpc.ts'

/**
 * Bytes that were hashed, from the JSON that nodes tell of them. Nothing is believed by it: whoever asks compares a hash
 * with what is agreed on. Throws `anchor-unreachable` for JSON that is nothing of the kind.
 */

/** Fields of a header in the order of their forks. */
const FIELDS = [
  ['parentHash', 32],
  ['sha3Uncles', 32],
  ['miner', 20],
  ['stateRoot', 32],
  ['transactionsRoot', 32],
  ['receiptsRoot', 32],
  ['logsBloom', 256],
  ['difficulty', null],
  ['number', null],
  ['gasLimit', null],
  ['gasUsed', null],
  ['timestamp', null],
  ['extraData', 'any'],
  ['mixHash', 32],
  ['nonce', 8],
] as const
/** London; Shanghai; Cancun; Prague; Amsterdam (EIP-7928). */
const FORKED = [
  ['baseFeePerGas', null],
  ['withdrawalsRoot', 32],
  ['blobGasUsed', null],
  ['excessBlobGas', null],
  ['parentBeaconBlockRoot', 32],
  ['requestsHash', 32],
  ['blockAccessListHash', 32],
] as const

/** RLP of a block's header. */
export function headerBytes(block: JsonObject): Uint8Array {
  const forked = FORKED.filter(([name]) => block[name] !== undefined && block[name] !== null)
  const fields = [...FIELDS, ...forked].map(([name, length]) => {
    if (length === null) return integer(block[name], name)
    return data(block[name], name, length === 'any' ? undefined : length)
  })
  return writeRlp(fields)
}

/** A transaction as its trie holds it; null for a type that came later than EIP-7702. */
export function transactionBytes(transaction: JsonObject): Uint8Array | null {
  const type = transaction['type'] === undefined ? 0 : Number(quantity(transaction['type'], 'a type'))
  if (type > 4) return null
  const number = (name: string) => integer(transaction[name], name)
  const bytes = (name: string) => data(transaction[name], name)
  const to = transaction['to'] === null || transaction['to'] === undefined ? new Uint8Array(0) : bytes('to')
  const signature = [parity(transaction, type), number('r'), number('s')]
  const access = () => list(transaction['accessList'], 'an access list').map(accessOf)
  const chainAndNonce = [number('nonce')]
  const fees = () => [number('maxPriorityFeePerGas'), number('maxFeePerGas')]
  const call = [number('gas'), to, number('value'), bytes('input')]
  let fields: Rlp[]
  if (type === 0) fields = [...chainAndNonce, number('gasPrice'), ...call]
  else if (type === 1) fields = [number('chainId'), ...chainAndNonce, number('gasPrice'), ...call, access()]
  else if (type === 2) fields = [number('chainId'), ...chainAndNonce, ...fees(), ...call, access()]
  else if (type === 3) {
    const blobs = list(transaction['blobVersionedHashes'], 'blobs').map((hash) => data(hash, 'a blob', 32))
    fields = [number('chainId'), ...chainAndNonce, ...fees(), ...call, access(), number('maxFeePerBlobGas'), blobs]
  } else {
    const authorizations = list(transaction['authorizationList'], 'authorizations').map(authorizationOf)
    fields = [number('chainId'), ...chainAndNonce, ...fees(), ...call, access(), authorizations]
  }
  return envelope(type, writeRlp([...fields, ...signature]))
}

/** A receipt as its trie holds it. */
export function receiptBytes(receipt: JsonObject): Uint8Array {
  const type = receipt['type'] === undefined ? 0 : Number(quantity(receipt['type'], 'a type'))
  // Before Byzantium a root stood where the status is.
  const root = receipt['root']
  const first =
    typeof root === 'string' && root !== '0x' ? data(root, 'a root', 32) : integer(receipt['status'], 'a status')
  const logs = list(receipt['logs'], 'events').map((log) => {
    const { address, topics, data: payload } = object(log, 'an event')
    const words = list(topics, 'topics').map((topic) => data(topic, 'a topic', 32))
    return [data(address, 'an address', 20), words, data(payload, 'the data of an event')]
  })
  const gas = integer(receipt['cumulativeGasUsed'], 'gas')
  return envelope(type, writeRlp([first, gas, data(receipt['logsBloom'], 'a bloom filter', 256), logs]))
}

function envelope(type: number, body: Uint8Array): Uint8Array {
  return type === 0 ? body : concat(Uint8Array.of(type), body)
}

function parity(transaction: JsonObject, type: number): Uint8Array {
  const name = type === 0 || transaction['yParity'] === undefined ? 'v' : 'yParity'
  return integer(transaction[name], 'a parity')
}

function accessOf(entry: JsonValue): Rlp {
  const { address, storageKeys } = object(entry, 'an access list')
  const keys = list(storageKeys, 'storage keys').map((key) => data(key, 'a storage key', 32))
  return [data(address, 'an address', 20), keys]
}

function authorizationOf(entry: JsonValue): Rlp {
  const one = object(entry, 'an authorization')
  const [chainId, nonce, r, s] = ['chainId', 'nonce', 'r', 's'].map((name) => integer(one[name], name)) as Four
  const yParity = integer(one['yParity'] ?? one['v'], 'a parity')
  return [chainId, data(one['address'], 'an address', 20), nonce, yParity, r, s]
}

type Four = [Uint8Array, Uint8Array, Uint8Array, Uint8Array]

function integer(value: JsonValue | undefined, what: string): Uint8Array {
  return writeInteger(quantity(value, what))
}

function list(value: JsonValue | undefined, what: string): readonly JsonValue[] {
  if (!Array.isArray(value)) throw unreachable(`a node told something else than ${what}`)
  return value
}

function object(value: JsonValue, what: string): JsonObject {
  if (!isObject(value)) throw unreachable(`a node told something else than ${what}`)
  return value
}
