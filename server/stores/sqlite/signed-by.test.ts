import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { signedSql } from './keys.ts'
import { VOUCHED } from './signed-by.ts'
import { openSqlite } from './store.ts'

it('what somebody signed comes by an index of its own, in its order, and rows without it are in none', async () => {
  const root = mkdtempSync(join(tmpdir(), 'countersign-signed-'))
  const file = join(root, 'countersign.db')
  await (await openSqlite(file)).close()
  const db = new Database(file, { readonly: true })
  const planOf = (sql: string) => {
    const asked = { tenant: 'acme', value: 'x', acceptedAt: '', index: -1, room: 3 }
    const plan = db.prepare<[object], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(asked)
    return plan.map(({ detail }) => detail).join()
  }
  for (const column of VOUCHED) {
    expect(planOf(signedSql(column))).toContain(
      `INDEX attestations_${column} (tenant=? AND ${column}=? AND (accepted_at,index)>(?,?))`,
    )
    const { sql } = db.prepare('SELECT sql FROM sqlite_master WHERE name = ?').get(`attestations_${column}`) as {
      sql: string
    }
    expect(sql).toContain(`WHERE ${column} IS NOT NULL`)
  }
  expect(planOf(signedSql('key_id'))).toContain('INDEX attestations_signed')
  for (const column of [...VOUCHED, 'key_id'] as const) expect(planOf(signedSql(column))).not.toContain('TEMP B-TREE')
  // Red control: no index has this one.
  expect(planOf(signedSql('issuer').replace('a.issuer', 'a.system'))).toContain('TEMP B-TREE')
  db.close()
  rmSync(root, { recursive: true, force: true })
})
