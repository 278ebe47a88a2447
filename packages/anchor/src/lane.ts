import { CodedError } from '@countersign/core'
import type { Anchor, AnchorState } from './anchor.ts'
import { afterFailure, afterMove, type AnchorPace, backOff, DEFAULT_PACE, isDue } from './outcome.ts'
import type { AnchorEntry, AnchorFault, AnchorStep, AnchorStore } from './store.ts'

/** The statements that are to be anchored. */
export interface PublishedStatements {
  /** Number of the newest that is published; null where there is none yet. */
  newest(): number | null
  /** Text of one that is published, UTF-8; null for every other. */
  text(number: number): Uint8Array | null
}

/** What happened to a statement on its way. */
export interface AnchorEvent {
  readonly anchor: string
  readonly number: number
  readonly outcome: 'moved' | 'final' | 'failed' | 'dead'
  /** Where it failed. */
  readonly fault: AnchorFault | null
}

export interface LaneDeps {
  readonly anchor: Anchor
  readonly store: AnchorStore
  readonly statements: PublishedStatements
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** From 0 to below 1. */
  readonly random: () => number
  readonly pace?: AnchorPace
  readonly observe?: (event: AnchorEvent) => void
}

/** So many statements in a row fail before the anchor itself is taken to be down. */
const DOWN_AFTER = 3
/** Most moves of one statement in one run, so that an anchor that never waits cannot hold up the others. */
const MAX_TURNS = 32
/** Milliseconds after which is looked again where there is nothing to wait for. */
const IDLE = 60_000
const LEAST_WAIT = 1_000

/**
 * Drives all statements into one anchor: the oldest first, one move at a time, each made durable before the next. What
 * a crash cuts off is the answer of one move at most, and the same move is made again. Lanes know nothing of one
 * another: an anchor that stalls holds up its own lane only.
 */
export class AnchorLane {
  readonly #deps: LaneDeps
  readonly #pace: AnchorPace
  #running: Promise<number> | null = null
  #stopped = false
  #queuedTo = -1
  #isSetUp = false
  /** Where a run stopped because the anchor is down: the next goes on there, so that what fails for long does not starve the rest. */
  #last = -1
  /** Failures in a row, over all statements. */
  #failures = 0
  #pausedAt = 0
  #pausedUntil = 0

  constructor(deps: LaneDeps) {
    this.#deps = deps
    this.#pace = deps.pace ?? DEFAULT_PACE
  }

  get name(): string {
    return this.#deps.anchor.name
  }

  get anchor(): Anchor {
    return this.#deps.anchor
  }

  /**
   * Makes all moves that are due, and gives the milliseconds until the next look makes sense. `eager` looks at once at
   * everything that waits. A run that is under way is joined. Rejects where the store fails: nothing is lost by it.
   */
  run(eager = false): Promise<number> {
    this.#running ??= this.#run(eager).finally(() => {
      this.#running = null
    })
    return this.#running
  }

  /** Resolves when the move that is under way, if there is one, is durable. No other is begun. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running?.catch(() => undefined)
  }

  async #run(eager: boolean): Promise<number> {
    const { store, now } = this.#deps
    if (this.#stopped) return IDLE
    await this.#enqueue()
    const begun = now()
    const paused = this.#pausedUntil - begun
    if (!eager && paused > 0 && begun >= this.#pausedAt) return paused
    const open = new Map((await store.unfinished(this.name)).map((entry) => [entry.number, entry]))
    const turns = new Map<number, number>()
    const hasTurn = ({ number }: AnchorEntry) => (turns.get(number) ?? 0) < MAX_TURNS
    for (;;) {
      const at = now()
      const waiting = [...open.values()].filter((entry) => entry.dead === null && hasTurn(entry))
      const ready = waiting.filter((entry) => isDue(entry, at) || (eager && !turns.has(entry.number)))
      // Numbers ascend: behind the last one first, then from the beginning.
      const entry = ready.find(({ number }) => number >= this.#last) ?? ready[0]
      if (entry === undefined || this.#stopped) {
        this.#last = -1
        return this.#wait([...open.values()], at)
      }
      this.#last = entry.number
      const { number } = entry
      turns.set(number, (turns.get(number) ?? 0) + 1)
      const step = await this.#move(entry, [...open.values()], at)
      await store.save(step)
      this.#tell(step)
      if (step.entry.state.phase === 'final') open.delete(number)
      else open.set(number, step.entry)
      if (step.entry.failing === null) this.#failures = 0
      else {
        // The next in turn is another one.
        this.#last = number + 1
        if (++this.#failures >= DOWN_AFTER && !eager) {
          this.#pausedAt = now()
          this.#pausedUntil = this.#pausedAt + backOff(this.#failures - DOWN_AFTER + 1, this.#deps.random(), this.#pace)
          return this.#pausedUntil - this.#pausedAt
        }
      }
    }
  }

  /** Every published statement from the anchor's first on gets its entry, whoever was not there when it was made. */
  async #enqueue(): Promise<void> {
    const { anchor, store, statements, now } = this.#deps
    const newest = statements.newest()
    const at = now()
    if (!this.#isSetUp) {
      await store.setUp({ name: anchor.name, kind: anchor.kind, first: newest ?? 0, at })
      this.#isSetUp = true
    }
    if (newest === null || newest <= this.#queuedTo) return
    await store.enqueue(anchor.name, newest, at)
    this.#queuedTo = newest
  }

  async #move(entry: AnchorEntry, open: readonly AnchorEntry[], now: number): Promise<AnchorStep> {
    const { anchor, statements, random } = this.#deps
    const { number, state } = entry
    try {
      const text = statements.text(number)
      if (text === null) throw new CodedError('not-found', `there is no statement ${number}`)
      const others = open
        .filter((other) => other.number !== number && hasBegun(other.state))
        .map((other) => other.state)
      const move = await anchor.move({ number, text, state, others, now })
      return afterMove(entry, move, this.#deps.now(), this.#pace)
    } catch (error) {
      return afterFailure(entry, error, this.#deps.now(), random(), this.#pace)
    }
  }

  #tell({ entry }: AnchorStep): void {
    const { anchor, number, failing, dead, state } = entry
    const fault = dead ?? failing
    const outcome = dead !== null ? 'dead' : failing !== null ? 'failed' : state.phase === 'final' ? 'final' : 'moved'
    const told = fault === null ? null : { code: fault.code, what: fault.what }
    this.#deps.observe?.({ anchor, number, outcome, fault: told })
  }

  #wait(open: readonly AnchorEntry[], now: number): number {
    const next = open.filter(({ dead }) => dead === null).map(({ due }) => due - now)
    return Math.max(LEAST_WAIT, Math.min(IDLE, ...next))
  }
}

/** Whether a statement is on its way: of one that is not, no other has to know. */
function hasBegun({ phase, memo }: AnchorState): boolean {
  return phase !== 'pending' || memo !== null
}
