import type { Database } from 'better-sqlite3'
import type { Counted, IdentityRow, SeenIdentity } from '@countersign/client'
import type { Page } from '../../store.ts'
import type { IdentityFilter, ViewStore } from '../../view-store.ts'
import { type Graded, startOfWeek, weakest } from '../../counting.ts'
import { isoOf, placeOf, type Spot, spotText } from './view-cursor.ts'

/** Identities that one page looks at, at most, where a filter lets few through. */
const MAX_SCANNED = 4_000

interface Row extends Graded {
  readonly id: number
  readonly signer: string
  readonly system: string
  readonly firstAt: number
  readonly lastAt: number
  readonly steps: number
  readonly pipelines: number
}

interface Looking extends IdentityFilter {
  readonly tenant: string
  /** Whose last is before is not looked for. */
  readonly active: number
  readonly at: number
  readonly id: number
}

/** Who signed, as a connection sees it. */
export function identityViewsOf(
  db: Database,
  counted: (tenant: string) => Counted,
): Pick<ViewStore, 'identities' | 'identityWeeks'> {
  const newest = db.prepare<[{ tenant: string; at: number; id: number; limit: number }], Row>(
    `SELECT id, signer, system, first_at AS firstAt, last_at AS lastAt, steps, pipelines, a, b, c, d FROM view_identities
     WHERE tenant = @tenant AND (first_at, id) < (@at, @id) ORDER BY first_at DESC, id DESC LIMIT @limit`,
  )
  const weeks = db.prepare<
    [{ tenant: string; identity: number; from: number; to: number }],
    { week: number; steps: number }
  >(`SELECT week, steps FROM view_identity_weeks
     WHERE tenant = @tenant AND identity = @identity AND week >= @from AND week < @to`)
  const keys = db.prepare<[string], { name: string; revokedAt: string | null }>(
    'SELECT name, revoked_at AS revokedAt FROM keys WHERE tenant = ?',
  )
  const revocations = (tenant: string): ((row: Row) => string | null) => {
    const byName = Map.groupBy(keys.all(tenant), ({ name }) => name)
    return ({ signer, d }) => {
      const own = d === 0 ? [] : (byName.get(signer) ?? []).map(({ revokedAt }) => revokedAt)
      // Where one of the name is valid still, it goes on.
      return own.includes(null) ? null : (own.toSorted().at(-1) ?? null)
    }
  }
  const found = (looking: Looking, limit: number): Page<Row> => {
    const { tenant, active, part, system } = looking
    const items: Row[] = []
    let before: Spot = { at: looking.at, id: looking.id }
    const chunk = part === '' && system === null ? limit + 1 : MAX_SCANNED / 4
    for (let scanned = 0; scanned < MAX_SCANNED && items.length <= limit; scanned += chunk) {
      const rows = newest.all({ tenant, ...before, limit: chunk })
      for (const row of rows) {
        const fits = row.lastAt >= active && (system === null || row.system === system) && row.signer.includes(part)
        if (fits) items.push(row)
        if (items.length > limit) break
      }
      const last = rows.at(-1)
      if (last === undefined || rows.length < chunk) return pageOf(items, limit, null)
      before = { at: last.firstAt, id: last.id }
    }
    return pageOf(items, limit, spotText(before))
  }
  const begin = (cursor: string | null) => placeOf(cursor, Number.MAX_SAFE_INTEGER)
  return {
    identities(tenant, filter, limit, cursor) {
      const { items, next } = found({ tenant, ...filter, active: -Infinity, ...begin(cursor) }, limit)
      return { items: items.map(seenOf), next, ...counted(tenant) }
    },
    identityWeeks(tenant, filter, { from, count }, limit, cursor) {
      const { items, next } = found({ tenant, ...filter, active: startOfWeek(from), ...begin(cursor) }, limit)
      const revokedAt = revocations(tenant)
      const rows = items.map((row): IdentityRow => {
        const { signer, system, grade, firstAt, lastAt } = seenOf(row)
        const own = weeks.all({ tenant, identity: row.id, from, to: from + count })
        const counts = Array.from({ length: count }, (_, i) => own.find(({ week }) => week === from + i)?.steps ?? 0)
        return { signer, system, grade, counts, firstAt, lastAt, revokedAt: revokedAt(row) }
      })
      return { items: rows, next, ...counted(tenant) }
    },
  }
}

function pageOf(found: readonly Row[], limit: number, end: string | null): Page<Row> {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return { items, next: found.length > limit ? spotText({ at: last!.firstAt, id: last!.id }) : end }
}

function seenOf({ signer, system, firstAt, lastAt, steps, pipelines, ...row }: Row): SeenIdentity {
  const grade = weakest(row)
  return { signer, system, grade, firstAt: isoOf(firstAt), lastAt: isoOf(lastAt), steps, pipelines }
}
