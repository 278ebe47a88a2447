import { CodedError } from '@countersign/core'
import { expect, test } from 'vitest'
import { text } from '../../merkle/src/naive.test-kit.ts'
import { advance, type CheckpointLock } from './index.ts'

const [OLD, NEXT, OTHER] = [text('old'), text('next'), text('other')]
const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code }) as Error
const same = (a: Uint8Array | null, b: Uint8Array | null) => Buffer.compare(a ?? text('-'), b ?? text('-')) === 0

/** A lock whose swaps fail as the script says, then work. */
function lockOf(held: Uint8Array | null, script: readonly ('lost' | 'persisted' | 'bug')[]) {
  let left = script
  const lock: CheckpointLock & { held(): Uint8Array | null; swaps: number } = {
    swaps: 0,
    held: () => held,
    read: () => Promise.resolve(held),
    swap(_, old, next) {
      lock.swaps++
      const [fault, ...rest] = left
      left = rest
      if (fault === 'bug') return Promise.reject(new TypeError('bug'))
      if (fault !== 'lost') {
        if (!same(held, old)) return Promise.reject(new CodedError('checkpoint-conflict', 'another is there'))
        held = next
      }
      return fault === undefined ? Promise.resolve() : Promise.reject(new CodedError('store-failed', 'who knows'))
    },
  }
  return lock
}

test.each([
  [[], 1],
  [['lost'], 2],
  [['persisted'], 1],
  [['lost', 'lost'], 3],
  [['lost', 'persisted'], 2],
] as const)('ends with the next checkpoint in the lock after swaps that were %j', async (script, swaps) => {
  for (const old of [OLD, null]) {
    const lock = lockOf(old, script)
    await advance(lock, 'log', old, NEXT)
    expect(lock.held()).toEqual(NEXT)
    expect(lock.swaps).toBe(swaps)
  }
})

test('gives up on a lock that keeps failing, and signs nothing over it', async () => {
  const lock = lockOf(OLD, ['lost', 'lost', 'lost'])
  await expect(advance(lock, 'log', OLD, NEXT)).rejects.toThrow(coded('store-failed'))
  expect(lock.held()).toEqual(OLD)
  expect(lock.swaps).toBe(3)
})

test('says where somebody else signs, also when that is seen after a failure', async () => {
  await expect(advance(lockOf(OTHER, []), 'log', OLD, NEXT)).rejects.toThrow(coded('checkpoint-conflict'))
  await expect(advance(lockOf(null, []), 'log', OLD, NEXT)).rejects.toThrow(coded('checkpoint-conflict'))
  for (const held of [OTHER, null]) {
    const lock = lockOf(held, ['lost', 'lost', 'lost', 'lost', 'lost'])
    await expect(advance(lock, 'log', OLD, NEXT)).rejects.toThrow(coded('checkpoint-conflict'))
    expect([lock.swaps, lock.held()]).toEqual([1, held])
  }
  const empty = lockOf(OTHER, ['lost'])
  await expect(advance(empty, 'log', null, NEXT)).rejects.toThrow(coded('checkpoint-conflict'))
})

test('does not try again what failed for another reason', async () => {
  const lock = lockOf(OLD, ['bug'])
  await expect(advance(lock, 'log', OLD, NEXT)).rejects.toThrow('bug')
  expect(lock.swaps).toBe(1)
})

test('a lock that cannot be read after a failure leaves it open what is there', async () => {
  const lock = lockOf(OLD, ['persisted'])
  lock.read = () => Promise.reject(new CodedError('store-failed', 'nor this'))
  await expect(advance(lock, 'log', OLD, NEXT)).rejects.toThrow(coded('store-failed'))
})
