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

test('of a pipeline its newest runs are looked at: for what came late, and with a contract for its steps', () => {
  const run = db.prepare(
    `INSERT INTO view_runs (tenant, run, chain, pipeline, begun_at, last_index, last_at, steps, erased, failed, late, names)
     VALUES (?, ?, ?, ?, ?, 0, ?, 1, 0, 0, ?, ?)`,
  )
  const known = db.prepare(`INSERT INTO view_pipelines (tenant, pipeline, runs, last_at) VALUES (?, ?, 4, 1000)`)
  const publish = db.prepare(
    `INSERT INTO contracts (tenant, digest, pipeline, revision, bytes, published_at) VALUES (?, ?, ?, 1, x'00', 'now')`,
  )
  for (const [i, [pipeline, late]] of Object.entries({
    early: [2, 0, 0, 0],
    late: [0, 2, 0, 0],
    never: [0, 0],
  }).entries()) {
    for (const bound of [false, true]) {
      const name = `${pipeline} ${bound}`
      known.run('acme', name)
      if (bound) publish.run('acme', name, name)
      // Begun at one time: then the number tells which is newer.
      const number = 100 * i + (bound ? 50 : 0)
      for (const [k, count] of late.entries())
        run.run('acme', number + k, `${name} ${k}`, name, 100, 200 + k, count, `["${k}"]`)
    }
  }
  known.run('other', 'never false')
  run.run('other', 999, 'c', 'never false', 100, 200, 1, '[]')
  const { items } = coverageViewsOf(db, () => COUNTED).pipelines('acme', { prefix: '', recent: 3 }, 10, null)
  const runs = (...numbers: readonly number[]) => numbers.map((k) => ({ lastAt: 200 + k, names: `["${k}"]` }))
  expect(items.map(({ pipeline, isLate, recent }) => [pipeline, isLate, recent])).toEqual([
    ['early false', false, []],
    ['early true', false, runs(1, 2, 3)],
    ['late false', true, []],
    ['late true', true, runs(1, 2, 3)],
    ['never false', false, []],
    ['never true', false, runs(0, 1)],
  ])
})

test('how often which rule spoke is counted alike of many days and of few', () => {
  const count = db.prepare(
    `INSERT INTO view_rule_days (tenant, day, code, pipeline, refused, denied)
     VALUES (@tenant, @day, @code, @pipeline, @refused, @denied) ON CONFLICT DO NOTHING`,
  )
  const { heat } = coverageViewsOf(db, () => COUNTED)
  const spoken = fc.record({
    tenant: fc.constantFrom('acme', 'acme', 'other'),
    day: fc.integer({ min: 0, max: 30 }),
    code: fc.constantFrom('x', 'y'),
    pipeline: fc.constantFrom('', 'a', 'b'),
    refused: fc.integer({ min: 0, max: 3 }),
    denied: fc.integer({ min: 1, max: 3 }),
  })
  fc.assert(
    fc.property(fc.array(spoken), fc.nat(31), fc.nat(31), (all, one, other) => {
      db.exec('DELETE FROM view_rule_days')
      for (const row of all) count.run(row)
      const span = { from: Math.min(one, other), to: Math.max(one, other) }
      const expected = new Map<string, [said: number, denied: number]>()
      const seen = new Set<string>()
      for (const { tenant, day, code, pipeline, refused, denied } of all) {
        const key = `${tenant} ${day} ${code} ${pipeline}`
        if (seen.has(key)) continue
        seen.add(key)
        if (tenant !== 'acme' || day < span.from || day > span.to) continue
        const [before, deniedBefore] = expected.get(`${code} ${pipeline}`) ?? [0, 0]
        expected.set(`${code} ${pipeline}`, [before + refused + denied, deniedBefore + denied])
      }
      const { rows, columns, cells, denied } = heat('acme', span, 'pipeline')
      const told = rows.flatMap((code, i) =>
        columns.map((pipeline, k) => [`${code} ${pipeline}`, [cells[i]![k], denied[i]![k]]] as const),
      )
      expect(new Map(told.filter(([, [said]]) => said! > 0))).toEqual(expected)
    }),
  )
})
