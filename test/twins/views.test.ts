import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { writeBundle } from '@countersign/formats'
import type { Grade } from '@countersign/formats/identity'
import { verifyStep } from '@countersign/verify'
import type { Page, Store } from '../../server/store.ts'
import { openSqlite } from '../../server/stores/sqlite/store.ts'
import { weekOf } from '../../server/counting.ts'
import { file, newChainId, party, sha256, signStep } from '../pipeline.ts'
import { rounds } from '../thorough.ts'
import { migrated } from '../migrated.ts'
import { type Accepted, identitiesOf, pipelinesOf, runsOf, weeksOf } from './views.ts'

const TENANT = 'acme'
const NO_FILTER = { pipeline: null, system: null, signer: null, since: 0, until: 9e13 }
const BEGAN = Date.parse('2026-11-01T12:00:00.000Z')
const HOUR = 3_600_000

type Move =
  | {
      readonly kind: 'append'
      readonly chain: number
      readonly signer: number
      readonly system: number
      readonly grade: Grade
      readonly good: boolean
      readonly late: boolean
    }
  | { readonly kind: 'erase'; readonly which: number }
  | { readonly kind: 'count'; readonly most: number }
  | { readonly kind: 'anew' }

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      chain: fc.nat(5),
      signer: fc.nat(2),
      system: fc.nat(1),
      grade: fc.constantFrom<Grade>('A', 'B', 'C', 'D'),
      good: fc.boolean(),
      late: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('erase' as const), which: fc.nat(30) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('count' as const), most: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'anew' as const }) },
)

const by = party('bench')
const signed = signStep(by, {
  chain: { id: newChainId(), pipeline: 'shop/web', contract: null },
  name: 'build',
  subject: [file('app.tgz', 'app')],
})
const step = verifyStep(
  signed.bundle,
  { signers: [{ name: by.name, key: by.publicKey, revokedAt: null }], countersigners: [] },
  nodeCrypto,
)
const bundle = writeBundle(signed.bundle)

/** The one step again, as another; without what verification would ask of it. */
async function append(store: Store, index: number, move: Extract<Move, { kind: 'append' }>): Promise<Accepted> {
  const link = sha256(`link ${index}`)
  const chain = sha256(`chain ${move.chain}`).slice(32)
  const { statement } = step
  const { predicate } = statement
  const [pipeline, signer, system] = [`team/${move.chain % 3}`, `signer ${move.signer}`, `system-${move.system}`]
  const acceptedAt = new Date(BEGAN + index * 37 * HOUR).toISOString()
  const altered = {
    ...step,
    link,
    signer: { ...step.signer, name: move.signer === 0 ? `${signer} · run ${index}/1` : signer, grade: move.grade },
    statement: {
      ...statement,
      subject: [file('app.tgz', link)],
      predicate: {
        ...predicate,
        chain: { id: chain, pipeline, contract: null },
        step: { ...predicate.step, name: `step ${index}`, nonce: link.slice(32) },
        runner: { ...predicate.runner, system },
        invocation: { ...predicate.invocation, exitCode: move.good ? 0 : 1 },
      },
    },
  }
  const { appended } = await store.append([
    { tenant: TENANT, step: altered, edges: [], bundle, acceptedAt, late: move.late, idempotency: null },
  ])
  expect(appended[0]).toMatchObject({ kind: 'accepted', index })
  const { grade, good: succeeded, late } = move
  return {
    index,
    link,
    chain,
    pipeline,
    contract: null,
    signer,
    system,
    grade,
    succeeded,
    late,
    acceptedAt,
    erased: false,
  }
}

/** All pages, in small ones. */
function all<T>(pageOf: (cursor: string | null) => Page<T>): readonly T[] {
  const items: T[] = []
  let cursor: string | null = null
  do {
    const page: Page<T> = pageOf(cursor)
    items.push(...page.items)
    cursor = page.next
  } while (cursor !== null)
  return items
}

function compare({ views }: Store, accepted: readonly Accepted[]): void {
  const runs = runsOf(accepted)
  expect(views.counted(TENANT)).toEqual({ upTo: accepted.length, behind: 0 })
  expect(all((cursor) => views.runs(TENANT, NO_FILTER, 2, cursor))).toEqual(runs)
  for (const { chain } of runs) expect(views.run(TENANT, chain)).toEqual(runs.find((run) => run.chain === chain))
  const identities = identitiesOf(accepted)
  const anybody = { part: '', system: null }
  expect(all((cursor) => views.identities(TENANT, anybody, 2, cursor))).toEqual(identities)
  for (const { signer, system } of identities) {
    const its = (one: Accepted) => !one.erased && one.signer === signer && one.system === system
    const where = new Set(accepted.filter(its).map(({ chain }) => chain))
    const filter = { ...NO_FILTER, signer, system }
    const found = all((cursor) => views.runs(TENANT, filter, 3, cursor)).map(({ chain }) => chain)
    expect(found).toEqual(runs.map(({ chain }) => chain).filter((chain) => where.has(chain)))
  }
  const weeks = { from: weekOf(BEGAN), count: 53 }
  const listed = views.identityWeeks(TENANT, anybody, weeks, 200, null).items
  for (const { signer, system, counts } of listed) {
    expect(counts.filter((count) => count > 0)).toEqual([...weeksOf(accepted, signer, system).values()])
  }
  expect(listed.length).toBe(identities.length)
  for (const recent of [0, 1, 2]) {
    const pipelines = all((cursor) => views.pipelines(TENANT, { prefix: '', recent }, 1, cursor))
    const expected = pipelinesOf(accepted, recent).map((facts) => ({ ...facts, contract: null, recent: [] }))
    expect(pipelines).toEqual(expected)
  }
}

test('what is counted behind the log, and taken back, is what the attestations say', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(move, { minLength: 1, maxLength: 40 }), async (moves) => {
      const root = mkdtempSync(join(tmpdir(), 'countersign-views-'))
      const file = join(root, 'countersign.db')
      const store = await openSqlite(migrated(file))
      try {
        await store.createTenant(TENANT, new Date(BEGAN).toISOString())
        const accepted: Accepted[] = []
        for (const one of moves) {
          if (one.kind === 'append') accepted.push(await append(store, accepted.length, one))
          else if (one.kind === 'count') await store.views.count(one.most)
          else if (one.kind === 'anew') forget(file)
          else if (accepted.length > 0) {
            const which = one.which % accepted.length
            await store.erase({
              tenant: TENANT,
              link: accepted[which]!.link,
              at: new Date().toISOString(),
              ground: 'x',
            })
            accepted[which] = { ...accepted[which]!, erased: true }
          }
        }
        while ((await store.views.count(7)) > 0);
        compare(store, accepted)
      } finally {
        await store.close()
        rmSync(root, { recursive: true, force: true })
      }
    }),
    { numRuns: rounds(12, 60) },
  )
}, 120_000)

/** As if nothing had ever been counted. */
function forget(file: string): void {
  const db = new Database(file)
  db.prepare('DELETE FROM view_cursors').run()
  db.close()
}
