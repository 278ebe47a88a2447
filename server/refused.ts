/** How long refusals are counted together; milliseconds. */
const TOGETHER_MS = 3_600_000
/** Kinds that are counted at once. */
const MAX_KINDS = 1_000

/**
 * Counts what anybody may have refused as often as he likes, and says when that is to be told: of each kind the first of an
 * hour, the tenth, the hundredth, and so on. So a flood is told, with how large it is, and fills nothing.
 */
export class Refused {
  /** Milliseconds, monotonic. */
  readonly #clock: () => number
  #kinds = new Map<string, number>()
  #until = Number.NEGATIVE_INFINITY

  constructor(clock: () => number) {
    this.#clock = clock
  }

  /** How many of a kind there were, where that is to be told now; null where it is not. */
  count(kind: string): number | null {
    const now = this.#clock()
    if (now >= this.#until) {
      this.#kinds = new Map()
      this.#until = now + TOGETHER_MS
    }
    const known = this.#kinds.has(kind) || this.#kinds.size < MAX_KINDS ? kind : ''
    const count = (this.#kinds.get(known) ?? 0) + 1
    this.#kinds.set(known, count)
    return /^10*$/.test(String(count)) ? count : null
  }
}
