import type { Database, Statement } from 'better-sqlite3'
import type { Counted, Run, RunEdge, RunRefusal, RunStep } from '@countersign/client'
import type { ErrorReport } from '@countersign/core'
import type { Page } from '../../store.ts'
import type { RunFilter, ViewStore } from '../../view-store.ts'
import { indexOf, page } from './answers.ts'
import { isoOf, placeOf, type Spot, spotText } from './view-cursor.ts'

/** Runs that one page looks at, at most, where a filter lets few through. */
const MAX_SCANNED = 2_000
const CHUNK = 200
/** Refusals of a run that are counted. */
const MAX_REFUSED = 1_000

interface RunRow {
  readonly run: number
  readonly chain: string
  readonly pipeline: string
  readonly contract: string | null
  readonly begunAt: number
  readonly lastIndex: number
  readonly lastAt: number
  readonly steps: number
  readonly erased: number
  readonly failed: number
  readonly late: number
}

/** An attestation of a run, or what is left of it, as the run is told. */
interface Told {
  readonly index: number
  readonly acceptedAt: string
  readonly late: number
  readonly system: string | null
  readonly succeeded: number | null
}

type StepRow = Omit<RunStep, 'late' | 'succeeded' | 'previous'> & {
  readonly late: number
  readonly succeeded: number | null
}

interface Span {
  readonly tenant: string
  readonly since: number
  readonly at: number
  readonly id: number
  readonly limit: number
}

type Source = (span: Span) => readonly Spot[]

