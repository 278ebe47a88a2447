import { CodedError } from '@countersign/core'

/** So many calls a second over all callers, and some more at once: what needs no token must cost no more than that. */
export class RateBound {
  readonly #perSecond: number
  readonly #burst: number
  /** Milliseconds, monotonic. */
  readonly #clock: () => number
  #left: number
  #at: number

  constructor(perSecond: number, burst: number, clock: () => number) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#clock = clock
    this.#left = burst
    this.#at = clock()
  }

  /** Throws `server-busy` when there were too many. */
  take(what: string): void {
    const now = this.#clock()
    this.#left = Math.min(this.#burst, this.#left + ((now - this.#at) / 1000) * this.#perSecond)
    this.#at = now
    if (this.#left < 1) throw new CodedError('server-busy', `too many ${what} at once`)
    this.#left -= 1
  }
}
