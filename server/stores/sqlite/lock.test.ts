import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { utf8 } from '@countersign/core'
import { advance } from '@countersign/log'
import { checkpointLockContract } from '../../../test/contracts/checkpoint-lock.ts'
import { raceThreads } from '../../../test/contracts/lock-race.ts'
import { openSqliteLock } from './lock.ts'
import { openThreadedLock } from './threaded-lock.ts'

/** How the next writes fail in the database itself: before they are run, or after they were. */
const faults = vi.hoisted(() => ({ failure: 'lost', left: 0 }))
const opened = vi.hoisted((): Database.Database[] => [])
vi.mock('better-sqlite3', async (original) => {
  const real = (await original<{ default: typeof Database }>()).default
  class Faulty extends real {
    constructor(name: string) {
      super(name)
      opened.push(this)
    }

    override prepare(sql: string): never {
      const statement = super.prepare(sql)
      if (sql.startsWith('INSERT')) {
        const run = statement.run.bind(statement)
        statement.run = (...args: unknown[]) => {
          const fails = faults.left-- > 0
          const result = fails && faults.failure === 'lost' ? null : run(...args)
          if (fails || result === null) throw new Error('SQLITE_IOERR: disk I/O error (injected)')
          return result
        }
      }
      return statement as never
    }
  }
  return { default: Faulty }
})

const ORIGIN = 'log.example/a'
const [A, B] = [utf8('a'), utf8('b')]
const failed = () => expect.objectContaining({ name: 'CodedError', code: 'store-failed' }) as Error

