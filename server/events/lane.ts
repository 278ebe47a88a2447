import { type CountersignEvent, EVENT_NAMES } from '@countersign/client'
import type { Delivery, EventStore, Noticing, Progress, Told, Webhook } from '../event-store.ts'
import { GROUPS, type Outcome } from './channel.ts'
import { readCursor, writeCursor } from './cursor.ts'
import type { EventReader } from './reading.ts'

/** How long is tried, and how often. Milliseconds. */
export interface WebhookPace {
  /** The first wait after a failure; each that follows doubles it, up to the longest. */
  readonly firstMs: number
  readonly longestMs: number
  /** After so many tries an event is a dead letter. */
  readonly tries: number
  /** After so long without a success nothing is tried any more. */
  readonly disableMs: number
}

export const WEBHOOK_PACE: WebhookPace = {
  firstMs: 5_000,
  longestMs: 6 * 3_600_000,
  tries: 18,
  disableMs: 3 * 86_400_000,
}

/** Events that are looked at, and told, at once; and most that wait for another try before no more are taken up. */
const PAGE = 32
const AT_ONCE = 8
const MOST_WAITING = 64

/** All but the audit log, which goes nowhere unless somebody says so. */
const BY_DEFAULT = new Set(EVENT_NAMES.filter((name) => name !== 'admin.acted'))

export interface LaneDeps {
  readonly store: EventStore
  readonly reader: EventReader
  readonly tell: (webhook: Webhook, events: readonly CountersignEvent[]) => Promise<Outcome>
  /** Writes down how it went. */
  readonly save: (told: Told) => Promise<void>
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** From 0 to below 1. */
  readonly random: () => number
  readonly pace: WebhookPace
}

/** An event that is to be told: the first time, or again. */
interface Due {
  readonly id: string
  readonly tries: number
  /** Null where what it tells of is gone. */
  readonly event: CountersignEvent | null
}

/**
 * Tells one webhook what happened, on its own: one that is slow or dead holds up nobody else. What fails once waits for its
 * turn while others are told; where the endpoint itself is down, one event is tried now and then, and the others stay
 * where they are written. How far it came is written down after each page, so that a crash repeats a page at most, under
 * the same ids.
 */
export class Lane {
  readonly webhook: Webhook
  readonly #deps: LaneDeps
  #progress: Progress
  #running: Promise<void> | null = null
  #timer: NodeJS.Timeout | null = null
  #again = false
  /** No page is begun any more; and what is on its way is not written down, for another lane is there. */
  #over = false
  #discarded = false
  #wait: number | null = null

  constructor(webhook: Webhook, deps: LaneDeps) {
    this.webhook = webhook
    this.#progress = webhook.progress
    this.#deps = deps
  }

