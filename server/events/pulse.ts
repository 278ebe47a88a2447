/** Looks again and again whether anything was written, and wakes those who wait for it. */
export class Pulse {
  readonly #look: () => string
  readonly #listeners = new Set<() => void>()
  #last: string
  #timer: NodeJS.Timeout | null = null

  /** `look` gives another text after each change; it is asked while it beats. */
  constructor(look: () => string) {
    this.#look = look
    this.#last = look()
  }

  start(everyMs: number): void {
    this.#timer ??= setInterval(() => this.beat(), everyMs).unref()
  }

  /** Looks now. */
  beat(): void {
    const now = this.#look()
    if (now === this.#last) return
    this.#last = now
    this.wake()
  }

  /** Wakes everybody, changed or not. */
  wake(): void {
    for (const listener of this.#listeners) listener()
  }

  /** Calls at every change; gives what ends that. */
  on(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }
}
