import Database from 'better-sqlite3'
import { CodedError } from '@countersign/core'
import type { CheckpointLock } from '@countersign/log'
import { fullDisk } from './full-disk.ts'
import { makeForOwner } from './own-file.ts'
import { unopened } from './unopened.ts'

/** Marks a file as a lock ("CSlk"), so that no other database is taken for one. */
const APPLICATION_ID = 0x43_53_6c_6b

/**
 * The lock in a database file of its own, made where needed; several processes may open it. Keep it on another disk
 * than the data where you can, out of every backup, and never copy it back. Throws `store-failed`, also for a
 * database that is something else.
 */
export function openSqliteLock(file: string): CheckpointLock & { close(): void } {
  try {
    makeForOwner(file)
    return new SqliteLock(file)
  } catch (cause) {
    if (cause instanceof CodedError) throw cause
    throw unopened('lock', file, cause)
  }
}

/** SQLite does not wait where two connections change a new file to WAL mode at once: one of them is told that it is busy. */
function inWal(db: Database.Database): void {
  const nap = new Int32Array(new SharedArrayBuffer(4))
  for (let tries = 250; ; tries--) {
    try {
      db.pragma('journal_mode = WAL')
      return
    } catch (error) {
      if (tries === 0 || !(error instanceof Database.SqliteError) || error.code !== 'SQLITE_BUSY') throw error
      Atomics.wait(nap, 0, 0, 20)
    }
  }
}

interface Swap {
  readonly origin: string
  readonly old: Uint8Array | null
  readonly next: Uint8Array
}

class SqliteLock implements CheckpointLock {
  readonly #db: Database.Database
  readonly #read: Database.Statement<[string], { note: Buffer }>
  readonly #swap: Database.Statement<[Swap]>

  constructor(file: string) {
    this.#db = new Database(file)
    try {
      this.#db.pragma('busy_timeout = 5000')
      this.#db.transaction(() => this.#begin(file)).immediate()
      inWal(this.#db)
      // A swap that was answered must survive power loss; NORMAL may lose it in WAL mode.
      this.#db.pragma('synchronous = FULL')
      this.#read = this.#db.prepare('SELECT note FROM checkpoints WHERE origin = ?')
      // One statement, so that nobody writes between the comparison and the write.
      this.#swap = this.#db.prepare(
        `INSERT INTO checkpoints (origin, note)
         SELECT @origin, @next WHERE (SELECT note FROM checkpoints WHERE origin = @origin) IS @old
         ON CONFLICT (origin) DO UPDATE SET note = excluded.note`,
      )
    } catch (cause) {
      this.#db.close()
      throw cause
    }
  }

  #begin(file: string): void {
    if (this.#db.pragma('application_id', { simple: true }) === APPLICATION_ID) return
    if (this.#db.prepare('SELECT 1 FROM sqlite_schema').get() !== undefined) {
      throw new CodedError('store-failed', `${file} is a database of something else, not a checkpoint lock`)
    }
    this.#db.exec('CREATE TABLE checkpoints (origin TEXT PRIMARY KEY, note BLOB NOT NULL) STRICT')
    this.#db.pragma('application_id = 0x43536c6b')
  }

  // Async, so that what is thrown is a rejection.
  async read(origin: string): Promise<Uint8Array | null> {
    try {
      const row = this.#read.get(origin)
      return row === undefined ? null : new Uint8Array(row.note)
    } catch (cause) {
      throw new CodedError('store-failed', 'the checkpoint lock could not be read', { cause })
    }
  }

  async swap(origin: string, old: Uint8Array | null, next: Uint8Array): Promise<void> {
    let changes: number
    try {
      ;({ changes } = this.#swap.run({ origin, old, next }))
    } catch (cause) {
      throw (
        fullDisk(cause) ??
        new CodedError('store-failed', 'it is not known whether the checkpoint lock was written', { cause })
      )
    }
    if (changes !== 1) {
      throw new CodedError(
        'checkpoint-conflict',
        `the lock of ${origin} holds another checkpoint than the one expected`,
      )
    }
  }

  close(): void {
    this.#db.close()
  }
}
