import type { Database, Statement } from 'better-sqlite3'
import { CodedError, parseSigningKey } from '@countersign/core'
import type { RevocationReason } from '@countersign/formats'
import type { Affected, EnrolledKey, EnrolmentStore, HeldInvitation, KeyEvent, SignedBy } from '../../enrolment.ts'
import type { Page } from '../../store.ts'
import { failed, page } from './answers.ts'
import type { Tags } from './keyring.ts'
import { factBy, factTag } from './signed-by.ts'
import type { Writer } from './writer.ts'

type Method = 'rotateKey' | 'invite' | 'withdrawInvitation' | 'redeem'
type Write = <M extends Method>(method: M, ...args: Parameters<Writer[M]>) => Promise<ReturnType<Writer[M]>>

export interface KeyRow {
  readonly name: string
  readonly spki: Buffer
  readonly enrolledAt: string
  readonly revokedAt: string | null
  readonly reason: string | null
  readonly steps: number
  readonly lastUsedAt: string | null
}

interface EventRow {
  readonly at: string
  readonly by: string
  readonly kind: KeyEvent['kind']
  readonly asOf: string | null
  readonly reason: string | null
  readonly other: string | null
  readonly proven: number | null
}

type InvitationRow = Omit<HeldInvitation, 'hash'> & { readonly hash: Buffer }

type AffectedRow = Omit<Affected, 'after' | 'position' | 'late' | 'succeeded'> & {
  readonly late: number
  readonly succeeded: number
}

/** A tenant's keys, oldest first, as a reading connection sees them. */
export function keysOf(db: Database): (tenant: string) => readonly EnrolledKey[] {
  const all = db.prepare<
    [string],
    KeyRow
  >(`SELECT name, spki, enrolled_at AS enrolledAt, revoked_at AS revokedAt, reason, steps, last_used_at AS lastUsedAt
     FROM keys WHERE tenant = ? ORDER BY enrolled_at, key_id`)
  return (tenant) => all.all(tenant).map(keyOf)
}

/** The life of keys as a reading connection sees it; `write` is for what is written. */
export function enrolmentOf(db: Database, { tags }: { readonly tags: Tags }, write: Write): EnrolmentStore {
  const one = db.prepare<
    [string, string],
    KeyRow
  >(`SELECT name, spki, enrolled_at AS enrolledAt, revoked_at AS revokedAt, reason, steps, last_used_at AS lastUsedAt
     FROM keys WHERE tenant = ? AND key_id = ?`)
  const events = db.prepare<[string, string], EventRow>(
    `SELECT at, by, kind, as_of AS asOf, reason, other, proven FROM key_events
     WHERE tenant = ? AND key_id = ? ORDER BY id LIMIT 10000`,
  )
  const invitation = db.prepare<
    [string],
    InvitationRow
  >(`SELECT id, tenant, hash, name, created_at AS createdAt, by, expires_at AS expiresAt, uses, used,
       withdrawn_at AS withdrawnAt
     FROM invitations WHERE id = ?`)
  const invitations = db.prepare<[string, string], InvitationRow>(
    `SELECT id, tenant, hash, name, created_at AS createdAt, by, expires_at AS expiresAt, uses, used,
       withdrawn_at AS withdrawnAt
     FROM invitations WHERE tenant = ? AND withdrawn_at IS NULL AND used < uses AND expires_at > ?
     ORDER BY created_at DESC, id DESC LIMIT 1000`,
  )
  const affected = affectedIn(db, tags)
  return {
    key: (tenant, keyId) =>
      look(() => {
        const row = one.get(tenant, keyId)
        return row === undefined ? null : keyOf(row)
      }),
    events: (tenant, keyId) => look((): readonly KeyEvent[] => events.all(tenant, keyId).map(eventOf)),
    rotate: (tenant, { to, ...rest }) => write('rotateKey', tenant, { ...rest, keyId: to.keyId, spki: to.spki }),
    invite: (one_) => write('invite', one_),
    invitation: (id) =>
      look(() => {
        const row = invitation.get(id)
        return row === undefined ? null : invitationOf(row)
      }),
    invitations: (tenant, at) => look(() => invitations.all(tenant, at).map(invitationOf)),
    withdraw: (...args) => write('withdrawInvitation', ...args),
    redeem: (id, { keyId, spki }, at) => write('redeem', id, { keyId, spki }, at),
    hasSigned: (tenant, signer) => look(() => affected.any(tenant, signer)),
    affected: (tenant, signer, since, limit, cursor) =>
      look(() => affected.page(tenant, signer, since ?? '', limit, cursor)),
  }
}

