import { CodedError, utf8 } from '@countersign/core'
import type { Anchor } from './anchor.ts'
import { type AnchorEvent, AnchorLane, type AnchorPace, type AnchorStore } from './index.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** Thrown by everything once the process has been killed. */
export class Killed extends Error {}

/** Statements, a clock, and a process that can be killed before or after anything it does. */
export class World {
  now = 1_800_000_000_000
  readonly published: Uint8Array[] = []
  readonly events: AnchorEvent[] = []
  /** Operations that are begun or done until the process is killed. */
  left = Number.POSITIVE_INFINITY
  /** Operations so far. */
  operations = 0
  #dead = false

  publish(): number {
    const number = this.published.length
    this.published.push(utf8(`statement ${number}\n`))
    return number
  }

  /** A lane as it is after a start: it remembers nothing. */
  lane(anchor: Anchor, store: AnchorStore, more: { pace?: AnchorPace; random?: () => number } = {}): AnchorLane {
    this.#dead = false
    return new AnchorLane({
      anchor: { ...anchor, move: (job) => this.#mortal(() => anchor.move(job)) },
      store: this.mortal(store),
      statements: {
        newest: () => (this.published.length === 0 ? null : this.published.length - 1),
        text: (number) => this.published[number] ?? null,
      },
      now: () => this.now,
      random: () => 0.5,
      observe: (event) => this.events.push(event),
      ...more,
    })
  }

  mortal(store: AnchorStore): AnchorStore {
    const entries = Object.entries(store).map(([name, method]: [string, (...args: unknown[]) => Promise<unknown>]) => [
      name,
      (...args: unknown[]) => this.#mortal(() => method.apply(store, args)),
    ])
    return Object.fromEntries(entries) as AnchorStore
  }

  /** Something that may be cut off before it begins, and before anybody hears of its end. */
  async #mortal<T>(work: () => Promise<T>): Promise<T> {
    this.#tick()
    const result = await work()
    this.#tick()
    return result
  }

  #tick(): void {
    this.operations++
    if (this.left-- <= 0) this.#dead = true
    if (this.#dead) throw new Killed('killed')
  }
}

export const unreachable = () => new CodedError('anchor-unreachable', 'it does not answer')
export const refused = () => new CodedError('anchor-refused', 'it will not have it')
