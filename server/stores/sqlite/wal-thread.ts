import { workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'

// A thread for one move: nobody waits for it but who began it, and one that stays would cost 13 MB for nothing.
const { file } = workerData as { readonly file: string }
const db = new Database(file)
// As the writer has it: the log is overwritten once it was moved, so what was moved must be on the disk.
db.pragma('synchronous = FULL')
db.pragma('wal_checkpoint(PASSIVE)')
db.close()
