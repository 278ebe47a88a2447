import type { Database } from 'better-sqlite3'
import type { Counted, CoveredSystem } from '@countersign/client'
import type { HeatSpan, PipelineFacts, RecentRun, ViewStore } from '../../view-store.ts'
import { DAY_MS, type Graded, weakest } from '../../counting.ts'
import { isoOf, nameOf, nameText } from './view-cursor.ts'

/** Pipelines that a heat map has columns for. */
const MAX_COLUMNS = 100

interface SystemRow extends Graded, Omit<CoveredSystem, 'lastAt' | 'weakestGrade'> {
  readonly lastAt: number
}

interface RecordedRow {
  readonly pipeline: string
  readonly runs: number
  readonly lastAt: number | null
}

interface KnownPipeline extends RecordedRow {
  /** False: it has no contract. */
  readonly isPublished: boolean
}

const NO_RUN = { runs: 0, lastAt: null } as const

interface HeatRow {
  readonly code: string
  readonly column: string | number
  readonly refused: number
  readonly denied: number
}

/** Pipelines, and how often which rule spoke of them, as a connection sees it. */
export function coverageViewsOf(
  db: Database,
  counted: (tenant: string) => Counted,
): Pick<ViewStore, 'pipelines' | 'heat'> {
  const recorded = db.prepare<[string, string, number], RecordedRow>(
    `SELECT pipeline, runs, last_at AS lastAt FROM view_pipelines
     WHERE tenant = ? AND pipeline > ? ORDER BY pipeline LIMIT ?`,
  )
  const published = db.prepare<[string, string], { pipeline: string }>(
    'SELECT pipeline FROM contracts WHERE tenant = ? AND pipeline > ? ORDER BY pipeline LIMIT 1',
  )
  const named = db.prepare<[{ tenant: string; pipeline: string }], object>(
    `SELECT 1 FROM view_pipelines WHERE tenant = @tenant AND pipeline = @pipeline
     UNION ALL SELECT 1 FROM contracts WHERE tenant = @tenant AND pipeline = @pipeline LIMIT 1`,
  )
  const one = db.prepare<[string, string], { runs: number; lastAt: number }>(
    'SELECT runs, last_at AS lastAt FROM view_pipelines WHERE tenant = ? AND pipeline = ?',
  )
  const contract = db.prepare<[string, string], { digest: string; revision: number }>(
    'SELECT digest, revision FROM contracts WHERE tenant = ? AND pipeline = ? ORDER BY revision DESC LIMIT 1',
  )
  const systems = db.prepare<[string, string], SystemRow>(
    `SELECT system, steps, late, failed, last_at AS lastAt, a, b, c, d FROM view_pipeline_systems
     WHERE tenant = ? AND pipeline = ? ORDER BY system`,
  )
  const newest = db.prepare<[string, string, number], RecentRun>(
    `SELECT last_at AS lastAt, late, names FROM view_runs
     WHERE tenant = ? AND pipeline = ? ORDER BY begun_at DESC, run DESC LIMIT ?`,
  )
  /** Of a pipeline without a contract nobody can ask for more than what came late, which is little. */
  const tardy = db.prepare<[string, string, number], RecentRun>(
    `SELECT * FROM (SELECT last_at AS lastAt, late, NULL AS names FROM view_runs
     WHERE tenant = ? AND pipeline = ? ORDER BY begun_at DESC, run DESC LIMIT ?) WHERE late > 0`,
  )
  const byPipeline = db.prepare<[HeatSpan & { tenant: string }], HeatRow>(
    `SELECT code, pipeline AS "column", sum(refused) AS refused, sum(denied) AS denied FROM view_rule_days
     WHERE tenant = @tenant AND day >= @from AND day <= @to GROUP BY code, pipeline`,
  )
  const byDay = db.prepare<[HeatSpan & { tenant: string }], HeatRow>(
    `SELECT code, day AS "column", sum(refused) AS refused, sum(denied) AS denied FROM view_rule_days
     WHERE tenant = @tenant AND day >= @from AND day <= @to GROUP BY code, day`,
  )
  const uncounted = db.prepare<[{ tenant: string }], { at: string | null }>(
    `SELECT min(at) AS at FROM (
       SELECT (SELECT i.at FROM inbox i WHERE i.tenant = @tenant AND i.id > coalesce(
         (SELECT refusal FROM view_cursors WHERE tenant = @tenant), 0) ORDER BY i.id LIMIT 1) AS at
       UNION ALL
       SELECT (SELECT d.at FROM decisions d WHERE d.tenant = @tenant AND d.id > coalesce(
         (SELECT decision FROM view_cursors WHERE tenant = @tenant), 0) ORDER BY d.id LIMIT 1))`,
  )
  const factsOf = (tenant: string, known: KnownPipeline, recent: number): PipelineFacts => {
    const { pipeline, runs, lastAt, isPublished } = known
    return {
      pipeline,
      contract: isPublished ? (contract.get(tenant, pipeline) ?? null) : null,
      runs,
      lastAt: lastAt === null ? null : isoOf(lastAt),
      systems: systems.all(tenant, pipeline).map(systemOf),
      recent: recent === 0 ? [] : (isPublished ? newest : tardy).all(tenant, pipeline, recent),
    }
  }
  const known = (tenant: string, pipeline: string): KnownPipeline => {
    const { runs, lastAt } = one.get(tenant, pipeline) ?? NO_RUN
    return { pipeline, runs, lastAt, isPublished: contract.get(tenant, pipeline) !== undefined }
  }
  /** At least `most` of those after a name, where there are so many: what has runs, and what has only a contract. */
  function* after(tenant: string, name: string, most: number): Generator<KnownPipeline> {
    const next = (than: string) => published.get(tenant, than)?.pipeline
    let only = next(name)
    for (const row of recorded.all(tenant, name, most)) {
      for (; only !== undefined && before(only, row.pipeline); only = next(only)) {
        yield { pipeline: only, ...NO_RUN, isPublished: true }
      }
      const isPublished = only === row.pipeline
      if (isPublished) only = next(row.pipeline)
      yield { ...row, isPublished }
    }
    for (; only !== undefined; only = next(only)) yield { pipeline: only, ...NO_RUN, isPublished: true }
  }
  return {
    pipelines(tenant, { prefix, recent }, limit, cursor) {
      const items: PipelineFacts[] = []
      const start = nameOf(cursor)
      // A prefix may be a name itself.
      const exact = start === '' && prefix !== '' && named.get({ tenant, pipeline: prefix }) !== undefined
      if (exact) items.push(factsOf(tenant, known(tenant, prefix), recent))
      for (const found of after(tenant, before(start, prefix) ? prefix : start, limit + 1)) {
        if (!found.pipeline.startsWith(prefix)) break
        if (items.length === limit) {
          return { items, next: nameText(items.at(-1)!.pipeline), ...counted(tenant) }
        }
        items.push(factsOf(tenant, found, recent))
      }
      return { items, next: null, ...counted(tenant) }
    },

    heat(tenant, span, by) {
      const rows = (by === 'day' ? byDay : byPipeline).all({ tenant, ...span })
      const at = uncounted.get({ tenant })?.at ?? null
      return { ...mapOf(rows, span, by), countedUntil: at === null ? null : Date.parse(at) }
    },
  }
}