let root: string
let file: string
beforeEach(() => {
  faults.left = 0
  root = mkdtempSync(join(tmpdir(), 'countersign-lock-'))
  file = join(root, 'lock', 'checkpoints.db')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

checkpointLockContract('SQLite, in a thread of its own', async () => {
  const lock = openThreadedLock(file)
  const others: ReturnType<typeof openSqliteLock>[] = []
  await lock.read(ORIGIN)
  return {
    lock,
    async another() {
      others.push(openSqliteLock(file))
      return others.at(-1)!
    },
    async remove() {
      for (const one of others) one.close()
      await lock.close()
    },
  }
})

checkpointLockContract('SQLite', async () => {
  const lock = openSqliteLock(file)
  const others: ReturnType<typeof openSqliteLock>[] = []
  return {
    lock,
    async another() {
      const other = openSqliteLock(file)
      others.push(other)
      return other
    },
    remove() {
      for (const one of [lock, ...others]) one.close()
    },
  }
})

it('holds what was swapped in when it is opened again, and after its log was written back', async () => {
  for (let i = 0; i < 3; i++) {
    const lock = openSqliteLock(file)
    await lock.swap(ORIGIN, i === 0 ? null : utf8(String(i - 1)), utf8(String(i)))
    lock.close()
  }
  const lock = openSqliteLock(file)
  expect(await lock.read(ORIGIN)).toEqual(utf8('2'))
  lock.close()
})

it('has every swap on the disk before it is answered', () => {
  // SQLite has another default for a database that is in WAL mode already.
  openSqliteLock(file).close()
  opened.length = 0
  const lock = openSqliteLock(file)
  const pragma = (name: string) => opened[0]!.pragma(name, { simple: true })
  // 2 is FULL: the log is synced at each commit.
  expect([pragma('journal_mode'), pragma('synchronous'), pragma('busy_timeout')]).toEqual(['wal', 2, 5000])
  lock.close()
})

it('lets one of 64 in four threads win, 200 times', async () => {
  await raceThreads({
    module: new URL('./lock.ts', import.meta.url).href,
    open: 'openSqliteLock',
    file,
    origin: ORIGIN,
  })
  const lock = openSqliteLock(file)
  expect(new TextDecoder().decode((await lock.read(ORIGIN))!)).toMatch(/^199 t\d \d+$/)
  lock.close()
})

it('keeps the file, its log and its directory for its owner, whatever the umask and whoever made it', async () => {
  const umask = process.umask(0)
  try {
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)
    const modes = () => readdirSync(join(root, 'lock')).map((name) => [name, mode(join(root, 'lock', name))])
    for (const made of ['by us', 'before']) {
      if (made === 'before') chmodSync(file, 0o644)
      const lock = openSqliteLock(file)
      await lock.swap(ORIGIN, made === 'by us' ? null : A, A)
      expect([made, modes()]).toEqual([
        made,
        ['checkpoints.db', 'checkpoints.db-shm', 'checkpoints.db-wal'].map((name) => [name, '600']),
      ])
      expect(mode(join(root, 'lock'))).toBe('700')
      lock.close()
    }
  } finally {
    process.umask(umask)
  }
})

describe('is not opened', () => {
  it('where there is no database, or no directory can be', () => {
    mkdirSync(join(root, 'lock'))
    writeFileSync(file, 'noise '.repeat(1000))
    expect(() => openSqliteLock(file)).toThrow(failed())
    expect(() => openSqliteLock(join(file, 'below'))).toThrow(failed())
    expect(() => openSqliteLock(root)).toThrow(failed())
  })

  it('where another database is, and leaves that as it was', async () => {
    mkdirSync(join(root, 'lock'))
    const db = new Database(file)
    db.exec('CREATE TABLE attestations (bundle BLOB)')
    db.close()
    expect(() => openSqliteLock(file)).toThrow(failed())
    const again = new Database(file)
    expect(again.pragma('application_id', { simple: true })).toBe(0)
    expect(again.pragma('journal_mode', { simple: true })).toBe('delete')
    // Positive control: emptied, it is taken.
    again.exec('DROP TABLE attestations')
    again.close()
    const lock = openSqliteLock(file)
    await lock.swap(ORIGIN, null, A)
    lock.close()
  })
})

it('says that it failed once it is closed', async () => {
  const lock = openSqliteLock(file)
  await lock.swap(ORIGIN, null, A)
  lock.close()
  await expect(lock.read(ORIGIN)).rejects.toThrow(failed())
  await expect(lock.swap(ORIGIN, A, B)).rejects.toThrow(failed())
})

describe.each(['lost', 'persisted'] as const)(
  'a write that the database %s, and reports as failed (T-77)',
  (failure) => {
    it.each([1, 2])('%i times: read again and repeated it ends right', async (times) => {
      const lock = openSqliteLock(file)
      await lock.swap(ORIGIN, null, A)
      Object.assign(faults, { failure, left: 1 })
      await expect(lock.swap(ORIGIN, A, B)).rejects.toThrow(failed())
      expect(await lock.read(ORIGIN)).toEqual(failure === 'lost' ? A : B)
      if (failure === 'lost') await lock.swap(ORIGIN, A, B)
      Object.assign(faults, { failure, left: times })
      await advance(lock, ORIGIN, B, A)
      expect(await lock.read(ORIGIN)).toEqual(A)
      lock.close()
      const again = openSqliteLock(file)
      expect(await again.read(ORIGIN)).toEqual(A)
      again.close()
    })
  },
)

it('says that it failed while the database cannot be written, and works when it can again', async () => {
  const lock = openSqliteLock(file)
  await lock.swap(ORIGIN, null, A)
  const db = new Database(file)
  db.exec("CREATE TRIGGER full BEFORE UPDATE ON checkpoints BEGIN SELECT RAISE(ABORT, 'injected'); END")
  await expect(advance(lock, ORIGIN, A, B)).rejects.toThrow(failed())
  expect(await lock.read(ORIGIN)).toEqual(A)
  db.exec('DROP TRIGGER full')
  db.close()
  await advance(lock, ORIGIN, A, B)
  expect(await lock.read(ORIGIN)).toEqual(B)
  lock.close()
})
