import type { Database, Statement } from 'better-sqlite3'
import { CodedError } from '@countersign/core'
import type { Delivery, LogNoticing, Noticing, Told } from '../../event-store.ts'
import { type Keyring, seal } from './keyring.ts'
import { KEPT, type WebhookRow, webhookName } from './webhooks.ts'

/** What a look at a tenant has found: who signed before anybody looked, and deviations. */
export interface Watching {
  readonly tenant: string
  /** Index of the next attestation, and leaf of the next deviation; null where that is as before. */
  readonly attestation: number
  readonly deviation: number | null
  readonly identities: readonly { readonly pipeline: string; readonly identity: string; readonly index: number }[]
  readonly deviations: readonly { readonly digest: string; readonly chain: string; readonly expiresAt: string }[]
}

/** Writes what is found out by looking, and how webhooks were told. */
export class EventWriter {
  readonly #db: Database
  readonly #keyring: Keyring
  readonly #notice: Statement<[string, string, string, string, string]>
  readonly #noticeLog: Statement<[string, string, string, string]>

  constructor(db: Database, keyring: Keyring) {
    this.#db = db
    this.#keyring = keyring
    this.#notice = db.prepare(
      'INSERT INTO notices (tenant, at, kind, about, facts) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    )
    this.#noticeLog = db.prepare(
      'INSERT INTO log_notices (at, kind, about, facts) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
    )
  }

  watched({ tenant, attestation, deviation, identities, deviations }: Watching): void {
    // Not where it was erased meanwhile: nothing of it may come back.
    const see = this.#db.prepare<[string, string, string, number, string, number]>(
      `INSERT INTO seen_identities (tenant, pipeline, identity, "index") SELECT ?, ?, ?, ?
       WHERE EXISTS (SELECT 1 FROM attestations WHERE tenant = ? AND "index" = ?) ON CONFLICT DO NOTHING`,
    )
    const end = this.#db.prepare<[string, string, string, string]>(
      'INSERT INTO deviation_ends (tenant, digest, chain, expires_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
    )
    const go = this.#db.prepare(
      `INSERT INTO watched (tenant, attestation, quiet, deviation) VALUES (@tenant, @attestation, 0, coalesce(@deviation, 0))
       ON CONFLICT (tenant) DO UPDATE SET attestation = max(attestation, excluded.attestation),
         deviation = coalesce(@deviation, deviation)`,
    )
    this.#db
      .transaction(() => {
        for (const { pipeline, identity, index } of identities) {
          see.run(tenant, pipeline, identity, index, tenant, index)
        }
        for (const { digest, chain, expiresAt } of deviations) end.run(tenant, digest, chain, expiresAt)
        go.run({ tenant, attestation, deviation })
      })
      .immediate()
  }

  noticeDeviations(before: string, at: string): void {
    const ending = this.#db.prepare<[string], { tenant: string; digest: string; chain: string; expiresAt: string }>(
      `DELETE FROM deviation_ends WHERE rowid IN
         (SELECT rowid FROM deviation_ends WHERE expires_at <= ? ORDER BY expires_at LIMIT 1000)
       RETURNING tenant, digest, chain, expires_at AS expiresAt`,
    )
    this.#db
      .transaction(() => {
        for (const { tenant, digest, chain, expiresAt } of ending.all(before)) {
          // What is over already, nobody has to hurry for.
          if (expiresAt <= at) continue
          this.#notice.run(tenant, at, 'deviation.expiring', digest, JSON.stringify({ chain, expiresAt }))
        }
      })
      .immediate()
  }

  notice(tenant: string, { at, kind, about, facts }: Noticing): void {
    this.#notice.run(tenant, at, kind, about, JSON.stringify(facts))
  }

  noticeLog({ kind, about, at, facts }: LogNoticing): void {
    this.#noticeLog.run(at, kind, about, JSON.stringify(facts))
  }

  addWebhook({ secrets, ...row }: WebhookRow, most: number): void {
    this.#keyring.reserve(1)
    const own = this.#keyring.take()
    this.#db
      .transaction(() => {
        const { count } = this.#db
          .prepare<[string], { count: number }>('SELECT count(*) AS count FROM webhooks WHERE tenant = ?')
          .get(row.tenant)!
        if (count >= most) throw new CodedError('request-invalid', `the tenant has ${most} webhooks already`)
        this.#db
          .prepare(
            `INSERT INTO webhooks (tenant, id, format, names, created_at, by, sealed, key, cursor)
             VALUES (@tenant, @id, @format, @names, @createdAt, @by, @sealed, @key, @cursor)`,
          )
          .run({ ...row, sealed: seal(own, { tenant: row.tenant, name: webhookName(own.id) }, secrets), key: own.id })
      })
      .immediate()
  }

  removeWebhook(tenant: string, id: string): boolean {
    return this.#db
      .transaction(() => {
        this.#db.prepare('DELETE FROM deliveries WHERE tenant = ? AND webhook = ?').run(tenant, id)
        const gone = this.#db
          .prepare<[string, string], { key: number }>('DELETE FROM webhooks WHERE tenant = ? AND id = ? RETURNING key')
          .all(tenant, id)
        this.#toForget(gone)
        return gone.length > 0
      })
      .immediate()
  }

  resealWebhook(tenant: string, id: string, secrets: Uint8Array): boolean {
    this.#keyring.reserve(1)
    const own = this.#keyring.take()
    const sealed = seal(own, { tenant, name: webhookName(own.id) }, secrets)
    return this.#db
      .transaction(() => {
        const held = this.#db
          .prepare<[string, string], { key: number }>('SELECT key FROM webhooks WHERE tenant = ? AND id = ?')
          .all(tenant, id)
        this.#db
          .prepare('UPDATE webhooks SET sealed = ?, key = ? WHERE tenant = ? AND id = ?')
          .run(sealed, own.id, tenant, id)
        this.#toForget(held)
        return held.length > 0
      })
      .immediate()
  }

  /** Not at once: what this is part of may be undone yet. With what is erased next, or at the next start. */
  #toForget(keys: readonly { readonly key: number }[]): void {
    const forget = this.#db.prepare<[number]>('INSERT OR IGNORE INTO forgotten_keys (key) VALUES (?)')
    for (const { key } of keys) forget.run(key)
  }

  /** Many in one transaction: one sync to the disk for all of them. */
  toldWebhooks(batch: readonly Told[]): void {
    const update = this.#db.prepare(
      `UPDATE webhooks SET cursor = @cursor, failures = @failures, failing_since = @failingSince, due = @due,
         fault = @fault, delivered_at = @deliveredAt, disabled_at = @disabledAt
       WHERE tenant = @tenant AND id = @webhook`,
    )
    this.#db
      .transaction(() => {
        for (const { tenant, webhook, progress, deliveries, notice } of batch) {
          if (update.run({ ...progress, tenant, webhook }).changes === 0) continue
          for (const delivery of deliveries) this.#deliver(tenant, webhook, delivery)
          if (deliveries.length > 0) this.#trim(tenant, webhook)
          if (notice !== null) this.notice(tenant, notice)
        }
      })
      .immediate()
  }

  #deliver(tenant: string, webhook: string, delivery: Delivery): void {
    this.#db
      .prepare(
        `INSERT INTO deliveries (tenant, webhook, event, state, tries, at, due, status, fault)
         VALUES (@tenant, @webhook, @event, @state, @tries, @at, @due, @status, @fault)
         ON CONFLICT (tenant, webhook, event) DO UPDATE SET state = excluded.state, tries = excluded.tries,
           at = excluded.at, due = excluded.due, status = excluded.status, fault = excluded.fault`,
      )
      .run({ ...delivery, tenant, webhook })
  }

  /** The oldest leave, of what went well and of what did not. */
  #trim(tenant: string, webhook: string): void {
    const oldest = this.#db.prepare<[string, string, string, number]>(
      `DELETE FROM deliveries WHERE id IN
         (SELECT id FROM deliveries WHERE tenant = ? AND webhook = ? AND state = ? ORDER BY due DESC, id DESC LIMIT -1 OFFSET ?)`,
    )
    for (const [state, kept] of Object.entries(KEPT)) oldest.run(tenant, webhook, state, kept)
  }

  reviveDeliveries(tenant: string, webhook: string, events: readonly string[] | null, now: number): number {
    const all = this.#db.prepare<[number, string, string]>(
      `UPDATE deliveries SET state = 'waiting', tries = 0, due = ?, fault = NULL
       WHERE tenant = ? AND webhook = ? AND state = 'dead'`,
    )
    const one = this.#db.prepare<[number, string, string, string]>(
      `UPDATE deliveries SET state = 'waiting', tries = 0, due = ?, fault = NULL
       WHERE tenant = ? AND webhook = ? AND event = ? AND state <> 'waiting'`,
    )
    return this.#db
      .transaction(() => {
        if (events === null) return all.run(now, tenant, webhook).changes
        return events.reduce((sum, event) => sum + one.run(now, tenant, webhook, event).changes, 0)
      })
      .immediate()
  }
}
