import { randomBytes } from 'node:crypto'
import type { Database, Statement } from 'better-sqlite3'
import { hex } from '@countersign/core'
import {
  actCommitment,
  ADMINISTRATIVE_PAYLOAD_TYPE,
  pae,
  parseAdministrativeAct,
  writeAdministrativeAct,
  writeLeaf,
} from '@countersign/formats'
import type { Grown } from '@countersign/log'
import type { Administered, Telling } from '../../audit.ts'
import { type LogWriter, secret } from './log-writer.ts'
import { threadCrypto, threadHashes } from './thread-crypto.ts'

interface Written {
  readonly done: boolean
  readonly index: number | null
  readonly grown: Grown | null
}

/** Writes administrative acts into the log: what was done, and that it was, are there together or not at all. */
export class AuditWriter {
  readonly #db: Database
  readonly #log: LogWriter
  readonly #newest: Statement<[string], { digest: string; document: Buffer }>
  readonly #insert: Statement
  readonly #changes: Statement<[], { count: number }>

  constructor(db: Database, log: LogWriter) {
    this.#db = db
    this.#log = log
    this.#newest = db.prepare(
      "SELECT digest, document FROM acts WHERE tenant = ? AND kind = 'administration' ORDER BY leaf DESC LIMIT 1",
    )
    this.#insert = db.prepare(
      `INSERT INTO acts (leaf, tenant, kind, digest, about, at, signers, salt, document)
       VALUES (?, ?, 'administration', ?, ?, ?, '', ?, ?)`,
    )
    this.#changes = db.prepare('SELECT total_changes() AS count')
  }

  /**
   * Does something, and tells of it where it changed anything; null for what is only told. It gives false where there is
   * nothing to be done, and what it throws undoes it.
   */
  administer(telling: Telling, work: (() => unknown) | null): Administered {
    const all = this.#db.transaction((): Written => {
      const before = this.#changes.get()!.count
      const done = work === null || work() !== false
      const changed = work === null || this.#changes.get()!.count > before
      if (!done || !changed) return { done, index: null, grown: null }
      this.#log.assertNewest()
      const index = this.#log.size
      const entry = this.tell(index, telling)
      this.#log.insert(index, telling.tenant, entry)
      return { done, index, grown: this.#log.grow([entry]) }
    })
    let written: Written
    try {
      written = all.immediate()
    } catch (error) {
      // It may be on the disk all the same.
      this.#log.forget()
      throw error
    }
    const { done, index, grown } = written
    if (grown !== null) this.#log.grown(grown)
    return { done, index, head: grown === null ? null : { size: grown.state.size, root: grown.roots.sha256 } }
  }

  /** The entry of an act that is to stand at `index` of the log. Within the transaction of what was done. */
  tell(index: number, { tenant, at, by, act, about, detail }: Telling): Uint8Array {
    const before = this.#newest.get(tenant)
    const document = writeAdministrativeAct({
      id: randomBytes(16).toString('hex'),
      number: before === undefined ? 0 : parseAdministrativeAct(new Uint8Array(before.document)).number + 1,
      previous: before?.digest ?? null,
      at,
      by,
      act,
      about,
      detail,
    })
    const signed = pae(ADMINISTRATIVE_PAYLOAD_TYPE, document)
    const salt = secret()
    this.#insert.run(index, tenant, hex(threadHashes.sha256.hash(signed)), about, at, salt, document)
    return writeLeaf({ kind: 'act', at, commitment: actCommitment(salt, { signed, signers: [] }, threadCrypto) })
  }
}
