import type { Database } from 'better-sqlite3'
import type { Counted } from '@countersign/client'
import type { FoundContract, Place, ViewStore } from '../../view-store.ts'
import { failed } from './answers.ts'
import type { KeyringReader } from './keyring.ts'
import type { Threaded } from './thread.ts'
import { coverageViewsOf } from './view-coverage.ts'
import { deployViewsOf } from './view-deploys.ts'
import { identityViewsOf } from './view-identities.ts'
import { periodViewsOf } from './view-period.ts'
import { runViewsOf } from './view-runs.ts'
import type { Writer } from './writer.ts'

/** Above every hex digit: where the texts that begin with a prefix end. */
const ABOVE_HEX = 'g'

/** What screens show, as a reading connection sees it; `writer` counts. */
export function viewStoreOf(db: Database, keyring: KeyringReader, writer: Threaded<Writer>): ViewStore {
  // Whoever opens a database does not know what is behind.
  let counted = -1
  const cursor = db.prepare<[string], { accepted: number; next: number }>(
    `SELECT t.next_index AS accepted, coalesce(c.next, 0) AS next FROM tenants t
     LEFT JOIN view_cursors c ON c.tenant = t.id WHERE t.id = ?`,
  )
  const countedOf = (tenant: string): Counted => {
    const { accepted, next } = cursor.get(tenant) ?? { accepted: 0, next: 0 }
    return { upTo: next, behind: accepted - next }
  }
  const places = db.prepare<
    [{ tenant: string; from: string; to: string; limit: number }],
    Omit<Place, 'erased'> & { readonly erased: number }
  >(
    `SELECT link, chain, pipeline, step, "index", 0 AS erased FROM attestations
     WHERE tenant = @tenant AND link >= @from AND link < @to
     UNION ALL
     SELECT link, chain, pipeline, step, "index", 1 FROM erasures
     WHERE tenant = @tenant AND link >= @from AND link < @to
     ORDER BY 1 LIMIT @limit`,
  )
  const chains = db.prepare<[string, string, string, number], { id: string }>(
    'SELECT id FROM chains WHERE tenant = ? AND id >= ? AND id < ? ORDER BY id LIMIT ?',
  )
  const contracts = db.prepare<[string, string, string, number], FoundContract>(
    `SELECT digest, pipeline, revision FROM contracts
     WHERE tenant = ? AND digest >= ? AND digest < ? ORDER BY digest LIMIT ?`,
  )
  return {
    async count(most) {
      const asked = writer.call('countViews', most)
      const { called } = writer
      const done = await asked.catch(failed)
      // What was asked for after it may be behind.
      if (done === 0) counted = called
      return done
    },
    standing: () => ({ behind: writer.called !== counted, busy: writer.busy, writes: writer.called }),
    ...inOneView(db, {
      counted: countedOf,
      ...runViewsOf(db, countedOf),
      ...periodViewsOf(db, countedOf),
      ...deployViewsOf(db, keyring),
      ...identityViewsOf(db, countedOf),
      ...coverageViewsOf(db, countedOf),
      places: (tenant: string, prefix: string, limit: number) =>
        places
          .all({ tenant, from: prefix, to: prefix + ABOVE_HEX, limit })
          .map(({ erased, ...place }) => ({ ...place, erased: erased === 1 })),
      chains: (tenant: string, prefix: string, limit: number) =>
        chains.all(tenant, prefix, prefix + ABOVE_HEX, limit).map(({ id }) => id),
      contracts: (tenant: string, prefix: string, limit: number) =>
        contracts.all(tenant, prefix, prefix + ABOVE_HEX, limit),
    }),
  }
}

/** Each call sees the database as it is at one moment, and fails as a store does. */
function inOneView<T extends Readonly<Record<string, (...args: never[]) => unknown>>>(db: Database, views: T): T {
  const seen = Object.entries(views).map(([name, view]) => {
    const within = db.transaction(view as (...args: unknown[]) => unknown)
    const call = (...args: unknown[]) => {
      try {
        return within(...args)
      } catch (cause) {
        return failed(cause)
      }
    }
    return [name, call]
  })
  return Object.fromEntries(seen) as T
}
