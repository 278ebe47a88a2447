import { nodeCrypto } from '@countersign/adapters/crypto-node'
import type { Code } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { parseHeadProof, writeHeadProof } from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { chainId, entriesOf, headProof, ToyLog } from './head.test-kit.ts'
import { checkHead, verifyChainEntry, verifyHead } from './head.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const NAMES = 'a b a c c a d e f a b g'
const log = new ToyLog(entriesOf(NAMES))
const names = NAMES.split(' ')

describe('every head of every chain at every size', () => {
  test('is what the entries say, by whichever of its entries it is tied, here and in a browser', () => {
    for (let size = 0; size <= names.length; size++) {
      const stated = log.state(size)
      for (const [index, name] of names.entries()) {
        const chain = chainId(name)
        const proof = parseHeadProof(writeHeadProof(headProof(stated, log.proof(index), chain)))
        const told = verifyHead(proof, log.trust, nodeCrypto)
        const last = names.slice(0, size).lastIndexOf(name)
        const length = names.slice(0, size).filter((one) => one === name).length
        expect(told.head).toEqual(last < 0 ? null : { length, index: last, leafHash: log.leafHash(last) })
        for (const [other, its] of names.entries()) {
          if (its === name) checkHead(told, verifyChainEntry(chain, log.proof(other), log.trust, nodeCrypto))
        }
        if (size === 7) expect(verifyHead(proof, log.trust, portableCrypto)).toEqual(told)
      }
    }
  })
})

describe('an entry', () => {
  test('says where it is, and of which chain', () => {
    const entry = verifyChainEntry(chainId('a'), log.proof(5), log.trust, nodeCrypto)
    expect(entry).toMatchObject({ chain: chainId('a'), index: 5, seq: 2, size: 12, leafHash: log.leafHash(5) })
  })

  test('of another chain is not held against a head', () => {
    const told = verifyHead(headProof(log.state(7), log.proof(5), chainId('a')), log.trust, nodeCrypto)
    const other = verifyChainEntry(chainId('b'), log.proof(1), log.trust, nodeCrypto)
    expect(() => checkHead(told, other)).toThrow(coded('chain-mismatch'))
  })

  test('that is not opened is of no chain', () => {
    const closed = { ...log.proof(5), extra: null }
    expect(() => verifyChainEntry(chainId('a'), closed, log.trust, nodeCrypto)).toThrow(coded('leaf-invalid'))
  })

  test('that is not under its checkpoint is not in the log', () => {
    const { hashes } = log.proof(5)
    const moved = { ...log.proof(5), hashes: hashes.toReversed() }
    expect(() => verifyChainEntry(chainId('a'), moved, log.trust, nodeCrypto)).toThrow(coded('proof-invalid'))
  })
})
