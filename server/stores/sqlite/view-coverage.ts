import type { Database } from 'better-sqlite3'
import type { Counted, CoveredSystem } from '@countersign/client'
import type { HeatSpan, PipelineFacts, RecentRun, ViewStore } from '../../view-store.ts'
import { DAY_MS, type Graded, weakest } from '../../counting.ts'
import { isoOf, nameOf, nameText } from './view-cursor.ts'

/** Pipelines that a heat map has columns for. */
const MAX_COLUMNS = 100

/** Days are many from this part of all days on. */
const MANY = 4

/** A name with it is the next after the name. */
const SMALLEST = '\0'

interface SystemRow extends Graded, Omit<CoveredSystem, 'lastAt' | 'weakestGrade'> {
  readonly pipeline: string
  readonly lastAt: number
}

/** A pipeline that has runs, a contract, or both. */
interface NamedRow {
  readonly pipeline: string
  readonly runs: number | null
  readonly lastAt: number | null
  readonly digest: string | null
  readonly revision: number | null
  readonly asked: string | null
  readonly isLate: number
}

interface RecentRow extends RecentRun {
  readonly pipeline: string
}

interface Counting {
  readonly tenant: string
  readonly recent: number
}

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
  // Of contracts from one name to the next: revisions in between are not read.
  const named = db.prepare<[Counting & { from: string; most: number }], NamedRow>(
    `WITH RECURSIVE bound(pipeline) AS (
       SELECT min(pipeline) FROM contracts WHERE tenant = @tenant AND pipeline >= @from
       UNION ALL
       SELECT (SELECT min(c.pipeline) FROM contracts c WHERE c.tenant = @tenant AND c.pipeline > bound.pipeline)
       FROM bound WHERE pipeline IS NOT NULL LIMIT @most),
     page(pipeline) AS (
       SELECT pipeline FROM (
         SELECT pipeline FROM view_pipelines WHERE tenant = @tenant AND pipeline >= @from ORDER BY pipeline LIMIT @most)
       UNION SELECT pipeline FROM bound WHERE pipeline IS NOT NULL ORDER BY 1 LIMIT @most)
     SELECT page.pipeline, p.runs, p.last_at AS lastAt, c.digest, c.revision, c.asked, EXISTS (
       SELECT 1 FROM view_runs r WHERE r.tenant = @tenant AND r.pipeline = page.pipeline AND r.late > 0
       AND (r.begun_at, r.run) >= (SELECT begun_at, run FROM (
         SELECT n.begun_at, n.run FROM view_runs n WHERE n.tenant = @tenant AND n.pipeline = page.pipeline
         ORDER BY n.begun_at DESC, n.run DESC LIMIT @recent) ORDER BY begun_at, run LIMIT 1)) AS isLate
     FROM page LEFT JOIN view_pipelines p ON p.tenant = @tenant AND p.pipeline = page.pipeline
     LEFT JOIN contracts c ON c.tenant = @tenant AND c.pipeline = page.pipeline AND c.revision =
       (SELECT max(revision) FROM contracts m WHERE m.tenant = @tenant AND m.pipeline = page.pipeline)
     ORDER BY page.pipeline`,
  )
  const systems = db.prepare<[{ tenant: string; first: string; last: string }], SystemRow>(
    `SELECT pipeline, system, steps, late, failed, last_at AS lastAt, a, b, c, d FROM view_pipeline_systems
     WHERE tenant = @tenant AND pipeline >= @first AND pipeline <= @last ORDER BY pipeline, system`,
  )
  const newest = db.prepare<[Counting & { names: string }], RecentRow>(
    `SELECT p.value AS pipeline, r.last_at AS lastAt, r.names FROM json_each(@names) p
     CROSS JOIN view_runs r ON r.tenant = @tenant AND r.run IN (
       SELECT n.run FROM view_runs n WHERE n.tenant = @tenant AND n.pipeline = p.value
       ORDER BY n.begun_at DESC, n.run DESC LIMIT @recent)`,
  )
  // Of few days what is read is sorted; of many that costs more than to read all others, too, in the order of the index.
  const ofFew = db.prepare<[HeatSpan & { tenant: string }], HeatRow>(
    `SELECT code, pipeline AS "column", sum(refused) AS refused, sum(denied) AS denied FROM view_rule_days NOT INDEXED
     WHERE tenant = @tenant AND day >= @from AND day <= @to GROUP BY code, pipeline`,
  )
  const ofMany = db.prepare<[HeatSpan & { tenant: string }], HeatRow>(
    `SELECT code, pipeline AS "column", sum(refused) AS refused, sum(denied) AS denied
     FROM view_rule_days INDEXED BY view_rule_days_rule
     WHERE tenant = @tenant AND day >= @from AND day <= @to GROUP BY code, pipeline`,
  )
  const known = db.prepare<[{ tenant: string }], { first: number | null; last: number | null }>(
    `SELECT (SELECT min(day) FROM view_rule_days WHERE tenant = @tenant) AS first,
       (SELECT max(day) FROM view_rule_days WHERE tenant = @tenant) AS last`,
  )
  const byPipeline = (tenant: string, span: HeatSpan): readonly HeatRow[] => {
    const { first, last } = known.get({ tenant })!
    if (first === null || last === null) return []
    const isMany = MANY * (span.to - span.from + 1) >= last - first + 1
    return (isMany ? ofMany : ofFew).all({ tenant, ...span })
  }
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
  const factsOf = (counting: Counting, page: readonly NamedRow[]): readonly PipelineFacts[] => {
    if (page.length === 0) return []
    const { tenant } = counting
    const span = { tenant, first: page[0]!.pipeline, last: page.at(-1)!.pipeline }
    const systemsOf = Map.groupBy(systems.all(span), ({ pipeline }) => pipeline)
    const bound = page.filter(({ digest }) => digest !== null).map(({ pipeline }) => pipeline)
    const runsOf = Map.groupBy(newest.all({ ...counting, names: JSON.stringify(bound) }), ({ pipeline }) => pipeline)
    return page.map(({ pipeline, runs, lastAt, digest, revision, asked, isLate }) => ({
      pipeline,
      contract: digest === null || revision === null ? null : { digest, revision, asked: namesOf(asked) },
      runs: runs ?? 0,
      lastAt: lastAt === null ? null : isoOf(lastAt),
      systems: (systemsOf.get(pipeline) ?? []).map(systemOf),
      isLate: isLate === 1,
      recent: (runsOf.get(pipeline) ?? []).map(({ lastAt, names }) => ({ lastAt, names })),
    }))
  }
  return {
    pipelines(tenant, { prefix, recent }, limit, cursor) {
      const after = cursor === null ? '' : nameOf(cursor) + SMALLEST
      const from = Buffer.from(after).compare(Buffer.from(prefix)) < 0 ? prefix : after
      const found = named.all({ tenant, recent, from, most: limit + 1 })
      const page = found.filter(({ pipeline }) => pipeline.startsWith(prefix))
      const items = factsOf({ tenant, recent }, page.slice(0, limit))
      return { items, next: page.length > limit ? nameText(items.at(-1)!.pipeline) : null, ...counted(tenant) }
    },

    heat(tenant, span, by) {
      const rows = by === 'day' ? byDay.all({ tenant, ...span }) : byPipeline(tenant, span)
      const at = uncounted.get({ tenant })?.at ?? null
      return { ...mapOf(rows, span, by), countedUntil: at === null ? null : Date.parse(at) }
    },
  }
}

function namesOf(json: string | null): readonly string[] | null {
  return json === null ? null : (JSON.parse(json) as readonly string[])
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
