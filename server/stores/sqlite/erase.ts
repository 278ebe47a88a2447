import type { Database, Statement, Transaction } from 'better-sqlite3'
import { base64, CodedError } from '@countersign/core'
import { parseBundle, parseStep, writeLeaf } from '@countersign/formats'
import { parseCertificate } from '@countersign/formats/x509'
import type { Grown } from '@countersign/log'
import type { Buried, Erasure } from '../../store.ts'
import type { AuditWriter } from './audit-writer.ts'
import { type Keyring, unseal } from './keyring.ts'
import type { LogWriter } from './log-writer.ts'
import { revisionsOf, subjectsOf } from './rows.ts'
import type { ViewWriter } from './view-writer.ts'

interface Held {
  readonly idx: number
  readonly leaf: number
  readonly keyId: string
  readonly key: number
  readonly acceptedAt: string
  readonly facts: string | null
  readonly bundle: Buffer
}

/** What a transaction erased: what its tombstone made of the log, null where it stood already. */
interface Erased {
  readonly grown: Grown | null
}

interface Certified {
  readonly leaf: number
  readonly serial: string
  readonly key: number
}

interface Kept {
  readonly id: number
  readonly body: string
  readonly bytes: Buffer | null
  readonly key: number | null
}

/** Where else the content of an attestation left something. */
interface Traces {
  readonly subjects: readonly string[]
  readonly revisions: readonly string[]
  /** Links that it goes on from. */
  readonly previous: readonly string[]
  /** The payload as a bundle holds it. */
  readonly payload: string
  /** Serial number of the certificate that signed it; null where a key did. */
  readonly serial: string | null
}

/**
 * Erases attestations. One transaction brings the tombstone into the log and takes the rows away; then the key goes,
 * then the old pages. A crash in between leaves the rest to the next start, or to the next call for the same one.
 */
export class Eraser {
  readonly #db: Database
  readonly #log: LogWriter
  readonly #audit: AuditWriter
  readonly #keyring: Keyring
  readonly #views: ViewWriter
  readonly #erased: Statement<[string, string], object>
  readonly #held: Statement<[string, string], Held>
  readonly #bury: Statement<[string, string, number, string, string]>
  readonly #dig: Statement<[string, string]>
  readonly #unkey: Statement<[string, string]>
  readonly #inbox: Statement<[string], Kept>
  readonly #about: Statement<[string, string, string], { id: number }>
  readonly #uninbox: Statement<[number]>
  readonly #toForget: Statement<[number]>
  readonly #forgotten: Statement<[], { key: number }>
  readonly #unedge: Statement<[string, string, string]>
  readonly #unsign: Statement<[string, string, string, number]>
  readonly #unsubject: Statement<[string, string, number]>
  readonly #uncommit: Statement<[string, string, number]>
  readonly #tagsOf: Statement<[string, number], { tag: string }>
  readonly #named: Statement<[string, string], object>
  readonly #decided: Statement<[string, string], { key: number }>
  readonly #undecide: Statement<[string, string]>
  readonly #certificates: Statement<[string, string], Certified>
  readonly #uncertify: Statement<[string, number]>
  readonly #wasCertified: Statement<[string, string]>
  readonly #unsee: Statement<[string, number]>
  readonly #erase: Transaction<(erasure: Erasure) => Erased | null>

