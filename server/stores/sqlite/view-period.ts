import type { Database } from 'better-sqlite3'
import type { Counted } from '@countersign/client'
import type { PeriodCounts, ViewStore } from '../../view-store.ts'

interface Asked {
  readonly tenant: string
  readonly since: string
  readonly until: string
  /** The same in milliseconds, as what is counted has it. */
  readonly from: number
  readonly to: number
  /** JSON lists of names; empty: all. */
  readonly pipelines: string
  readonly environments: string
}

/** How much a period has. Times are ISO texts of one length in UTC, so that texts compare as times. */
export function periodViewsOf(db: Database, counted: (tenant: string) => Counted): Pick<ViewStore, 'period'> {
  const counts = db.prepare<[Asked], PeriodCounts>(
    `WITH
       pipelines AS (SELECT value FROM json_each(@pipelines)),
       environments AS (SELECT value FROM json_each(@environments)),
       runs AS (
         SELECT chain, steps FROM view_runs
         WHERE tenant = @tenant AND begun_at >= @from AND begun_at < @to
           AND (@pipelines = '[]' OR pipeline IN pipelines)
       )
     SELECT
       (SELECT count(*) FROM runs) AS runs,
       (SELECT coalesce(sum(steps), 0) FROM runs) AS steps,
       (SELECT count(*) FROM contracts
        WHERE tenant = @tenant AND published_at >= @since AND published_at < @until
          AND (@pipelines = '[]' OR pipeline IN pipelines)) AS contracts,
       (SELECT count(*) FROM decisions
        WHERE tenant = @tenant AND at >= @since AND at < @until
          AND (@pipelines = '[]' OR pipeline IN pipelines)
          AND (@environments = '[]' OR environment IN environments)) AS decisions,
       (SELECT count(*) FROM inbox
        WHERE tenant = @tenant AND at >= @since AND at < @until
          AND (@pipelines = '[]' OR chain IN (SELECT chain FROM runs))) AS refusals,
       (SELECT count(*) FROM acts
        WHERE tenant = @tenant AND kind = 'administration' AND at >= @since AND at < @until) AS acts`,
  )
  return {
    period(tenant, { since, until, pipelines, environments }) {
      const found = counts.get({
        tenant,
        since,
        until,
        from: Date.parse(since),
        to: Date.parse(until),
        pipelines: JSON.stringify(pipelines),
        environments: JSON.stringify(environments),
      })!
      return { ...found, ...counted(tenant) }
    },
  }
}
