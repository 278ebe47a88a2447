import { timingSafeEqual } from 'node:crypto'
import type { Database } from 'better-sqlite3'
import { CodedError } from '@countersign/core'
import { notACode } from '@countersign/formats'
import type { Invitation, KeyEvent, Revocation } from '../../enrolment.ts'
import type { PasskeyEnrolment } from '../../people.ts'

/** A key as it crosses the thread boundary. */
export interface KeyRow {
  readonly keyId: string
  readonly spki: Uint8Array
}

/** An enrolment, a rotation and an invitation, as they cross it. */
export type EnrolmentRow = KeyRow & {
  readonly name: string
  readonly enrolledAt: string
  readonly by: string
  readonly proven: boolean
}
export type RotationRow = KeyRow & {
  readonly from: string
  readonly at: string
  readonly by: string
  readonly proven: boolean
  readonly until: string
}

export type PasskeyRow = EnrolmentRow & Pick<PasskeyEnrolment, 'person' | 'credential'>

/** Most of a person that are not revoked, and most at all: who makes one after another fills everybody's trust. */
const MAX_PASSKEYS = 20
const MAX_PASSKEYS_EVER = 200

interface Held {
  readonly name: string
  readonly revokedAt: string | null
  readonly reason: string | null
}

interface HeldInvitation {
  readonly tenant: string
  readonly name: string
  readonly hash: Buffer
  readonly expiresAt: string
  readonly uses: number
  readonly used: number
  readonly withdrawnAt: string | null
}