  constructor(db: Database, log: LogWriter, keyring: Keyring, audit: AuditWriter, views: ViewWriter) {
    this.#db = db
    this.#log = log
    this.#audit = audit
    this.#keyring = keyring
    this.#views = views
    this.#erased = db.prepare('SELECT 1 FROM erasures WHERE tenant = ? AND link = ?')
    this.#held = db.prepare(
      `SELECT "index" AS idx, leaf, key_id AS keyId, key, accepted_at AS acceptedAt, facts, bundle FROM attestations
       WHERE tenant = ? AND link = ?`,
    )
    this.#bury = db.prepare(
      `INSERT INTO erasures (tenant, "index", link, chain, pipeline, step, attempt, matrix, place, accepted_at, late,
        leaf, erased_at, ground, tombstone)
       SELECT tenant, "index", link, chain, pipeline, step, attempt, matrix, place, accepted_at, late, leaf, ?, ?, ?
       FROM attestations WHERE tenant = ? AND link = ?`,
    )
    this.#dig = db.prepare('DELETE FROM attestations WHERE tenant = ? AND link = ?')
    this.#unkey = db.prepare('DELETE FROM idempotency WHERE tenant = ? AND link = ?')
    this.#inbox = db.prepare('SELECT id, body, bytes, key FROM inbox WHERE tenant = ?')
    this.#about = db.prepare('SELECT id FROM inbox WHERE tenant = ? AND (link = ? OR about = ?)')
    this.#uninbox = db.prepare('DELETE FROM inbox WHERE id = ?')
    this.#toForget = db.prepare('INSERT OR IGNORE INTO forgotten_keys (key) VALUES (?)')
    this.#forgotten = db.prepare('SELECT key FROM forgotten_keys')
    this.#unedge = db.prepare('DELETE FROM edges WHERE tenant = ? AND "from" = ? AND "to" = ?')
    this.#unsign = db.prepare('DELETE FROM signings WHERE tenant = ? AND fact = ? AND accepted_at = ? AND "index" = ?')
    this.#unsubject = db.prepare('DELETE FROM subjects WHERE tenant = ? AND sha256 = ? AND "index" = ?')
    this.#uncommit = db.prepare('DELETE FROM commits WHERE tenant = ? AND "commit" = ? AND "index" = ?')
    this.#tagsOf = db.prepare('SELECT sha256 AS tag FROM subjects WHERE tenant = ? AND "index" = ?')
    this.#named = db.prepare('SELECT 1 FROM subjects WHERE tenant = ? AND sha256 = ? LIMIT 1')
    this.#decided = db.prepare('SELECT key FROM decisions WHERE tenant = ? AND artifact = ? AND key IS NOT NULL')
    this.#undecide = db.prepare(
      'UPDATE decisions SET artifact = NULL, sealed = NULL, key = NULL WHERE tenant = ? AND artifact = ?',
    )
    this.#certificates = db.prepare('SELECT leaf, serial, key FROM certificates WHERE tenant = ? AND key_id = ?')
    this.#uncertify = db.prepare('DELETE FROM certificates WHERE tenant = ? AND leaf = ?')
    this.#wasCertified = db.prepare('INSERT OR IGNORE INTO erased_certificates (tenant, tag) VALUES (?, ?)')
    this.#unsee = db.prepare('DELETE FROM seen_identities WHERE tenant = ? AND "index" = ?')
    this.#erase = db.transaction((erasure) => this.#within(erasure))
  }

  /** Does what was left undone when the last run was cut off, and what an old copy of the keyring brought back. */
  resume(): void {
    if (this.#forgotten.get() === undefined) return
    const left = this.scrub()
    if (left !== null) throw new CodedError('store-failed', `what was erased is not gone from the files: ${left}`)
  }

  /** Null where the attestation is not held. Throws when nothing was erased, or nobody knows. */
  erase(erasure: Erasure): Buried | null {
    let erased: Erased | null
    try {
      erased = this.#erase.immediate(erasure)
    } catch (error) {
      // It may be on the disk all the same.
      this.#log.forget()
      throw error
    }
    if (erased === null) return null
    const { grown } = erased
    if (grown !== null) this.#log.grown(grown)
    const head = grown === null ? null : { size: grown.state.size, root: grown.roots.sha256 }
    // The tombstone is durable: what fails from here on must not keep it from being signed.
    return { head, left: this.scrub() }
  }

  #within({ tenant, link, at, ground, telling }: Erasure): Erased | null {
    if (this.#erased.get(tenant, link) !== undefined) return { grown: null }
    const held = this.#held.get(tenant, link)
    if (held === undefined) return null
    const { idx, leaf, keyId, key, acceptedAt, facts } = held
    const traces = this.#tracesOf(tenant, link, held)
    const tombstone = this.#log.size
    const certified = this.#certificatesOf(tenant, keyId, traces)
    const entries = [leaf, ...certified.map((one) => one.leaf)].map((erased) =>
      writeLeaf({ kind: 'tombstone', at, erased, ground }),
    )
    if (telling !== undefined) entries.push(this.#audit.tell(tombstone + entries.length, telling))
    for (const [i, entry] of entries.entries()) this.#log.insert(tombstone + i, tenant, entry)
    const grown = this.#log.grow(entries)
    this.#views.takeBack(tenant, idx)
    this.#bury.run(at, ground, tombstone, tenant, link)
    this.#wipe(tenant, link, idx, traces)
    for (const fact of facts?.split(' ') ?? []) this.#unsign.run(tenant, fact, acceptedAt, idx)
    this.#unsee.run(tenant, idx)
    this.#dig.run(tenant, link)
    this.#toForget.run(key)
    for (const one of certified) {
      this.#uncertify.run(tenant, one.leaf)
      this.#wasCertified.run(tenant, this.#keyring.tags.of(tenant, one.serial))
      this.#toForget.run(one.key)
    }
    return { grown }
  }

  /** What the authority has of who signed it. Where the attestation is damaged, all that its key was certified with. */
  #certificatesOf(tenant: string, keyId: string, traces: Traces | null): Certified[] {
    const certified = this.#certificates.all(tenant, keyId)
    return traces === null ? certified : certified.filter(({ serial }) => serial === traces.serial)
  }

  #wipe(tenant: string, link: string, index: number, traces: Traces | null): void {
    this.#unkey.run(tenant, link)
    this.#wipeInbox(tenant, link, traces)
    if (traces === null) {
      // Damaged, so that nobody can say where: then everywhere.
      const named = this.#tagsOf.all(tenant, index).map(({ tag }) => tag)
      this.#db.prepare<[string, number]>('DELETE FROM subjects WHERE tenant = ? AND "index" = ?').run(tenant, index)
      this.#db.prepare<[string, number]>('DELETE FROM commits WHERE tenant = ? AND "index" = ?').run(tenant, index)
      this.#db.prepare<[string, string]>('DELETE FROM edges WHERE tenant = ? AND "to" = ?').run(tenant, link)
      this.#wipeDecisions(tenant, named)
      return
    }
    const { tags } = this.#keyring
    const named = traces.subjects.map((digest) => tags.of(tenant, digest))
    for (const tag of named) this.#unsubject.run(tenant, tag, index)
    this.#wipeDecisions(tenant, named)
    for (const one of traces.revisions) this.#uncommit.run(tenant, tags.of(tenant, one), index)
    for (const from of traces.previous) this.#unedge.run(tenant, from, link)
  }

  /** What gates were told of artifacts that nothing names any more. */
  #wipeDecisions(tenant: string, tags: readonly string[]): void {
    for (const tag of tags) {
      if (this.#named.get(tenant, tag) !== undefined) continue
      for (const { key } of this.#decided.all(tenant, tag)) this.#toForget.run(key)
      this.#undecide.run(tenant, tag)
    }
  }

  /** Refused bodies of it; one that nobody could read may hold the payload all the same. */
  #wipeInbox(tenant: string, link: string, traces: Traces | null): void {
    const about = new Set(this.#about.all(tenant, link, link).map(({ id }) => id))
    const keys: number[] = []
    const gone: number[] = []
    for (const { id, body, bytes, key } of this.#inbox.iterate(tenant)) {
      if (!about.has(id) && !this.#holds(tenant, { id, body, bytes, key }, traces)) continue
      gone.push(id)
      if (key !== null) keys.push(key)
    }
    for (const id of gone) this.#uninbox.run(id)
    for (const key of keys) this.#toForget.run(key)
  }

  #holds(tenant: string, { body, bytes, key }: Kept, traces: Traces | null): boolean {
    const own = key === null ? null : this.#keyring.get(key)
    if (own === null || bytes === null || traces === null) return false
    return Buffer.from(unseal(own, { tenant, name: body }, bytes)).includes(traces.payload)
  }

  #tracesOf(tenant: string, link: string, { key, bundle }: Held): Traces | null {
    const own = this.#keyring.get(key)
    if (own === null) return null
    try {
      const { envelope, key: material } = parseBundle(unseal(own, { tenant, name: link }, bundle))
      const { payload } = envelope
      const statement = parseStep(payload)
      return {
        subjects: subjectsOf(statement),
        revisions: revisionsOf(statement),
        previous: statement.predicate.previous.map((before) => before.link),
        payload: base64(payload),
        serial:
          material.kind === 'certificate' ? parseCertificate(material.chain[0]!, 'certificate-invalid').serial : null,
      }
    } catch (error) {
      if (error instanceof CodedError) return null
      throw error
    }
  }

  /** Takes the keys, and the pages as they were, out of the files. Why it could not, else null. */
  scrub(): string | null {
    try {
      const keys = this.#forgotten.all().map(({ key }) => key)
      this.#keyring.forget(keys.filter((key) => this.#keyring.get(key) !== null))
      const [done] = this.#db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[]
      return done?.busy === 0 ? null : 'somebody else reads an older state of the database'
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }
}
