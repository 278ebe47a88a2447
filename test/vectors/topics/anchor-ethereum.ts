import { createHash } from 'node:crypto'
import { type Code, concat, fromHex, hex } from '@countersign/core'
import {
  ANCHOR_EVENT,
  type EthereumTransaction,
  makeTrie,
  placeKey,
  type Rlp,
  statementCalldata,
  transactionToSign,
  word,
  writeInteger,
  writeRlp,
  writeTransaction,
} from '@countersign/formats/anchor'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { ORIGIN, textOf } from './log-statement.ts'
import { type Mutation, mutated, type Topic } from './topic.ts'

const b64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
const sha = (name: string, data: Uint8Array | string) => new Uint8Array(createHash(name).update(data).digest())
const digestsOf = (text: string) => ({ sha256: sha('sha256', text), sha3_256: sha('sha3-256', text) })
const STATEMENT = textOf()
const DIGESTS = digestsOf(STATEMENT)
const OTHER = textOf({ size: '301' })
const NUMBER = 7

const KEY = sha('sha256', 'the account of the vectors')
const OTHER_KEY = sha('sha256', 'another account')
const addressOf = (key: Uint8Array) => keccak_256(secp256k1.getPublicKey(key, false).slice(1)).slice(12)
const SENDER = addressOf(KEY)
const CONTRACT = keccak_256(Uint8Array.of(1)).slice(12)
const text = (address: Uint8Array) => `0x${hex(address)}`

const TRANSACTION: EthereumTransaction = {
  chainId: 1,
  nonce: 7,
  maxPriorityFeePerGas: 1_000_000_000n,
  maxFeePerGas: 30_000_000_000n,
  gasLimit: 23_880,
  to: SENDER,
  value: 0n,
  data: statementCalldata(DIGESTS),
}

const sign = (message: Uint8Array, key = KEY) => {
  const recovered = secp256k1.sign(keccak_256(message), key, { prehash: false, format: 'recovered' })
  return { compact: recovered.slice(1), yParity: recovered[0] as 0 | 1 }
}
const signed = (changed: Partial<EthereumTransaction> = {}, key = KEY) => {
  const transaction = { ...TRANSACTION, ...changed }
  return writeTransaction(transaction, sign(transactionToSign(transaction), key))
}

/** The fields of a signed transaction, to be changed into what our writer would not write. */
const fieldsOf = ({ chainId, nonce, gasLimit, to, data, ...fees }: EthereumTransaction, access: Rlp = []): Rlp[] => [
  ...[BigInt(chainId), BigInt(nonce), fees.maxPriorityFeePerGas, fees.maxFeePerGas, BigInt(gasLimit)].map(writeInteger),
  to,
  writeInteger(fees.value),
  data,
  access,
]
const integer = (bytes: Uint8Array) => BigInt(`0x${hex(bytes)}`)
/** With an access list, another s, another type. */
function strange({ access = [], twin = false, type = 2 }: { access?: Rlp; twin?: boolean; type?: number }): Uint8Array {
  const fields = fieldsOf(TRANSACTION, access)
  const { compact, yParity } = sign(concat(Uint8Array.of(type), writeRlp(fields)))
  const [r, s] = [integer(compact.slice(0, 32)), integer(compact.slice(32))]
  // The other s signs as well, with the other parity: every signature has a twin (EIP-2).
  const other: readonly [number, bigint] = twin ? [1 - yParity, secp256k1.Point.Fn.ORDER - s] : [yParity, s]
  const numbers = [BigInt(other[0]), r, other[1]].map(writeInteger)
  return concat(Uint8Array.of(type), writeRlp([...fields, ...numbers]))
}

const topic = (name: string) => keccak_256(new TextEncoder().encode(name))
interface Log {
  readonly address?: Uint8Array
  readonly topics?: readonly Uint8Array[]
  readonly data?: Uint8Array
}
const TOPICS = [topic(ANCHOR_EVENT), concat(new Uint8Array(12), SENDER), sha('sha256', ORIGIN), word(NUMBER)]
const logOf = ({ address = CONTRACT, topics = TOPICS, data = concat(DIGESTS.sha256, DIGESTS.sha3_256) }: Log): Rlp => [
  address,
  topics,
  data,
]
const receipt = (logs: readonly Log[], status = 1n, type: number | null = 2) => {
  const body = writeRlp([writeInteger(status), writeInteger(90_000n), new Uint8Array(256), logs.map(logOf)])
  return type === null ? body : concat(Uint8Array.of(type), body)
}
const change = (at: number, value: Uint8Array) => TOPICS.map((one, i) => (i === at ? value : one))

