import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { drizzle, migrate } from './drizzle.ts'
import { coverageViewsOf } from './view-coverage.ts'

let db: Database.Database
beforeEach(() => {
  db = new Database(':memory:')
  migrate(drizzle(db), { migrationsFolder: join(import.meta.dirname, 'migrations') })
  db.pragma('foreign_keys = OFF')
})

const COUNTED = { behind: 0, countedTo: 0 } as unknown as ReturnType<Parameters<typeof coverageViewsOf>[1]>

test('pipelines come page by page, those with runs and those with a contract alone, each once and in their order', () => {
  const names = fc.uniqueArray(
    fc.string({ unit: fc.constantFrom('a', 'b', 'é', '😀', '￿'), minLength: 1, maxLength: 3 }),
  )
  const run = db.prepare('INSERT INTO view_pipelines (tenant, pipeline, runs, last_at) VALUES (?, ?, 7, 1000)')
  const publish = db.prepare(
    `INSERT INTO contracts (tenant, digest, pipeline, revision, bytes, published_at) VALUES (?, ?, ?, ?, x'00', 'now')`,
  )
  const { pipelines } = coverageViewsOf(db, () => COUNTED)
  let serial = 0
  fc.assert(
    fc.property(
      names,
      names,
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom('', 'a', 'é'),
      (ran, contracts, limit, prefix) => {
        db.exec('DELETE FROM view_pipelines; DELETE FROM contracts')
        for (const name of ran) run.run('acme', name)
        for (const name of contracts) for (const revision of [1, 2]) publish.run('acme', `${serial++}`, name, revision)
        run.run('other', 'ab')
        publish.run('other', `${serial++}`, 'aa', 1)
        const expected = [...new Set([...ran, ...contracts])]
          .filter((name) => name.startsWith(prefix))
          .toSorted((a, b) => Buffer.from(a).compare(Buffer.from(b)))
          .map((name) => [name, ran.includes(name) ? 7 : 0, contracts.includes(name) ? 2 : null])
        const told: unknown[] = []
        let cursor: string | null = null
        do {
          const { items, next } = pipelines('acme', { prefix, recent: 10 }, limit, cursor)
          expect(items.length).toBeLessThanOrEqual(limit)
          told.push(...items.map((one) => [one.pipeline, one.runs, one.contract?.revision ?? null]))
          cursor = next
        } while (cursor !== null)
        expect(told).toEqual(expected)
      },
    ),
  )
})

test('of its newest runs a pipeline with a contract has all, and one without those in which something came late', () => {
  const run = db.prepare(
    `INSERT INTO view_runs (tenant, run, chain, pipeline, begun_at, last_index, last_at, steps, erased, failed, late, names)
     VALUES ('acme', ?, ?, ?, ?, 0, ?, 1, 0, 0, ?, '[]')`,
  )
  const known = db.prepare(`INSERT INTO view_pipelines (tenant, pipeline, runs, last_at) VALUES ('acme', ?, 4, 1000)`)
  for (const [i, pipeline] of ['bare', 'bound'].entries()) {
    known.run(pipeline)
    // The first is late too, and too long ago.
    for (const [k, late] of [2, 0, 3, 0].entries()) {
      run.run(10 * i + k, `${pipeline} ${k}`, pipeline, 100 + k, 200 + k, late)
    }
  }
  db.exec(`INSERT INTO contracts (tenant, digest, pipeline, revision, bytes, published_at)
           VALUES ('acme', 'd', 'bound', 1, x'00', 'now')`)
  const { items } = coverageViewsOf(db, () => COUNTED).pipelines('acme', { prefix: '', recent: 3 }, 10, null)
  expect(items.map(({ recent }) => recent)).toEqual([
    [{ lastAt: 202, late: 3, names: null }],
    [
      { lastAt: 203, late: 0, names: '[]' },
      { lastAt: 202, late: 3, names: '[]' },
      { lastAt: 201, late: 0, names: '[]' },
    ],
  ])
})
