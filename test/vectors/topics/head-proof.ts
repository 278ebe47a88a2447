import { createHash, createHmac } from 'node:crypto'
import { naive, SHA256 } from '../../../packages/merkle/src/naive.test-kit.ts'
import { b64, noteOf } from './note-signers.ts'
import { type Lines, log, ORIGIN, textOf } from './log-statement.ts'
import { mutated, type Mutation, type Topic } from './topic.ts'

// A log of five entries, of chains a, b, a, c and a; stated when it had four. Made without the code that it judges.

const digest = (text: string) => createHash('sha256').update(text).digest()
const chainOf = (name: string) => digest(`chain ${name}`).toString('hex').slice(0, 32)
const blindOf = (name: string) => digest(`blind ${name}`)
const keyOf = (name: string) =>
  createHmac('sha256', blindOf(name))
    .update(Buffer.from(chainOf(name), 'hex'))
    .digest('hex')

const ENTRIES = [
  ['a', 0],
  ['b', 0],
  ['a', 1],
  ['c', 0],
  ['a', 2],
] as const
const leafOf = ([name, seq]: readonly [string, number]) => ({
  acceptedAt: '2026-11-19T12:00:00.000Z',
  chain: { id: keyOf(name), seq },
  commitment: { sha256: 'b2'.repeat(32), sha3_256: 'c3'.repeat(32) },
  kind: 'attestation',
  late: false,
  version: 1,
})
const LEAVES = ENTRIES.map((entry) => Buffer.from(JSON.stringify(leafOf(entry))))
const tree = naive(LEAVES, SHA256)

/** The `.tlog-proof` of an entry under a checkpoint of all five. */
function entryProof(index: number): string {
  const [name] = ENTRIES[index]!
  const opening = {
    blind: b64(blindOf(name)),
    leaf: leafOf(ENTRIES[index]!),
    link: 'd4'.repeat(32),
    salt: b64(digest('salt')),
    signer: digest('signer').toString('hex'),
  }
  const path = tree.path(index, 5).map((hash) => `${b64(hash)}\n`)
  const extra = b64(Buffer.from(JSON.stringify(opening)))
  const checkpoint = noteOf(`${ORIGIN}\n5\n${b64(tree.root(5))}\n`, log)
  return `c2sp.org/tlog-proof@v1\nextra ${extra}\nindex ${index}\n${path.join('')}\n${checkpoint}`
}

interface Head {
  readonly index: number
  readonly leafHash: string
  readonly length: number
}

/** The true heads of the first `size` entries, in the order of their keys. */
function headsOf(size: number): [key: string, head: Head][] {
  const heads = new Map<string, Head>()
  for (const [index, [name, seq]] of ENTRIES.slice(0, size).entries()) {
    heads.set(keyOf(name), { index, leafHash: Buffer.from(tree.leaf(index)).toString('hex'), length: seq + 1 })
  }
  return [...heads].toSorted(([a], [b]) => (a < b ? -1 : 1))
}

function valueOf({ index, leafHash, length }: Head): Buffer {
  const numbers = Buffer.alloc(16)
  numbers.writeBigUInt64BE(BigInt(length))
  numbers.writeBigUInt64BE(BigInt(index), 8)
  return Buffer.concat([numbers, Buffer.from(leafHash, 'hex')])
}

interface Stated {
  readonly heads: readonly [key: string, head: Head][]
  readonly statement: string
}

function stated(size: number, heads = headsOf(size), more: Lines = {}): Stated {
  const map = naive(
    heads.map(([key, head]) => Buffer.concat([Buffer.from(key, 'hex'), valueOf(head)])),
    SHA256,
  )
  const lines: Lines = {
    size: `${size}`,
    sha256: b64(tree.root(size)),
    heads: `${heads.length} ${b64(map.root(heads.length))}`,
    ...more,
  }
  return { heads, statement: noteOf(textOf(lines), log) }
}

/** The members at these places of the map, whoever asks. */
function members({ heads }: Stated, ...indexes: readonly number[]) {
  const map = naive(
    heads.map(([key, head]) => Buffer.concat([Buffer.from(key, 'hex'), valueOf(head)])),
    SHA256,
  )
  return indexes.map((index) => {
    const [key, head] = heads[index]!
    return { head, index, key, path: map.path(index, heads.length).map(b64) }
  })
}

