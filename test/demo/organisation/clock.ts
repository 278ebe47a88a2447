/** What is due within so many milliseconds is woken one after the other, and done together: less than a certificate lives. */
const WINDOW = 150_000

interface Waiting {
  readonly time: number
  readonly go: () => void
}

/**
 * A clock that walks: it goes on to the next time that somebody waits for when nobody has anything left to do. It never
 * goes back, and never stands still while somebody looks at it.
 */
export class WalkingClock {
  #time: number
  /** Latest first. */
  #waiting: Waiting[] = []
  #busy = 0
  /** Of who waits until nobody is busy. */
  #idle: () => void = () => undefined

  constructor(start: number) {
    this.#time = start
  }

  /** Milliseconds since 1970; never the same twice. */
  now(): number {
    return ++this.#time
  }

  iso(): string {
    return new Date(this.now()).toISOString()
  }

  /** Where nobody waits any more it may go to the time that it is. */
  catchUp(time: number): void {
    this.#time = Math.max(this.#time, time)
  }

  /** Only within what {@link walk} does. */
  until(time: number): Promise<void> {
    this.#rest()
    return new Promise((done) => {
      const at = this.#waiting.findLastIndex((one) => one.time > time)
      this.#waiting.splice(at + 1, 0, {
        time,
        go: () => {
          this.#busy += 1
          done()
        },
      })
    })
  }

  /** Does several things beside one another, each of which may wait. */
  async together<T>(doing: readonly (() => Promise<T>)[]): Promise<T[]> {
    const all = doing.map((one) => this.#run(one))
    this.#rest()
    try {
      return await Promise.all(all)
    } finally {
      this.#busy += 1
    }
  }

  /** Does all of them, and walks until they are done. `passed` is told how far it is. */
  async walk(doing: readonly (() => Promise<void>)[], passed: (time: number) => void): Promise<void> {
    const ended: { readonly failure: unknown }[] = []
    void Promise.all(doing.map((one) => this.#run(one))).then(
      () => ended.push({ failure: null }),
      (failure: unknown) => ended.push({ failure }),
    )
    while (ended.length === 0) {
      if (this.#busy > 0) await new Promise<void>((idle) => (this.#idle = idle))
      // Somebody may be between two things.
      await turn()
      const next = this.#waiting.at(-1)
      if (this.#busy > 0 || next === undefined) continue
      await this.#wake(next.time + WINDOW)
      passed(this.#time)
    }
    if (ended[0]?.failure !== null) throw ended[0]?.failure
  }

  async #wake(end: number): Promise<void> {
    for (let next = this.#waiting.at(-1); next !== undefined && next.time <= end; next = this.#waiting.at(-1)) {
      this.#waiting.pop()
      this.#time = Math.max(this.#time, next.time)
      next.go()
      await turn()
    }
  }

  #rest(): void {
    this.#busy -= 1
    if (this.#busy === 0) this.#idle()
  }

  async #run<T>(doing: () => Promise<T>): Promise<T> {
    this.#busy += 1
    try {
      return await doing()
    } finally {
      this.#rest()
    }
  }
}

function turn(): Promise<void> {
  return new Promise((done) => setImmediate(done))
}