/** What writes the life of keys: each method one transaction, the act and its event together. */
export class KeyWriter {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  enrol(tenant: string, { keyId, spki, name, enrolledAt, by, proven }: EnrolmentRow): void {
    this.#within(() => {
      const held = this.#key(tenant, keyId)
      if (held === null) {
        this.#insert(tenant, { keyId, spki }, name, enrolledAt)
        this.#event(tenant, keyId, { at: enrolledAt, by, kind: 'enrolled', proven, replaces: null })
        return
      }
      if (held.name !== name)
        throw new CodedError('request-invalid', `the key is enrolled already, as ${held.name}`, {
          fix: 'What it signs counts as that: nothing is left to do. Another name takes another key.',
        })
      if (held.revokedAt !== null) {
        throw new CodedError('signer-revoked', `the key of ${name} was revoked as of ${held.revokedAt}`, {
          fix: 'Make a new key and enrol that: a revoked one does not come back.',
        })
      }
    })
  }

  /** False where the person was removed meanwhile. The same again is no fault. */
  enrolPasskey(tenant: string, { person, credential, ...row }: PasskeyRow): boolean {
    return this.#within(() => {
      const there = this.#db
        .prepare('SELECT 1 FROM people WHERE tenant = ? AND id = ? AND removed_at IS NULL')
        .get(tenant, person)
      if (there === undefined) return false
      const { keyId, name } = row
      const owner = this.#db
        .prepare<[string, string], { person: string }>('SELECT person FROM passkeys WHERE tenant = ? AND key_id = ?')
        .get(tenant, keyId)
      const held = this.#key(tenant, keyId)
      if (held !== null && owner?.person !== person)
        throw new CodedError('request-invalid', 'the passkey is enrolled already, as of somebody else')
      if (held !== null) {
        if (held.revokedAt === null) return true
        throw new CodedError('signer-revoked', `the passkey was revoked as of ${held.revokedAt}`, {
          fix: 'Make a new one: a revoked one does not come back.',
        })
      }
      const { count, open } = this.#db
        .prepare<[string, string], { count: number; open: number }>(
          `SELECT count(*) AS count, count(*) FILTER (WHERE k.revoked_at IS NULL) AS open
           FROM passkeys p JOIN keys k ON k.tenant = p.tenant AND k.key_id = p.key_id
           WHERE p.tenant = ? AND p.person = ?`,
        )
        .get(tenant, person)!
      if (count >= MAX_PASSKEYS_EVER)
        throw new CodedError('request-invalid', `nobody enrols more than ${MAX_PASSKEYS_EVER} passkeys`, {
          fix: 'Ask an administrator to enrol a key: countersign key enroll',
        })
      if (open >= MAX_PASSKEYS)
        throw new CodedError('request-invalid', `nobody has more than ${MAX_PASSKEYS} passkeys`, {
          fix: 'Revoke one that you use no more.',
        })
      this.#insert(tenant, row, name, row.enrolledAt)
      this.#db
        .prepare('INSERT INTO passkeys (tenant, key_id, person, credential) VALUES (?, ?, ?, ?)')
        .run(tenant, keyId, person, Buffer.from(credential))
      const { enrolledAt: at, by, proven } = row
      this.#event(tenant, keyId, { at, by, kind: 'enrolled', proven, replaces: null })
      return true
    })
  }

  /** Takes the right to sign of all passkeys of a person that still have it. */
  endPasskeys(tenant: string, person: string, at: string, by: string): void {
    this.#within(() => {
      const open = this.#db
        .prepare<[string, string, string], { keyId: string }>(
          `SELECT p.key_id AS keyId FROM passkeys p JOIN keys k ON k.tenant = p.tenant AND k.key_id = p.key_id
           WHERE p.tenant = ? AND p.person = ? AND (k.revoked_at IS NULL OR k.revoked_at > ?)`,
        )
        .all(tenant, person, at)
      for (const { keyId } of open) this.revoke(tenant, keyId, { at, by, since: at, reason: 'retired' })
    })
  }

  revoke(tenant: string, keyId: string, { at, by, since, reason }: Revocation): boolean {
    return this.#within(() => {
      const held = this.#key(tenant, keyId)
      if (held === null) return false
      const known = held.revokedAt
      if (since !== null && known !== null && since > known) {
        throw new CodedError('request-invalid', `the key is revoked as of ${known} already, which is earlier`, {
          fix: 'Leave it so: as of when a key is revoked only moves back. What was signed since is to be signed again, with another key.',
        })
      }
      const asOf = known !== null && known <= (since ?? at) ? known : (since ?? at)
      if (asOf === known && (reason === null || reason === held.reason)) return true
      const why = reason ?? held.reason
      this.#end(tenant, keyId, asOf, why)
      this.#event(tenant, keyId, { at, by, kind: 'revoked', asOf, reason: why as Revocation['reason'] })
      return true
    })
  }

  rotate(tenant: string, { from, keyId, spki, at, by, proven, until }: RotationRow): boolean {
    return this.#within(() => {
      const held = this.#key(tenant, from)
      if (held === null) return false
      if (this.#key(tenant, keyId) !== null) {
        const same = this.#db
          .prepare("SELECT 1 FROM key_events WHERE tenant = ? AND key_id = ? AND kind = 'enrolled' AND other = ?")
          .get(tenant, keyId, from)
        if (same !== undefined) return true
        throw new CodedError('request-invalid', 'the key that is to follow is enrolled already')
      }
      this.#insert(tenant, { keyId, spki }, held.name, at)
      this.#event(tenant, keyId, { at, by, kind: 'enrolled', proven, replaces: from })
      const earlier = held.revokedAt !== null && held.revokedAt <= until
      if (!earlier) this.#end(tenant, from, until, 'rotated')
      this.#event(tenant, from, { at, by, kind: 'rotated', asOf: earlier ? held.revokedAt! : until, to: keyId })
      return true
    })
  }

  invite(invitation: Invitation): void {
    this.#within(() => {
      const held = this.#invitation(invitation.id)
      if (held !== null) {
        const same = timingSafeEqual(held.hash, invitation.hash)
        if (same && held.tenant === invitation.tenant && held.name === invitation.name) return
        throw new CodedError('request-invalid', 'the id of the invitation is taken')
      }
      this.#db
        .prepare(
          `INSERT INTO invitations (id, tenant, hash, name, created_at, by, expires_at, uses)
           VALUES (@id, @tenant, @hash, @name, @createdAt, @by, @expiresAt, @uses)`,
        )
        .run({ ...invitation, hash: Buffer.from(invitation.hash) })
    })
  }

  withdraw(tenant: string, id: string, at: string): boolean {
    const { changes } = this.#db
      .prepare('UPDATE invitations SET withdrawn_at = coalesce(withdrawn_at, ?) WHERE tenant = ? AND id = ?')
      .run(at, tenant, id)
    return changes > 0
  }

  redeem(id: string, { keyId, spki }: KeyRow, at: string): void {
    this.#within(() => {
      const invitation = this.#invitation(id)
      if (invitation === null) throw notACode()
      const { tenant, name } = invitation
      const held = this.#key(tenant, keyId)
      const before = this.#db
        .prepare('SELECT 1 FROM invitation_uses WHERE invitation = ? AND key_id = ?')
        .get(id, keyId)
      if (before !== undefined && held?.revokedAt === null) return
      const open = invitation.withdrawnAt === null && at < invitation.expiresAt && invitation.used < invitation.uses
      if (!open || before !== undefined) throw notACode()
      if (held !== null) throw new CodedError('request-invalid', 'the key is enrolled already')
      this.#db.prepare('UPDATE invitations SET used = used + 1 WHERE id = ?').run(id)
      this.#db.prepare('INSERT INTO invitation_uses (invitation, key_id, at) VALUES (?, ?, ?)').run(id, keyId, at)
      this.#insert(tenant, { keyId, spki }, name, at)
      this.#event(tenant, keyId, { at, by: `code ${id}`, kind: 'enrolled', proven: true, replaces: null })
    })
  }

  #within<T>(work: () => T): T {
    return this.#db.transaction(work).immediate()
  }

  #key(tenant: string, keyId: string): Held | null {
    const row = this.#db
      .prepare<[string, string], Held>(
        'SELECT name, revoked_at AS revokedAt, reason FROM keys WHERE tenant = ? AND key_id = ?',
      )
      .get(tenant, keyId)
    return row ?? null
  }

  #invitation(id: string): HeldInvitation | null {
    const row = this.#db
      .prepare<[string], HeldInvitation>(
        `SELECT tenant, name, hash, expires_at AS expiresAt, uses, used, withdrawn_at AS withdrawnAt
         FROM invitations WHERE id = ?`,
      )
      .get(id)
    return row ?? null
  }

  #insert(tenant: string, { keyId, spki }: KeyRow, name: string, at: string): void {
    this.#db
      .prepare('INSERT INTO keys (tenant, key_id, name, spki, enrolled_at) VALUES (?, ?, ?, ?, ?)')
      .run(tenant, keyId, name, Buffer.from(spki), at)
  }

  #end(tenant: string, keyId: string, asOf: string, reason: string | null): void {
    this.#db
      .prepare('UPDATE keys SET revoked_at = ?, reason = ? WHERE tenant = ? AND key_id = ?')
      .run(asOf, reason, tenant, keyId)
  }

  #event(tenant: string, keyId: string, event: KeyEvent): void {
    const { at, by, kind } = event
    const row = {
      tenant,
      keyId,
      at,
      by,
      kind,
      asOf: kind === 'enrolled' ? null : event.asOf,
      reason: kind === 'revoked' ? event.reason : null,
      other: kind === 'rotated' ? event.to : kind === 'enrolled' ? event.replaces : null,
      proven: kind === 'enrolled' ? Number(event.proven) : null,
    }
    this.#db
      .prepare(
        `INSERT INTO key_events (tenant, key_id, at, by, kind, as_of, reason, other, proven)
         VALUES (@tenant, @keyId, @at, @by, @kind, @asOf, @reason, @other, @proven)`,
      )
      .run(row)
  }
}
