import { join } from 'node:path'
import type { Database, Statement } from 'better-sqlite3'
import type { AnchorEntry, AnchorSetUp, AnchorStep } from '@countersign/anchor'
import { CodedError } from '@countersign/core'
import type { HeadsTile } from '@countersign/log'
import type { Invitation, Revocation } from '../../enrolment.ts'
import type { StoredIssuer, UsedToken } from '../../issuer-store.ts'
import type { Act, Acted } from '../../acts.ts'
import type { Administered, Telling } from '../../audit.ts'
import type { Person, PersonSession, SignInLink, Vouched } from '../../people.ts'
import type { RemarkErasure, RemarkRecord } from '../../remark-store.ts'
import type { Role } from '../../roles.ts'
import type { Proposal, ProposalBounds } from '../../proposal-store.ts'
import type { LogNoticing, Noticing, Told } from '../../event-store.ts'
import type { AppendedBatch, Buried, Erasure, Issuance, Refusal } from '../../store.ts'
import { ActWriter } from './act-writer.ts'
import { adopt } from './adopt.ts'
import { AuditWriter } from './audit-writer.ts'
import { AnchorWriter } from './anchor-writer.ts'
import { Appender } from './append.ts'
import { type Deciding, DecisionWriter, giveUp } from './decision-writer.ts'
import { and, type BetterSQLite3Database, desc, drizzle, eq, migrate, sql } from './drizzle.ts'
import { Eraser } from './erase.ts'
import { EventWriter, type Watching } from './event-writer.ts'
import { IssuerWriter, type SessionRow, type Using } from './issuer-writer.ts'
import { type EnrolmentRow, type KeyRow, KeyWriter, type PasskeyRow, type RotationRow } from './key-writer.ts'
import { type Keyring, seal } from './keyring.ts'
import { openLazily } from './lazy.ts'
import { LogWriter } from './log-writer.ts'
import { openKeyring } from './open-keyring.ts'
import { PeopleWriter } from './people-writer.ts'
import { ProposalWriter } from './proposals.ts'
import { RemarkWriter } from './remark-writer.ts'
import type { AppendRow } from './rows.ts'
import { Seen } from './seen.ts'
import { headTiles, inbox, statements, tenants, tokens } from './schema.ts'
import { ViewWriter } from './view-writer.ts'
import { WalMover } from './wal-mover.ts'
import type { WebhookRow } from './webhooks.ts'

export interface Refusing {
  readonly tenant: string
  readonly refusal: Refusal
  readonly most: number
}

export interface TokenRow {
  readonly id: string
  readonly tenant: string
  readonly hash: Uint8Array
  readonly scopes: string
  readonly createdAt: string
  readonly expiresAt: string | null
}

/** What an administrator does, as a call of the writer. */
export type Doing = {
  [M in Administrative]: { readonly method: M; readonly args: Parameters<Writer[M]> }
}[Administrative]
type Administrative =
  | 'createToken'
  | 'revokeToken'
  | 'addIssuer'
  | 'removeIssuer'
  | 'enrolKey'
  | 'enrolPasskey'
  | 'revokeKey'
  | 'rotateKey'
  | 'invite'
  | 'withdrawInvitation'
  | 'redeem'
  | 'addPerson'
  | 'vouchPerson'
  | 'setPersonRole'
  | 'removePerson'
  | 'restorePerson'
  | 'makeSignInLink'
  | 'useSignInLink'
  | 'openPersonSession'
  | 'endPersonSession'
  | 'addWebhook'
  | 'removeWebhook'
  | 'resealWebhook'
  | 'withdrawProposal'

/** How many refusals may come before the inbox is trimmed again. */
const TRIM_EVERY = 256

/**
 * The only connection that writes, in a thread of its own: syncing to the disk blocks its thread, and the one that
 * answers requests has other things to do. One call after another, each a transaction.
 */
export class Writer {
  readonly #db: Database
  readonly #drizzle: BetterSQLite3Database
  readonly #wal: WalMover
  readonly #appender: Appender
  readonly #seen: Seen
  readonly #acts: ActWriter
  readonly #audit: AuditWriter
  readonly #eraser: Eraser
  readonly #anchors: AnchorWriter
  readonly #issuers: IssuerWriter
  readonly #keys: KeyWriter
  readonly #decisions: DecisionWriter
  readonly #people: PeopleWriter
  readonly #views: ViewWriter
  readonly #remarks: RemarkWriter
  readonly #events: EventWriter
  readonly #proposals: ProposalWriter
  readonly #keyring: Keyring
  readonly #repeated: Statement<[string, string, string], object>
  /** Refusals of each tenant since its inbox was trimmed. */
  readonly #refusals = new Map<string, number>()

