import type { Database } from 'better-sqlite3'
import { CodedError } from '@countersign/core'
import type { Person, PersonSession, SignInLink, Vouched } from '../../people.ts'

/** How long what is over is kept, milliseconds: a clock that is set back must not bring it to life. */
const REMEMBERED_MS = 24 * 60 * 60 * 1000
/** Most that is forgotten in one write. */
const FORGOTTEN_AT_ONCE = 256
/** Most people of a tenant, those removed among them, and most sessions of a person: the oldest go. */
const MAX_PEOPLE = 10_000
const MAX_SESSIONS = 50

/** What writes people, their sessions and links: each method one transaction. */
export class PeopleWriter {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  add(person: Person, link: SignInLink | null): void {
    this.#within(() => {
      const { id, tenant, name } = person
      const held = this.#db
        .prepare<[string, string], { id: string }>(
          'SELECT id FROM people WHERE tenant = ? AND name = ? AND issuer IS NULL AND removed_at IS NULL',
        )
        .get(tenant, name)
      if (held?.id === id) return
      if (held !== undefined) throw new CodedError('request-invalid', 'there is somebody of this name already')
      this.#insert(person)
      if (link !== null) this.#link(link)
    })
  }

  /** False for one who was removed: no rule brings them back. */
  vouch(id: string, { tenant, name, email, role, provider }: Vouched, at: string): boolean {
    return this.#within(() => {
      const { issuer, subject } = provider
      const held = this.#db
        .prepare<[string, string, string], { id: string; removedAt: string | null }>(
          'SELECT id, removed_at AS removedAt FROM people WHERE tenant = ? AND issuer = ? AND subject = ?',
        )
        .get(tenant, issuer, subject)
      if (held === undefined) {
        this.#insert({ id, tenant, name, email, role, provider, createdAt: at, signedInAt: null, removedAt: null })
        return true
      }
      if (held.removedAt !== null || held.id !== id) return false
      // What is as it was is no act.
      this.#db
        .prepare(
          `UPDATE people SET name = @name, email = @email, role = @role
           WHERE tenant = @tenant AND id = @id AND (name <> @name OR email IS NOT @email OR role <> @role)`,
        )
        .run({ tenant, id, name, email, role })
      return true
    })
  }

  setRole(tenant: string, id: string, role: string): boolean {
    return this.#within(() => {
      if (!this.#isThere(tenant, id)) return false
      this.#db
        .prepare('UPDATE people SET role = ? WHERE tenant = ? AND id = ? AND role <> ?')
        .run(role, tenant, id, role)
      return true
    })
  }

  /** `more` is done with it, or not at all. */
  remove(tenant: string, id: string, at: string, more: () => void): boolean {
    return this.#within(() => {
      if (!this.#isThere(tenant, id)) return false
      this.#db.prepare('UPDATE people SET removed_at = ? WHERE tenant = ? AND id = ?').run(at, tenant, id)
      this.#db.prepare('DELETE FROM person_sessions WHERE tenant = ? AND person = ?').run(tenant, id)
      this.#db.prepare('DELETE FROM sign_in_links WHERE tenant = ? AND person = ?').run(tenant, id)
      more()
      return true
    })
  }

  restore(tenant: string, id: string): boolean {
    return this.#within(() => {
      const held = this.#db
        .prepare<[string, string], { name: string; issuer: string | null }>(
          'SELECT name, issuer FROM people WHERE tenant = ? AND id = ?',
        )
        .get(tenant, id)
      if (held === undefined) return false
      const taken = this.#db
        .prepare(
          `SELECT 1 FROM people WHERE tenant = ? AND name = ? AND id <> ? AND issuer IS NULL AND removed_at IS NULL`,
        )
        .get(tenant, held.name, id)
      if (held.issuer === null && taken !== undefined) {
        throw new CodedError('request-invalid', 'there is somebody else of this name by now')
      }
      this.#db
        .prepare('UPDATE people SET removed_at = NULL WHERE tenant = ? AND id = ? AND removed_at IS NOT NULL')
        .run(tenant, id)
      return true
    })
  }

  /** In the place of the links that the person had. */
  link(link: SignInLink): boolean {
    return this.#within(() => {
      if (!this.#isThere(link.tenant, link.person)) return false
      this.#link(link)
      return true
    })
  }

  useLink(link: string, session: PersonSession): boolean {
    return this.#within(() => {
      const { changes } = this.#db
        .prepare('DELETE FROM sign_in_links WHERE id = ? AND tenant = ? AND person = ? AND expires_at > ?')
        .run(link, session.tenant, session.person, session.createdAt)
      return changes === 1 && this.open(session)
    })
  }

  open(session: PersonSession): boolean {
    return this.#within(() => {
      const { tenant, person, createdAt } = session
      this.#forget(createdAt - REMEMBERED_MS)
      if (!this.#isThere(tenant, person)) return false
      this.#db
        .prepare(
          `INSERT INTO person_sessions (id, tenant, person, hash, by, created_at, seen_at, idle, expires_at)
           VALUES (@id, @tenant, @person, @hash, @by, @createdAt, @seenAt, @idle, @expiresAt)`,
        )
        .run({ ...session, hash: Buffer.from(session.hash) })
      this.#db
        .prepare(
          `DELETE FROM person_sessions WHERE tenant = @tenant AND person = @person AND rowid NOT IN
           (SELECT rowid FROM person_sessions WHERE tenant = @tenant AND person = @person
            ORDER BY created_at DESC, rowid DESC LIMIT @most)`,
        )
        .run({ tenant, person, most: MAX_SESSIONS })
      this.#db
        .prepare('UPDATE people SET signed_in_at = ? WHERE tenant = ? AND id = ?')
        .run(new Date(createdAt).toISOString(), tenant, person)
      return true
    })
  }

  touch(id: string, at: number): void {
    this.#db.prepare('UPDATE person_sessions SET seen_at = ? WHERE id = ? AND seen_at < ?').run(at, id, at)
  }

  end(tenant: string, person: string, id: string): boolean {
    return (
      this.#db.prepare('DELETE FROM person_sessions WHERE tenant = ? AND person = ? AND id = ?').run(tenant, person, id)
        .changes === 1
    )
  }

  #within<T>(work: () => T): T {
    return this.#db.transaction(work).immediate()
  }

  #isThere(tenant: string, id: string): boolean {
    const row = this.#db
      .prepare('SELECT 1 FROM people WHERE tenant = ? AND id = ? AND removed_at IS NULL')
      .get(tenant, id)
    return row !== undefined
  }

  #insert({ provider, ...row }: Person): void {
    const { count } = this.#db
      .prepare<[string], { count: number }>('SELECT count(*) AS count FROM people WHERE tenant = ?')
      .get(row.tenant)!
    if (count >= MAX_PEOPLE) throw new CodedError('request-invalid', `the tenant has ${MAX_PEOPLE} people already`)
    const { changes } = this.#db
      .prepare(
        `INSERT INTO people (id, tenant, name, email, role, issuer, subject, created_at, signed_in_at, removed_at)
         SELECT @id, @tenant, @name, @email, @role, @issuer, @subject, @createdAt, NULL, NULL
         WHERE EXISTS (SELECT 1 FROM tenants WHERE id = @tenant)`,
      )
      .run({ ...row, issuer: provider?.issuer ?? null, subject: provider?.subject ?? null })
    if (changes !== 1) throw new CodedError('request-invalid', 'there is no such tenant')
  }

  #link(link: SignInLink): void {
    this.#db.prepare('DELETE FROM sign_in_links WHERE tenant = ? AND person = ?').run(link.tenant, link.person)
    this.#db
      .prepare(
        `INSERT INTO sign_in_links (id, tenant, person, hash, expires_at)
         VALUES (@id, @tenant, @person, @hash, @expiresAt)`,
      )
      .run({ ...link, hash: Buffer.from(link.hash) })
  }

  #forget(before: number): void {
    this.#db
      .prepare(
        `DELETE FROM person_sessions WHERE rowid IN
         (SELECT rowid FROM person_sessions WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`,
      )
      .run(before, FORGOTTEN_AT_ONCE)
    this.#db
      .prepare(
        `DELETE FROM sign_in_links WHERE rowid IN
         (SELECT rowid FROM sign_in_links WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`,
      )
      .run(before, FORGOTTEN_AT_ONCE)
  }
}
