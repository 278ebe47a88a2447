import { randomBytes } from 'node:crypto'
import { ALERTS, type CountersignEvent, EVENT_PREFIX, EVENT_SEVERITY, type EventName } from '@countersign/client'
import { CodedError } from '@countersign/core'
import type { Actor } from '@countersign/formats'
import type { Doing } from '../audit.ts'
import type { Delivery, EventStore, Progress, Told, Webhook, WebhookFormat } from '../event-store.ts'
import { type ChannelDeps, type Outcome, recipientOf, tell } from './channel.ts'
import { sourceUri } from './cloud-event.ts'
import { writeCursor } from './cursor.ts'
import { Lane, WEBHOOK_PACE, type WebhookPace } from './lane.ts'
import type { EventReader } from './reading.ts'
import { newSecret, newSigningKey } from './signature.ts'

export interface WebhooksDeps extends ChannelDeps {
  readonly store: EventStore
  readonly reader: EventReader
  /** Does what an administrator does; false where there is nothing of the kind. */
  readonly administer: (who: Administrator, doing: Doing) => Promise<boolean>
  readonly origin: string
  /** Where the store failed what runs by itself. */
  readonly failed: (error: unknown) => void
  /** From 0 to below 1. */
  readonly random?: () => number
  readonly pace?: WebhookPace
}

/** On whose behalf, and for whom. */
export interface Administrator {
  readonly tenant: string
  readonly by: Actor
}

export interface NewWebhook {
  readonly url: string
  /** Null for what the address is fit for. */
  readonly format: WebhookFormat | null
  /** Null where nothing is said. */
  readonly names: readonly EventName[] | null
}

/** Most webhooks of a tenant. */
const MOST = 20
/** How long a secret counts beside the one that follows it; milliseconds. */
const OVERLAP = 24 * 60 * 60 * 1000
const LISTED = 200

/** Who is told of events by being sent them, each in a lane of its own. */
export class Webhooks {
  readonly #deps: WebhooksDeps
  readonly #lanes = new Map<string, Lane>()
  #waiting: Told[] = []
  #writing: Promise<void> | null = null
  #started = false

  constructor(deps: WebhooksDeps) {
    this.#deps = deps
  }

  /** From now on they are told. */
  async start(): Promise<void> {
    this.#started = true
    for (const webhook of await this.#deps.store.webhooks.list(null)) this.#begin(webhook)
  }

  /** To be called when something happened. */
  look(): void {
    for (const lane of this.#lanes.values()) lane.look(this.#deps.failed)
  }

  /** Resolves when nothing is on its way. */
  async rested(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.rested()))
  }

