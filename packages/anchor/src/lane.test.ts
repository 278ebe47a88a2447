import { describe, expect, test } from 'vitest'
import { CodedError, utf8 } from '@countersign/core'
import { carelessAnchor, ledgerAnchor, memoryLedger, verifyLine } from '../../../test/anchors/local-file.ts'
import { failing } from '../../../test/contracts/anchor-store.ts'
import type { Anchor, AnchorJob, AnchorMove } from './anchor.ts'
import type { AnchorStore } from './index.ts'
import { memoryAnchorStore } from './store.test-kit.ts'
import { DAY, HOUR, MINUTE, refused, unreachable, World } from './world.test-kit.ts'

/** How often each statement is in the ledger, and that each proof is of its line. */
async function table(world: World, store: AnchorStore, ledger: ReturnType<typeof memoryLedger>, name = 'ledger') {
  const rows: string[] = []
  for (const [number, text] of world.published.entries()) {
    const entry = (await store.of(number)).find(({ anchor }) => anchor === name)
    const proof = await store.proof(name, number)
    if (proof !== null) verifyLine(proof, text, ledger)
    expect(entry?.state.phase === 'final').toBe(proof !== null)
    rows.push(entry === undefined ? '-' : entry.dead !== null ? `dead ${entry.dead.code}` : entry.state.phase)
  }
  return rows
}

/** An anchor that answers what it is told to. */
function scripted(answer: (job: AnchorJob) => AnchorMove | Promise<AnchorMove>): Anchor {
  return { kind: 'rekor', name: 'ledger', move: async (job) => answer(job), check: async () => [] }
}

const PENDING: AnchorMove = { state: { phase: 'pending', memo: null }, proof: null, again: MINUTE, costs: [] }

test('drives a statement all the way, and says when to look again', async () => {
  const [world, store, ledger] = [new World(), memoryAnchorStore(), memoryLedger()]
  const lane = world.lane(ledgerAnchor({ ledger, settles: 10 * MINUTE }), store)
  expect(await lane.run()).toBe(MINUTE)
  world.publish()
  expect(await lane.run()).toBe(MINUTE)
  expect(await table(world, store, ledger)).toEqual(['included'])
  world.now += 9 * MINUTE + 30_000
  expect(await lane.run()).toBe(30_000)
  world.now += 30_000
  await lane.run()
  expect(await table(world, store, ledger)).toEqual(['final'])
  expect(world.events.map(({ outcome }) => outcome)).toEqual(['moved', 'moved', 'moved', 'final'])
  expect((await store.totals())[0]).toMatchObject({ costs: [{ unit: 'line', amount: '1' }] })
  expect((await store.of(0))[0]).toMatchObject({ costs: [{ unit: 'line', amount: '1' }], finalAt: world.now })
})

test('takes the oldest first, one at a time', async () => {
  const [world, store] = [new World(), memoryAnchorStore()]
  for (let i = 0; i < 4; i++) world.publish()
  const seen: number[] = []
  let running = 0
  const lane = world.lane(
    scripted(async ({ number }) => {
      expect(++running).toBe(1)
      await Promise.resolve()
      seen.push(number)
      running--
      return PENDING
    }),
    store,
  )
  await store.setUp({ name: 'ledger', kind: 'rekor', first: 0, at: 0 })
  await Promise.all([lane.run(), lane.run()])
  world.now += MINUTE
  await lane.run()
  expect(seen).toEqual([0, 1, 2, 3, 0, 1, 2, 3])
})

test('tells a move of what else is on its way, dead letters too, and of nothing that has not begun', async () => {
  const [world, store] = [new World(), memoryAnchorStore()]
  await store.setUp({ name: 'ledger', kind: 'rekor', first: 0, at: 0 })
  for (let i = 0; i < 4; i++) world.publish()
  const told: unknown[] = []
  const lane = world.lane(
    scripted(({ number, others, state }) => {
      if (number === 3) told.push(others.map(({ memo }) => memo))
      if (number === 0) return { ...PENDING, state: { phase: 'final', memo: null }, proof: utf8('{}') }
      if (number === 1 && state.memo !== null) throw refused()
      return number === 2 || number === 3
        ? PENDING
        : { ...PENDING, state: { phase: 'pending', memo: { number } }, again: 0 }
    }),
    store,
  )
  await lane.run()
  expect(told).toEqual([[{ number: 1 }]])
})

test('waits longer after each failure, never more than an hour, and tries for a month', async () => {
  const [world, store] = [new World(), memoryAnchorStore()]
  world.publish()
  const lane = world.lane(
    scripted(() => {
      throw unreachable()
    }),
    store,
    { random: () => 1 },
  )
  const waits: number[] = []
  const begun = world.now
  for (;;) {
    await lane.run()
    const [entry] = await store.of(0)
    if (entry!.dead !== null) break
    waits.push(entry!.due - world.now)
    world.now = entry!.due
  }
  expect(waits.slice(0, 8)).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((minutes) => minutes * MINUTE))
  expect(Math.max(...waits)).toBe(HOUR)
  expect((world.now - begun) / DAY).toBeGreaterThanOrEqual(30)
  expect((world.now - begun) / DAY).toBeLessThan(31)
  expect((await store.of(0))[0]).toMatchObject({ dead: { code: 'anchor-unreachable', what: 'it does not answer' } })
})