const proof = (of: Stated, name: string, shown: number, ...indexes: readonly number[]) => ({
  chain: chainOf(name),
  entry: entryProof(shown),
  mediaType: 'application/vnd.countersign.head-proof.v1+json',
  members: members(of, ...indexes),
  statement: of.statement,
})
const placeOf = ({ heads }: Stated, name: string) => heads.findIndex(([key]) => key === keyOf(name))
const present = (of: Stated, name: string, shown: number) => proof(of, name, shown, placeOf(of, name))
/** The neighbours of a chain that is not in the map. */
function absent(of: Stated, name: string, shown: number) {
  const after = of.heads.findIndex(([key]) => key > keyOf(name))
  const next = after < 0 ? of.heads.length : after
  return proof(of, name, shown, ...[next - 1, next].filter((index) => index >= 0 && index < of.heads.length))
}

const at = (size: number) => stated(size)
const without = (size: number, name: string) =>
  stated(
    size,
    headsOf(size).filter(([key]) => key !== keyOf(name)),
  )
const withHead = (size: number, name: string, head: Partial<Head>) =>
  stated(
    size,
    headsOf(size).map(([key, own]) => [key, key === keyOf(name) ? { ...own, ...head } : own]),
  )
const verifies = (of: object, head: Head | null) => ({ log: log.vkey, proof: of, head })
const fails = (of: object, error: string) => ({ log: log.vkey, proof: of, error })
const headOf = (size: number, name: string) => headsOf(size).find(([key]) => key === keyOf(name))![1]

const GOOD = present(at(4), 'a', 2)
const bad = 'head-proof-invalid'
const MUTATIONS: readonly Mutation[] = [
  ['media-type-missing', 'mediaType', undefined, bad],
  ['media-type-version-two', 'mediaType', 'application/vnd.countersign.head-proof.v2+json', bad],
  ['unknown-field', 'more', 1, bad],
  ['chain-missing', 'chain', undefined, bad],
  ['chain-in-upper-case', 'chain', chainOf('a').toUpperCase(), bad],
  ['chain-blinded', 'chain', keyOf('a'), bad],
  ['entry-missing', 'entry', undefined, bad],
  ['entry-not-a-proof', 'entry', 'entry', 'tlog-proof-invalid'],
  ['entry-not-opened', 'entry', (old: string) => old.replace(/extra .*\n/, ''), bad],
  ['entry-opened-with-noise', 'entry', (old: string) => old.replace(/extra .*\n/, 'extra AAAA\n'), 'json-invalid'],
  ['members-missing', 'members', undefined, bad],
  ['members-three', 'members', (old: object[]) => [...old, ...old, ...old], bad],
  ['member-without-key', 'members.0.key', undefined, bad],
  ['member-key-short', 'members.0.key', 'a1'.repeat(31), bad],
  ['member-index-beyond-the-map', 'members.0.index', 3, bad],
  ['member-index-negative', 'members.0.index', -1, bad],
  ['member-unknown-field', 'members.0.value', '', bad],
  ['path-missing', 'members.0.path', undefined, bad],
  ['path-of-64', 'members.0.path', Array.from({ length: 64 }, () => b64(Buffer.alloc(32))), bad],
  ['path-hash-of-31-bytes', 'members.0.path.0', b64(Buffer.alloc(31)), bad],
  ['path-hash-without-padding', 'members.0.path.0', b64(Buffer.alloc(32)).slice(0, -1), 'base64-invalid'],
  ['head-missing', 'members.0.head', undefined, bad],
  ['head-length-0', 'members.0.head.length', 0, bad],
  ['head-longer-than-its-log', 'members.0.head.length', 4, bad],
  ['head-index-with-fraction', 'members.0.head.index', 2.5, bad],
  ['head-leaf-hash-short', 'members.0.head.leafHash', 'a1'.repeat(31), bad],
  ['statement-missing', 'statement', undefined, bad],
  ['statement-unsigned', 'statement', (old: string) => `${old.split('\n\n')[0]}\n\n`, 'signature-missing'],
  ['statement-a-checkpoint', 'statement', noteOf(`${ORIGIN}\n4\n${b64(tree.root(4))}\n`, log), 'log-statement-invalid'],
]

