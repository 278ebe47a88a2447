import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WalMover } from './wal-mover.ts'

let root: string
let db: Database.Database
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'countersign-wal-'))
  db = new Database(join(root, 'a.db'))
  db.pragma('journal_mode = WAL')
  db.exec('CREATE TABLE t (bytes BLOB)')
})
afterEach(() => {
  db.close()
  rmSync(root, { recursive: true, force: true })
})

const bytes = (end: string) => statSync(join(root, `a.db${end}`)).size
const write = (rows: number) => {
  for (let i = 0; i < rows; i++) db.prepare('INSERT INTO t VALUES (zeroblob(4000))').run()
}

describe('the write-ahead log', () => {
  it('is moved beside the writing, and begins anew', async () => {
    const mover = new WalMover(db, 100)
    const before = bytes('')
    write(100)
    mover.wrote(100)
    // More is written while it is moved.
    write(20)
    await expect.poll(() => bytes('')).toBeGreaterThan(before + 100 * 4000)
    const [reached] = [bytes('-wal')]
    for (let i = 0; i < 20; i++) {
      await new Promise((next) => setTimeout(next, 20))
      write(2)
      mover.wrote(2)
    }
    // It is written from its beginning again, and grows no further.
    expect(bytes('-wal')).toBe(reached)
    expect(db.prepare('SELECT count(*) AS n FROM t').get()).toEqual({ n: 160 })
  })

  it('is moved each time, by one thread', async () => {
    let threads = 0
    const begun = () => threads++
    process.on('worker', begun)
    const mover = new WalMover(db, 100)
    const before = bytes('')
    for (let i = 1; i <= 3; i++) {
      write(100)
      mover.wrote(100)
      await expect.poll(() => bytes('')).toBeGreaterThan(before + i * 100 * 4000)
      // Until the rest is moved too.
      await new Promise((next) => setTimeout(next, 100))
    }
    process.off('worker', begun)
    expect(threads).toBe(1)
  })

  // Else its thread stays for ten seconds.
  it('is not waited for when nothing more is written', { timeout: 8_000 }, async () => {
    const threads: Worker[] = []
    const begun = (thread: Worker) => void threads.push(thread)
    process.on('worker', begun)
    const mover = new WalMover(db, 100)
    const before = bytes('')
    write(100)
    mover.wrote(100)
    await expect.poll(() => bytes('')).toBeGreaterThan(before)
    const ended = once(threads[0]!, 'exit')
    mover.stop()
    await ended
    // As a write that is under way when it stops.
    mover.wrote(1_000)
    process.off('worker', begun)
    expect(threads.length).toBe(1)
  })

  it('red control: is not moved by itself before there is far more of it', () => {
    new WalMover(db, 1_000_000).wrote(100)
    const before = bytes('')
    write(300)
    expect(bytes('')).toBe(before)
  })

  it('stays as it is where it cannot be moved, and nothing is lost', async () => {
    const mover = new WalMover(db, 1)
    write(10)
    const held = new Database(join(root, 'a.db'), { readonly: true })
    const reading = held.prepare('SELECT * FROM t').iterate()
    reading.next()
    write(10)
    mover.wrote(10)
    await new Promise((next) => setTimeout(next, 300))
    expect(db.prepare('SELECT count(*) AS n FROM t').get()).toEqual({ n: 20 })
    reading.return!()
    held.close()
  })
})