test('does not give up because the house was dark for weeks', async () => {
  const [world, store, ledger] = [new World(), memoryAnchorStore(), memoryLedger()]
  world.publish()
  let up = false
  const anchor = ledgerAnchor({
    ledger,
    before: () => {
      if (!up) throw unreachable()
    },
  })
  await world.lane(anchor, store).run()
  world.now += 60 * DAY
  await world.lane(anchor, store).run()
  up = true
  world.now += HOUR
  await world.lane(anchor, store).run()
  expect(await table(world, store, ledger)).toEqual(['final'])
})

test('what an anchor never finishes is a dead letter in the end', async () => {
  const [world, store] = [new World(), memoryAnchorStore()]
  world.publish()
  const lane = world.lane(
    scripted(() => ({ ...PENDING, state: { phase: 'submitted', memo: null } })),
    store,
  )
  for (let hour = 0; hour < 31 * 24; hour++) {
    await lane.run()
    world.now += HOUR
  }
  expect((await store.of(0))[0]).toMatchObject({
    dead: { code: 'anchor-missing', what: 'after 30 days it is submitted still' },
  })
})

test('a refusal is a dead letter at once, the others go on, and it can be put back', async () => {
  const [world, store, ledger] = [new World(), memoryAnchorStore(), memoryLedger()]
  await store.setUp({ name: 'ledger', kind: 'rekor', first: 0, at: 0 })
  for (let i = 0; i < 3; i++) world.publish()
  let bad = true
  const anchor = ledgerAnchor({
    ledger,
    before: ({ number }) => {
      if (bad && number === 1) throw refused()
    },
  })
  const lane = world.lane(anchor, store)
  await lane.run()
  world.now += 40 * DAY
  await lane.run()
  expect(await table(world, store, ledger)).toEqual(['final', 'dead anchor-refused', 'final'])
  const before = (await store.of(1))[0]!
  bad = false
  await store.revive('ledger', 1, world.now)
  expect((await store.of(1))[0]!.state).toEqual(before.state)
  await lane.run()
  expect(await table(world, store, ledger)).toEqual(['final', 'final', 'final'])
  expect(ledger.lines()).toHaveLength(3)
})

test('those that fail for long do not starve the others', async () => {
  const [world, store] = [new World(), memoryAnchorStore()]
  await store.setUp({ name: 'ledger', kind: 'rekor', first: 0, at: 0 })
  const lane = world.lane(
    scripted(({ number }) => {
      if (number < 10) throw unreachable()
      return { ...PENDING, state: { phase: 'final', memo: null }, proof: utf8('{}') }
    }),
    store,
  )
  for (let hour = 0; hour < 24; hour++) {
    if (hour < 10 || hour === 12) world.publish()
    await lane.run()
    world.now += HOUR
  }
  expect((await store.totals())[0]).toMatchObject({ counts: { pending: 10, final: 1 } })
})

test('an anchor that is down is asked a few times an hour, however many wait', async () => {
  const [world, store] = [new World(), memoryAnchorStore()]
  await store.setUp({ name: 'ledger', kind: 'rekor', first: 0, at: 0 })
  for (let i = 0; i < 500; i++) world.publish()
  let asked = 0
  const lane = world.lane(
    scripted(() => {
      asked++
      throw unreachable()
    }),
    store,
  )
  for (let minute = 0; minute < 24 * 60; minute++) {
    await lane.run()
    world.now += MINUTE
  }
  expect(asked).toBeGreaterThan(24)
  expect(asked).toBeLessThan(60)
})

test('looks at once at everything where somebody asks for it', async () => {
  const [world, store, ledger] = [new World(), memoryAnchorStore(), memoryLedger()]
  await store.setUp({ name: 'ledger', kind: 'rekor', first: 0, at: 0 })
  for (let i = 0; i < 5; i++) world.publish()
  let up = false
  const anchor = ledgerAnchor({
    ledger,
    before: () => {
      if (!up) throw unreachable()
    },
  })
  const lane = world.lane(anchor, store)
  await lane.run()
  up = true
  await lane.run()
  expect(ledger.lines()).toEqual([])
  await lane.run(true)
  expect(await table(world, store, ledger)).toEqual(Array.from({ length: 5 }, () => 'final'))
})

test('is not held up by what is due for ever', async () => {
  const [world, store] = [new World(), memoryAnchorStore()]
  for (let i = 0; i < 2; i++) world.publish()
  await store.setUp({ name: 'ledger', kind: 'rekor', first: 0, at: 0 })
  const moves = [0, 0]
  const lane = world.lane(
    scripted(({ number }) => {
      moves[number]!++
      return { ...PENDING, again: -5 }
    }),
    store,
  )
  expect(await lane.run()).toBe(1_000)
  expect(moves).toEqual([32, 32])
})