/** Whose attestations, and accepted since when. */
interface Wanted {
  readonly tenant: string
  /** Key id, or the tag of a fact. */
  readonly value: string
  readonly since: string
}

/** A place in the list: an attestation of the signer, and of those that go on from it, the last that was given. */
interface Position {
  readonly index: number
  readonly acceptedAt: string
  readonly follower: number
}

/**
 * Little more than a page is ever held: the signer's own come by an index, and what goes on from each by the edges of
 * its chain. Whole answers, no iterators: better-sqlite3 leaves some bytes of each behind, and a long list has many.
 */
function affectedIn(db: Database, tags: Tags) {
  const placed = db.prepare<[string, number, string, number], { link: string; chain: string }>(
    `SELECT link, chain FROM attestations WHERE tenant = ? AND "index" = ?
     UNION ALL SELECT link, chain FROM erasures WHERE tenant = ? AND "index" = ?`,
  )
  const lists = { key: byKey(db), fact: byFact(db) }
  const sought = (tenant: string, signer: SignedBy, since: string): { list: List; wanted: Wanted } =>
    signer.by === 'key'
      ? { list: lists.key, wanted: { tenant, value: signer.value, since } }
      : { list: lists.fact, wanted: { tenant, value: factTag(tags, tenant, factBy(signer)), since } }
  return {
    any(tenant: string, signer: SignedBy): boolean {
      const { list, wanted } = sought(tenant, signer, '')
      return list.signed.get({ ...wanted, ...positionOf(null, wanted), room: 1 }) !== undefined
    },
    page(tenant: string, signer: SignedBy, since: string, limit: number, cursor: string | null): Page<Affected> {
      const { list, wanted } = sought(tenant, signer, since)
      const begin = positionOf(cursor, wanted)
      const items: Affected[] = []
      // One more than are given says whether there is a next page.
      const room = () => limit + 1 - items.length
      const follow = (own: { readonly link: string; readonly chain: string }, place: Position) => {
        for (const row of list.following.all({ ...wanted, link: own.link, chain: own.chain, ...place, room: room() })) {
          items.push({ ...storedOf(row), after: own.link, position: textOf({ ...place, follower: row.index }) })
        }
      }
      const begun = begin.index < 0 ? undefined : placed.get(tenant, begin.index, tenant, begin.index)
      if (begun !== undefined) follow(begun, begin)
      for (const row of list.signed.all({ ...wanted, ...begin, room: room() })) {
        if (room() === 0) break
        const place = { index: row.index, acceptedAt: row.acceptedAt, follower: -1 }
        items.push({ ...storedOf(row), after: null, position: textOf(place) })
        if (room() > 0) follow(row, place)
      }
      return page(items, limit, ({ position }) => position)
    },
  }
}

/** What a signer signed, in its order, and what goes on from one of these. */
interface List {
  readonly signed: Statement<[Wanted & Position & { room: number }], AffectedRow>
  readonly following: Statement<[Wanted & Position & { link: string; chain: string; room: number }], AffectedRow>
}

// Whoever goes on from what was erased since may go on from the signer's: nobody can say any more. Joined crosswise,
// which SQLite does in the order that is written: it takes what goes on from one step for much, and all edges for little.

/** By a key's id. */
function byKey(db: Database): List {
  return {
    signed: db.prepare(
      `SELECT a.link, a.chain, a.pipeline, a.step, a.attempt, a.matrix, a.signer, a.system, a.succeeded,
         a.finished_at AS finishedAt, a.accepted_at AS acceptedAt, a."index", a.late, a.subjects FROM attestations a
       WHERE a.tenant = @tenant AND substr(a.key_id, 1, 16) = substr(@value, 1, 16) AND a.key_id = @value
         AND (a.accepted_at, a."index") > (@acceptedAt, @index)
       ORDER BY a.accepted_at, a."index" LIMIT @room`,
    ),
    following: db.prepare(
      `WITH RECURSIVE down (link) AS (
         SELECT e."to" FROM edges e WHERE e.tenant = @tenant AND e."from" = @link
         UNION
         SELECT e."to" FROM erasures x CROSS JOIN edges e ON e.tenant = x.tenant AND e."from" = x.link
         WHERE x.tenant = @tenant AND x.chain = @chain AND x."index" > @index
         UNION
         SELECT e."to" FROM down
           CROSS JOIN attestations b ON b.tenant = @tenant AND b.link = down.link
           CROSS JOIN edges e ON e.tenant = @tenant AND e."from" = down.link
         WHERE NOT (b.key_id = @value AND b.accepted_at >= @since)
       )
       SELECT a.link, a.chain, a.pipeline, a.step, a.attempt, a.matrix, a.signer, a.system, a.succeeded,
         a.finished_at AS finishedAt, a.accepted_at AS acceptedAt, a."index", a.late, a.subjects
       FROM down CROSS JOIN attestations a ON a.tenant = @tenant AND a.link = down.link
       WHERE NOT (a.key_id = @value AND a.accepted_at >= @since) AND a."index" > @follower
       ORDER BY a."index" LIMIT @room`,
    ),
  }
}

