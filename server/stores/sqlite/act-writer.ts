import type { Database, Statement, Transaction } from 'better-sqlite3'
import { CodedError } from '@countersign/core'
import { actCommitment, writeLeaf } from '@countersign/formats'
import type { Grown } from '@countersign/log'
import type { Act, Acted, Publication } from '../../acts.ts'
import type { AuditWriter } from './audit-writer.ts'
import { type LogWriter, secret } from './log-writer.ts'
import { CURRENT_CONTRACT } from './schema.ts'
import { threadCrypto } from './thread-crypto.ts'

interface Written {
  readonly index: number | null
  readonly grown: Grown | null
}

/** Writes acts: what was done, and that it was, are there together or not at all. */
export class ActWriter {
  readonly #log: LogWriter
  readonly #audit: AuditWriter
  readonly #held: Statement<[string, string, string], { leaf: number }>
  readonly #current: Statement<[string, string], { digest: string; revision: number }>
  readonly #insert: Statement
  readonly #publish: Statement
  readonly #settle: Statement<[string, string]>
  readonly #write: Transaction<(act: Act) => Written>

  constructor(db: Database, log: LogWriter, audit: AuditWriter) {
    this.#log = log
    this.#audit = audit
    this.#held = db.prepare('SELECT leaf FROM acts WHERE tenant = ? AND kind = ? AND digest = ?')
    this.#current = db.prepare(CURRENT_CONTRACT)
    this.#insert = db.prepare(
      `INSERT INTO acts (leaf, tenant, kind, digest, about, at, signers, salt, document)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#publish = db.prepare(
      `INSERT INTO contracts (tenant, digest, pipeline, revision, bytes, published_at, asked) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (tenant, digest) DO NOTHING`,
    )
    this.#settle = db.prepare('DELETE FROM proposals WHERE tenant = ? AND id = ?')
    this.#write = db.transaction((act) => this.#within(act))
  }

  /** The same again is no fault. Throws `contract-invalid` for a contract that is not above the one in force. */
  act(act: Act): Acted {
    let written: Written
    try {
      written = this.#write.immediate(act)
    } catch (error) {
      // It may be on the disk all the same.
      this.#log.forget()
      throw error
    }
    const { index, grown } = written
    if (grown !== null) this.#log.grown(grown)
    return { index, head: grown === null ? null : { size: grown.state.size, root: grown.roots.sha256 } }
  }

  #within(act: Act): Written {
    const { tenant, kind, digest, about, at, document, signed, signers, contract, telling } = act
    if (contract !== null) this.#checkNext(tenant, contract)
    // What is let in waits no more.
    if (kind === 'deviation') this.#settle.run(tenant, digest)
    const held = this.#held.get(tenant, kind, digest)
    if (held !== undefined) return { index: held.leaf, grown: null }
    if (contract !== null) {
      const { pipeline, revision, bytes, asked } = contract
      this.#publish.run(tenant, digest, pipeline, revision, bytes, at, JSON.stringify(asked))
    }
    if (document === null && telling === undefined) return { index: null, grown: null }
    this.#log.assertNewest()
    const first = this.#log.size
    const entries: Uint8Array[] = []
    if (document !== null) {
      const salt = secret()
      entries.push(writeLeaf({ kind: 'act', at, commitment: actCommitment(salt, { signed, signers }, threadCrypto) }))
      this.#insert.run(first, tenant, kind, digest, about, at, signers.join(' '), salt, document)
    }
    if (telling !== undefined) entries.push(this.#audit.tell(first + entries.length, telling))
    for (const [i, entry] of entries.entries()) this.#log.insert(first + i, tenant, entry)
    return { index: document === null ? null : first, grown: this.#log.grow(entries) }
  }

  /** What another one was held against meanwhile counts no more: its maintainers may be others. */
  #checkNext(tenant: string, { pipeline, revision, digest, follows }: Publication): void {
    const current = this.#current.get(tenant, pipeline)
    if (current?.digest === digest) return
    if (current !== undefined && revision <= current.revision) {
      throw new CodedError(
        'contract-invalid',
        `revision ${revision} is not above revision ${current.revision}, which is in force`,
        { fix: `Set revision to ${current.revision + 1} or more: an older contract cannot come back.` },
      )
    }
    if ((current?.digest ?? null) === follows) return
    throw new CodedError('contract-invalid', `revision ${current?.revision ?? 0} came into force meanwhile`, {
      fix: 'Look at it, and publish again.',
    })
  }
}
