import { describe, expect, test } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import type { Code } from '@countersign/core'
import { blindChain, type ChainHead, parseHeadProof, verifyLogStatement, writeHeadProof } from '@countersign/formats'
import { checkHead, verifyChainEntry, verifyHead } from '@countersign/verify'
import {
  blindOf,
  chainId,
  entriesOf,
  type Entry,
  headProof,
  type Stated,
  ToyLog,
} from '../../packages/verify/src/head.test-kit.ts'

// T-72: a log that shows one history to whoever has receipts, and another in its statements. It signs what it likes; it
// is caught by whoever holds one of its proofs against its statement.

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const A = chainId('a')
const KEY = blindChain(blindOf('a'), A, nodeCrypto)
/** Stated when it had 6 entries, of which 3 were of chain a; two more of it came later. */
const log = new ToyLog(entriesOf('a b a c a d a e a b'))
const SIZE = 6

/** What the holder of a receipt does: takes the answer, and holds what it has against it. */
function judge(stated: Stated, shown: number, held: readonly number[], from = log): ChainHead | null {
  const proof = parseHeadProof(writeHeadProof(headProof(stated, from.proof(shown), A)))
  const head = verifyHead(proof, log.trust, nodeCrypto)
  for (const index of held) checkHead(head, verifyChainEntry(A, log.proof(index), log.trust, nodeCrypto))
  return head.head
}

/** What somebody does who asks for a signature and a proof alone. */
function naiveJudge(stated: Stated): void {
  verifyLogStatement(stated.statement, log.trust, nodeCrypto)
}

const with_ = (head: ChainHead | null): Stated => {
  const heads = log.heads(SIZE)
  if (head === null) heads.delete(KEY)
  else heads.set(KEY, head)
  return log.state(SIZE, heads)
}
const HEAD = log.heads(SIZE).get(KEY)!

describe('a true statement', () => {
  test('proves the head to everybody, whatever of the chain they hold', () => {
    for (const shown of [0, 2, 4, 6, 8]) expect(judge(log.state(SIZE), shown, [0, 2, 4, 6, 8])).toEqual(HEAD)
    expect(HEAD).toEqual({ length: 3, index: 4, leafHash: log.leafHash(4) })
  })

  test('proves that a chain had not begun', () => {
    const late = chainId('e')
    const proof = headProof(log.state(SIZE), log.proof(7), late)
    expect(verifyHead(proof, log.trust, nodeCrypto).head).toBeNull()
    // And before any chain had.
    expect(verifyHead(headProof(log.state(0), log.proof(7), late), log.trust, nodeCrypto).head).toBeNull()
  })
})

describe.each<readonly [what: string, stated: Stated]>([
  ['the chain is left out', with_(null)],
  ['its last entry is cut off', with_({ length: 2, index: 2, leafHash: log.leafHash(2) })],
  ['all but its first entry is cut off', with_({ length: 1, index: 0, leafHash: log.leafHash(0) })],
  ['its last entry is cut off, and what is left ends later', with_({ length: 2, index: 5, leafHash: log.leafHash(2) })],
  ['it ends with an entry of another chain', with_({ ...HEAD, index: 5, leafHash: log.leafHash(5) })],
  ['it ends with another leaf at the same place', with_({ ...HEAD, leafHash: log.leafHash(3) })],
])('%s', (_, stated) => {
  test('is caught by whoever holds its last entry', () => {
    naiveJudge(stated)
    // The log would show an entry that does not speak against it: none of these does by itself.
    expect(() => judge(stated, 8, [])).not.toThrow()
    expect(() => judge(stated, 8, [4])).toThrow(coded('head-contradicted'))
    // Shown with the very entry that it hides, it contradicts itself.
    expect(() => judge(stated, 4, [])).toThrow(coded('head-contradicted'))
    // Control: the same holder takes the true one.
    expect(judge(log.state(SIZE), 8, [4])).toEqual(HEAD)
  })
})

describe('a head that is not of that time', () => {
  test('one that came after the statement', () => {
    const stated = with_({ length: 4, index: 6, leafHash: log.leafHash(6) })
    naiveJudge(stated)
    expect(() => judge(stated, 8, [])).toThrow(coded('head-contradicted'))
  })

  test('a longer one, for whoever holds what came after', () => {
    const stated = with_({ length: 4, index: 5, leafHash: log.leafHash(5) })
    expect(() => judge(stated, 8, [])).not.toThrow()
    expect(() => judge(stated, 8, [6])).toThrow(coded('head-contradicted'))
  })

  test('an earlier entry after the last one', () => {
    const stated = with_({ length: 5, index: 4, leafHash: log.leafHash(4) })
    expect(() => judge(stated, 8, [])).toThrow(coded('head-contradicted'))
  })
})

describe('a chain under two keys', () => {
  // The log hides what it has of the chain behind a second blind, and logs one more entry under that.
  const second: Entry = { chain: A, seq: 0, blind: blindOf('another') }
  const forged = log.other([...log.entries, second])

  test('is caught by whoever holds an entry under the first', () => {
    const stated = log.state(SIZE)
    expect(judge(stated, 10, [], forged)).toBeNull()
    for (const index of [0, 2, 4, 6, 8]) {
      expect(() => judge(stated, 10, [index], forged)).toThrow(coded('head-contradicted'))
    }
  })
})

describe('an entry that ties the chain to a key', () => {
  test('must be one of the chain, and in the log', () => {
    const proof = headProof(log.state(SIZE), log.proof(4), A)
    const verify = (more: Partial<typeof proof>) => () => verifyHead({ ...proof, ...more }, log.trust, nodeCrypto)
    expect(verify({})).not.toThrow()
    expect(verify({ chain: chainId('b') })).toThrow(coded('proof-invalid'))
    expect(verify({ entry: log.proof(1) })).toThrow(coded('proof-invalid'))
    expect(verify({ entry: { ...proof.entry, index: 5 } })).toThrow(coded('proof-invalid'))
    const stranger = new ToyLog(log.entries)
    expect(verify({ entry: stranger.proof(4) })).toThrow(coded('signer-unknown'))
    expect(verify({ statement: stranger.state(SIZE).statement })).toThrow(coded('signer-unknown'))
    expect(verify({ statement: log.state(SIZE + 1).statement })).toThrow(coded('proof-invalid'))
  })

  test('is of the tree that was stated, where both are of one size', () => {
    const all = log.entries.length
    // Another last entry, of a chain that nobody asks for.
    const other = log.other([...log.entries.slice(0, -1), { chain: chainId('z'), seq: 0, blind: blindOf('z') }])
    expect(judge(log.state(all), 8, [])).toMatchObject({ length: 5 })
    expect(() => judge(log.state(all), 8, [], other)).toThrow(coded('head-contradicted'))
  })
})
