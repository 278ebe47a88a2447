import type { CountersignEvent, EventName } from '@countersign/client'
import { type EventStore, type Fact, type Positions, type Source, SOURCE_NAMES, TOLD_BY } from '../event-store.ts'
import { cloudEvent, eventId, sourceUri } from './cloud-event.ts'
import { sourceOf } from './cursor.ts'

/** An event, and where to go on from behind it. */
export interface Placed {
  readonly event: CountersignEvent
  readonly after: Positions
}

export interface PlacedPage {
  readonly items: readonly Placed[]
  /** Behind all that was looked at, told or not. */
  readonly after: Positions
  /** Whether there is more by now. */
  readonly more: boolean
}

export interface ReadingDeps {
  readonly store: Pick<EventStore, 'after' | 'ends'>
  /** Entries of the log that a published checkpoint covers. */
  readonly size: () => number
  readonly origin: string
}

/** Milliseconds by which the times of one source may be out of order: a fact is numbered after its time was taken. */
const OUT_OF_ORDER = 5_000

/** Reads events: the facts of all sources, merged by their times, each source in its own order. */
export class EventReader {
  readonly #deps: ReadingDeps

  constructor(deps: ReadingDeps) {
    this.#deps = deps
  }

  /**
   * At most `limit` events from a place on. A source that tells none of the names is not read, and stays where it was: with
   * the same names nothing is missed, and with others nothing of it either.
   */
  async page(
    tenant: string,
    from: Positions,
    names: ReadonlySet<EventName> | null,
    limit: number,
  ): Promise<PlacedPage> {
    const { store, size, origin } = this.#deps
    const bound = size()
    const wanted = SOURCE_NAMES.filter((source) => names === null || TOLD_BY[source].some((name) => names.has(name)))
    const queues = await Promise.all(
      wanted.map((source) => store.after(tenant, source, from[source], bound, limit + 1)),
    )
    const uri = sourceUri(origin, tenant)
    const items: Placed[] = []
    let after = from
    const heads = queues.map(() => 0)
    for (let looked = 0; looked < limit; looked++) {
      const fact = takeFirst(queues, heads)
      if (fact === null) break
      after = { ...after, [fact.source]: fact.number + 1 }
      if (names === null || names.has(fact.name)) items.push({ event: cloudEvent(fact, uri), after })
    }
    return { items, after, more: queues.some((queue, i) => heads[i]! < queue.length) }
  }

  /** Where the facts of about a time begin: none of it, or after it, is before that. */
  async since(tenant: string, at: number): Promise<Positions> {
    const ends = await this.#deps.store.ends(tenant)
    const time = new Date(Math.max(0, at - OUT_OF_ORDER)).toISOString()
    const found = await Promise.all(
      SOURCE_NAMES.map(async (source) => [source, await this.#first(tenant, source, ends[source], time)] as const),
    )
    return Object.fromEntries(found) as Record<Source, number>
  }

  /** Behind all that has happened. */
  now(tenant: string): Promise<Positions> {
    return this.#deps.store.ends(tenant)
  }

  /** The event with an id, as it is told now; null where what it tells of is gone. */
  async one(tenant: string, id: string): Promise<CountersignEvent | null> {
    const [, letter, digits] = /^([a-z])([0-9]{1,15})x?$/.exec(id) ?? []
    const source = letter === undefined ? null : sourceOf(letter)
    if (source === null) return null
    const { store, size, origin } = this.#deps
    const [fact] = await store.after(tenant, source, Number(digits), size(), 1)
    return fact === undefined || eventId(fact) !== id ? null : cloudEvent(fact, sourceUri(origin, tenant))
  }

  /** By halves: a look-up for each, however many facts there are. */
  async #first(tenant: string, source: Source, end: number, time: string): Promise<number> {
    const { store, size } = this.#deps
    let [low, high] = [0, end]
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const [fact] = await store.after(tenant, source, middle, size(), 1)
      if (fact === undefined || fact.at >= time) high = middle
      else low = fact.number + 1
    }
    return low
  }
}

/** The earliest of those that are first in their queues. */
function takeFirst(queues: readonly (readonly Fact[])[], heads: number[]): Fact | null {
  let best = -1
  for (const [i, queue] of queues.entries()) {
    const fact = queue[heads[i]!]
    if (fact !== undefined && (best < 0 || fact.at < queues[best]![heads[best]!]!.at)) best = i
  }
  return best < 0 ? null : queues[best]![heads[best]!++]!
}
