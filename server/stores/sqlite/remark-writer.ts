import type { Database, Statement } from 'better-sqlite3'
import { base64, CodedError, fromUtf8, utf8 } from '@countersign/core'
import { actCommitment, writeLeaf } from '@countersign/formats'
import type { Grown } from '@countersign/log'
import { MAX_REMARKS_ABOUT, type RemarkErasure, type RemarkRecord } from '../../remark-store.ts'
import type { Buried, LogHead } from '../../store.ts'
import type { AuditWriter } from './audit-writer.ts'
import { type Keyring, seal } from './keyring.ts'
import { type LogWriter, secret } from './log-writer.ts'
import { threadCrypto } from './thread-crypto.ts'

/** What a sealed note is known by. */
export function remarkName(key: number): string {
  return `note ${key}`
}

/** What of a note goes with its key. */
export interface SealedRemark {
  readonly document: string
  readonly signer: string
  readonly under: string
  /** Id of a run that it belongs to; null where it is of none. */
  readonly chain: string | null
  /** Base64. */
  readonly salt: string
}

interface Written {
  readonly index: number
  readonly grown: Grown | null
}

/** Writes signed notes: each and its leaf are there together or not at all. */
export class RemarkWriter {
  readonly #db: Database
  readonly #log: LogWriter
  readonly #keyring: Keyring
  readonly #audit: AuditWriter
  /** Takes forgotten keys and old pages out of the files; why it could not, else null. */
  readonly #scrub: () => string | null
  readonly #held: Statement<[string, string], { leaf: number; key: number | null }>
  readonly #earlier: Statement<[string, string], { kind: string; by: string | null }>
  readonly #supersede: Statement<[string, string, string]>
  readonly #reopen: Statement<[string, string]>
  readonly #count: Statement<[string, string], { count: number }>
  readonly #insert: Statement
  readonly #about: Statement<[string, string, number]>

  constructor(db: Database, log: LogWriter, keyring: Keyring, audit: AuditWriter, scrub: () => string | null) {
    this.#db = db
    this.#log = log
    this.#keyring = keyring
    this.#audit = audit
    this.#scrub = scrub
    this.#held = db.prepare('SELECT leaf, key FROM remarks WHERE tenant = ? AND id = ?')
    this.#earlier = db.prepare('SELECT kind, superseded_by AS by FROM remarks WHERE tenant = ? AND id = ?')
    this.#supersede = db.prepare('UPDATE remarks SET superseded_by = ? WHERE tenant = ? AND id = ?')
    this.#reopen = db.prepare('UPDATE remarks SET superseded_by = NULL WHERE tenant = ? AND superseded_by = ?')
    this.#count = db.prepare('SELECT count(*) AS count FROM remark_about WHERE tenant = ? AND tag = ?')
    this.#insert = db.prepare(
      `INSERT INTO remarks (leaf, tenant, id, at, kind, supersedes, sealed, key) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#about = db.prepare('INSERT INTO remark_about (tenant, tag, leaf) VALUES (?, ?, ?)')
  }

  add(record: RemarkRecord): { readonly index: number; readonly head: LogHead | null } {
    this.#keyring.reserve(1)
    const { index, grown } = this.#logged(() => this.#add(record))
    return { index, head: headOf(grown) }
  }

  erase({ tenant, id, at, ground, telling }: RemarkErasure): Buried | null {
    let found = true
    const { grown } = this.#logged((): Written => {
      const held = this.#held.get(tenant, id)
      found = held !== undefined
      // Erased already: what of it may still be in the files is looked for again.
      if (held === undefined || held.key === null) return { index: -1, grown: null }
      this.#log.assertNewest()
      const index = this.#log.size
      const entries = [
        writeLeaf({ kind: 'tombstone', at, erased: held.leaf, ground }),
        this.#audit.tell(index + 1, telling),
      ]
      for (const [i, entry] of entries.entries()) this.#log.insert(index + i, tenant, entry)
      const grown = this.#log.grow(entries)
      this.#db
        .prepare<[string, string, number, string, string]>(
          `UPDATE remarks SET sealed = NULL, key = NULL, erased_at = ?, ground = ?, tombstone = ?
           WHERE tenant = ? AND id = ?`,
        )
        .run(at, ground, index, tenant, id)
      this.#db.prepare<[number]>('INSERT OR IGNORE INTO forgotten_keys (key) VALUES (?)').run(held.key)
      return { index, grown }
    })
    return found ? { head: headOf(grown), left: this.#scrub() } : null
  }

  #add({ tenant, id, at, kind, supersedes, about, document, signed, signer, under }: RemarkRecord): Written {
    const held = this.#held.get(tenant, id)
    if (held !== undefined) return { index: held.leaf, grown: null }
    const earlier = supersedes === null ? null : this.#earlier.get(tenant, supersedes)
    if (earlier === undefined) throw new CodedError('remark-supersedes', 'what it supersedes is not here')
    if (earlier !== null && earlier.by !== null) {
      throw new CodedError('remark-supersedes', `what it supersedes was superseded by ${earlier.by.slice(0, 12)}`)
    }
    const tags = about.map((name) => this.#keyring.tags.of(tenant, name))
    if (tags.some((tag) => this.#count.get(tenant, tag)!.count >= MAX_REMARKS_ABOUT)) {
      throw new CodedError('remark-invalid', `there are ${MAX_REMARKS_ABOUT} notes about it already`)
    }
    this.#log.assertNewest()
    const index = this.#log.size
    const [salt, own] = [secret(), this.#keyring.take()]
    const commitment = actCommitment(salt, { signed, signers: [under] }, threadCrypto)
    const entry = writeLeaf({ kind: 'act', at, commitment })
    this.#log.insert(index, tenant, entry)
    const grown = this.#log.grow([entry])
    const chain = about.find((name) => name.startsWith('chain/'))?.slice('chain/'.length) ?? null
    const told: SealedRemark = { document: fromUtf8(document), signer, under, chain, salt: base64(salt) }
    const sealed = seal(own, { tenant, name: remarkName(own.id) }, utf8(JSON.stringify(told)))
    this.#insert.run(index, tenant, id, at, kind, supersedes, Buffer.from(sealed), own.id)
    if (supersedes !== null) this.#supersede.run(id, tenant, supersedes)
    // Where a resolution is taken back, what it resolved is open again.
    if (kind === 'withdrawal' && earlier?.kind === 'resolution') this.#reopen.run(tenant, supersedes!)
    for (const tag of tags) this.#about.run(tenant, tag, index)
    return { index, grown }
  }

  #logged(work: () => Written): Written {
    let written: Written
    try {
      written = this.#db.transaction(work).immediate()
    } catch (error) {
      // It may be on the disk all the same.
      this.#log.forget()
      throw error
    }
    if (written.grown !== null) this.#log.grown(written.grown)
    return written
  }
}

function headOf(grown: Grown | null): LogHead | null {
  return grown === null ? null : { size: grown.state.size, root: grown.roots.sha256 }
}
