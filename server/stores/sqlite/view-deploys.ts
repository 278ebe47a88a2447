import type { Database, Statement } from 'better-sqlite3'
import type { Deploy, DeployBucket, DeployStrip } from '@countersign/client'
import type { Page } from '../../store.ts'
import type { DeployFilter, StripSpan, ViewStore } from '../../view-store.ts'
import { HOUR_MS } from '../../counting.ts'
import { type DecisionRow, openedDecision } from './decisions.ts'
import type { KeyringReader } from './keyring.ts'
import { isoOf, nameOf, nameText, placeOf, type Spot, spotText } from './view-cursor.ts'

/** Decisions that one page looks at, at most, where a filter lets few through. */
const MAX_SCANNED = 2_000
const CHUNK = 200
/** Buckets of one page of strips. */
const MAX_BUCKETS = 10_000

interface Span {
  readonly tenant: string
  readonly since: string
  readonly at: string
  readonly id: number
  readonly limit: number
}

interface ForceSpan {
  readonly tenant: string
  readonly environment: string
  readonly at: string
  readonly after: string
  readonly most: number
}

/** A pipeline, and what was in force of it, if anything. */
type ForceRow = { readonly name: string } & (DecisionRow | { readonly id: null })

interface StripRange {
  readonly tenant: string
  readonly environment: string
  readonly hours: number
  readonly from: number
  readonly to: number
}

/** What gates were told about environments, as a connection sees it. */
export function deployViewsOf(
  db: Database,
  keyring: KeyringReader,
): Pick<ViewStore, 'deploys' | 'deploy' | 'allowed' | 'deploysAt' | 'strips' | 'environments'> {
  const lists = new DeployLists(db)
  const one = db.prepare<[string, string, number], DecisionRow>(
    `SELECT id, at, decision, code, pipeline, contract, environment, by, requester, ms, sealed, key,
       coalesce(deviated, 0) AS deviated
     FROM decisions WHERE tenant = ? AND environment = ? AND id = ?`,
  )
  const allowed = db.prepare<[string, string, number], DecisionRow>(
    `SELECT id, at, decision, code, pipeline, contract, environment, by, requester, ms, sealed, key,
       coalesce(deviated, 0) AS deviated
     FROM decisions INDEXED BY decisions_environment
     WHERE tenant = ? AND environment = ? AND environment IS NOT NULL AND decision = 'allow'
     ORDER BY at DESC, id DESC LIMIT 1 OFFSET ?`,
  )
  const ofPipeline = db.prepare<[string, string, string, string], DecisionRow>(
    `SELECT id, at, decision, code, pipeline, contract, environment, by, requester, ms, sealed, key,
       coalesce(deviated, 0) AS deviated
     FROM decisions INDEXED BY decisions_allowed
     WHERE tenant = ? AND environment = ? AND environment IS NOT NULL AND decision = 'allow' AND pipeline = ? AND at <= ?
     ORDER BY at DESC, id DESC LIMIT 1`,
  )
  // Pipeline by pipeline, each by two looks into the index.
  const inForce = db.prepare<[ForceSpan], ForceRow>(
    `WITH RECURSIVE named(pipeline) AS (
       SELECT min(pipeline) FROM decisions INDEXED BY decisions_allowed
       WHERE tenant = @tenant AND environment = @environment AND environment IS NOT NULL AND decision = 'allow'
         AND pipeline > @after
       UNION ALL
       SELECT (SELECT min(d.pipeline) FROM decisions d INDEXED BY decisions_allowed
         WHERE d.tenant = @tenant AND d.environment = @environment AND d.environment IS NOT NULL
           AND d.decision = 'allow' AND d.pipeline > named.pipeline)
       FROM named WHERE pipeline IS NOT NULL LIMIT @most)
     SELECT named.pipeline AS name, d.id, d.at, d.decision, d.code, d.pipeline, d.contract, d.environment, d.by,
       d.requester, d.ms, d.sealed, d.key, coalesce(d.deviated, 0) AS deviated
     FROM named LEFT JOIN decisions d ON d.id = (
       SELECT f.id FROM decisions f INDEXED BY decisions_allowed
       WHERE f.tenant = @tenant AND f.environment = @environment AND f.environment IS NOT NULL
         AND f.decision = 'allow' AND f.pipeline = named.pipeline AND f.at <= @at
       ORDER BY f.at DESC, f.id DESC LIMIT 1)
     WHERE named.pipeline IS NOT NULL`,
  )
  const nextEnvironment = db.prepare<[string, string], { environment: string }>(
    `SELECT environment FROM view_deploys WHERE tenant = ? AND environment > ? ORDER BY environment LIMIT 1`,
  )
  const namedFrom = db.prepare<[string, string], { environment: string }>(
    `SELECT environment FROM decisions INDEXED BY decisions_environment
     WHERE tenant = ? AND environment >= ? AND environment IS NOT NULL ORDER BY environment LIMIT 1`,
  )
  const namedAfter = db.prepare<[string, string], { environment: string }>(
    `SELECT environment FROM decisions INDEXED BY decisions_environment
     WHERE tenant = ? AND environment > ? AND environment IS NOT NULL ORDER BY environment LIMIT 1`,
  )
  const buckets = db.prepare<[StripRange], Omit<DeployBucket, 'start'> & { readonly bucket: number }>(
    `SELECT bucket, allow, deny, unknown, deviated FROM view_deploys
     WHERE tenant = @tenant AND environment = @environment AND width = @hours AND bucket >= @from AND bucket < @to
     ORDER BY bucket`,
  )
  const uncounted = db.prepare<[string], { at: string }>(
    `SELECT d.at FROM decisions d
     WHERE d.tenant = ? AND d.id > coalesce((SELECT decision FROM view_cursors c WHERE c.tenant = d.tenant), 0)
     ORDER BY d.id LIMIT 1`,
  )
  const told = (tenant: string, row: DecisionRow | undefined): Deploy | null =>
    row === undefined ? null : (openedDecision(keyring, tenant, row) as Deploy)

  return {
    deploys(tenant, filter, limit, cursor) {
      let before = placeOf(cursor, filter.until)
      const found: { readonly row: DecisionRow; readonly spot: Spot }[] = []
      let end: string | null = null
      for (let scanned = 0; scanned < MAX_SCANNED && found.length <= limit; scanned += CHUNK) {
        const rows = lists.of(tenant, filter, before)
        for (const row of rows) {
          if (!matches(row, filter)) continue
          found.push({ row, spot: { at: Date.parse(row.at), id: row.id } })
          if (found.length > limit) break
        }
        const last = rows.at(-1)
        end = last === undefined || rows.length < CHUNK ? null : spotText({ at: Date.parse(last.at), id: last.id })
        if (last === undefined || end === null) break
        before = { at: Date.parse(last.at), id: last.id }
      }
      const items = found.slice(0, limit).map(({ row }) => told(tenant, row)!)
      return { items, next: found.length > limit ? spotText(found[limit - 1]!.spot) : end }
    },

    deploy: (tenant, environment, id) => told(tenant, one.get(tenant, environment, id)),

    allowed: (tenant, environment, back) => told(tenant, allowed.get(tenant, environment, back)),

    deploysAt(tenant, { environment, pipeline, time }, limit, cursor): Page<Deploy> {
      const at = isoOf(time)
      if (pipeline !== null) {
        const only = told(tenant, ofPipeline.get(tenant, environment, pipeline, at))
        return { items: only === null ? [] : [only], next: null }
      }
      const items: Deploy[] = []
      let after = nameOf(cursor)
      // Most pages are full of what was in force then; where a row tells of nothing, so will the next ones.
      let most = Math.min(CHUNK, limit + 1)
      for (let scanned = 0; scanned < MAX_SCANNED; ) {
        const rows = inForce.all({ tenant, environment, at, after, most })
        for (const { name, ...row } of rows) {
          if (items.length === limit) return { items, next: nameText(after) }
          if (row.id !== null) items.push(told(tenant, row)!)
          after = name
        }
        if (rows.length < most) return { items, next: null }
        scanned += most
        most = CHUNK
      }
      return { items, next: nameText(after) }
    },

    strips(tenant, span, limit, cursor) {
      const first = uncounted.get(tenant)
      const countedUntil = first === undefined ? null : Date.parse(first.at)
      const environments: DeployStrip[] = []
      let after = nameOf(cursor)
      for (let filled = 0; ; ) {
        const next = nextEnvironment.get(tenant, after)
        if (next === undefined) return { environments, next: null, countedUntil }
        if (environments.length === limit || filled > MAX_BUCKETS) break
        const { environment } = next
        const own = buckets.all({ tenant, environment, ...span })
        const current = told(tenant, allowed.get(tenant, environment, 0))
        environments.push({ name: environment, buckets: own.map((row) => bucketOf(row, span)), current })
        filled += own.length
        after = environment
      }
      return { environments, next: nameText(after), countedUntil }
    },

    environments(tenant, prefix, limit) {
      const names: string[] = []
      let next = namedFrom.get(tenant, prefix)
      while (next !== undefined && next.environment.startsWith(prefix) && names.length < limit) {
        names.push(next.environment)
        next = namedAfter.get(tenant, next.environment)
      }
      return names
    },
  }
}

