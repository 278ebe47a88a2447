import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { type MOVE, STOP } from './wal-mover.ts'

/** Milliseconds without a move after which it ends: to begin one anew costs as much as fifty appends, to keep one 13 MB. */
const IDLE = 10_000

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

/** By a connection of its own each time: one that stays open would keep the log from being removed with the last one. */
function move(): void {
  const db = new Database(file)
  // As the writer has it: the log is overwritten once it was moved, so what was moved must be on the disk.
  db.pragma('synchronous = FULL')
  db.pragma('wal_checkpoint(PASSIVE)')
  db.close()
}
