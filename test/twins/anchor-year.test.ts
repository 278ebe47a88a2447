import { expect, test } from 'vitest'
import { type AnchorLane, gapOf } from '@countersign/anchor'
import { memoryAnchorStore } from '../../packages/anchor/src/store.test-kit.ts'
import { DAY, HOUR, refused, unreachable, World } from '../../packages/anchor/src/world.test-kit.ts'
import { ledgerAnchor, memoryLedger, verifyLine } from '../anchors/local-file.ts'

const YEAR = 365
const LIMIT = DAY

/**
 * A year of daily statements: one anchor fails for a week, one refuses a statement, one is switched off for three
 * weeks, one is new in summer; the house is dark for three days, and its clock is a day ahead for a day, then behind.
 */
test('after a year the table of anchors is complete, or says why not (T-87)', async () => {
  const world = new World()
  const begun = world.now
  const store = memoryAnchorStore()
  let day = 0
  const within = (from: number, to: number) => day >= from && day < to
  const faults: Record<string, (number: number) => void> = {
    steady: () => {},
    flaky: () => {
      if (within(40, 47)) throw unreachable()
    },
    picky: (number) => {
      if (number === 100) throw refused()
    },
    off: () => {},
    late: () => {},
  }
  const on: Record<string, () => boolean> = { off: () => !within(150, 171), late: () => day >= 200 }
  const anchors = Object.entries(faults).map(([name, before]) => {
    const ledger = memoryLedger()
    const anchor = ledgerAnchor({ name, ledger, settles: 3 * HOUR, before: ({ number }) => before(number) })
    return {
      name,
      ledger,
      anchor,
      on: on[name] ?? (() => true),
      lane: null as AnchorLane | null,
      gaps: new Set<number>(),
    }
  })
  let offset = 0
  for (; day < YEAR; day++) {
    // Three days without the house: the next statement covers them.
    const dark = within(250, 253)
    if (!dark) world.publish()
    if (day === 300) offset = DAY
    if (day === 301) offset = -DAY
    if (day === 302) offset = 0
    for (let hour = 0; hour < 24; hour += 3) {
      world.now = begun + day * DAY + hour * HOUR + offset
      if (dark) continue
      for (const one of anchors) {
        if (!one.on()) one.lane = null
        else await (one.lane ??= world.lane(one.anchor, store)).run()
      }
      const newest = { number: world.published.length - 1, time: begun + day * DAY }
      for (const totals of await store.totals()) {
        const one = anchors.find(({ name }) => name === totals.name)!
        if (one.on() && gapOf(totals, newest, world.now, LIMIT) !== null) one.gaps.add(day)
      }
    }
    // A restart now and then.
    if (day % 10 === 0) for (const one of anchors) one.lane = null
  }

  const count = world.published.length
  expect(count).toBe(YEAR - 3)
  const totals = new Map((await store.totals()).map((it) => [it.name, it]))
  for (const { name, ledger } of anchors) {
    const { first, costs } = totals.get(name)!
    expect(first).toBe(name === 'late' ? 200 : 0)
    const without: unknown[] = []
    for (let number = first; number < count - 1; number++) {
      const entry = (await store.of(number)).find(({ anchor }) => anchor === name)!
      if (entry.state.phase === 'final')
        verifyLine((await store.proof(name, number))!, world.published[number]!, ledger)
      else without.push([number, entry.dead?.code, entry.dead?.what])
    }
    expect([name, without]).toEqual([name, name === 'picky' ? [[100, 'anchor-refused', 'it will not have it']] : []])
    const lines = count - first - (name === 'picky' ? 1 : 0)
    expect(new Set(ledger.lines().map((line) => line.split(' ')[1])).size).toBe(lines)
    expect([name, ledger.lines().length, costs]).toEqual([name, lines, [{ unit: 'line', amount: String(lines) }]])
  }

  const gaps = (name: string) => [...anchors.find((one) => one.name === name)!.gaps]
  // The alarm is raised when it should be, and red control: not where all is well.
  expect(gaps('flaky')).toEqual([41, 42, 43, 44, 45, 46, 47])
  expect(gaps('picky')[0]).toBe(101)
  expect(gaps('picky').at(-1)).toBe(YEAR - 1)
  expect(gaps('steady').filter((it) => it !== 300)).toEqual([])
  expect(gaps('late').filter((it) => it !== 300)).toEqual([])
}, 60_000)

test('an anchor that was never asked has a gap, too', () => {
  const totals = {
    name: 'a',
    kind: 'rekor' as const,
    first: 5,
    at: 1_000,
    last: null,
    counts: { pending: 0, submitted: 0, included: 0, final: 0, dead: 0 },
    newestFinal: null,
    waiting: null,
    costs: [],
  }
  const newest = { number: 5, time: 500 }
  expect(gapOf(totals, newest, 1_000 + LIMIT, LIMIT)).toBeNull()
  expect(gapOf(totals, newest, 1_001 + LIMIT, LIMIT)).toEqual({ anchor: 'a', number: 5, waits: LIMIT + 1 })
  expect(gapOf({ ...totals, last: 5 }, newest, 9 * DAY, LIMIT)).toBeNull()
  expect(gapOf(totals, { number: 4, time: 500 }, 9 * DAY, LIMIT)).toBeNull()
  expect(gapOf(totals, null, 9 * DAY, LIMIT)).toBeNull()
})