/** Runs, as a connection sees them. */
export function runViewsOf(
  db: Database,
  counted: (tenant: string) => Counted,
): Pick<ViewStore, 'runs' | 'run' | 'runSteps' | 'runRefusals'> {
  const lists = new RunLists(db)
  const one = db.prepare<[string, number], RunRow>(
    `SELECT run, chain, pipeline, contract, begun_at AS begunAt, last_index AS lastIndex, last_at AS lastAt, steps, erased,
       failed, late FROM view_runs WHERE tenant = ? AND run = ?`,
  )
  const known = db.prepare<[string, string], RunRow>(
    `SELECT run, chain, pipeline, contract, begun_at AS begunAt, last_index AS lastIndex, last_at AS lastAt, steps, erased,
       failed, late FROM view_runs WHERE tenant = ? AND chain = ?`,
  )
  const bound = db.prepare<[string, string], { pipeline: string; contract: string | null }>(
    'SELECT pipeline, contract FROM chains WHERE tenant = ? AND id = ?',
  )
  const systems = db.prepare<[string, number], { system: string }>(
    `SELECT DISTINCT i.system FROM view_run_identities r CROSS JOIN view_identities i ON i.id = r.identity
     WHERE r.tenant = ? AND r.run = ? ORDER BY 1`,
  )
  const refused = db.prepare<[string, string], { count: number }>(
    'SELECT count(*) AS count FROM (SELECT 1 FROM inbox WHERE tenant = ? AND chain = ? LIMIT 1000)',
  )
  const since = db.prepare<[{ tenant: string; chain: string; from: number }], Told>(
    `SELECT "index", accepted_at AS acceptedAt, late, system, succeeded FROM attestations
     WHERE tenant = @tenant AND chain = @chain AND "index" >= @from
     UNION ALL
     SELECT "index", accepted_at, late, NULL, NULL FROM erasures
     WHERE tenant = @tenant AND chain = @chain AND "index" >= @from
     ORDER BY 1`,
  )
  const steps = db.prepare<[{ tenant: string; chain: string; after: number; limit: number }], StepRow>(
    `SELECT link, step, attempt, matrix, "index", accepted_at AS acceptedAt, late, signer, system,
       coalesce(grade, CASE WHEN facts IS NULL THEN 'D' END) AS grade, succeeded, started_at AS startedAt,
       finished_at AS finishedAt, subjects, NULL AS erasedAt
     FROM attestations WHERE tenant = @tenant AND chain = @chain AND "index" > @after
     UNION ALL
     SELECT link, step, attempt, matrix, "index", accepted_at, late, NULL, NULL, NULL, NULL, NULL, NULL, NULL, erased_at
     FROM erasures WHERE tenant = @tenant AND chain = @chain AND "index" > @after
     ORDER BY 5 LIMIT @limit`,
  )
  // Only what a step goes on from is indexed: asked of each step of the chain, for what comes after it.
  const edges = db.prepare<
    [{ tenant: string; chain: string; last: number }],
    RunEdge & { readonly to: string }
  >(`SELECT e."to", e."from" AS link, e.found, e.strength FROM (
       SELECT link FROM attestations WHERE tenant = @tenant AND chain = @chain AND "index" < @last
       UNION ALL SELECT link FROM erasures WHERE tenant = @tenant AND chain = @chain AND "index" < @last
     ) s CROSS JOIN edges e ON e.tenant = @tenant AND e."from" = s.link`)
  const refusals = db.prepare<[string, string, number], Omit<RunRefusal, 'what'> & { readonly report: string }>(
    `SELECT id, at, code, report, step FROM inbox WHERE tenant = ? AND chain = ? ORDER BY id DESC LIMIT ?`,
  )
  const told = (tenant: string, { run, begunAt, lastAt, ...row }: RunRow): Run => ({
    ...row,
    systems: systems.all(tenant, run).map(({ system }) => system),
    firstAt: isoOf(begunAt),
    lastAt: isoOf(lastAt),
    refused: refused.get(tenant, row.chain)!.count,
  })
  return {
    runs(tenant, filter, limit, cursor) {
      const source = lists.of(tenant, filter)
      let before = placeOf(cursor, filter.until)
      const items: Listed[] = []
      for (let scanned = 0; scanned < MAX_SCANNED && items.length <= limit; scanned += CHUNK) {
        const spots = source({ tenant, since: filter.since, ...before, limit: CHUNK })
        for (const spot of spots) {
          const row = one.get(tenant, spot.id)
          if (row === undefined || (filter.pipeline !== null && row.pipeline !== filter.pipeline)) continue
          const item = told(tenant, row)
          if (filter.system !== null && !item.systems.includes(filter.system)) continue
          items.push({ item, spot })
          if (items.length > limit) break
        }
        const last = spots.at(-1)
        if (last === undefined || spots.length < CHUNK) return { ...paged(items, limit, null), ...counted(tenant) }
        before = last
      }
      return { ...paged(items, limit, spotText(before)), ...counted(tenant) }
    },

    run(tenant, chain) {
      const binding = bound.get(tenant, chain)
      if (binding === undefined) return null
      const row = known.get(tenant, chain)
      const begun = row === undefined ? null : told(tenant, row)
      // What is not counted yet is little, and of this run hardly anything.
      const rest = since.all({ tenant, chain, from: counted(tenant).upTo })
      const count = (matches: (one: Told) => boolean) => rest.filter(matches).length
      const last = rest.at(-1)
      return {
        chain,
        ...binding,
        steps: (begun?.steps ?? 0) + rest.length,
        erased: (begun?.erased ?? 0) + count(({ system }) => system === null),
        failed: (begun?.failed ?? 0) + count(({ succeeded }) => succeeded === 0),
        late: (begun?.late ?? 0) + count(({ late }) => late === 1),
        systems: [...new Set([...(begun?.systems ?? []), ...rest.flatMap(({ system }) => system ?? [])])].toSorted(),
        firstAt: begun?.firstAt ?? rest[0]!.acceptedAt,
        lastAt: last?.acceptedAt ?? begun!.lastAt,
        lastIndex: last?.index ?? begun!.lastIndex,
        refused: refused.get(tenant, chain)!.count,
      }
    },

    runSteps(tenant, chain, limit, cursor): Page<RunStep> {
      const after = indexOf(cursor) ?? -1
      const rows = steps.all({ tenant, chain, after, limit: limit + 1 })
      const previous = new Map<string, RunEdge[]>(rows.map(({ link }) => [link, []]))
      const last = rows.at(-1)?.index ?? -1
      for (const { to, ...edge } of edges.all({ tenant, chain, last })) previous.get(to)?.push(edge)
      const items = rows.map(({ late, succeeded, ...row }) => ({
        ...row,
        late: late === 1,
        succeeded: succeeded === null ? null : succeeded === 1,
        previous: previous.get(row.link)!,
      }))
      return page(items, limit, ({ index }) => String(index))
    },

    runRefusals: (tenant, chain, limit) =>
      refusals.all(tenant, chain, Math.min(limit, MAX_REFUSED)).map(({ report, ...row }) => {
        const { what } = JSON.parse(report) as ErrorReport
        return { ...row, what }
      }),
  }
}

