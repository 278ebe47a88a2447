import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { anchorStoreContract } from '../../../test/contracts/anchor-store.ts'
import { migrated } from '../../../test/migrated.ts'
import { openSqlite } from './store.ts'

anchorStoreContract('SQLite', async () => {
  const root = mkdtempSync(join(tmpdir(), 'countersign-anchors-'))
  const file = join(root, 'countersign.db')
  let store = await openSqlite(migrated(file))
  return {
    store: store.anchors,
    async reopen() {
      await store.close()
      store = await openSqlite(file)
      return store.anchors
    },
    async remove() {
      await store.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
})

it('does not take what is final without proof, even past the store', async () => {
  const root = mkdtempSync(join(tmpdir(), 'countersign-anchors-'))
  const file = join(root, 'countersign.db')
  const store = await openSqlite(file)
  await store.anchors.setUp({ name: 'a', kind: 'rekor', first: 0, at: 1 })
  await store.anchors.enqueue('a', 0, 1)
  await store.close()
  const db = new Database(file)
  expect(() => db.exec("UPDATE anchor_entries SET phase = 'final'")).toThrow('CHECK')
  // Red control.
  db.exec("UPDATE anchor_entries SET phase = 'final', proof = x'01'")
  db.close()
  rmSync(root, { recursive: true, force: true })
})

it('reads no proof where it counts', async () => {
  const root = mkdtempSync(join(tmpdir(), 'countersign-anchors-'))
  const file = join(root, 'countersign.db')
  await (await openSqlite(file)).close()
  const db = new Database(file)
  const plan = (sql: string) =>
    db
      .prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(({ detail }) => detail)
      .join()
  expect(plan("SELECT phase, count(*), max(number) FROM anchor_entries WHERE anchor = 'a' GROUP BY phase")).toContain(
    'COVERING INDEX',
  )
  expect(
    plan("SELECT number, final_at FROM anchor_entries WHERE anchor = 'a' AND phase = 'final' ORDER BY number DESC"),
  ).toContain('COVERING INDEX')
  db.close()
  rmSync(root, { recursive: true, force: true })
})
