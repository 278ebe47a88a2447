import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { CodedError } from '@countersign/core'
import { makeForOwner } from './own-file.ts'
import { unopened } from './unopened.ts'

/** Milliseconds that a server which stops has for it, and how often is looked. */
const PATIENCE = 15_000
const EVERY = 100

/** Whatever is no longer reachable is closed, and its lock gone. */
const held = new Set<Database.Database>()

/**
 * Takes a data directory for this process until it ends, however it ends: the system itself gives back what SQLite locks,
 * so nothing of it is left after a crash. Waits for who is about to stop, having told so by `waiting`. Two servers on
 * one directory would sign for one log, and the first that the other overtakes would fail at every write. Gives what
 * gives it back. Throws `data-in-use`, and `store-failed` where the directory cannot be opened.
 */
export async function serveAlone(directory: string, waiting: () => void, patience = PATIENCE): Promise<() => void> {
  const db = openLockFile(directory)
  const until = performance.now() + patience
  for (let tries = 0; !take(db, directory); tries++) {
    if (tries === 0) waiting()
    if (performance.now() >= until) {
      db.close()
      throw new CodedError('data-in-use', `another server serves ${directory}`)
    }
    await delay(EVERY)
  }
  held.add(db)
  return () => {
    held.delete(db)
    db.close()
  }
}

function openLockFile(directory: string): Database.Database {
  const file = join(directory, 'serving.lock')
  try {
    // The system takes a process's locks from a file when it closes any that it had of it.
    if (!existsSync(file)) makeForOwner(file)
    return new Database(file, { timeout: 0 })
  } catch (cause) {
    throw unopened('directory', directory, cause)
  }
}

/** False where another process has it. Nothing is ever written. */
function take(db: Database.Database, directory: string): boolean {
  try {
    db.exec('BEGIN EXCLUSIVE')
    return true
  } catch (cause) {
    if (cause instanceof Database.SqliteError && cause.code.startsWith('SQLITE_BUSY')) return false
    db.close()
    throw unopened('directory', directory, cause)
  }
}