/** In the order of SQLite, which is that of UTF-8. */
function before(one: string, other: string): boolean {
  return Buffer.from(one).compare(Buffer.from(other)) < 0
}

function systemOf({ system, steps, late, failed, lastAt, ...grades }: SystemRow): CoveredSystem {
  return { system, steps, lastAt: isoOf(lastAt), late, failed, weakestGrade: weakest(grades) }
}

function mapOf(found: readonly HeatRow[], { from, to }: HeatSpan, by: 'pipeline' | 'day') {
  const said = ({ refused, denied }: HeatRow) => refused + denied
  const rows = ranked(found, ({ code }) => code, said)
  const all =
    by === 'day'
      ? Array.from({ length: to - from + 1 }, (_, i) => from + i)
      : ranked(found, ({ column }) => column, said)
  const columns = by === 'day' ? all : all.slice(0, MAX_COLUMNS)
  const at = new Map(found.map((row) => [`${row.code} ${row.column}`, row]))
  const cells = (of: (row: HeatRow) => number) =>
    rows.map((code) =>
      columns.map((column) => {
        const row = at.get(`${code} ${column}`)
        return row === undefined ? 0 : of(row)
      }),
    )
  return {
    rows: rows.map(String),
    columns: columns.map((column) => (by === 'day' ? isoOf(Number(column) * DAY_MS).slice(0, 10) : String(column))),
    cells: cells(said),
    denied: cells(({ denied }) => denied),
    left: all.length - columns.length,
  }
}

/** What there is, that with most first. */
function ranked<K extends string | number>(
  rows: readonly HeatRow[],
  keyOf: (row: HeatRow) => K,
  said: (row: HeatRow) => number,
): readonly K[] {
  const sums = new Map<K, number>()
  for (const row of rows) sums.set(keyOf(row), (sums.get(keyOf(row)) ?? 0) + said(row))
  return [...sums].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([key]) => key)
}