/** A block with this value in one of its tries, at this place among others. */
function block(form: 'calldata' | 'event', value: Uint8Array, { index = 130, more = [] as Rlp[] } = {}) {
  const others = Array.from({ length: 200 }, (_, i) =>
    concat(Uint8Array.of(2), writeRlp([sha('sha256', `${form} ${i}`)])),
  )
  const values = others.map((other, i) => (i === index ? value : other))
  const trie = makeTrie(
    values.map((one, i) => [placeKey(i), one] as const),
    keccak_256,
  )
  const root = (name: string) => sha('sha256', name)
  const header = writeRlp([
    root('parent'),
    root('uncles'),
    SENDER,
    root('state'),
    form === 'calldata' ? trie.root : root('transactions'),
    form === 'event' ? trie.root : root('receipts'),
    new Uint8Array(256),
    writeInteger(0n),
    writeInteger(22_000_000n),
    writeInteger(36_000_000n),
    writeInteger(12_000_000n),
    writeInteger(BigInt(Date.UTC(2026, 10, 20, 0, 3, 11) / 1000)),
    new TextEncoder().encode('vectors'),
    root('mix'),
    new Uint8Array(8),
    writeInteger(7_000_000_000n),
    root('withdrawals'),
    ...more,
  ])
  const anchor = {
    mediaType: 'application/vnd.countersign.anchor.v1+json',
    kind: 'ethereum',
    statement: hex(DIGESTS.sha256),
    chainId: 1,
    form,
    header: b64(header),
    index,
    nodes: trie.prove(placeKey(index)).map(b64),
  }
  return { anchor, number: 22_000_000, hash: `0x${hex(keccak_256(header))}` }
}

interface Trust {
  readonly chainId?: number
  readonly blocks?: readonly object[]
  readonly senders?: readonly string[]
  readonly contracts?: readonly string[]
}
const trusting = ({ anchor, number, hash }: ReturnType<typeof block>, trust: Trust = {}) => ({
  anchor,
  statement: STATEMENT,
  trust: { chains: [{ chainId: 1, blocks: [{ number, hash }], senders: [], contracts: [text(CONTRACT)], ...trust }] },
})
const proved = (at: string) => ({
  by: 'eip155:1',
  at: `block 22000000, ${at}`,
  time: '2026-11-20T00:03:11.000Z',
  within: 15,
})
const bad = (made: ReturnType<typeof block>, error: Code, trust: Trust = {}) => ({ error, ...trusting(made, trust) })
const hashOf = (raw: Uint8Array) => `transaction 0x${hex(keccak_256(raw))}`

const GOOD = block('calldata', signed())
const EVENT = block('event', receipt([{}]))
const good = proved(hashOf(signed()))
const event = proved('event of transaction 130')
const changeByte = (at: number) => (old: unknown) => {
  const bytes = Buffer.from(old as string, 'base64')
  bytes[at]! ^= 1
  return bytes.toString('base64')
}
const header = (fields: readonly Rlp[]) => b64(writeRlp(fields))

