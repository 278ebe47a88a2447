import type { Database } from 'better-sqlite3'
import { CodedError } from '@countersign/core'
import { type Actor, parseDeviation, parseDeviationLine } from '@countersign/formats'
import type { Proposal, ProposalBounds, ProposalStore } from '../../proposal-store.ts'
import { failed } from './answers.ts'
import type { proposals } from './proposals-schema.ts'
import type { Writer } from './writer.ts'

type Row = typeof proposals.$inferSelect
export type ProposalWrite = (
  method: 'putProposal',
  ...args: Parameters<Writer['putProposal']>
) => Promise<ReturnType<Writer['putProposal']>>

/** What waits, as a connection sees it; `write` is for what is written. */
export function proposalStoreOf(db: Database, write: ProposalWrite): ProposalStore {
  const all = db.prepare<[string], Row>(
    `SELECT tenant, id, chain, document, proposed_at AS proposedAt, expires_at AS expiresAt, by_kind AS byKind,
       by_id AS byId, by_name AS byName
     FROM proposals WHERE tenant = ? ORDER BY rowid DESC`,
  )
  const one = db.prepare<[string, string], Row>(
    `SELECT tenant, id, chain, document, proposed_at AS proposedAt, expires_at AS expiresAt, by_kind AS byKind,
       by_id AS byId, by_name AS byName
     FROM proposals WHERE tenant = ? AND id = ?`,
  )
  return {
    list: (tenant, chain) =>
      look(() =>
        all
          .all(tenant)
          .filter((row) => chain === null || row.chain === chain)
          .map(proposalOf),
      ),
    one: (tenant, id) =>
      look(() => {
        const row = one.get(tenant, id)
        return row === undefined ? null : proposalOf(row)
      }),
    put: (...args) => write('putProposal', ...args),
  }
}

/** Writes what waits: each method one transaction. */
export class ProposalWriter {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  put({ document, by, ...row }: Proposal, held: Uint8Array | null, { most, forgotten }: ProposalBounds): boolean {
    return this.#db
      .transaction(() => {
        const { tenant, id, chain } = row
        this.#db.prepare('DELETE FROM proposals WHERE tenant = ? AND expires_at < ?').run(tenant, forgotten)
        if (held !== null) {
          const { changes } = this.#db
            .prepare('UPDATE proposals SET document = ? WHERE tenant = ? AND id = ? AND document = ?')
            .run(document, tenant, id, held)
          return changes === 1
        }
        const known = this.#db
          .prepare<[string, string, string], { all: number; own: number }>(
            `SELECT count(*) AS "all", count(*) FILTER (WHERE chain = ?) AS own,
               count(*) FILTER (WHERE id = ?) AS same FROM proposals WHERE tenant = ?`,
          )
          .get(chain, id, tenant) as { all: number; own: number; same: number }
        if (known.same > 0) return false
        if (known.all >= most.tenant || known.own >= most.chain)
          throw new CodedError('request-invalid', 'too many deviations wait already', {
            fix: 'Withdraw what nobody will sign: countersign deviate withdraw ID',
          })
        this.#db
          .prepare(
            `INSERT INTO proposals (tenant, id, chain, document, proposed_at, expires_at, by_kind, by_id, by_name)
             VALUES (@tenant, @id, @chain, @document, @proposedAt, @expiresAt, @kind, @by, @name)`,
          )
          .run({ ...row, document, kind: by.kind, by: by.id, name: by.name })
        this.#db
          .prepare(
            `INSERT INTO notices (tenant, at, kind, about, facts) VALUES (?, ?, 'deviation.proposed', ?, ?)
             ON CONFLICT DO NOTHING`,
          )
          .run(tenant, row.proposedAt, id, JSON.stringify({ ...told(document), by }))
        return true
      })
      .immediate()
  }

  /** False where there is none. */
  withdraw(tenant: string, id: string): boolean {
    return this.#db.prepare('DELETE FROM proposals WHERE tenant = ? AND id = ?').run(tenant, id).changes > 0
  }
}

function told(document: Uint8Array) {
  const { pipeline, chain, artifact, contract, excuses, reason, expiresAt } = parseDeviation(
    parseDeviationLine(document).payload,
  )
  return { pipeline, chain, artifact, contract, excuses, reason, expiresAt }
}

function proposalOf({ byKind, byId, byName, document, ...row }: Row): Proposal {
  const by: Actor = { kind: byKind as Actor['kind'], id: byId, name: byName }
  return { ...row, document: new Uint8Array(document), by }
}

async function look<T>(work: () => T): Promise<T> {
  try {
    return work()
  } catch (cause) {
    return failed(cause)
  }
}
