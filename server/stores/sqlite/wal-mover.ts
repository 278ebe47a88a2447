import { Worker } from 'node:worker_threads'
import type { Database } from 'better-sqlite3'

/** What its thread is told. */
export const MOVE = 'move'
export const STOP = 'stop'
/** Rows after which it is moved beside the writing; some five pages each. */
const ROWS = 2_048

/**
 * Moves what is committed from the write-ahead log into the database, beside the thread that writes: there each move
 * would hold up every append by as long as some ten thousand pages take to be on the disk. What was written meanwhile
 * is little, and is moved by the writer itself, for only when nothing is left the log begins anew. A move that fails
 * loses nothing: what is not moved is in the log, and the next one moves it.
 */
export class WalMover {
  readonly #db: Database
  #every: number
  #rows = 0
  #thread: Worker | null = null
  #moving = false

  constructor(db: Database, every = ROWS) {
    this.#db = db
    this.#every = every
    // After 256 MB of it SQLite moves it by itself, in the middle of a write.
    db.pragma('wal_autocheckpoint = 65536')
  }

  /** To be called after each commit. */
  wrote(rows: number): void {
    this.#rows += rows
    if (this.#moving || this.#rows < this.#every) return
    this.#rows = 0
    try {
      this.#begin()
    } catch {
      // What was written is on the disk and is answered as such, also where there is no room for another thread.
    }
  }

  /** Nothing is moved any more, and its thread ends when it has done what it was asked for: who stops waits for it. */
  stop(): void {
    this.#every = Number.POSITIVE_INFINITY
    this.#thread?.postMessage(STOP)
  }

  #begin(): void {
    this.#thread ??= this.#open()
    this.#thread.postMessage(MOVE)
    this.#moving = true
  }

  #open(): Worker {
    const thread = new Worker(new URL('./wal-thread.ts', import.meta.url), { workerData: { file: this.#db.name } })
    // Nobody waits for it who has nothing more to write.
    thread.unref()
    thread.on('message', () => this.#moved())
    // The next write says why, if it matters to it.
    thread.once('error', () => undefined)
    thread.once('exit', () => {
      this.#thread = null
      // It was asked when it had just ended, or ended in the middle.
      if (this.#moving) this.#moved()
    })
    return thread
  }

  #moved(): void {
    this.#moving = false
    this.#moveRest()
  }

  #moveRest(): void {
    try {
      if (this.#db.open && !this.#db.inTransaction) this.#db.pragma('wal_checkpoint(PASSIVE)')
    } catch {
      // The log grows until a write says why.
    }
  }
}
