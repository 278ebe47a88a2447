import type { Database } from 'better-sqlite3'
import { CodedError } from '@countersign/core'
import type { IssuedData, StoredIssuance } from '../../store.ts'
import { failed, indexOf, page } from './answers.ts'
import { and, desc, drizzle, eq, lt } from './drizzle.ts'
import { certificateName, type KeyringReader, unseal } from './keyring.ts'
import { certificates } from './schema.ts'

/** The certificates that were logged, as a connection sees them. */
export function issuedDataOf(db: Database, keyring: Pick<KeyringReader, 'get' | 'tags'>): IssuedData {
  const read = drizzle(db)
  const first = db.prepare<[], object>('SELECT 1 FROM certificates UNION ALL SELECT 1 FROM erased_certificates LIMIT 1')
  const erased = db.prepare<[string, string], object>('SELECT 1 FROM erased_certificates WHERE tenant = ? AND tag = ?')
  const held = db.prepare<[string, string], object>('SELECT 1 FROM certificates WHERE tenant = ? AND serial = ?')

  /** Null for one that was erased since its row was read. */
  function opened(row: typeof certificates.$inferSelect): StoredIssuance | null {
    const { tenant, leaf: index, serial, authority, keyId, issuedAt, notAfter, tbs, key } = row
    const own = keyring.get(key)
    if (own !== null) {
      const bytes = unseal(own, { tenant, name: certificateName(serial) }, tbs)
      return { index, serial, authority, keyId, issuedAt, notAfter, tbs: bytes }
    }
    if (held.get(tenant, serial) === undefined) return null
    throw new CodedError('keys-missing', `the key of certificate ${serial} is missing`)
  }

  async function look<T>(work: () => T): Promise<T> {
    try {
      return work()
    } catch (cause) {
      return failed(cause)
    }
  }

  return {
    any: () => look(() => first.get() !== undefined),
    was: (tenant, serial) =>
      look(
        () =>
          held.get(tenant, serial) !== undefined || erased.get(tenant, keyring.tags.of(tenant, serial)) !== undefined,
      ),
    page: (tenant, limit, cursor) =>
      look(() => {
        const before = indexOf(cursor)
        const older = before === null ? undefined : lt(certificates.leaf, before)
        const rows = read
          .select()
          .from(certificates)
          .where(and(eq(certificates.tenant, tenant), older))
          .orderBy(desc(certificates.leaf))
          .limit(limit + 1)
          .all()
        const { items, next } = page(rows, limit, ({ leaf }) => String(leaf))
        return { items: items.flatMap((row) => opened(row) ?? []), next }
      }),
    one: (tenant, serial) =>
      look(() => {
        const where = and(eq(certificates.tenant, tenant), eq(certificates.serial, serial))
        const row = read.select().from(certificates).where(where).get()
        return row === undefined ? null : opened(row)
      }),
  }
}
