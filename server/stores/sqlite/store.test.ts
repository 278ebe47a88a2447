import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { expect, it, vi } from 'vitest'
import { storeContract } from '../../../test/contracts/store.ts'
import { openSqlite } from './store.ts'

const threads = vi.hoisted((): Worker[] => [])
vi.mock('node:worker_threads', async (original) => {
  const real = await original<typeof import('node:worker_threads')>()
  class Watched extends real.Worker {
    constructor(...given: ConstructorParameters<typeof Worker>) {
      super(...given)
      threads.push(this)
    }
  }
  return { ...real, Worker: Watched }
})

storeContract('SQLite', async () => {
  const root = mkdtempSync(join(tmpdir(), 'countersign-sqlite-'))
  const file = join(root, 'countersign.db')
  let store = await openSqlite(file)
  return {
    store,
    async reopen() {
      await store.close()
      store = await openSqlite(file)
      return store
    },
    async remove() {
      await store.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
})

it('keeps the database and its log for its owner, whatever the umask and whoever made it', async () => {
  const root = mkdtempSync(join(tmpdir(), 'countersign-sqlite-'))
  const file = join(root, 'countersign.db')
  const modes = () => readdirSync(root).map((name) => [name, (statSync(join(root, name)).mode & 0o777).toString(8)])
  const umask = process.umask(0)
  try {
    // Red control: what SQLite makes by itself, anybody may read.
    const own = new Database(file)
    own.exec('CREATE TABLE t (a)')
    own.close()
    expect(modes()).toEqual([['countersign.db', '644']])
    for (const made of ['before', 'by us']) {
      if (made === 'by us') rmSync(file)
      const store = await openSqlite(file)
      await store.createTenant('acme', '2026-11-01T12:00:00.000Z')
      expect([made, modes()]).toEqual([
        made,
        ['countersign.db', 'countersign.db-shm', 'countersign.db-wal'].map((name) => [name, '600']),
      ])
      await store.close()
    }
  } finally {
    process.umask(umask)
  }
  rmSync(root, { recursive: true, force: true })
})

it('is no longer alive once its writing thread has ended, and says so to whoever writes', async () => {
  const root = mkdtempSync(join(tmpdir(), 'countersign-sqlite-'))
  threads.length = 0
  const store = await openSqlite(join(root, 'countersign.db'))
  await store.createTenant('acme', '2026-11-01T12:00:00.000Z')
  expect([store.alive(), threads.length]).toEqual([true, 1])
  const waiting = store.createTenant('other', '2026-11-01T12:00:00.000Z')
  await threads[0]!.terminate()
  const failed = expect.objectContaining({ code: 'store-failed' }) as unknown
  await expect(waiting).rejects.toEqual(failed)
  expect(store.alive()).toBe(false)
  await expect(store.ready()).rejects.toEqual(failed)
  await expect(store.revokeKey('acme', 'a', '2026-11-01T12:00:00.000Z')).rejects.toEqual(failed)
  // What was committed is still read.
  expect(await store.keys('acme')).toEqual([])
  await expect(store.close()).rejects.toEqual(failed)
  rmSync(root, { recursive: true, force: true })
})

it('says that a file which is no database cannot be opened', async () => {
  const root = mkdtempSync(join(tmpdir(), 'countersign-sqlite-'))
  const file = join(root, 'noise.db')
  writeFileSync(file, 'noise '.repeat(1000))
  await expect(openSqlite(file)).rejects.toThrow(expect.objectContaining({ code: 'store-failed' }))
  await expect(openSqlite(join(file, 'below'))).rejects.toThrow(expect.objectContaining({ code: 'store-failed' }))
  rmSync(root, { recursive: true, force: true })
})
