import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CodedError, utf8 } from '@countersign/core'
import { advance, type CheckpointLock } from '@countersign/log'
import { rounds } from '../thorough.ts'

const ORIGIN = 'log.example/a'
const ROUNDS = rounds(60, 200)
const [A, B, C] = ['a', 'b', 'c'].map((name) => utf8(`${ORIGIN}\n${name}\n`)) as [Uint8Array, Uint8Array, Uint8Array]
const conflict = () => expect.objectContaining({ name: 'CodedError', code: 'checkpoint-conflict' }) as Error
const failed = () => expect.objectContaining({ name: 'CodedError', code: 'store-failed' }) as Error

/** How swaps fail: never begun, or done and then not answered for. */
export type Failure = 'lost' | 'persisted'

/** A lock whose next swaps fail. */
export function failing(lock: CheckpointLock, failure: Failure, times: number): CheckpointLock {
  let left = times
  return {
    read: (origin) => lock.read(origin),
    async swap(origin, old, next) {
      const fails = left-- > 0
      if (!fails || failure === 'persisted') await lock.swap(origin, old, next)
      if (fails) throw new CodedError('store-failed', 'injected')
    },
  }
}

/** What every {@link CheckpointLock} promises. `another` opens the same lock once more, as a second server would. */
export function checkpointLockContract(
  name: string,
  open: () => Promise<{
    lock: CheckpointLock
    another: () => Promise<CheckpointLock>
    remove: () => void | Promise<void>
  }>,
): void {
  describe(`CheckpointLock: ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>
    let lock: CheckpointLock
    beforeEach(async () => {
      opened = await open()
      ;({ lock } = opened)
    })
    afterEach(() => opened.remove())

    it('holds nothing at first, then what was swapped in last', async () => {
      expect(await lock.read(ORIGIN)).toBeNull()
      await lock.swap(ORIGIN, null, A)
      expect(await lock.read(ORIGIN)).toEqual(A)
      await lock.swap(ORIGIN, A, B)
      await lock.swap(ORIGIN, B, A)
      await lock.swap(ORIGIN, A, C)
      expect(await lock.read(ORIGIN)).toEqual(C)
    })

    it('gives plain bytes of its own, and keeps none of the caller', async () => {
      const lent = Buffer.from(`xx${ORIGIN}`).subarray(2)
      await lock.swap(ORIGIN, null, lent)
      lent.fill(0)
      const read = await lock.read(ORIGIN)
      expect(read).toEqual(utf8(ORIGIN))
      expect(read!.constructor).toBe(Uint8Array)
      read!.fill(0)
      expect(await lock.read(ORIGIN)).toEqual(utf8(ORIGIN))
    })

    it('keeps checkpoints of many bytes, any bytes', async () => {
      const large = Uint8Array.from({ length: 300_000 }, (_, i) => i % 256)
      await lock.swap(ORIGIN, null, large)
      await lock.swap(ORIGIN, large, large.with(299_999, 7))
      expect(await lock.read(ORIGIN)).toEqual(large.with(299_999, 7))
      await expect(lock.swap(ORIGIN, large, A)).rejects.toThrow(conflict())
    })

    it.each([
      ['the one before', A],
      ['none', null],
      ['one that was never there', C],
      ['the beginning of it', B.slice(0, -1)],
      ['it and more', Uint8Array.of(...B, 0)],
      ['the same letters in another case', utf8(new TextDecoder().decode(B).toUpperCase())],
    ])('swaps exactly the old one: not %s', async (_, old) => {
      await lock.swap(ORIGIN, null, A)
      await lock.swap(ORIGIN, A, B)
      await expect(lock.swap(ORIGIN, old, C)).rejects.toThrow(conflict())
      expect(await lock.read(ORIGIN)).toEqual(B)
      await lock.swap(ORIGIN, B, C)
      expect(await lock.read(ORIGIN)).toEqual(C)
    })

    it('swaps nothing in the place of one that is not there', async () => {
      await expect(lock.swap(ORIGIN, A, B)).rejects.toThrow(conflict())
      expect(await lock.read(ORIGIN)).toBeNull()
    })

    it('keeps origins apart, each by its exact name', async () => {
      const names = [
        ORIGIN,
        ORIGIN.toUpperCase(),
        `${ORIGIN}/`,
        `${ORIGIN} `,
        `${ORIGIN}%`,
        `${ORIGIN}\0`,
        'ä',
        'a\u0308',
        '',
      ]
      for (const origin of names) await lock.swap(origin, null, utf8(`note of ${origin}`))
      for (const origin of names) expect(await lock.read(origin)).toEqual(utf8(`note of ${origin}`))
    })

    it('is one lock, wherever it is opened', async () => {
      await lock.swap(ORIGIN, null, A)
      const other = await opened.another()
      expect(await other.read(ORIGIN)).toEqual(A)
      await other.swap(ORIGIN, A, B)
      expect(await lock.read(ORIGIN)).toEqual(B)
      await expect(lock.swap(ORIGIN, A, C)).rejects.toThrow(conflict())
    })

    it(`lets one of 64 win who swap at once, ${ROUNDS} times`, async () => {
      const locks = [lock, await opened.another(), await opened.another(), await opened.another()]
      let held: Uint8Array | null = null
      for (let round = 0; round < ROUNDS; round++) {
        const old: Uint8Array | null = held
        const nexts = Array.from({ length: 64 }, (_, i) => utf8(`${round} ${i}`))
        const told = await Promise.allSettled(nexts.map((next, i) => locks[i % locks.length]!.swap(ORIGIN, old, next)))
        const winners: readonly Uint8Array[] = nexts.filter((_, i) => told[i]!.status === 'fulfilled')
        expect(winners).toHaveLength(1)
        for (const one of told) if (one.status === 'rejected') expect(one.reason).toEqual(conflict())
        for (const each of locks) expect(await each.read(ORIGIN)).toEqual(winners[0])
        held = winners[0]!
      }
    })

    describe.each(['lost', 'persisted'] as const)('a swap that is %s, and reported as failed (T-77)', (failure) => {
      it.each([1, 2])('%i times: whoever reads again and repeats ends right', async (times) => {
        await lock.swap(ORIGIN, null, A)
        const faulty = failing(lock, failure, times)
        // By hand.
        let held: Uint8Array | null = A
        for (let tried = 0; Buffer.compare(held!, B) !== 0; tried++) {
          expect(tried).toBeLessThan(3)
          if (tried < times) await expect(faulty.swap(ORIGIN, held, B)).rejects.toThrow(failed())
          else await faulty.swap(ORIGIN, held, B)
          held = await lock.read(ORIGIN)
        }
        // As the log does it.
        await advance(failing(lock, failure, times), ORIGIN, B, C)
        expect(await lock.read(ORIGIN)).toEqual(C)
        await advance(failing(lock, failure, times), 'new', null, A)
        expect(await lock.read('new')).toEqual(A)
      })

      it('and somebody else swaps meanwhile: he who reads again sees it', async () => {
        await lock.swap(ORIGIN, null, A)
        const faulty = failing(lock, failure, 1)
        const meanwhile: CheckpointLock = {
          swap: (...args) => faulty.swap(...args),
          async read(origin) {
            await lock.swap(origin, (await lock.read(origin))!, utf8('theirs'))
            return lock.read(origin)
          },
        }
        await expect(advance(meanwhile, ORIGIN, A, B)).rejects.toThrow(conflict())
        expect(await lock.read(ORIGIN)).toEqual(utf8('theirs'))
      })
    })

    it('red control: who does not read again after a failure takes his own checkpoint for another', async () => {
      await lock.swap(ORIGIN, null, A)
      const faulty = failing(lock, 'persisted', 1)
      await expect(faulty.swap(ORIGIN, A, B)).rejects.toThrow(failed())
      await expect(faulty.swap(ORIGIN, A, B)).rejects.toThrow(conflict())
      expect(await lock.read(ORIGIN)).toEqual(B)
    })
  })
}
