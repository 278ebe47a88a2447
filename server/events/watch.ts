import type { AnchorGap } from '@countersign/anchor'
import type { EventStore } from '../event-store.ts'

export interface WatchDeps {
  readonly store: Pick<EventStore, 'unwatched' | 'watch' | 'watchDeviations' | 'noticeLog'>
  /** Statements that wait too long for their proof. */
  readonly gaps: () => Promise<readonly AnchorGap[]>
  /** ISO time. */
  readonly now: () => string
}

/** Attestations that are looked at in one go: some milliseconds. */
const AT_ONCE = 2_000
/** How long before its end a deviation is noticed, and how often is looked at what only time changes; milliseconds. */
const BEFORE_END = 24 * 60 * 60 * 1000
const LOOK_EVERY = 60_000

/**
 * Looks at what was stored for what somebody is to be told of: deviations that end soon, statements that are not anchored;
 * and at who has signed before anybody looked. It follows behind what is written and never holds it up; how far it came is
 * stored with what it has found, so that a crash neither loses nor repeats a notice.
 */
export class Watch {
  readonly #deps: WatchDeps
  #looked = Number.NEGATIVE_INFINITY

  constructor(deps: WatchDeps) {
    this.#deps = deps
  }

  /** Resolves when all that there was is looked at. Rejects where the store fails: nothing is lost by it. */
  async look(stopping: () => boolean = () => false): Promise<void> {
    const { store, now } = this.#deps
    for (;;) {
      const tasks = await store.unwatched(AT_ONCE)
      if (tasks.length === 0) break
      for (const task of tasks) {
        if (stopping()) return
        await store.watch(task)
      }
    }
    const at = Date.parse(now())
    if (Math.abs(at - this.#looked) < LOOK_EVERY) return
    this.#looked = at
    await store.watchDeviations(new Date(at + BEFORE_END).toISOString(), now())
    for (const { anchor, number, waits } of await this.#deps.gaps()) {
      const facts = { anchor, statement: number, code: null, what: null, seconds: Math.floor(waits / 1000) }
      await store.noticeLog({ kind: 'anchor.missed', about: `${anchor} ${number}`, at: now(), facts })
    }
  }
}
