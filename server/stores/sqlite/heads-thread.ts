import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { headsTree } from '@countersign/log'
import { HeadsReader } from './heads-reader.ts'
import { failureOf } from './failure.ts'
import { threadHashes } from './thread-crypto.ts'

export interface HeadsTask {
  readonly file: string
  readonly size: number
}

// A thread for one statement: it reads every chain there is, and whoever answers requests has other things to do.
const { file, size } = workerData as HeadsTask
try {
  const db = new Database(file, { readonly: true })
  db.pragma('busy_timeout = 5000')
  // Chains come in the order of their keys, their entries in no order at all.
  db.pragma('cache_size = -65536')
  const value = headsTree(new HeadsReader(db).all(size), threadHashes.sha256)
  db.close()
  parentPort!.postMessage({ value })
} catch (error) {
  parentPort!.postMessage({ failure: failureOf(error) })
}
