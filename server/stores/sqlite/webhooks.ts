import type { Database } from 'better-sqlite3'
import type { EventName } from '@countersign/client'
import { CodedError, fromUtf8, utf8 } from '@countersign/core'
import type {
  Delivery,
  DeliveryState,
  Webhook,
  WebhookFormat,
  WebhookSecrets,
  WebhookStore,
} from '../../event-store.ts'
import { failed } from './answers.ts'
import type { EventWrite } from './events.ts'
import { type KeyringReader, unseal } from './keyring.ts'

/** What a sealed webhook is known by. */
export function webhookName(key: number): string {
  return `webhook ${key}`
}

/** A webhook as it crosses the thread boundary. */
export interface WebhookRow extends Omit<Webhook, 'names' | 'own' | 'progress'> {
  readonly names: string
  readonly cursor: string
  readonly secrets: Uint8Array
}

interface Row {
  readonly tenant: string
  readonly id: string
  readonly format: WebhookFormat
  readonly names: string
  readonly createdAt: string
  readonly by: string
  readonly sealed: Buffer
  readonly key: number
  readonly cursor: string
  readonly failures: number
  readonly failingSince: number | null
  readonly due: number
  readonly fault: string | null
  readonly deliveredAt: number | null
  readonly disabledAt: number | null
}

/** Webhooks and their deliveries as a reading connection sees them; `write` is for what is written. */
export function webhookStoreOf(db: Database, keyring: KeyringReader, write: EventWrite): WebhookStore {
  const everybody = db.prepare<[], Row>(
    `SELECT tenant, id, format, names, created_at AS createdAt, by, sealed, key, cursor, failures,
       failing_since AS failingSince, due, fault, delivered_at AS deliveredAt, disabled_at AS disabledAt
     FROM webhooks ORDER BY tenant, created_at, rowid`,
  )
  const own = db.prepare<[string], Row>(
    `SELECT tenant, id, format, names, created_at AS createdAt, by, sealed, key, cursor, failures,
       failing_since AS failingSince, due, fault, delivered_at AS deliveredAt, disabled_at AS disabledAt
     FROM webhooks WHERE tenant = ? ORDER BY created_at, rowid`,
  )
  const one = db.prepare<[string, string], Row>(
    `SELECT tenant, id, format, names, created_at AS createdAt, by, sealed, key, cursor, failures,
       failing_since AS failingSince, due, fault, delivered_at AS deliveredAt, disabled_at AS disabledAt
     FROM webhooks WHERE tenant = ? AND id = ?`,
  )
  const due = db.prepare<[string, string, number, number], Delivery>(
    `SELECT event, state, tries, at, due, status, fault FROM deliveries
     WHERE tenant = ? AND webhook = ? AND state = 'waiting' AND due <= ? ORDER BY due, id LIMIT ?`,
  )
  const waiting = db.prepare<[string, string], { count: number; due: number | null }>(
    `SELECT count(*) AS count, min(due) AS due FROM deliveries WHERE tenant = ? AND webhook = ? AND state = 'waiting'`,
  )
  const newest = db.prepare<[string, string, number], Delivery>(
    `SELECT event, state, tries, at, due, status, fault FROM deliveries
     WHERE tenant = ? AND webhook = ? ORDER BY id DESC LIMIT ?`,
  )
  const webhookOf = ({ names, sealed, key, ...row }: Row): Webhook => {
    const held = keyring.get(key)
    if (held === null) throw new CodedError('keys-missing', `the key of webhook ${row.id} is missing`)
    const secrets = unseal(held, { tenant: row.tenant, name: webhookName(key) }, sealed)
    const { tenant, id, format, createdAt, by, ...progress } = row
    const list = names === '' ? [] : (names.split(' ') as EventName[])
    const open = JSON.parse(fromUtf8(secrets)) as WebhookSecrets
    return { tenant, id, format, names: list, createdAt, by, own: open, progress }
  }
  return {
    list: (tenant) => look(() => (tenant === null ? everybody.all() : own.all(tenant)).map(webhookOf)),
    one: (tenant, id) =>
      look(() => {
        const row = one.get(tenant, id)
        return row === undefined ? null : webhookOf(row)
      }),
    told: (batch) => write('toldWebhooks', batch),
    due: (tenant, id, now, limit) => look(() => due.all(tenant, id, now, limit)),
    waiting: (tenant, id) => look(() => waiting.get(tenant, id)!),
    deliveries: (tenant, id, limit) => look(() => newest.all(tenant, id, limit)),
    revive: (tenant, id, events, now) => write('reviveDeliveries', tenant, id, events, now),
  }
}

/** Of a state and of when it was: what the writer takes away first is what went well. */
export const KEPT: Readonly<Record<Exclude<DeliveryState, 'waiting'>, number>> = { delivered: 100, dead: 1_000 }

export function webhookRow({ names, own, progress, ...rest }: Webhook): WebhookRow {
  return { ...rest, names: names.join(' '), cursor: progress.cursor, secrets: sealable(own) }
}

export function sealable(secrets: WebhookSecrets): Uint8Array {
  return utf8(JSON.stringify(secrets))
}

async function look<T>(work: () => T): Promise<T> {
  try {
    return work()
  } catch (cause) {
    return failed(cause)
  }
}
