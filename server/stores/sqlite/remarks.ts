import type { Database } from 'better-sqlite3'
import { fromBase64, fromUtf8, utf8 } from '@countersign/core'
import { parseRemark, parseRemarkLine, type RemarkKind } from '@countersign/formats'
import type { Fact } from '../../event-store.ts'
import type { RemarkStore, StoredRemark } from '../../remark-store.ts'
import { failed, indexOf, page } from './answers.ts'
import { type KeyringReader, unseal } from './keyring.ts'
import { remarkName, type SealedRemark } from './remark-writer.ts'
import type { Writer } from './writer.ts'

type Method = 'addRemark' | 'eraseRemark'
export type RemarkWrite = <M extends Method>(
  method: M,
  ...args: Parameters<Writer[M]>
) => Promise<ReturnType<Writer[M]>>

/**
 * That notes were taken, as it is told: what they say is not, only about what and by whom, until they are erased. Of the
 * entries below `size`: behind them nothing is read.
 */
export function remarkFactsOf(
  db: Database,
  keyring: KeyringReader,
): (asked: { tenant: string; from: number; limit: number }, size: number) => readonly Fact[] {
  const rows = db.prepare<[{ tenant: string; from: number; limit: number; size: number }], Row>(
    'SELECT * FROM remarks WHERE tenant = @tenant AND leaf >= @from AND leaf < @size ORDER BY leaf LIMIT @limit',
  )
  return ({ tenant, from, limit }, size) =>
    rows.all({ tenant, from, limit, size }).map((row) => {
      const { id, leaf: number, at, kind, supersedes } = row
      const told = openedRow(keyring, row)
      const about = told === null ? [] : parseRemark(parseRemarkLine(told.document).payload).about
      const { signer, chain } = told ?? { signer: null, chain: null }
      const data = { id, kind: kind as RemarkKind, about, chain, supersedes, signer, index: number }
      const name = kind === 'dispute' ? 'note.disputed' : 'note.added'
      return { source: 'remarks', number, at, name, data }
    })
}

function openedRow(keyring: KeyringReader, { tenant, sealed, key }: Row): SealedRemark | null {
  const own = key === null ? null : keyring.get(key)
  if (own === null || sealed === null) return null
  return JSON.parse(fromUtf8(unseal(own, { tenant, name: remarkName(own.id) }, sealed))) as SealedRemark
}

function heldOf({ document, signer, under, salt }: SealedRemark): NonNullable<StoredRemark['held']> {
  return { document: utf8(document), signer, under, salt: fromBase64(salt) }
}

/** Signed notes as a reading connection sees them. */
export function remarkStoreOf(db: Database, keyring: KeyringReader, write: RemarkWrite): RemarkStore {
  const one = db.prepare<[string, string], Row>('SELECT * FROM remarks WHERE tenant = ? AND id = ?')
  const all = db.prepare<Asked, Row>(
    'SELECT * FROM remarks WHERE tenant = @tenant AND leaf < @before ORDER BY leaf DESC LIMIT @limit',
  )
  const open = db.prepare<Asked, Row>(
    `SELECT * FROM remarks WHERE tenant = @tenant AND kind = 'dispute' AND superseded_by IS NULL AND leaf < @before
     ORDER BY leaf DESC LIMIT @limit`,
  )
  const about = db.prepare<Asked, Row>(
    `SELECT r.* FROM remark_about a JOIN remarks r ON r.leaf = a.leaf
     WHERE a.tenant = @tenant AND a.tag = @tag AND a.leaf < @before AND r.tenant = @tenant
       AND (@open = 0 OR (r.kind = 'dispute' AND r.superseded_by IS NULL))
     ORDER BY a.leaf DESC LIMIT @limit`,
  )
  const step = db.prepare<[string, string, string, string], { chain: string }>(
    `SELECT chain FROM attestations WHERE tenant = ? AND link = ?
     UNION ALL SELECT chain FROM erasures WHERE tenant = ? AND link = ?`,
  )
  const artifact = db.prepare<[string, string], { chain: string }>(
    `SELECT DISTINCT a.chain FROM subjects s JOIN attestations a ON a.tenant = s.tenant AND a."index" = s."index"
     WHERE s.tenant = ? AND s.sha256 = ? ORDER BY s."index" DESC LIMIT 20`,
  )
  const refusal = db.prepare<[string, string], object>('SELECT 1 FROM inbox WHERE tenant = ? AND body = ? LIMIT 1')

  const opened = (row: Row): StoredRemark => {
    const { id, leaf: index, at, kind, supersedes, ground, tombstone } = row
    const told = openedRow(keyring, row)
    return {
      id,
      index,
      at,
      kind: kind as RemarkKind,
      supersedes,
      supersededBy: row.superseded_by,
      held: told === null ? null : heldOf(told),
      erased: row.erased_at === null ? null : { at: row.erased_at, ground: ground!, tombstone: tombstone! },
    }
  }
  async function look<T>(work: () => T): Promise<T> {
    try {
      return work()
    } catch (cause) {
      return failed(cause)
    }
  }
  return {
    add: (record) => write('addRemark', record),
    erase: (erasure) => write('eraseRemark', erasure),
    one: (tenant, id) =>
      look(() => {
        const row = one.get(tenant, id)
        return row === undefined ? null : opened(row)
      }),
    page: (tenant, asked, limit, cursor) =>
      look(() => {
        const tag = asked.about === null ? '' : keyring.tags.of(tenant, asked.about)
        const before = indexOf(cursor) ?? Number.MAX_SAFE_INTEGER
        const given = { tenant, tag, before, limit: limit + 1, open: asked.open ? 1 : 0 }
        const query = asked.about !== null ? about : asked.open ? open : all
        return page(query.all(given).map(opened), limit, ({ index }) => String(index))
      }),
    known: (tenant, name) =>
      look(() => {
        const [kind, digest] = name.split('/') as [string, string]
        if (kind === 'refusal') return refusal.get(tenant, digest) === undefined ? null : { chains: [] }
        const rows =
          kind === 'step'
            ? step.all(tenant, digest, tenant, digest)
            : artifact.all(tenant, keyring.tags.of(tenant, digest))
        return rows.length === 0 ? null : { chains: rows.map(({ chain }) => chain) }
      }),
  }
}

interface Asked {
  readonly tenant: string
  readonly tag: string
  readonly before: number
  readonly limit: number
  /** 1 for open disputes alone. */
  readonly open: number
}

interface Row {
  readonly leaf: number
  readonly tenant: string
  readonly id: string
  readonly at: string
  readonly kind: string
  readonly supersedes: string | null
  readonly superseded_by: string | null
  readonly sealed: Buffer | null
  readonly key: number | null
  readonly erased_at: string | null
  readonly ground: string | null
  readonly tombstone: number | null
}
