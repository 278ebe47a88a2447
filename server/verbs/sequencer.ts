import { CodedError } from '@countersign/core'
import type { Append, Appended, Placed, Store } from '../store.ts'

/** Most appends of one transaction: what waits longer than a write takes has waited for nothing. */
const MAX_BATCH = 256
/** Most appends that may wait; beyond, the server says that it is busy. */
const MAX_WAITING = 4096

interface Waiting {
  readonly append: Append
  readonly done: (appended: Appended) => void
  readonly failed: (error: unknown) => void
}

/**
 * Group commit: whatever has come in while the last batch was being written goes into the next one, so that one
 * sync to the disk serves many callers. Callers are answered when their batch is durable.
 */
export class Sequencer {
  readonly #store: Store
  readonly #countersign: (placed: readonly Placed[]) => Promise<readonly Uint8Array[]>
  readonly #observe: (size: number) => void
  #waiting: Waiting[] = []
  #running: Promise<void> | null = null

  constructor(
    store: Store,
    countersign: (placed: readonly Placed[]) => Promise<readonly Uint8Array[]>,
    observe: (size: number) => void,
  ) {
    this.#store = store
    this.#countersign = countersign
    this.#observe = observe
  }

  /** Throws `server-busy` when too much waits, and what the store throws: the append is then not acknowledged. */
  submit(append: Append): Promise<Appended> {
    if (this.#waiting.length >= MAX_WAITING) throw new CodedError('server-busy', 'too many appends wait to be written')
    return new Promise((done, failed) => {
      this.#waiting.push({ append, done, failed })
      this.#running ??= this.#run()
    })
  }

  /** Resolves when everything submitted so far has been answered. */
  async drain(): Promise<void> {
    while (this.#running !== null) await this.#running
  }

  async #run(): Promise<void> {
    // One turn of the event loop lets the requests that are already on the wire join the batch.
    await new Promise((next) => setImmediate(next))
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, MAX_BATCH)
      this.#waiting = this.#waiting.slice(MAX_BATCH)
      await this.#write(batch)
      await new Promise((next) => setImmediate(next))
    }
    this.#running = null
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    this.#observe(batch.length)
    try {
      const appended = await this.#store.append(
        batch.map(({ append }) => append),
        this.#countersign,
      )
      for (const [i, { done }] of batch.entries()) done(appended[i]!)
    } catch (error) {
      // The write may have been made all the same: repeating the request finds out, for the same link is the same.
      for (const { failed } of batch) failed(error)
    }
  }
}