function matches(row: DecisionRow, { pipeline, decision }: DeployFilter): boolean {
  return (pipeline === null || row.pipeline === pipeline) && (decision === null || row.decision === decision)
}

function bucketOf(
  { bucket, ...counts }: Omit<DeployBucket, 'start'> & { readonly bucket: number },
  { hours }: StripSpan,
): DeployBucket {
  return { start: isoOf(bucket * hours * HOUR_MS), ...counts }
}

/** Deploys of all environments, or of one, newest first. */
class DeployLists {
  readonly #all: Statement<[Span], DecisionRow>
  readonly #own: Statement<[Span & { environment: string }], DecisionRow>

  constructor(db: Database) {
    this.#all = db.prepare(
      `SELECT id, at, decision, code, pipeline, contract, environment, by, requester, ms, sealed, key,
         coalesce(deviated, 0) AS deviated
       FROM decisions INDEXED BY decisions_deploys
       WHERE tenant = @tenant AND environment IS NOT NULL AND at >= @since AND (at, id) < (@at, @id)
       ORDER BY at DESC, id DESC LIMIT @limit`,
    )
    this.#own = db.prepare(
      `SELECT id, at, decision, code, pipeline, contract, environment, by, requester, ms, sealed, key,
         coalesce(deviated, 0) AS deviated
       FROM decisions INDEXED BY decisions_environment
       WHERE tenant = @tenant AND environment = @environment AND environment IS NOT NULL AND at >= @since
         AND (at, id) < (@at, @id)
       ORDER BY at DESC, id DESC LIMIT @limit`,
    )
  }

  of(tenant: string, { environment, since }: DeployFilter, before: Spot): readonly DecisionRow[] {
    const span = { tenant, since: isoOf(since), at: isoOf(before.at), id: before.id, limit: CHUNK }
    return environment === null ? this.#all.all(span) : this.#own.all({ ...span, environment })
  }
}