describe('an anchor that breaks its word', () => {
  const broken: readonly (readonly [string, Partial<AnchorMove>])[] = [
    ['final without proof', { state: { phase: 'final', memo: null } }],
    ['proof of what is not final', { proof: utf8('{}') }],
    ['a proof without end', { state: { phase: 'final', memo: null }, proof: new Uint8Array(262_145) }],
    ['a memo without end', { state: { phase: 'pending', memo: { a: 'x'.repeat(262_145) } } }],
    ['a memo that is no JSON', { state: { phase: 'pending', memo: { a: -0, ['__proto__']: 1 } } }],
    ['no time', { again: Number.NaN }],
    ['a cost below zero', { costs: [{ unit: 'wei', amount: '-1' }] }],
    ['a cost in words', { costs: [{ unit: 'wei', amount: 'much' }] }],
    ['a cost of nothing', { costs: [{ unit: '', amount: '1' }] }],
  ]
  test.each(broken)('%s is a fault of ours, tried again, and nothing of it is kept', async (_, answer) => {
    const [world, store] = [new World(), memoryAnchorStore()]
    world.publish()
    await world
      .lane(
        scripted(() => ({ ...PENDING, ...answer })),
        store,
      )
      .run()
    expect((await store.of(0))[0]).toMatchObject({
      state: { phase: 'pending', memo: null },
      failing: { tries: 1 },
      dead: null,
      costs: [],
    })
  })

  test('whatever it throws is kept short, in one line, and not at all where it is not ours', async () => {
    const [world, store] = [new World(), memoryAnchorStore()]
    world.publish()
    const thrown = [new TypeError('secret'), new CodedError('anchor-unreachable', `a\u001b[31m\n${'x'.repeat(900)}`)]
    const lane = world.lane(
      scripted(() => {
        throw thrown.shift()
      }),
      store,
    )
    await lane.run()
    expect((await store.of(0))[0]!.failing).toMatchObject({ code: 'internal', what: 'the anchor failed unexpectedly' })
    await lane.run(true)
    const { what } = (await store.of(0))[0]!.failing!
    expect(what).toHaveLength(500)
    expect(what).toMatch(/^a\ufffd\[31m\ufffdx+…$/)
  })
})

describe('killed before or after anything it does', () => {
  /** Runs three statements with a process that is killed after so many operations, and again after its start. */
  async function survive(kills: readonly number[], make = ledgerAnchor) {
    const [world, store, ledger] = [new World(), memoryAnchorStore(), memoryLedger()]
    await store.setUp({ name: 'ledger', kind: 'rekor', first: 0, at: 0 })
    for (let i = 0; i < 3; i++) world.publish()
    const anchor = make({ ledger })
    for (const left of kills) {
      world.left = left
      await world
        .lane(anchor, store)
        .run()
        .catch(() => undefined)
    }
    world.left = Number.POSITIVE_INFINITY
    world.now += HOUR
    await world.lane(anchor, store).run()
    return { world, store, ledger, rows: await table(world, store, ledger) }
  }

  test('nothing is lost, nothing doubled, nothing paid twice', async () => {
    const { world } = await survive([])
    const all = world.operations
    expect(all).toBeGreaterThan(50)
    for (let first = 0; first <= all; first++) {
      for (const kills of [[first], [first, 3], [first, 7], [first, all - first]]) {
        const { store, ledger, rows } = await survive(kills)
        expect([kills, rows]).toEqual([kills, ['final', 'final', 'final']])
        expect(ledger.lines()).toHaveLength(3)
        expect((await store.totals())[0]!.costs).toEqual([{ unit: 'line', amount: '3' }])
      }
    }
  })

  test('red control: an anchor whose ids are not durable before they are sent doubles', async () => {
    const doubled: number[] = []
    for (let first = 0; first < 30; first++) {
      const { ledger } = await survive([first], carelessAnchor)
      if (ledger.lines().length > 3) doubled.push(first)
    }
    expect(doubled.length).toBeGreaterThan(0)
  })
})

describe.each(['lost', 'persisted'] as const)('a write that is %s, and reported as failed (T-77)', (failure) => {
  test('at any place: the run ends, and the next one ends right', async () => {
    for (let place = 0; place < 16; place++) {
      const [world, store, ledger] = [new World(), memoryAnchorStore(), memoryLedger()]
      world.publish()
      let writes = 0
      const faulty = failing(store, () => (writes++ === place ? failure : null))
      const lane = world.lane(ledgerAnchor({ ledger }), faulty)
      const ended = await lane.run().then(
        () => 'well',
        (error: unknown) => (error as CodedError).code,
      )
      expect(ended).toBe(place < 6 ? 'store-failed' : 'well')
      world.now += HOUR
      await lane.run()
      expect(await table(world, store, ledger)).toEqual(['final'])
      expect(ledger.lines()).toHaveLength(1)
      expect((await store.totals())[0]!.costs).toEqual([{ unit: 'line', amount: '1' }])
    }
  })
})
