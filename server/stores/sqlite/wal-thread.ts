import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { type MOVE, STOP } from './wal-mover.ts'

/** Milliseconds without a move after which it ends: to begin one anew costs as much as fifty appends, to keep one 13 MB. */
const IDLE = 10_000
/** Most passes of a move. */
const PASSES = 4
/** Pages of a pass so short that what was written meanwhile is as well moved by the writer. */
const SHORT = 1_000

const { file } = workerData as { readonly file: string }
const port = parentPort!
let idle: NodeJS.Timeout | undefined

port.on('message', (told: typeof MOVE | typeof STOP) => {
  clearTimeout(idle)
  if (told === STOP) return port.close()
  move()
  port.postMessage(null)
  idle = setTimeout(() => port.close(), IDLE)
})

/**
 * By a connection of its own each time: one that stays open would keep the log from being removed with the last one.
 * What is written while a pass lasts is left to the next, which is so much shorter: what the writer itself has to move
 * in the end holds up every append.
 */
function move(): void {
  const db = new Database(file)
  // As the writer has it: the log is overwritten once it was moved, so what was moved must be on the disk.
  db.pragma('synchronous = FULL')
  let before = 0
  for (let pass = 0; pass < PASSES; pass++) {
    const [{ checkpointed }] = db.pragma('wal_checkpoint(PASSIVE)') as [{ checkpointed: number }]
    // Fewer than before: the log has begun anew, for nothing was left. None: somebody reads what is older.
    if (checkpointed - before < SHORT) break
    before = checkpointed
  }
  db.close()
}
