import type { Database } from 'better-sqlite3'
import { CodedError } from '@countersign/core'
import type { StoredIssuer, UsedToken } from '../../issuer-store.ts'

/** A token that is to be used up, and when: milliseconds since 1970. */
export interface Using {
  readonly token: UsedToken
  readonly now: number
}

/** A session as it crosses the thread boundary. */
export interface SessionRow {
  readonly id: string
  readonly tenant: string
  readonly rule: number
  readonly hash: Uint8Array
  readonly scopes: string
  readonly holder: string
  readonly expiresAt: number
  readonly token: Uint8Array | null
  readonly identity: string | null
}

/** How long what expired is remembered: a clock that is set back must not bring a used token to life. */
const REMEMBERED_MS = 24 * 60 * 60 * 1000
/** Most that is forgotten in one write: whoever comes after a long rest must not wait for all of it. */
const FORGOTTEN_AT_ONCE = 256

/** What writes issuers, used tokens and sessions, each method in one transaction. */
export class IssuerWriter {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  add(row: StoredIssuer, most: number): void {
    this.#db
      .transaction(() => {
        const held = this.#db
          .prepare<[string, string], { rule: string }>(
            'SELECT rule FROM issuers WHERE tenant = ? AND id = ? AND removed_at IS NULL',
          )
          .get(row.tenant, row.id)
        if (held?.rule === row.rule) return
        if (held !== undefined) {
          throw new CodedError('request-invalid', `another rule is in force as ${row.id}`, {
            fix: `Give it a name of its own, or first: countersign issuer remove ${row.id}`,
          })
        }
        const { count } = this.#db
          .prepare<[string], { count: number }>(
            'SELECT count(*) AS count FROM issuers WHERE tenant = ? AND removed_at IS NULL',
          )
          .get(row.tenant)!
        if (count >= most) throw new CodedError('request-invalid', `the tenant has ${most} issuer rules already`)
        this.#db
          .prepare(
            `INSERT INTO issuers (tenant, id, issuer, rule, added_at, added_by, removed_at)
             VALUES (@tenant, @id, @issuer, @rule, @addedAt, @addedBy, NULL)`,
          )
          .run(row)
      })
      .immediate()
  }

  remove(tenant: string, id: string, at: string): boolean {
    return this.#db
      .transaction(() => {
        const { changes } = this.#db
          .prepare('UPDATE issuers SET removed_at = coalesce(removed_at, ?) WHERE tenant = ? AND id = ?')
          .run(at, tenant, id)
        this.#db
          .prepare('DELETE FROM sessions WHERE rule IN (SELECT serial FROM issuers WHERE tenant = ? AND id = ?)')
          .run(tenant, id)
        return changes > 0
      })
      .immediate()
  }

  /** Many in one transaction: one sync to the disk for all of them. For each, whether it was the first. */
  use(batch: readonly Using[]): boolean[] {
    const insert = this.#db.prepare<[string, Uint8Array, number]>(
      'INSERT INTO used_tokens (issuer, hash, expires_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    )
    return this.#db
      .transaction(() => {
        this.#db
          .prepare(
            `DELETE FROM used_tokens WHERE rowid IN
             (SELECT rowid FROM used_tokens WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`,
          )
          .run(Math.min(...batch.map(({ now }) => now)) - REMEMBERED_MS, FORGOTTEN_AT_ONCE)
        return batch.map(({ token }) => {
          const { issuer, hash, expiresAt } = token
          return insert.run(issuer, Buffer.from(hash), expiresAt).changes === 1
        })
      })
      .immediate()
  }

  openSession(row: SessionRow, now: number): boolean {
    return this.#db
      .transaction(() => {
        this.#db
          .prepare(
            `DELETE FROM sessions WHERE rowid IN
             (SELECT rowid FROM sessions WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`,
          )
          .run(now - REMEMBERED_MS, FORGOTTEN_AT_ONCE)
        const token = row.token === null ? null : Buffer.from(row.token)
        const values = { ...row, hash: Buffer.from(row.hash), token }
        this.#db
          .prepare(
            `INSERT INTO sessions (id, tenant, rule, hash, scopes, holder, expires_at, token, identity)
             SELECT @id, @tenant, @rule, @hash, @scopes, @holder, @expiresAt, @token, @identity
             WHERE EXISTS (SELECT 1 FROM issuers WHERE serial = @rule AND tenant = @tenant AND removed_at IS NULL)
             ON CONFLICT DO NOTHING`,
          )
          .run(values)
        // There also where the same was written before, and reported as failed.
        const held = this.#db.prepare(
          'SELECT 1 FROM sessions WHERE id = @id AND tenant = @tenant AND rule = @rule AND hash = @hash',
        )
        return held.get(values) !== undefined
      })
      .immediate()
  }

  resume(id: string, { issuer, hash }: UsedToken, most: number, now: number): boolean {
    return (
      this.#db
        .prepare(
          `UPDATE sessions SET shown = shown + 1
           WHERE id = @id AND token = @hash AND expires_at > @now AND shown < @most
           AND EXISTS (SELECT 1 FROM issuers WHERE serial = sessions.rule AND issuer = @issuer AND removed_at IS NULL)`,
        )
        .run({ id, issuer, hash: Buffer.from(hash), now, most }).changes === 1
    )
  }
}
