import { setImmediate } from 'node:timers/promises'

/** How far recording has come. */
export interface Progress {
  readonly files: number
  readonly bytes: number
  /** Sum of the sizes of all that is to be read; null where that is not known beforehand (trees). */
  readonly totalBytes: number | null
}

/** What a long recording reports to, and what stops it. */
export interface Watch {
  /** Called a few times each 50 ms of work; the caller draws as often as it likes. */
  readonly progress?: ((progress: Progress) => void) | undefined
  /** When aborted, recording throws the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

const BYTES_A_TURN = 16 * 1024 * 1024
const FILES_A_TURN = 256

/**
 * Synchronous reading is several times faster than asynchronous reading, but starves the event loop. A pace
 * counts the work and says when to let timers, signals and the progress line have their turn: by work, not by
 * clock, which belongs to the root.
 */
export class Pace {
  readonly #watch: Watch
  #files = 0
  #bytes = 0
  #totalBytes: number | null = null
  #turnFiles = 0
  #turnBytes = 0

  constructor(watch: Watch) {
    this.#watch = watch
    watch.signal?.throwIfAborted()
  }

  expect(totalBytes: number | null): void {
    this.#totalBytes = totalBytes
  }

  read(bytes: number): void {
    this.#bytes += bytes
    this.#turnBytes += bytes
  }

  file(): void {
    this.#files++
    this.#turnFiles++
  }

  get due(): boolean {
    return this.#turnFiles >= FILES_A_TURN || this.#turnBytes >= BYTES_A_TURN
  }

  get stopped(): boolean {
    return this.#watch.signal?.aborted === true
  }

  /** Await when {@link due}. */
  async breathe(): Promise<void> {
    this.#turnFiles = 0
    this.#turnBytes = 0
    this.report()
    await setImmediate()
    this.#watch.signal?.throwIfAborted()
  }

  report(): void {
    this.#watch.progress?.({ files: this.#files, bytes: this.#bytes, totalBytes: this.#totalBytes })
  }
}