export const headProofs: Topic = {
  name: 'head-proof',
  vectors: {
    ...mutated('proof', GOOD, MUTATIONS),
    // Verified
    present: verifies(GOOD, headOf(4, 'a')),
    'present-tied-by-its-first-entry': verifies(present(at(4), 'a', 0), headOf(4, 'a')),
    'present-tied-by-a-later-entry': verifies(present(at(4), 'a', 4), headOf(4, 'a')),
    'present-alone': verifies(present(at(1), 'a', 0), headOf(1, 'a')),
    'present-at-the-size-of-the-checkpoint': verifies(present(at(5), 'a', 4), headOf(5, 'a')),
    'absent-before-it-began': verifies(absent(at(3), 'c', 3), null),
    'absent-in-an-empty-map': verifies(absent(at(0), 'b', 1), null),
    'absent-among-one': verifies(absent(at(1), 'b', 1), null),
    'left-out': fails(absent(without(4, 'a'), 'a', 2), 'head-contradicted'),
    'left-out-and-tied-by-a-later-entry': verifies(absent(without(4, 'a'), 'a', 4), null),
    'cut-short': fails(present(withHead(4, 'a', { ...headOf(1, 'a') }), 'a', 2), 'head-contradicted'),
    'cut-short-and-ending-later': fails(
      present(withHead(4, 'a', { length: 1, index: 3 }), 'a', 2),
      'head-contradicted',
    ),
    'another-leaf': fails(
      present(withHead(4, 'a', { leafHash: headOf(4, 'b').leafHash }), 'a', 2),
      'head-contradicted',
    ),
    'another-place': fails(present(withHead(4, 'a', { index: 3 }), 'a', 2), 'head-contradicted'),
    'too-long-for-a-later-entry': fails(
      present(withHead(4, 'a', { index: 3, length: 3 }), 'a', 4),
      'head-contradicted',
    ),
    'beyond-the-statement': fails(present(withHead(4, 'a', { index: 4, length: 3 }), 'a', 0), 'head-contradicted'),
    'another-root-at-one-size': fails(
      present(stated(5, headsOf(5), { sha256: b64(tree.root(4)) }), 'a', 4),
      'head-contradicted',
    ),
    'member-of-another-chain': fails(proof(at(4), 'a', 2, placeOf(at(4), 'b')), 'proof-invalid'),
    'no-members': fails(proof(at(4), 'a', 2), 'proof-invalid'),
    'head-changed': fails(
      { ...GOOD, members: [{ ...GOOD.members[0], head: { ...GOOD.members[0]!.head, length: 1 } }] },
      'proof-invalid',
    ),
    'path-changed': fails({ ...GOOD, members: [{ ...GOOD.members[0], path: [] }] }, 'proof-invalid'),
    'map-of-another-statement': fails({ ...GOOD, statement: at(3).statement }, 'proof-invalid'),
    'entry-of-another-chain': fails({ ...GOOD, entry: entryProof(1) }, 'proof-invalid'),
    'chain-of-another-entry': fails({ ...GOOD, chain: chainOf('b') }, 'proof-invalid'),
    'entry-at-another-place': fails({ ...GOOD, entry: GOOD.entry.replace('index 2', 'index 3') }, 'proof-invalid'),
    'statement-changed': fails({ ...GOOD, statement: GOOD.statement.replace('size 4', 'size 5') }, 'signature-invalid'),
    'checkpoint-changed': fails(
      { ...GOOD, entry: GOOD.entry.replace(`${ORIGIN}\n5\n`, `${ORIGIN}\n6\n`) },
      'signature-invalid',
    ),
  },
}

const head = (hex: string, length: number, index: number) => ({ hex, length, index, leafHash: hex.slice(32) })
const LEAF = 'ab'.repeat(32)
const number = (n: bigint) => n.toString(16).padStart(16, '0')
const of = (length: bigint, index: bigint) => number(length) + number(index) + LEAF
const badHead = (hex: string) => ({ hex, error: bad })

export const heads: Topic = {
  name: 'head',
  vectors: {
    good: head(of(3n, 7n), 3, 7),
    first: head(of(1n, 0n), 1, 0),
    'every-entry': head(of(8n, 7n), 8, 7),
    largest: head(of(2n ** 53n - 1n, 2n ** 53n - 1n), 2 ** 53 - 1, 2 ** 53 - 1),
    empty: badHead(''),
    'length-0': badHead(of(0n, 7n)),
    'longer-than-its-log': badHead(of(9n, 7n)),
    'length-2-to-the-53': badHead(of(2n ** 53n, 2n ** 53n)),
    'index-largest-of-64-bits': badHead(of(1n, 2n ** 64n - 1n)),
    'byte-short': badHead(of(3n, 7n).slice(2)),
    'byte-long': badHead(`${of(3n, 7n)}00`),
    'little-endian': badHead(`0300000000000000${number(7n)}${LEAF}`),
  },
}
