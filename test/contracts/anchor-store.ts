import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AnchorEntry, type AnchorStep, type AnchorStore, addCosts } from '@countersign/anchor'
import { CodedError } from '@countersign/core'

const conflict = () => expect.objectContaining({ name: 'CodedError', code: 'checkpoint-conflict' }) as Error
const internal = () => expect.objectContaining({ name: 'CodedError', code: 'internal' }) as Error

/** How writes fail: never begun, or done and then not answered for. */
export type Failure = 'lost' | 'persisted'

/** A store whose writes fail where `fails` says so. */
export function failing(store: AnchorStore, fails: () => Failure | null): AnchorStore {
  const write = async <T>(work: () => Promise<T>): Promise<T> => {
    const failure = fails()
    if (failure === 'lost') throw new CodedError('store-failed', 'injected')
    const result = await work()
    if (failure === 'persisted') throw new CodedError('store-failed', 'injected')
    return result
  }
  return {
    ...store,
    setUp: (anchor) => write(() => store.setUp(anchor)),
    enqueue: (...args) => write(() => store.enqueue(...args)),
    save: (step) => write(() => store.save(step)),
    revive: (...args) => write(() => store.revive(...args)),
  }
}

/** The step after an entry: `more` is what is new. */
export function stepOf(
  entry: AnchorEntry,
  more: Partial<AnchorEntry>,
  rest: Partial<Omit<AnchorStep, 'entry'>> = {},
): AnchorStep {
  const { proof = null, spent = [] } = rest
  const costs = addCosts(entry.costs, spent)
  return { entry: { ...entry, revision: entry.revision + 1, costs, ...more }, proof, spent }
}