  /** Tells what there is to be told, and goes on by itself with what is due later. */
  look(failed: (error: unknown) => void): void {
    if (this.#over) return
    if (this.#running !== null) {
      this.#again = true
      return
    }
    this.#clear()
    this.#running = this.run()
      .catch(failed)
      .finally(() => {
        this.#running = null
        const { due } = this.#progress
        const wait = this.#wait ?? (due > this.#deps.now() ? due - this.#deps.now() : null)
        if (this.#over) return
        if (this.#again && wait === null) {
          this.#again = false
          this.look(failed)
          return
        }
        this.#again = false
        if (wait !== null) this.#timer = setTimeout(() => this.look(failed), Math.min(wait, 3_600_000)).unref()
      })
  }

  /** Resolves when nothing is on its way; what is due later may be waited for. */
  async rested(): Promise<void> {
    while (this.#running !== null) await this.#running
  }

  /** Resolves when nothing more can be told for now. Rejects where the store fails. */
  async run(): Promise<void> {
    this.#wait = null
    while (!this.#over && this.#progress.disabledAt === null) {
      const now = this.#deps.now()
      if (this.#progress.due > now) {
        this.#wait = this.#progress.due - now
        return
      }
      const told = (await this.#retried(now)) ?? (await this.#next(now))
      if (told === null || this.#discarded) return
      await this.#deps.save(told)
      this.#progress = told.progress
    }
  }

  /** Tells nothing more than is on its way, and resolves when that is written down. */
  async stop(): Promise<void> {
    this.#over = true
    this.#clear()
    await this.#running
  }

  /** To be followed by another lane, at once: what is on its way may be told again there, under the same ids. */
  discard(): void {
    this.#discarded = true
    this.#over = true
    this.#clear()
  }

  #clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  /** How many events are taken up at once: one where nothing is taken now. */
  get #page(): number {
    return this.#progress.failures > 0 ? 1 : Math.max(PAGE, GROUPS[this.webhook.format].most)
  }

  /** What waits and is due; null where nothing is. */
  async #retried(now: number): Promise<Told | null> {
    const { store, reader } = this.#deps
    const { tenant, id } = this.webhook
    const waiting = await store.webhooks.due(tenant, id, now, this.#page)
    if (waiting.length === 0) return null
    const due = await Promise.all(
      waiting.map(async ({ event, tries }) => ({ id: event, tries, event: await reader.one(tenant, event) })),
    )
    return this.#tell(due, this.#progress.cursor)
  }

  /** What happened since; null where nothing did, or where too much waits. */
  async #next(now: number): Promise<Told | null> {
    const { store, reader } = this.#deps
    const { tenant, id, names } = this.webhook
    const { count, due: first } = await store.webhooks.waiting(tenant, id)
    if (first !== null) this.#wait = Math.max(1, first - now)
    const failing = this.#progress.failures > 0
    if (count >= (failing ? 1 : MOST_WAITING)) return null
    const from = readCursor(this.#progress.cursor)
    const page = await reader.page(tenant, from, names.length === 0 ? BY_DEFAULT : new Set(names), this.#page)
    const cursor = writeCursor(page.after)
    if (page.items.length === 0 && !page.more) {
      // Not worth a write: it is passed over again.
      this.#progress = { ...this.#progress, cursor }
      return null
    }
    const due = page.items.map(({ event }) => ({ id: event.id, tries: 0, event }))
    return this.#tell(due, cursor)
  }

  async #tell(due: readonly Due[], cursor: string): Promise<Told> {
    const { tell, now } = this.#deps
    const { tenant, id: webhook, format } = this.webhook
    const { most, gapMs } = GROUPS[format]
    const groups: Due[][] = []
    const there = due.filter(({ event }) => event !== null)
    for (let i = 0; i < there.length; i += most) groups.push(there.slice(i, i + most))
    const told: { readonly group: readonly Due[]; readonly outcome: Outcome }[] = []
    const take = async () => {
      for (let group = groups.shift(); group !== undefined; group = this.#over ? undefined : groups.shift()) {
        const outcome = await tell(
          this.webhook,
          group.map(({ event }) => event!),
        )
        told.push({ group, outcome })
      }
    }
    // Those that are spaced go one after another.
    await Promise.all(Array.from({ length: gapMs > 0 ? 1 : AT_ONCE }, take))
    const at = now()
    const deliveries = [
      ...due.flatMap(({ id, tries, event }) => (event === null ? [GONE(id, tries, at)] : [])),
      // Cut off before its turn.
      ...groups.flat().map((one) => this.#left(one, at)),
      ...told.flatMap(({ group, outcome }) => group.map((one) => this.#delivery(one, outcome, at))),
    ]
    const outcomes = told.map(({ outcome }) => outcome)
    const progress = this.#after(outcomes, cursor, at, gapMs)
    return { tenant, webhook, progress, deliveries, notice: this.#notice(progress, at) }
  }

  #delivery({ id: event, tries: before }: Due, { kind, status, fault }: Outcome, at: number): Delivery {
    const { pace, random } = this.#deps
    const tries = before + 1
    if (kind === 'taken') return { event, state: 'delivered', tries, at, due: at, status, fault: null }
    const state = tries >= pace.tries ? 'dead' : 'waiting'
    return { event, state, tries, at, due: at + backOff(tries, random(), pace), status, fault }
  }

  #left({ id: event, tries }: Due, at: number): Delivery {
    return { event, state: 'waiting', tries, at, due: at, status: null, fault: null }
  }

  #after(outcomes: readonly Outcome[], cursor: string, at: number, gapMs: number): Progress {
    const { pace, random } = this.#deps
    const held = this.#progress
    const taken = outcomes.some(({ kind }) => kind === 'taken')
    const last = outcomes.findLast(({ kind }) => kind !== 'taken')
    const down = outcomes.some(({ kind }) => kind === 'down')
    const failures = down ? held.failures + 1 : taken ? 0 : held.failures
    const failingSince = last === undefined || taken ? (down ? at : null) : (held.failingSince ?? at)
    const retryAfter = Math.max(0, ...outcomes.map(({ retryAfterMs }) => retryAfterMs ?? 0))
    const wait = down ? Math.max(backOff(failures, random(), pace), Math.min(retryAfter, pace.longestMs)) : gapMs
    const over = failingSince !== null && at - failingSince >= pace.disableMs
    const gone = outcomes.some(({ kind }) => kind === 'gone')
    return {
      cursor,
      failures,
      failingSince: outcomes.length === 0 ? held.failingSince : failingSince,
      due: outcomes.length === 0 ? held.due : at + wait,
      fault: last?.fault ?? (taken ? null : held.fault),
      deliveredAt: taken ? at : held.deliveredAt,
      disabledAt: over || gone ? at : null,
    }
  }

  #notice({ disabledAt, fault }: Progress, at: number): Noticing | null {
    if (disabledAt === null) return null
    const { id: webhook } = this.webhook
    const time = new Date(at).toISOString()
    return { kind: 'webhook.disabled', about: `${webhook} ${disabledAt}`, at: time, facts: { webhook, what: fault } }
  }
}

const GONE = (event: string, tries: number, at: number): Delivery => ({
  event,
  state: 'dead',
  tries,
  at,
  due: at,
  status: null,
  fault: 'what it tells of is kept no longer',
})

/** Milliseconds to wait after so many failures in a row, at least half of the full wait; `random` is from 0 to 1. */
function backOff(failures: number, random: number, { firstMs, longestMs }: WebhookPace): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 30))
  return Math.round(full * (0.5 + random / 2))
}