  /** Resolves when what is on its way is written down. */
  async stop(): Promise<void> {
    this.#started = false
    await Promise.allSettled([...this.#lanes.values()].map((lane) => lane.stop()))
  }

  /**
   * Has a tenant's events sent to an address from now on. Throws `address-refused` for one that leads into the house,
   * `service-unreachable` for a host that is nowhere, and `request-invalid`.
   */
  async add(who: Administrator, { url, format: given, names: asked }: NewWebhook): Promise<Webhook> {
    const { tenant } = who
    const format = given ?? formatOf(url)
    const { outbound, mailer, reader, now } = this.#deps
    if (format === 'email') {
      const to = recipientOf(url)
      if (mailer === null) {
        throw new CodedError('request-invalid', 'this server sends no mail', {
          fix: 'Its operator sets up a mail server: --mail FILE.',
        })
      }
      mailer.check(to)
    } else await outbound.check(url)
    const id = `wh_${randomBytes(6).toString('hex')}`
    const signed = format === 'cloudevents'
    // A flood of mails is read by nobody.
    const names = asked ?? (signed ? [] : ALERTS)
    const webhook: Webhook = {
      tenant,
      id,
      format,
      names,
      createdAt: new Date(now()).toISOString(),
      by: who.by.id,
      own: {
        url,
        secrets: signed ? [{ secret: newSecret(), until: null }] : [],
        key: signed ? newSigningKey() : null,
      },
      progress: { ...HEALTHY, cursor: writeCursor(await reader.now(tenant)), deliveredAt: null },
    }
    await this.#deps.administer(who, { act: 'webhook.added', webhook, most: MOST })
    this.#begin(webhook)
    return webhook
  }

  list(tenant: string): Promise<readonly Webhook[]> {
    return this.#deps.store.webhooks.list(tenant)
  }

  /** Throws `not-found`. */
  async one(tenant: string, id: string): Promise<Webhook> {
    const webhook = await this.#deps.store.webhooks.one(tenant, id)
    if (webhook === null) throw new CodedError('not-found', 'there is no such webhook')
    return webhook
  }

  /** Throws `not-found`. */
  async remove(who: Administrator, id: string): Promise<void> {
    this.#end(who.tenant, id)
    if (!(await this.#deps.administer(who, { act: 'webhook.removed', id }))) {
      throw new CodedError('not-found', 'there is no such webhook')
    }
  }

  /**
   * A new secret, that signs beside the one before for a day; the one before that counts no more. Null for one that signs
   * nothing. Throws `not-found`.
   */
  async rotate(who: Administrator, id: string): Promise<{ readonly secret: string; readonly until: string } | null> {
    const { tenant } = who
    const { own } = await this.one(tenant, id)
    const [newest] = own.secrets
    if (newest === undefined) return null
    const secret = newSecret()
    const until = new Date(this.#deps.now() + OVERLAP).toISOString()
    const secrets = [
      { secret, until: null },
      { secret: newest.secret, until },
    ]
    await this.#deps.administer(who, { act: 'webhook.rotated', id, own: { ...own, secrets } })
    await this.#renew(tenant, id)
    return { secret, until }
  }

  /** Sends a test now, beside all else. Throws `not-found`. */
  async test(tenant: string, id: string): Promise<Outcome> {
    const { now, origin } = this.#deps
    const time = new Date(now()).toISOString()
    const event: CountersignEvent = {
      specversion: '1.0',
      id: `test-${randomBytes(8).toString('hex')}`,
      source: sourceUri(origin, tenant),
      type: `${EVENT_PREFIX}webhook.test`,
      subject: id,
      time,
      datacontenttype: 'application/json',
      severity: EVENT_SEVERITY['webhook.test'],
      data: { webhook: id, what: null },
    }
    return tell(this.#deps, await this.one(tenant, id), [event])
  }

  /** Newest first. Throws `not-found`. */
  async deliveries(tenant: string, id: string): Promise<readonly Delivery[]> {
    await this.one(tenant, id)
    return this.#deps.store.webhooks.deliveries(tenant, id, LISTED)
  }

  /**
   * Tells again: what happened since a time (milliseconds since 1970), some events by their ids, or all dead letters; and
   * turns it on where it is off. Gives how many of its dead letters wait again. Throws `not-found`.
   */
  async replay(
    who: Administrator,
    id: string,
    what: { readonly since: number } | { readonly events: readonly string[] | null },
  ): Promise<number> {
    const { tenant } = who
    const { progress } = await this.one(tenant, id)
    const { store, reader, now, administer } = this.#deps
    const since = 'since' in what ? new Date(what.since).toISOString() : null
    await administer(who, { act: 'webhook.replayed', id, since })
    const cursor = 'since' in what ? writeCursor(await reader.since(tenant, what.since)) : progress.cursor
    const revived = 'events' in what ? await store.webhooks.revive(tenant, id, what.events, now()) : 0
    // Another lane goes on from there; what the one before is about to write down is not.
    this.#end(tenant, id)
    const { deliveredAt } = progress
    const told = { tenant, webhook: id, progress: { ...HEALTHY, cursor, deliveredAt }, deliveries: [], notice: null }
    await this.#save(told)
    await this.#renew(tenant, id)
    return revived
  }

  #begin(webhook: Webhook): void {
    if (!this.#started) return
    const { store, reader, now, random = Math.random, pace = WEBHOOK_PACE, failed } = this.#deps
    const lane = new Lane(webhook, {
      store,
      reader,
      now,
      random,
      pace,
      tell: (one, events) => tell(this.#deps, one, events),
      save: (told) => this.#save(told),
    })
    this.#end(webhook.tenant, webhook.id)
    this.#lanes.set(`${webhook.tenant} ${webhook.id}`, lane)
    lane.look(failed)
  }

  #end(tenant: string, id: string): void {
    const name = `${tenant} ${id}`
    this.#lanes.get(name)?.discard()
    this.#lanes.delete(name)
  }

  async #renew(tenant: string, id: string): Promise<void> {
    const webhook = await this.#deps.store.webhooks.one(tenant, id)
    if (webhook !== null) this.#begin(webhook)
  }

  /** What comes in while others write joins one transaction: many webhooks must not hold appends up. */
  #save(told: Told): Promise<void> {
    this.#waiting.push(told)
    this.#writing ??= new Promise<void>((done, failed) => {
      setImmediate(() => {
        const batch = this.#waiting
        this.#waiting = []
        this.#writing = null
        this.#deps.store.webhooks.told(batch).then(done, failed)
      })
    })
    return this.#writing
  }
}

const HEALTHY: Omit<Progress, 'cursor' | 'deliveredAt'> = {
  failures: 0,
  failingSince: null,
  due: 0,
  fault: null,
  disabledAt: null,
}

function formatOf(url: string): WebhookFormat {
  const parsed = URL.parse(url)
  if (parsed?.protocol === 'mailto:') return 'email'
  return parsed?.hostname === 'hooks.slack.com' ? 'slack' : 'cloudevents'
}
