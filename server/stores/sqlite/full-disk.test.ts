import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { fullDisk } from './full-disk.ts'

function thrownBy(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

test('a database that may not grow is a full disk; another fault is not', () => {
  const db = new Database(':memory:')
  db.exec('CREATE TABLE t (a BLOB NOT NULL)')
  db.pragma('max_page_count = 4')
  const full = thrownBy(() => db.exec('INSERT INTO t VALUES (zeroblob(100000))'))
  expect(fullDisk(full)).toMatchObject({ name: 'CodedError', code: 'storage-full', cause: full })
  expect(fullDisk(thrownBy(() => db.exec('INSERT INTO t VALUES (NULL)')))).toBeNull()
  expect(fullDisk('SQLITE_FULL')).toBeNull()
  db.close()
})