interface Listed {
  readonly item: Run
  readonly spot: Spot
}

function paged(found: readonly Listed[], limit: number, end: string | null): Page<Run> {
  const items = found.slice(0, limit).map(({ item }) => item)
  // One more than are given says that there are more: the next page begins after the last that is given.
  return { items, next: found.length > limit ? spotText(found[limit - 1]!.spot) : end }
}

/** Where runs are listed by what they are looked for, newest first: by the signer, else by the system, else by the pipeline. */
class RunLists {
  readonly #newest: Statement<[Span], Spot>
  readonly #pipeline: Statement<[Span & { pipeline: string }], Spot>
  readonly #system: Statement<[Span & { system: string }], Spot>
  readonly #identity: Statement<[Span & { identity: number }], Spot>
  readonly #identities: Statement<[string, string], { id: number; system: string }>

  constructor(db: Database) {
    this.#newest = db.prepare(
      `SELECT begun_at AS at, run AS id FROM view_runs
       WHERE tenant = @tenant AND begun_at >= @since AND (begun_at, run) < (@at, @id)
       ORDER BY begun_at DESC, run DESC LIMIT @limit`,
    )
    this.#pipeline = db.prepare(
      `SELECT begun_at AS at, run AS id FROM view_runs
       WHERE tenant = @tenant AND pipeline = @pipeline AND begun_at >= @since AND (begun_at, run) < (@at, @id)
       ORDER BY begun_at DESC, run DESC LIMIT @limit`,
    )
    this.#system = db.prepare(
      `SELECT begun_at AS at, run AS id FROM view_run_systems
       WHERE tenant = @tenant AND system = @system AND begun_at >= @since AND (begun_at, run) < (@at, @id)
       ORDER BY begun_at DESC, run DESC LIMIT @limit`,
    )
    this.#identity = db.prepare(
      `SELECT begun_at AS at, run AS id FROM view_run_identities
       WHERE tenant = @tenant AND identity = @identity AND begun_at >= @since AND (begun_at, run) < (@at, @id)
       ORDER BY begun_at DESC, run DESC LIMIT @limit`,
    )
    this.#identities = db.prepare('SELECT id, system FROM view_identities WHERE tenant = ? AND signer = ?')
  }

  of(tenant: string, { signer, system, pipeline }: RunFilter): Source {
    if (signer !== null) {
      const ids = this.#identities.all(tenant, signer).filter((one) => system === null || one.system === system)
      return (span) =>
        newestOf(
          ids.map(({ id }) => this.#identity.all({ ...span, identity: id })),
          span.limit,
        )
    }
    if (system !== null) return (span) => this.#system.all({ ...span, system })
    if (pipeline !== null) return (span) => this.#pipeline.all({ ...span, pipeline })
    return (span) => this.#newest.all(span)
  }
}

/** Of several lists the newest, each once. */
function newestOf(lists: readonly (readonly Spot[])[], limit: number): readonly Spot[] {
  const all = new Map(lists.flat().map((spot) => [spot.id, spot]))
  return [...all.values()].toSorted((a, b) => b.at - a.at || b.id - a.id).slice(0, limit)
}