/** By the tag of a fact, of whom an authority vouched for. */
export function byFact(db: Database): List {
  return {
    signed: db.prepare(
      `SELECT a.link, a.chain, a.pipeline, a.step, a.attempt, a.matrix, a.signer, a.system, a.succeeded,
         a.finished_at AS finishedAt, a.accepted_at AS acceptedAt, a."index", a.late, a.subjects
       FROM signings s CROSS JOIN attestations a ON a.tenant = s.tenant AND a."index" = s."index"
       WHERE s.tenant = @tenant AND s.fact = @value AND (s.accepted_at, s."index") > (@acceptedAt, @index)
       ORDER BY s.accepted_at, s."index" LIMIT @room`,
    ),
    following: db.prepare(
      `WITH RECURSIVE down (link) AS (
         SELECT e."to" FROM edges e WHERE e.tenant = @tenant AND e."from" = @link
         UNION
         SELECT e."to" FROM erasures x CROSS JOIN edges e ON e.tenant = x.tenant AND e."from" = x.link
         WHERE x.tenant = @tenant AND x.chain = @chain AND x."index" > @index
         UNION
         SELECT e."to" FROM down
           CROSS JOIN attestations b ON b.tenant = @tenant AND b.link = down.link
           CROSS JOIN edges e ON e.tenant = @tenant AND e."from" = down.link
         WHERE b.accepted_at < @since OR NOT EXISTS (
           SELECT 1 FROM signings s
           WHERE s.tenant = @tenant AND s.fact = @value AND s.accepted_at = b.accepted_at AND s."index" = b."index")
       )
       SELECT a.link, a.chain, a.pipeline, a.step, a.attempt, a.matrix, a.signer, a.system, a.succeeded,
         a.finished_at AS finishedAt, a.accepted_at AS acceptedAt, a."index", a.late, a.subjects
       FROM down CROSS JOIN attestations a ON a.tenant = @tenant AND a.link = down.link
       WHERE a."index" > @follower AND (a.accepted_at < @since OR NOT EXISTS (
         SELECT 1 FROM signings s
         WHERE s.tenant = @tenant AND s.fact = @value AND s.accepted_at = a.accepted_at AND s."index" = a."index"))
       ORDER BY a."index" LIMIT @room`,
    ),
  }
}

function textOf({ index, acceptedAt, follower }: Position): string {
  return `${index}.${follower}.${Date.parse(acceptedAt)}`
}

/** Throws `request-invalid` for a cursor that no page gave. */
function positionOf(cursor: string | null, { since }: Wanted): Position {
  const start = { index: -1, acceptedAt: since, follower: -1 }
  if (cursor === null) return start
  const [, index, follower, time] = cursor.match(/^([0-9]{1,15})\.(-1|[0-9]{1,15})\.([0-9]{1,14})$/) ?? []
  if (index === undefined) throw new CodedError('request-invalid', 'the cursor is not one that a page gave')
  const acceptedAt = new Date(Number(time)).toISOString()
  return acceptedAt < since ? start : { index: Number(index), follower: Number(follower), acceptedAt }
}

function storedOf(row: AffectedRow): Omit<Affected, 'after' | 'position'> {
  return { ...row, late: row.late === 1, succeeded: row.succeeded === 1 }
}

export function keyOf({ spki, reason, ...row }: KeyRow): EnrolledKey {
  return { ...row, key: parseSigningKey(new Uint8Array(spki)), reason: reason as RevocationReason | null }
}

function invitationOf(row: InvitationRow): HeldInvitation {
  return { ...row, hash: new Uint8Array(row.hash) }
}

function eventOf({ at, by, kind, asOf, reason, other, proven }: EventRow): KeyEvent {
  if (kind === 'enrolled') return { at, by, kind, proven: proven === 1, replaces: other }
  if (kind === 'rotated') return { at, by, kind, asOf: asOf!, to: other! }
  return { at, by, kind, asOf: asOf!, reason: reason as RevocationReason | null }
}

async function look<T>(work: () => T): Promise<T> {
  try {
    return work()
  } catch (cause) {
    return failed(cause)
  }
}
