import type { Database } from 'better-sqlite3'
import type { ActData, ActKind, PublishedContract, StoredAct } from '../../acts.ts'
import { failed, indexOf, page } from './answers.ts'
import type { acts } from './acts-schema.ts'

/** What was logged beside attestations and certificates, as a connection sees it. */
export function actDataOf(db: Database): ActData {
  const one = db.prepare<[string, string, string], Row>(
    'SELECT * FROM acts WHERE tenant = ? AND kind = ? AND digest = ?',
  )
  const about = db.prepare<[string, string, string, number], Row>(
    'SELECT * FROM acts WHERE tenant = ? AND kind = ? AND about = ? ORDER BY leaf LIMIT ?',
  )
  const told = db.prepare<[string, number, number], Row>(
    `SELECT * FROM acts WHERE tenant = ? AND kind = 'administration' AND leaf < ? ORDER BY leaf DESC LIMIT ?`,
  )
  const toldAbout = db.prepare<[string, string, number, number], Row>(
    `SELECT * FROM acts WHERE tenant = ? AND kind = 'administration' AND about = ? AND leaf < ?
     ORDER BY leaf DESC LIMIT ?`,
  )
  const listed = db.prepare<Listing, PublishedRow>(
    `SELECT c.rowid AS id, c.pipeline, c.revision, c.digest, c.published_at AS publishedAt, a.leaf AS "index", a.signers
     FROM contracts c LEFT JOIN acts a ON a.tenant = c.tenant AND a.kind = 'contract' AND a.digest = c.digest
     WHERE c.tenant = @tenant AND (@pipeline IS NULL OR c.pipeline = @pipeline) AND c.rowid < @before
     ORDER BY c.rowid DESC LIMIT @limit`,
  )
  const above = db.prepare<[string, string, number], { digest: string; revision: number; publishedAt: string }>(
    `SELECT digest, revision, published_at AS publishedAt FROM contracts
     WHERE tenant = ? AND pipeline = ? AND revision > ? ORDER BY revision`,
  )
  async function look<T>(work: () => T): Promise<T> {
    try {
      return work()
    } catch (cause) {
      return failed(cause)
    }
  }
  return {
    one: (tenant, kind, digest) =>
      look(() => {
        const row = one.get(tenant, kind, digest)
        return row === undefined ? null : storedOf(row)
      }),
    about: (tenant, kind, what, limit) => look(() => about.all(tenant, kind, what, limit).map(storedOf)),
    administrations: (tenant, what, limit, cursor) =>
      look(() => {
        const before = indexOf(cursor) ?? Number.MAX_SAFE_INTEGER
        const rows =
          what === null ? told.all(tenant, before, limit + 1) : toldAbout.all(tenant, what, before, limit + 1)
        return page(rows.map(storedOf), limit, ({ index }) => String(index))
      }),
    contracts: (tenant, pipeline, limit, cursor) =>
      look(() => {
        const before = indexOf(cursor) ?? Number.MAX_SAFE_INTEGER
        const rows = listed.all({ tenant, pipeline, before, limit: limit + 1 })
        const { items, next } = page(rows, limit, ({ id }) => String(id))
        return { items: items.map(publishedOf), next }
      }),
    successors: (tenant, pipeline, revision) => look(() => above.all(tenant, pipeline, revision)),
  }
}

interface Listing {
  readonly tenant: string
  readonly pipeline: string | null
  readonly before: number
  readonly limit: number
}

type Row = typeof acts.$inferSelect

interface PublishedRow extends Omit<PublishedContract, 'signatures'> {
  readonly id: number
  readonly signers: string | null
}

function storedOf({ leaf, kind, digest, about, at, signers, salt, document }: Row): StoredAct {
  return {
    index: leaf,
    kind: kind as ActKind,
    digest,
    about,
    at,
    signers: listOf(signers),
    salt: new Uint8Array(salt),
    document: new Uint8Array(document),
  }
}

function publishedOf({ pipeline, revision, digest, publishedAt, index, signers }: PublishedRow): PublishedContract {
  return { pipeline, revision, digest, publishedAt, index, signatures: listOf(signers ?? '').length }
}

function listOf(signers: string): readonly string[] {
  return signers === '' ? [] : signers.split(' ')
}
