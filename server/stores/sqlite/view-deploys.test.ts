import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { drizzle, migrate } from './drizzle.ts'
import type { KeyringReader } from './keyring.ts'
import { isoOf } from './view-cursor.ts'
import { deployViewsOf } from './view-deploys.ts'

/** Nothing below is sealed. */
const NO_KEYS = {} as KeyringReader

const decided = fc.record({
  tenant: fc.constantFrom('acme', 'acme', 'acme', 'other'),
  environment: fc.constantFrom('prod', 'prod', 'prod', 'staging', null),
  pipeline: fc.oneof(
    { weight: 9, arbitrary: fc.string({ unit: fc.constantFrom('a', 'é', '😀', '￿'), minLength: 1, maxLength: 2 }) },
    { weight: 1, arbitrary: fc.constant(null) },
  ),
  decision: fc.constantFrom('allow', 'allow', 'deny'),
  at: fc.integer({ min: 0, max: 5 }),
})

test('what was in force at a time is the last that was let through of each pipeline, page by page', () => {
  const db = new Database(':memory:')
  migrate(drizzle(db), { migrationsFolder: join(import.meta.dirname, 'migrations') })
  const record = db.prepare(
    `INSERT INTO decisions (id, tenant, environment, pipeline, decision, at, by, ms)
     VALUES (@id, @tenant, @environment, @pipeline, @decision, @at, 'gate', 1)`,
  )
  const { deploysAt } = deployViewsOf(db, NO_KEYS)
  fc.assert(
    fc.property(
      fc.array(decided, { maxLength: 30 }),
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 1, max: 4 }),
      (all, time, limit) => {
        db.exec('DELETE FROM decisions')
        for (const [id, one] of all.entries()) record.run({ ...one, id, at: isoOf(one.at) })
        const last = new Map<string, { readonly id: number; readonly at: number }>()
        for (const [id, { tenant, environment, pipeline, decision, at }] of all.entries()) {
          if (tenant !== 'acme' || environment !== 'prod' || pipeline === null || decision === 'deny') continue
          if (at <= time && at >= (last.get(pipeline)?.at ?? 0)) last.set(pipeline, { id, at })
        }
        const expected = [...last]
          .toSorted(([one], [other]) => Buffer.from(one).compare(Buffer.from(other)))
          .map(([pipeline, { id, at }]) => [pipeline, id, isoOf(at)])
        const told: unknown[] = []
        let cursor: string | null = null
        do {
          const { items, next } = deploysAt('acme', { environment: 'prod', pipeline: null, time }, limit, cursor)
          expect(items.length).toBeLessThanOrEqual(limit)
          told.push(...items.map((one) => [one.pipeline, one.id, one.at]))
          cursor = next
        } while (cursor !== null)
        expect(told).toEqual(expected)
        for (const [pipeline, { id }] of last) {
          const { items } = deploysAt('acme', { environment: 'prod', pipeline, time }, limit, null)
          expect(items.map((one) => one.id)).toEqual([id])
        }
      },
    ),
  )
})

test('of very many pipelines of which nothing was in force yet a page looks at some, and tells where it stopped', () => {
  const db = new Database(':memory:')
  migrate(drizzle(db), { migrationsFolder: join(import.meta.dirname, 'migrations') })
  const record = db.prepare(
    `INSERT INTO decisions (tenant, environment, pipeline, decision, at, by, ms)
     VALUES ('acme', 'prod', ?, 'allow', ?, 'gate', 1)`,
  )
  for (let i = 0; i < 2_500; i++) record.run(`p${String(i).padStart(4, '0')}`, isoOf(i < 2_400 ? 100 : 0))
  const { deploysAt } = deployViewsOf(db, NO_KEYS)
  const page = (cursor: string | null) =>
    deploysAt('acme', { environment: 'prod', pipeline: null, time: 50 }, 60, cursor)
  const first = page(null)
  expect(first.items).toEqual([])
  const second = page(first.next)
  expect(second.items.length).toBe(60)
  const third = page(second.next)
  expect([third.items.length, third.next]).toEqual([40, null])
})