/** What every {@link AnchorStore} promises. `reopen` closes and opens the same data again. */
export function anchorStoreContract(
  name: string,
  open: () => Promise<{
    store: AnchorStore
    reopen: () => Promise<AnchorStore>
    remove: () => void | Promise<void>
  }>,
): void {
  describe(`AnchorStore: ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>
    let store: AnchorStore
    beforeEach(async () => {
      opened = await open()
      ;({ store } = opened)
    })
    afterEach(() => opened.remove())

    const setUp = async (anchor = 'rekor', first = 0) => {
      await store.setUp({ name: anchor, kind: 'rekor', first, at: 1_000 })
    }
    const oldest = async (anchor = 'rekor') => (await store.unfinished(anchor))[0]!
    const final = (entry: AnchorEntry, at: number) =>
      stepOf(entry, { state: { phase: 'final', memo: null }, finalAt: at }, { proof: Uint8Array.of(1, 2, 255) })

    it('holds nothing at first', async () => {
      expect(await store.totals()).toEqual([])
      expect(await store.statements(10, null)).toEqual([])
      expect(await store.unfinished('rekor')).toEqual([])
      expect(await store.of(0)).toEqual([])
      expect(await store.proof('rekor', 0)).toBeNull()
      expect(await store.revive('rekor', 0, 5)).toBeNull()
    })

    it('sets an anchor up once: what was first stands', async () => {
      await setUp('rekor', 3)
      await store.setUp({ name: 'rekor', kind: 'rekor', first: 9, at: 2_000 })
      expect(await store.totals()).toMatchObject([{ name: 'rekor', kind: 'rekor', first: 3, at: 1_000 }])
      await expect(store.setUp({ name: 'rekor', kind: 'rfc3161', first: 3, at: 1 })).rejects.toMatchObject({
        code: 'usage',
      })
    })

    it('queues each statement from the first on once, gaps and all', async () => {
      await setUp('rekor', 3)
      await store.enqueue('rekor', 2, 1)
      expect(await store.unfinished('rekor')).toEqual([])
      await store.enqueue('rekor', 4, 10)
      const held = await oldest()
      expect(held).toEqual({
        anchor: 'rekor',
        number: 3,
        revision: 0,
        state: { phase: 'pending', memo: null },
        queuedAt: 10,
        begunAt: 10,
        at: 10,
        due: 10,
        moves: 0,
        failing: null,
        dead: null,
        costs: [],
        finalAt: null,
      })
      await store.save(stepOf(held, { due: 99 }))
      await store.enqueue('rekor', 7, 20)
      await store.enqueue('rekor', 7, 30)
      await store.enqueue('rekor', 5, 40)
      const all = await store.unfinished('rekor')
      expect(all.map(({ number, queuedAt, due }) => [number, queuedAt, due])).toEqual([
        [3, 10, 99],
        [4, 10, 10],
        [5, 20, 20],
        [6, 20, 20],
        [7, 20, 20],
      ])
    })

    it('keeps what it is given, to the last member, and after it was opened again', async () => {
      await setUp()
      await store.enqueue('rekor', 0, 10)
      const step = stepOf(
        await oldest(),
        {
          state: { phase: 'submitted', memo: { nonce: 7, raw: 'ab"\u0000ü', deep: { list: [1, null, true] } } },
          at: 20,
          due: 21,
          begunAt: 11,
          moves: 3,
          failing: { code: 'anchor-unreachable', what: 'no answer', since: 12, tries: 2 },
          dead: { code: 'anchor-refused', what: 'nö', at: 13 },
        },
        { spent: [{ unit: 'wei', amount: '123456789012345678901234567890' }] },
      )
      await store.save(step)
      expect(await store.unfinished('rekor')).toEqual([step.entry])
      store = await opened.reopen()
      expect(await store.unfinished('rekor')).toEqual([step.entry])
      expect(await store.of(0)).toEqual([step.entry])
    })

    it('gives proof of what is final, byte by byte, and tries it no longer', async () => {
      await setUp()
      await store.enqueue('rekor', 1, 10)
      const step = final(await oldest(), 50)
      expect(await store.proof('rekor', 0)).toBeNull()
      await store.save(step)
      const proof = await store.proof('rekor', 0)
      expect(proof).toEqual(Uint8Array.of(1, 2, 255))
      expect(proof!.constructor).toBe(Uint8Array)
      expect((await store.unfinished('rekor')).map(({ number }) => number)).toEqual([1])
      store = await opened.reopen()
      expect(await store.proof('rekor', 0)).toEqual(Uint8Array.of(1, 2, 255))
    })

    it('refuses what is final without proof, and proof of what is not', async () => {
      await setUp()
      await store.enqueue('rekor', 0, 10)
      const held = await oldest()
      const state = { phase: 'final', memo: null } as const
      await expect(store.save(stepOf(held, { state, finalAt: 5 }))).rejects.toThrow(internal())
      await expect(store.save(stepOf(held, { state }, { proof: Uint8Array.of(1) }))).rejects.toThrow(internal())
      await expect(store.save(stepOf(held, {}, { proof: Uint8Array.of(1) }))).rejects.toThrow(internal())
      expect(await store.unfinished('rekor')).toEqual([held])
      expect(await store.proof('rekor', 0)).toBeNull()
    })

    it('leaves what is final as it is', async () => {
      await setUp()
      await store.enqueue('rekor', 0, 10)
      const done = final(await oldest(), 50)
      await store.save(done)
      const back = stepOf(done.entry, { state: { phase: 'pending', memo: null }, finalAt: null })
      await expect(store.save(back)).rejects.toThrow(conflict())
      expect(await store.revive('rekor', 0, 60)).toEqual(done.entry)
      expect(await store.proof('rekor', 0)).toEqual(Uint8Array.of(1, 2, 255))
    })

    it('takes the same step twice and pays once; another from the same place is refused (T-77)', async () => {
      await setUp()
      await store.enqueue('rekor', 0, 10)
      const held = await oldest()
      const spent = [{ unit: 'wei', amount: '40' }]
      const step = stepOf(held, { due: 20 }, { spent })
      await store.save(step)
      await store.save(step)
      await expect(store.save(stepOf(held, { due: 21 }, { spent }))).rejects.toThrow(conflict())
      await expect(store.save(stepOf({ ...step.entry, revision: 5 }, {}))).rejects.toThrow(conflict())
      await expect(store.save(stepOf({ ...held, number: 8 }, {}))).rejects.toThrow(conflict())
      expect(await store.unfinished('rekor')).toEqual([step.entry])
      expect((await store.totals())[0]!.costs).toEqual(spent)
      // Red control: another step is another cost.
      await store.save(stepOf(step.entry, { due: 22 }, { spent: [...spent, { unit: 'gas', amount: '2' }] }))
      expect((await store.totals())[0]!.costs).toEqual([
        { unit: 'gas', amount: '2' },
        { unit: 'wei', amount: '80' },
      ])
    })

    it('puts a dead letter back from where it was, and nothing else', async () => {
      await setUp()
      await store.enqueue('rekor', 1, 10)
      const held = await oldest()
      const dead = stepOf(held, {
        state: { phase: 'submitted', memo: { id: 1 } },
        moves: 9,
        failing: { code: 'anchor-refused', what: 'no', since: 3, tries: 9 },
        dead: { code: 'anchor-refused', what: 'no', at: 40 },
      })
      await store.save(dead)
      expect((await store.totals())[0]!.counts).toEqual({ pending: 1, submitted: 0, included: 0, final: 0, dead: 1 })
      const back = await store.revive('rekor', 0, 90)
      expect(back).toEqual({
        ...dead.entry,
        revision: 2,
        moves: 0,
        at: 90,
        due: 90,
        begunAt: 90,
        failing: null,
        dead: null,
      })
      expect(await oldest()).toEqual(back)
      expect(await store.revive('rekor', 0, 95)).toEqual(back)
      // A move that was under way meanwhile does not bury it again.
      await expect(store.save(stepOf(dead.entry, {}))).rejects.toThrow(conflict())
    })

    it('says where each anchor stands', async () => {
      await setUp('b', 0)
      await setUp('a', 2)
      await store.enqueue('b', 4, 10)
      const entries = await store.unfinished('b')
      await store.save(final(entries[0]!, 50))
      await store.save(final(entries[2]!, 70))
      await store.save(stepOf(entries[3]!, { state: { phase: 'included', memo: null } }))
      await store.save(stepOf(entries[4]!, { state: { phase: 'submitted', memo: null } }))
      expect(await store.totals()).toEqual([
        {
          name: 'a',
          kind: 'rekor',
          first: 2,
          at: 1_000,
          last: null,
          counts: { pending: 0, submitted: 0, included: 0, final: 0, dead: 0 },
          newestFinal: null,
          waiting: null,
          costs: [],
        },
        {
          name: 'b',
          kind: 'rekor',
          first: 0,
          at: 1_000,
          last: 4,
          counts: { pending: 1, submitted: 1, included: 1, final: 2, dead: 0 },
          newestFinal: { number: 2, at: 70 },
          waiting: { number: 1, queuedAt: 10 },
          costs: [],
        },
      ])
    })

    it('lists statements newest first, page by page, each with its anchors by name', async () => {
      await setUp('b', 0)
      await setUp('a', 3)
      await store.enqueue('b', 5, 10)
      await store.enqueue('a', 4, 10)
      const page = async (limit: number, before: number | null) =>
        (await store.statements(limit, before)).map(({ number, entries }) => [
          number,
          entries.map(({ anchor }) => anchor).join(),
        ])
      expect(await page(3, null)).toEqual([
        [5, 'b'],
        [4, 'a,b'],
        [3, 'a,b'],
      ])
      expect(await page(2, 3)).toEqual([
        [2, 'b'],
        [1, 'b'],
      ])
      expect(await page(10, 0)).toEqual([])
      expect((await store.of(4)).map(({ anchor }) => anchor)).toEqual(['a', 'b'])
    })

    it('keeps anchors apart by their exact names', async () => {
      const names = ['a', 'a:1', 'a.1', 'a_1', 'eip155:1']
      for (const anchor of names) {
        await setUp(anchor)
        await store.enqueue(anchor, 0, 1)
      }
      await store.save(final(await oldest('a:1'), 5))
      for (const anchor of names) {
        expect(await store.unfinished(anchor)).toHaveLength(anchor === 'a:1' ? 0 : 1)
        expect(await store.proof(anchor, 0)).toEqual(anchor === 'a:1' ? Uint8Array.of(1, 2, 255) : null)
      }
    })
  })
}