const wire: readonly Mutation[] = [
  ['media-type-missing', 'mediaType', undefined, 'anchor-invalid'],
  ['media-type-v2', 'mediaType', 'application/vnd.countersign.anchor.v2+json', 'anchor-invalid'],
  ['kind-of-another', 'kind', 'rekor', 'anchor-invalid'],
  ['unknown-field', 'time', '2026-11-20T00:03:11.000Z', 'anchor-invalid'],
  ['statement-missing', 'statement', undefined, 'anchor-invalid'],
  ['statement-upper-case', 'statement', (old: unknown) => (old as string).toUpperCase(), 'anchor-invalid'],
  ['statement-with-0x', 'statement', (old: unknown) => `0x${(old as string).slice(2)}`, 'anchor-invalid'],
  ['statement-short', 'statement', (old: unknown) => (old as string).slice(2), 'anchor-invalid'],
  ['statement-of-another', 'statement', hex(digestsOf(OTHER).sha256), 'anchor-mismatch'],
  ['chain-id-0', 'chainId', 0, 'anchor-invalid'],
  ['chain-id-text', 'chainId', '1', 'anchor-invalid'],
  ['chain-id-hex', 'chainId', '0x1', 'anchor-invalid'],
  ['chain-id-fraction', 'chainId', 1.5, 'anchor-invalid'],
  ['chain-id-of-another', 'chainId', 10, 'anchor-unproven'],
  ['form-unknown', 'form', 'storage', 'anchor-invalid'],
  ['form-event-with-a-transaction', 'form', 'event', 'anchor-unproven'],
  ['index-negative', 'index', -1, 'anchor-invalid'],
  ['index-too-large', 'index', 0x1_00_00_00, 'anchor-invalid'],
  ['index-of-another', 'index', 131, 'anchor-unproven'],
  ['header-empty', 'header', '', 'anchor-invalid'],
  ['header-missing', 'header', undefined, 'anchor-invalid'],
  ['header-without-padding', 'header', (old: unknown) => (old as string).replace(/=+$/, ''), 'base64-invalid'],
  ['header-with-newline', 'header', (old: unknown) => `${old as string}\n`, 'base64-invalid'],
  ['header-in-hex', 'header', '0xf90200', 'anchor-invalid'],
  ['header-too-large', 'header', b64(writeRlp([new Uint8Array(8200)])), 'anchor-invalid'],
  ['header-not-rlp', 'header', b64(new Uint8Array(600)), 'anchor-invalid'],
  [
    'header-with-a-byte-after',
    'header',
    (old: unknown) => b64(Buffer.concat([Buffer.from(old as string, 'base64'), Buffer.of(0)])),
    'anchor-invalid',
  ],
  ['header-of-14-fields', 'header', header(Array.from({ length: 14 }, () => new Uint8Array(32))), 'anchor-invalid'],
  ['header-of-short-roots', 'header', header(Array.from({ length: 15 }, () => new Uint8Array(0))), 'anchor-invalid'],
  ['header-of-another-time', 'header', changeByte(462), 'anchor-untrusted'],
  ['nodes-empty', 'nodes', [], 'anchor-invalid'],
  ['nodes-17', 'nodes', Array.from({ length: 17 }, () => 'AAAA'), 'anchor-invalid'],
  ['nodes-text', 'nodes', 'AAAA', 'anchor-invalid'],
  ['nodes-root-missing', 'nodes.0', undefined, 'anchor-unproven'],
  ['nodes-leaf-missing', 'nodes', (old: unknown) => (old as string[]).slice(0, -1), 'anchor-unproven'],
  ['nodes-in-other-order', 'nodes', (old: unknown) => (old as string[]).toReversed(), 'anchor-unproven'],
  ['nodes-leaf-twice', 'nodes', (old: unknown) => [...(old as string[]), (old as string[]).at(-1)], 'anchor-invalid'],
  ['node-changed', 'nodes.0', changeByte(100), 'anchor-unproven'],
  ['node-empty', 'nodes.0', '', 'anchor-invalid'],
  ['node-too-large', 'nodes.0', b64(new Uint8Array(4097)), 'anchor-invalid'],
  ['node-of-bytes', 'nodes.0', 'AAAA', 'anchor-unproven'],
]

const { good: __, ...wires } = mutated('anchor', GOOD.anchor, wire)
const PIN = { number: GOOD.number, hash: GOOD.hash }
const byOther = { nonce: 8, data: statementCalldata(digestsOf(OTHER)) }