  constructor(file: string, keysFile: string) {
    this.#db = openLazily(file)
    this.#db.pragma('journal_mode = WAL')
    // A receipt must survive power loss: NORMAL may lose committed transactions in WAL mode.
    this.#db.pragma('synchronous = FULL')
    this.#db.pragma('busy_timeout = 5000')
    this.#wal = new WalMover(this.#db)
    // The operating system keeps the file's pages, too: 64 MB here are 50 MB more for the server at 10⁶ attestations.
    this.#db.pragma('cache_size = -16384')
    // What is erased is not to be found in free pages.
    this.#db.pragma('secure_delete = ON')
    this.#drizzle = drizzle(this.#db)
    migrate(this.#drizzle, { migrationsFolder: join(import.meta.dirname, 'migrations') })
    if (
      this.#db.prepare('SELECT 1 FROM attestations WHERE NOT EXISTS (SELECT 1 FROM log_entries) LIMIT 1').get() !==
      undefined
    ) {
      throw new CodedError('store-failed', 'the database is of a version that had no log yet', {
        fix: 'Begin with an empty data directory; the old one keeps what it holds.',
      })
    }
    this.#keyring = openKeyring(this.#db, keysFile)
    adopt(this.#db, this.#keyring)
    const log = new LogWriter(this.#db)
    this.#seen = new Seen(this.#db, this.#keyring.tags)
    this.#appender = new Appender(this.#db, log, this.#keyring, this.#seen)
    this.#audit = new AuditWriter(this.#db, log)
    this.#acts = new ActWriter(this.#db, log, this.#audit)
    this.#views = new ViewWriter(this.#db)
    this.#eraser = new Eraser(this.#db, log, this.#keyring, this.#audit, this.#views)
    this.#eraser.resume()
    this.#anchors = new AnchorWriter(this.#db)
    const scrub = () => this.#eraser.scrub()
    this.#remarks = new RemarkWriter(this.#db, log, this.#keyring, this.#audit, scrub)
    this.#issuers = new IssuerWriter(this.#db)
    this.#keys = new KeyWriter(this.#db)
    this.#decisions = new DecisionWriter(this.#db, this.#keyring)
    this.#people = new PeopleWriter(this.#db)
    this.#events = new EventWriter(this.#db, this.#keyring)
    this.#proposals = new ProposalWriter(this.#db)
    this.#repeated = this.#db.prepare('SELECT 1 FROM inbox WHERE tenant = ? AND body = ? AND code = ?')
  }

  ready(): void {
    this.#db.exec('BEGIN IMMEDIATE; ROLLBACK')
  }

  /**
   * Ends what a write has left open that could not even be rolled back: what comes after it would become part of it,
   * and be acknowledged without being committed (T-77). To be called before every write.
   */
  settle(): void {
    if (this.#db.inTransaction) this.#db.exec('ROLLBACK')
    this.#keyring.settle()
  }

  close(): void {
    this.#wal.stop()
    this.#keyring.close()
    try {
      // What is left of it is of no use to anybody, and may be as large as all that was written since it was moved.
      this.#db.pragma('wal_checkpoint(TRUNCATE)')
    } catch {
      // It stays, with all that is in it, as after a crash.
    }
    this.#db.close()
  }

  append(batch: readonly AppendRow[], issuances: readonly Issuance[]): AppendedBatch {
    const written = this.#appender.write(batch, issuances)
    this.#wal.wrote(batch.length + issuances.length)
    return written
  }

  erase(erasure: Erasure): Buried | null {
    // Whoever is erased is somebody new again.
    this.#seen.forget()
    return this.#eraser.erase(erasure)
  }

  /** Null for what is only told. */
  administer(telling: Telling, doing: Doing | null): Administered {
    if (doing === null) return this.#audit.administer(telling, null)
    const method = this[doing.method] as (...args: readonly unknown[]) => unknown
    return this.#audit.administer(telling, () => Reflect.apply(method, this, doing.args))
  }

  createTenant(id: string, createdAt: string): void {
    this.#drizzle.insert(tenants).values({ id, createdAt }).onConflictDoNothing().run()
  }

  createToken(row: TokenRow): void {
    this.#drizzle
      .insert(tokens)
      .values({ ...row, hash: Buffer.from(row.hash) })
      .run()
  }

  revokeToken(tenant: string, id: string): boolean {
    return this.#db.prepare('DELETE FROM tokens WHERE tenant = ? AND id = ?').run(tenant, id).changes > 0
  }

  addPerson(person: Person, link: SignInLink | null): void {
    this.#people.add(person, link)
  }

  vouchPerson(id: string, vouched: Vouched, at: string): boolean {
    return this.#people.vouch(id, vouched, at)
  }

  setPersonRole(tenant: string, id: string, role: Role): boolean {
    return this.#people.setRole(tenant, id, role)
  }

  /** With the right of their passkeys to sign: whoever comes in no more has pages of ours all the same, and an authenticator. */
  removePerson(tenant: string, id: string, at: string, by: string): boolean {
    return this.#people.remove(tenant, id, at, () => this.#keys.endPasskeys(tenant, id, at, by))
  }

  restorePerson(tenant: string, id: string): boolean {
    return this.#people.restore(tenant, id)
  }

  makeSignInLink(link: SignInLink): boolean {
    return this.#people.link(link)
  }

  /** Uses a link up and opens a session for its person; false where it was used before, is over, or its person was removed. */
  useSignInLink(link: string, session: PersonSession): boolean {
    return this.#people.useLink(link, session)
  }

  /** False where the person was removed meanwhile. */
  openPersonSession(session: PersonSession): boolean {
    return this.#people.open(session)
  }

  touchPersonSession(id: string, at: number): void {
    this.#people.touch(id, at)
  }

  endPersonSession(tenant: string, person: string, id: string): boolean {
    return this.#people.end(tenant, person, id)
  }

  enrolKey(tenant: string, row: EnrolmentRow): void {
    this.#keys.enrol(tenant, row)
  }

  enrolPasskey(tenant: string, row: PasskeyRow): boolean {
    return this.#keys.enrolPasskey(tenant, row)
  }

  revokeKey(tenant: string, keyId: string, revocation: Revocation): boolean {
    return this.#keys.revoke(tenant, keyId, revocation)
  }

  rotateKey(tenant: string, rotation: RotationRow): boolean {
    return this.#keys.rotate(tenant, rotation)
  }

  invite(invitation: Invitation): void {
    this.#keys.invite(invitation)
  }

  withdrawInvitation(tenant: string, id: string, at: string): boolean {
    return this.#keys.withdraw(tenant, id, at)
  }

  redeem(id: string, key: KeyRow, at: string): void {
    this.#keys.redeem(id, key, at)
  }

  act(act: Act): Acted {
    return this.#acts.act(act)
  }

  putProposal(proposal: Proposal, held: Uint8Array | null, bounds: ProposalBounds): boolean {
    return this.#proposals.put(proposal, held, bounds)
  }

  withdrawProposal(tenant: string, id: string): boolean {
    return this.#proposals.withdraw(tenant, id)
  }

  addRemark(record: RemarkRecord): ReturnType<RemarkWriter['add']> {
    return this.#remarks.add(record)
  }

  eraseRemark(erasure: RemarkErasure): Buried | null {
    return this.#remarks.erase(erasure)
  }

  decideStatement(
    statement: { readonly number: number; readonly start: string; readonly text: string },
    tiles: readonly HeadsTile[],
  ): void {
    const { number, start, text } = statement
    this.#db
      .transaction(() => {
        const newest = this.#drizzle.select().from(statements).orderBy(desc(statements.number)).limit(1).get()
        if (newest?.number === number && newest.text === text) return
        const next = newest === undefined ? 0 : newest.number + 1
        if (number !== next || newest?.note === null) {
          throw new CodedError('checkpoint-conflict', `statement ${number} is decided already, or not next`)
        }
        this.#drizzle.insert(statements).values({ number, start, text }).run()
        for (const { level, index, hashes, keys } of tiles) {
          const row = { statement: number, level, index, hashes: Buffer.from(hashes), keys: Buffer.from(keys) }
          this.#drizzle.insert(headTiles).values(row).run()
        }
      })
      .immediate()
  }

  publishStatement(number: number, note: Uint8Array): void {
    const { changes } = this.#db
      .prepare('UPDATE statements SET note = @note WHERE number = @number AND coalesce(note, @note) = @note')
      .run({ number, note })
    if (changes !== 1) throw new CodedError('checkpoint-conflict', `statement ${number} has another signature`)
  }

  setUpAnchor(anchor: AnchorSetUp): void {
    this.#anchors.setUp(anchor)
  }

  enqueueAnchor(anchor: string, newest: number, at: number): void {
    this.#anchors.enqueue(anchor, newest, at)
  }

  saveAnchor(step: AnchorStep): void {
    this.#anchors.save(step)
  }

  reviveAnchor(anchor: string, number: number, at: number): AnchorEntry | null {
    return this.#anchors.revive(anchor, number, at)
  }

  addIssuer(issuer: StoredIssuer, most: number): void {
    this.#issuers.add(issuer, most)
  }

  removeIssuer(tenant: string, id: string, at: string): boolean {
    return this.#issuers.remove(tenant, id, at)
  }

  useTokens(batch: readonly Using[]): boolean[] {
    return this.#issuers.use(batch)
  }

  openSession(session: SessionRow, now: number): boolean {
    return this.#issuers.openSession(session, now)
  }

  resumeSession(id: string, token: UsedToken, most: number, now: number): boolean {
    return this.#issuers.resume(id, token, most, now)
  }

  decided(batch: readonly Deciding[]): number[] {
    const ids = this.#decisions.record(batch)
    this.#wal.wrote(batch.length)
    return ids
  }

  /** Counts some of what screens show; see `ViewStore`. */
  countViews(most: number): number {
    const counted = this.#views.count(most)
    this.#wal.wrote(counted)
    return counted
  }

  watched(watching: Watching): void {
    this.#events.watched(watching)
  }

  noticeDeviations(before: string, at: string): void {
    this.#events.noticeDeviations(before, at)
  }

  notice(tenant: string, notice: Noticing): void {
    this.#events.notice(tenant, notice)
  }

  noticeLog(notice: LogNoticing): void {
    this.#events.noticeLog(notice)
  }

  addWebhook(row: WebhookRow, most: number): void {
    this.#events.addWebhook(row, most)
  }

  removeWebhook(tenant: string, id: string): boolean {
    return this.#events.removeWebhook(tenant, id)
  }

  resealWebhook(tenant: string, id: string, secrets: Uint8Array): boolean {
    return this.#events.resealWebhook(tenant, id, secrets)
  }

  toldWebhooks(batch: readonly Told[]): void {
    this.#events.toldWebhooks(batch)
  }

  reviveDeliveries(tenant: string, webhook: string, events: readonly string[] | null, now: number): number {
    return this.#events.reviveDeliveries(tenant, webhook, events, now)
  }

  /** Many refusals in one transaction: one sync to the disk for all of them. */
  refuse(batch: readonly Refusing[]): void {
    this.#keyring.reserve(batch.length)
    const left = this.#db
      .transaction(() => batch.flatMap(({ tenant, refusal, most }) => this.#refuse(tenant, refusal, most)))
      .immediate()
    this.#keyring.forget(left)
    this.#wal.wrote(batch.length)
  }

  /** Gives the keys of those that left. */
  #refuse(tenant: string, refusal: Refusal, most: number): number[] {
    const { at, report, findings, body, bytes, link, about, chain, step } = refusal
    // One that only counts up is not written again.
    const own =
      bytes === null || this.#repeated.get(tenant, body, report.code) !== undefined ? null : this.#keyring.take()
    const row = {
      tenant,
      at,
      lastAt: at,
      count: 1,
      code: report.code,
      report: JSON.stringify(report),
      findings: JSON.stringify(findings),
      body,
      bytes: own === null ? null : Buffer.from(seal(own, { tenant, name: body }, bytes!)),
      key: own?.id ?? null,
      kept: bytes?.length ?? null,
      link,
      about,
      chain,
      step,
    }
    this.#drizzle
      .insert(inbox)
      .values(row)
      .onConflictDoUpdate({
        target: [inbox.tenant, inbox.body, inbox.code],
        set: { count: sql`${inbox.count} + 1`, lastAt: at },
      })
      .run()
    // Counting down from the newest costs as much as the bound is high: now and then is enough.
    const since = (this.#refusals.get(tenant) ?? TRIM_EVERY) + 1
    this.#refusals.set(tenant, since > TRIM_EVERY ? 0 : since)
    if (since <= TRIM_EVERY) return []
    const its = eq(inbox.tenant, tenant)
    const oldest = this.#drizzle
      .select({ id: inbox.id })
      .from(inbox)
      .where(its)
      .orderBy(desc(inbox.id))
      .limit(1)
      .offset(most)
      .get()
    if (oldest === undefined) return []
    giveUp(this.#db, tenant, 'refusals', oldest.id, at)
    return this.#drizzle
      .delete(inbox)
      .where(and(its, sql`${inbox.id} <= ${oldest.id}`))
      .returning({ key: inbox.key })
      .all()
      .flatMap(({ key }) => key ?? [])
  }
}
