import type { Database } from 'better-sqlite3'
import { CodedError, fromUtf8 } from '@countersign/core'
import type { ChainStanding, DecisionStore, StoredDecision } from '../../decision-store.ts'
import { failed, indexOf, page } from './answers.ts'
import { decisionName, type Deciding } from './decision-writer.ts'
import { type KeyringReader, unseal } from './keyring.ts'
import type { Threaded } from './thread.ts'
import type { Writer } from './writer.ts'

/** Does something with the writing thread when nobody else writes. */
type Exclusive = <T>(work: (writer: Threaded<Writer>) => Promise<T>) => Promise<T>

export interface DecisionRow extends Omit<StoredDecision, 'artifact' | 'what' | 'deviated'> {
  readonly deviated: number
  readonly sealed: Buffer | null
  readonly key: number | null
}

/** A decision as it was recorded, as far as nothing of it was erased. */
export function openedDecision(
  keyring: KeyringReader,
  tenant: string,
  { sealed, key, deviated, ...row }: DecisionRow,
): StoredDecision {
  const facts = { ...row, deviated: deviated === 1 }
  const own = key === null ? null : keyring.get(key)
  if (own === null || sealed === null) return { ...facts, artifact: null, what: null }
  const { artifact, what } = JSON.parse(fromUtf8(unseal(own, { tenant, name: decisionName(own.id) }, sealed))) as {
    artifact: string
    what: string | null
  }
  return { ...facts, artifact, what }
}

/** Decisions as a reading connection sees them; `exclusive` is for what is written. */
export function decisionStoreOf(db: Database, keyring: KeyringReader, exclusive: Exclusive): DecisionStore {
  let waiting: Deciding[] = []
  let writing: Promise<readonly number[]> | null = null
  const newest = db.prepare<[string, number, number], DecisionRow>(
    `SELECT id, at, decision, code, pipeline, contract, environment, by, requester, ms, sealed, key,
       coalesce(deviated, 0) AS deviated
     FROM decisions WHERE tenant = ? AND id < ? ORDER BY id DESC LIMIT ?`,
  )
  const about = db.prepare<[string, string, number, number], DecisionRow>(
    `SELECT id, at, decision, code, pipeline, contract, environment, by, requester, ms, sealed, key,
       coalesce(deviated, 0) AS deviated
     FROM decisions WHERE tenant = ? AND artifact = ? AND id < ? ORDER BY id DESC LIMIT ?`,
  )
  const standing = db.prepare<[{ tenant: string; chain: string }], ChainStanding>(
    `SELECT coalesce((SELECT length FROM chains WHERE tenant = @tenant AND id = @chain), 0) AS length,
      (SELECT count(*) FROM erasures WHERE tenant = @tenant AND chain = @chain) AS erased`,
  )
  return {
    async record(tenant, record, most) {
      const at = waiting.push({ tenant, record, most }) - 1
      // What comes in while others write joins one transaction.
      writing ??= exclusive((writer) => {
        const batch = waiting
        waiting = []
        writing = null
        return writer.call('decided', batch)
      })
      const id = (await writing)[at]
      if (id === undefined) throw new CodedError('store-failed', 'a decision was not written')
      return id
    },
    async page(tenant, artifact, limit, cursor) {
      try {
        const before = indexOf(cursor) ?? Number.MAX_SAFE_INTEGER
        const rows =
          artifact === null
            ? newest.all(tenant, before, limit + 1)
            : about.all(tenant, keyring.tags.of(tenant, artifact), before, limit + 1)
        return page(
          rows.map((row) => openedDecision(keyring, tenant, row)),
          limit,
          ({ id }) => String(id),
        )
      } catch (cause) {
        return failed(cause)
      }
    },
    standing(tenant, chain) {
      try {
        return standing.get({ tenant, chain })!
      } catch (cause) {
        return failed(cause)
      }
    },
  }
}
