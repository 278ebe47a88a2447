import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AnchorLane, AnchorStore } from '@countersign/anchor'
import { memoryAnchorStore } from '../../packages/anchor/src/store.test-kit.ts'
import { DAY, HOUR, MINUTE, refused, unreachable, World } from '../../packages/anchor/src/world.test-kit.ts'
import { carelessAnchor, ledgerAnchor, memoryLedger, verifyLine } from '../anchors/local-file.ts'
import { type Failure, failing } from '../contracts/anchor-store.ts'

type Event =
  | { readonly kind: 'publish' | 'run' | 'look' | 'down' | 'up' | 'restart' }
  | { readonly kind: 'wait' | 'kill' | 'refuse' | 'revive' | Failure; readonly n: number }

const plain = (kind: 'publish' | 'run' | 'look' | 'down' | 'up' | 'restart') => fc.constant<Event>({ kind })
const numbered = (kind: 'wait' | 'kill' | 'refuse' | 'revive' | Failure, n: fc.Arbitrary<number>) =>
  n.map((value): Event => ({ kind, n: value }))
const calm = [
  { arbitrary: plain('publish'), weight: 5 },
  { arbitrary: plain('look'), weight: 5 },
  { arbitrary: plain('down'), weight: 1 },
  { arbitrary: plain('up'), weight: 2 },
  { arbitrary: numbered('refuse', fc.nat(12)), weight: 1 },
  { arbitrary: numbered('revive', fc.nat(12)), weight: 1 },
  { arbitrary: plain('restart'), weight: 1 },
]
const rough = [
  ...calm,
  { arbitrary: plain('run'), weight: 5 },
  // Clocks are set back, too.
  {
    arbitrary: numbered('wait', fc.oneof(fc.integer({ min: 0, max: 3 * HOUR }), fc.constantFrom(DAY, -DAY, 40 * DAY))),
    weight: 5,
  },
  { arbitrary: numbered('kill', fc.nat(40)), weight: 4 },
  { arbitrary: numbered('lost', fc.nat(5)), weight: 1 },
  { arbitrary: numbered('persisted', fc.nat(5)), weight: 1 },
]

/** Everything there is, and the lane that is to be tested on it. */
class Story {
  readonly world = new World()
  readonly kept = memoryAnchorStore()
  readonly ledger = memoryLedger()
  readonly refuses = new Set<number>()
  readonly #store: AnchorStore
  readonly #make: typeof ledgerAnchor
  #down = false
  #failure: { kind: Failure; after: number } | null = null
  #lane: AnchorLane

  constructor(make = ledgerAnchor) {
    this.#make = make
    this.#store = failing(this.kept, () => {
      if (this.#failure === null || this.#failure.after-- > 0) return null
      const { kind } = this.#failure
      this.#failure = null
      return kind
    })
    this.#lane = this.#open()
  }

  get down(): boolean {
    return this.#down
  }

  #open(): AnchorLane {
    const before = ({ number }: { number: number }) => {
      if (this.#down) throw unreachable()
      if (this.refuses.has(number)) throw refused()
    }
    return this.world.lane(this.#make({ ledger: this.ledger, settles: 0, before }), this.#store)
  }

  async play(event: Event): Promise<void> {
    const { world } = this
    if (event.kind === 'publish') world.publish()
    else if (event.kind === 'run' || event.kind === 'look') await this.#run(event.kind === 'look')
    else if (event.kind === 'down' || event.kind === 'up') this.#down = event.kind === 'down'
    else if (event.kind === 'restart') this.#lane = this.#open()
    else if (event.kind === 'wait') world.now += event.n
    else if (event.kind === 'refuse') this.refuses.add(event.n)
    else if (event.kind === 'revive') {
      this.refuses.delete(event.n)
      await this.kept.revive('ledger', event.n, world.now)
    } else if (event.kind === 'kill') {
      world.left = event.n
      await this.#run(false)
      world.left = Number.POSITIVE_INFINITY
      this.#lane = this.#open()
    } else if (event.kind === 'lost' || event.kind === 'persisted') {
      this.#failure = { kind: event.kind, after: event.n }
    }
  }

  async #run(eager: boolean): Promise<void> {
    // The store fails, or the process dies: both are for the next run to mend.
    await this.#lane.run(eager).catch(() => undefined)
  }

  /** What must be so at every moment. */
  async check(): Promise<void> {
    const counts = new Map<string, number>()
    for (const line of this.ledger.lines()) {
      const digest = line.split(' ')[1]!
      counts.set(digest, (counts.get(digest) ?? 0) + 1)
    }
    for (const [digest, count] of counts) if (count > 1) throw new Error(`doubled ${digest}`)
    for (const [number, text] of this.world.published.entries()) {
      const [entry] = await this.kept.of(number)
      const proof = await this.kept.proof('ledger', number)
      if (proof !== null) verifyLine(proof, text, this.ledger)
      if ((proof !== null) !== (entry?.state.phase === 'final')) throw new Error(`statement ${number} without proof`)
    }
  }

  /** Everything works again, for as long as it takes. */
  async heal(): Promise<void> {
    this.#failure = null
    this.#down = false
    this.refuses.clear()
    for (const { number, dead } of await this.kept.unfinished('ledger')) {
      if (dead !== null) await this.kept.revive('ledger', number, this.world.now)
    }
    for (let hour = 0; hour < 6; hour++) {
      this.world.now += HOUR
      await this.#run(false)
    }
  }
}