export const ethereumAnchors: Topic = {
  name: 'anchor-ethereum',
  vectors: {
    good: { ...trusting(GOOD), proved: good },
    'good-first-of-its-block': { ...trusting(block('calldata', signed(), { index: 0 })), proved: good },
    'good-header-of-a-later-fork': {
      ...trusting(
        block('calldata', signed(), { more: [sha('sha256', 'new'), new Uint8Array(0), sha('sha256', 'newer')] }),
      ),
      proved: good,
    },
    'good-sender-pinned': { ...trusting(GOOD, { senders: [text(OTHER_KEY.slice(12)), text(SENDER)] }), proved: good },
    'good-event': { ...trusting(EVENT), proved: event },
    'good-event-after-that-of-another-contract': {
      ...trusting(block('event', receipt([{ address: SENDER }, { topics: [] }, {}]))),
      proved: event,
    },
    'good-event-of-an-untyped-transaction': { ...trusting(block('event', receipt([{}], 1n, null))), proved: event },
    ...Object.fromEntries(Object.entries(wires).map(([name, vector]) => [name, { ...trusting(GOOD), ...vector }])),
    'pinned-nothing': { error: 'anchor-untrusted', ...trusting(GOOD), trust: { chains: [] } },
    'pinned-no-block': bad(GOOD, 'anchor-untrusted', { blocks: [] }),
    'pinned-another-chain': bad(GOOD, 'anchor-untrusted', { chainId: 10 }),
    'pinned-another-hash': bad(GOOD, 'anchor-untrusted', { blocks: [{ ...PIN, hash: EVENT.hash }] }),
    'pinned-another-number': bad(GOOD, 'anchor-untrusted', { blocks: [{ ...PIN, number: 22_000_001 }] }),
    'pinned-another-sender': bad(GOOD, 'anchor-untrusted', { senders: [text(CONTRACT)] }),
    'transaction-of-another-statement': bad(block('calldata', signed(byOther)), 'anchor-mismatch'),
    'transaction-with-more-data': bad(
      block('calldata', signed({ data: concat(TRANSACTION.data, Uint8Array.of(0)) })),
      'anchor-mismatch',
    ),
    'transaction-with-less-data': bad(
      block('calldata', signed({ data: TRANSACTION.data.slice(0, 40) })),
      'anchor-mismatch',
    ),
    'transaction-of-another-version': bad(
      block('calldata', signed({ data: TRANSACTION.data.map((byte, i) => (i === 7 ? 2 : byte)) })),
      'anchor-mismatch',
    ),
    'transaction-with-hashes-swapped': bad(
      block('calldata', signed({ data: concat(TRANSACTION.data.slice(0, 8), DIGESTS.sha3_256, DIGESTS.sha256) })),
      'anchor-mismatch',
    ),
    'transaction-of-another-chain': bad(block('calldata', signed({ chainId: 11_155_111 })), 'anchor-unproven'),
    'transaction-to-somebody-else': bad(block('calldata', signed({ to: CONTRACT })), 'anchor-unproven'),
    'transaction-signed-by-somebody-else': bad(block('calldata', signed({}, OTHER_KEY)), 'anchor-unproven'),
    'transaction-with-s-in-the-upper-half': bad(block('calldata', strange({ twin: true })), 'anchor-invalid'),
    'transaction-with-an-access-list': bad(
      block('calldata', strange({ access: [[CONTRACT, [DIGESTS.sha256]]] })),
      'anchor-invalid',
    ),
    'transaction-of-another-type': bad(block('calldata', strange({ type: 1 })), 'anchor-invalid'),
    'transaction-not-rlp': bad(block('calldata', new Uint8Array(120).fill(2)), 'anchor-invalid'),
    'event-of-no-pinned-contract': bad(EVENT, 'anchor-untrusted', { contracts: [] }),
    'event-of-another-sender': bad(EVENT, 'anchor-untrusted', { senders: [text(CONTRACT)] }),
    'event-of-another-name': bad(
      block('event', receipt([{ topics: change(0, topic('Anchored()')) }])),
      'anchor-mismatch',
    ),
    'event-of-another-log': bad(
      block('event', receipt([{ topics: change(2, sha('sha256', 'other')) }])),
      'anchor-mismatch',
    ),
    'event-of-another-number': bad(
      block('event', receipt([{ topics: change(3, word(NUMBER + 1)) }])),
      'anchor-mismatch',
    ),
    'event-of-another-statement': bad(
      block('event', receipt([{ data: concat(digestsOf(OTHER).sha256, DIGESTS.sha3_256) }])),
      'anchor-mismatch',
    ),
    'event-with-more-data': bad(
      block('event', receipt([{ data: concat(DIGESTS.sha256, DIGESTS.sha3_256, word(0)) }])),
      'anchor-mismatch',
    ),
    'event-of-no-address': bad(
      block('event', receipt([{ topics: change(1, sha('sha256', 'no address')) }])),
      'anchor-unproven',
    ),
    'event-with-five-topics': bad(block('event', receipt([{ topics: [...TOPICS, word(1)] }])), 'anchor-invalid'),
    'event-of-a-failed-transaction': bad(block('event', receipt([{}], 0n)), 'anchor-unproven'),
    'event-with-status-2': bad(block('event', receipt([{}], 2n)), 'anchor-invalid'),
    'event-of-none': bad(block('event', receipt([])), 'anchor-mismatch'),
  },
}

// For the fuzzer: what is good, and near to it.

export const rawHeaders: readonly Uint8Array[] = [GOOD, EVENT].map(({ anchor }) =>
  Uint8Array.from(Buffer.from(anchor.header, 'base64')),
)
export const rawReceipts: readonly Uint8Array[] = [receipt([{}]), receipt([], 0n, null), receipt([{}], 2n)]
export const rawTransactions: readonly Uint8Array[] = [
  signed(),
  strange({ twin: true }),
  strange({ access: [[CONTRACT, [DIGESTS.sha256]]] }),
  fromHex('02c0'),
]