const story = (events: typeof rough) => fc.array(fc.oneof(...events), { minLength: 5, maxLength: 60 })

test('whatever happens: never lost, never doubled, never paid twice, final only with proof', async () => {
  await fc.assert(
    fc.asyncProperty(story(rough), async (events) => {
      const it = new Story()
      it.world.publish()
      for (const event of events) {
        await it.play(event)
        await it.check()
      }
      await it.heal()
      await it.check()
      const [totals] = await it.kept.totals()
      const { first, costs, counts } = totals!
      const all = it.world.published.length - first
      expect(counts).toEqual({ pending: 0, submitted: 0, included: 0, final: all, dead: 0 })
      expect(it.ledger.lines()).toHaveLength(all)
      expect(costs).toEqual([{ unit: 'line', amount: String(all) }])
    }),
    { numRuns: 150 },
  )
}, 60_000)

test('red control: the same stories find the anchor that sends before it knows what', async () => {
  const found = await fc.check(
    fc.asyncProperty(story(rough), async (events) => {
      const it = new Story(carelessAnchor)
      it.world.publish()
      for (const event of events) await it.play(event)
      await it.heal()
      await it.check()
    }),
    { numRuns: 150 },
  )
  expect(found.failed).toBe(true)
}, 60_000)

/** The slow and obvious twin: every statement, at every look, one rule after another. No store, no lanes, no time. */
class Twin {
  readonly rows: { state: 'new' | 'prepared' | 'final' | 'dead'; tries: number }[] = []
  first: number | null = null
  published = 0

  look(down: boolean, refuses: ReadonlySet<number>): void {
    this.first ??= Math.max(0, this.published - 1)
    for (let number = this.first; number < this.published; number++) {
      const row = (this.rows[number] ??= { state: 'new', tries: 0 })
      if (row.state === 'final' || row.state === 'dead') continue
      row.state = 'prepared'
      if (down) row.tries++
      else if (refuses.has(number)) row.state = 'dead'
      else row.state = 'final'
    }
  }

  revive(number: number): void {
    const row = this.rows[number]
    if (row?.state === 'dead') this.rows[number] = { state: 'prepared', tries: 0 }
  }
}

test('ends as the slow and obvious twin does', async () => {
  await fc.assert(
    fc.asyncProperty(story(calm), async (events) => {
      const it = new Story()
      const twin = new Twin()
      for (const event of events) {
        await it.play(event)
        if (event.kind === 'publish') twin.published++
        else if (event.kind === 'look') twin.look(it.down, it.refuses)
        else if (event.kind === 'revive') twin.revive(event.n)
        it.world.now += MINUTE
        for (let number = 0; number < twin.published; number++) {
          const [entry] = await it.kept.of(number)
          const row = twin.rows[number]
          const state =
            entry === undefined
              ? undefined
              : entry.dead !== null
                ? 'dead'
                : entry.state.phase === 'final'
                  ? 'final'
                  : 'prepared'
          expect([number, state]).toEqual([number, row?.state])
          if (state === 'prepared') expect(entry!.failing?.tries ?? 0).toBe(row!.tries)
        }
      }
    }),
    { numRuns: 150 },
  )
}, 60_000)
