import type { EventData, EventName } from '@countersign/client'

/**
 * Where facts come from: each is a table whose rows were written with the fact, in its transaction, and numbered in the
 * order of the commits. The letter is how cursors and ids of events name it.
 */
export const SOURCES = {
  steps: 's',
  refusals: 'r',
  decisions: 'g',
  contracts: 'c',
  administration: 'a',
  deviations: 'd',
  remarks: 'o',
  keys: 'k',
  erasures: 'e',
  notices: 'n',
  log: 'l',
} as const
export type Source = keyof typeof SOURCES
export const SOURCE_NAMES = Object.keys(SOURCES) as readonly Source[]

/** Which events each source tells. */
export const TOLD_BY: Readonly<Record<Source, readonly EventName[]>> = {
  steps: ['step.accepted'],
  refusals: ['step.refused', 'mismatch', 'conflict', 'events.lost'],
  decisions: ['gate.decided', 'events.lost'],
  contracts: ['contract.published'],
  administration: ['admin.acted'],
  deviations: ['deviation.admitted'],
  remarks: ['note.added', 'note.disputed'],
  keys: ['key.enrolled', 'key.rotated', 'key.revoked'],
  erasures: ['erased'],
  notices: ['identity.first-seen', 'deviation.expiring', 'webhook.disabled', 'sign-in.refused', 'deviation.proposed'],
  log: ['anchor.final', 'anchor.dead', 'anchor.missed', 'log.fork'],
}

/** Something that happened. */
export type Fact = {
  readonly [N in EventName]: {
    readonly source: Source
    /** In its source: higher than of all that was committed before it. */
    readonly number: number
    /** ISO time. */
    readonly at: string
    readonly name: N
    readonly data: EventData[N]
  }
}[EventName]

/** Of each source the number of the first fact that is not told yet. */
export type Positions = Readonly<Record<Source, number>>

/** A notice that is to be kept; of its kind there is one about each thing. */
export interface Noticing {
  readonly kind:
    | 'identity.first-seen'
    | 'deviation.expiring'
    | 'webhook.disabled'
    | 'sign-in.refused'
    | 'deviation.proposed'
  readonly about: string
  readonly at: string
  readonly facts: object
}

export interface LogNoticing {
  readonly kind: 'anchor.missed' | 'log.fork'
  readonly about: string
  readonly at: string
  readonly facts: object
}

export type WebhookFormat = 'cloudevents' | 'slack' | 'email'

/** What nobody else may read of a webhook. */
export interface WebhookSecrets {
  /** `https:` or `mailto:`. */
  readonly url: string
  /** The newest first; those after it count until their time. `whsec_` and base64; none for what is not signed. */
  readonly secrets: readonly { readonly secret: string; readonly until: string | null }[]
  /** Ed25519 private key as `whsk_` and base64 of its 32 bytes; null for what is not signed. */
  readonly key: string | null
}

/** Where a webhook leads, without what may be a secret in it. */
export function shownAddress(address: string, format: WebhookFormat): string {
  const url = format === 'email' ? null : URL.parse(address)
  if (url === null) return address
  // Whoever has the address of a Slack webhook may write there; a query may be a key as well.
  return format === 'slack' ? `${url.origin}/…` : `${url.origin}${url.pathname}${url.search === '' ? '' : '?…'}`
}

/** Somebody who is told of events. Times are milliseconds since 1970 where they are numbers. */
export interface Webhook {
  readonly tenant: string
  readonly id: string
  readonly format: WebhookFormat
  /** Empty for all but `admin.acted`. */
  readonly names: readonly EventName[]
  readonly createdAt: string
  /** Id of the token. */
  readonly by: string
  readonly own: WebhookSecrets
  readonly progress: Progress
}

/** How far a webhook was told, and how it goes. */
export interface Progress {
  /** Everything before it was delivered, or is in the deliveries. */
  readonly cursor: string
  /** In a row; 0 while it goes well. */
  readonly failures: number
  readonly failingSince: number | null
  /** Before this nothing is tried. */
  readonly due: number
  /** Why the last try failed. */
  readonly fault: string | null
  readonly deliveredAt: number | null
  /** Null while it is on. */
  readonly disabledAt: number | null
}

export type DeliveryState = 'delivered' | 'waiting' | 'dead'

/** One event on its way to one webhook: what it says is not kept, but read again for each try. */
export interface Delivery {
  /** Id of the event. */
  readonly event: string
  readonly state: DeliveryState
  readonly tries: number
  readonly at: number
  readonly due: number
  readonly status: number | null
  readonly fault: string | null
}

/** What a webhook was told since it was written down last, in one atomic write. */
export interface Told {
  readonly tenant: string
  readonly webhook: string
  readonly progress: Progress
  readonly deliveries: readonly Delivery[]
  /** To be noticed with it; null for nothing. */
  readonly notice: Noticing | null
}

/** Webhooks and what they were told. They are added, changed and removed as administrative acts: `Store.administer`. */
export interface WebhookStore {
  /** Those of one tenant, oldest first, or (null) of all. */
  list(tenant: string | null): Promise<readonly Webhook[]>
  one(tenant: string, id: string): Promise<Webhook | null>
  /** Writes down how it went, many at once; a webhook that was removed meanwhile is left out. */
  told(batch: readonly Told[]): Promise<void>
  /** What waits and is due, oldest first. */
  due(tenant: string, webhook: string, now: number, limit: number): Promise<readonly Delivery[]>
  /** How many wait, and when the first of them is due; null where none does. */
  waiting(tenant: string, webhook: string): Promise<{ readonly count: number; readonly due: number | null }>
  /** Newest first. */
  deliveries(tenant: string, webhook: string, limit: number): Promise<readonly Delivery[]>
  /** Puts dead letters back among those that wait, all or these; gives how many. */
  revive(tenant: string, webhook: string, events: readonly string[] | null, now: number): Promise<number>
}

/** What is new in a tenant's attestations and deviations. */
export interface WatchTask {
  readonly tenant: string
  /** Indices of attestations, the second is the first that is not looked at. */
  readonly from: number
  readonly to: number
}

/**
 * What happened, each tenant's for itself. Facts are read where they were written when they happened; nothing is written
 * for an event but what is found out by looking: notices.
 */
export interface EventStore {
  /** Another number after each write of anybody, and now and then without one; -1 while it cannot be read. */
  version(): number
  /**
   * Facts of a source from a number on, in their order, at most `limit`; of those that are in the log only those below
   * `size` entries, for what no checkpoint covers was told to nobody.
   */
  after(tenant: string, source: Source, from: number, size: number, limit: number): Promise<readonly Fact[]>
  /** Behind the newest fact of each source: every later one has such a number, or a higher one. */
  ends(tenant: string): Promise<Positions>
  /** Tenants with deviations that nobody has looked at, or attestations of before anybody looked: at most `most` each. */
  unwatched(most: number): Promise<readonly WatchTask[]>
  /** Looks at them, and keeps who has signed, and what ends when; safe to repeat. */
  watch(task: WatchTask): Promise<void>
  /** Notices the deviations that end before a time. */
  watchDeviations(before: string, at: string): Promise<void>
  /** Nothing where it was noticed before. */
  notice(tenant: string, notice: Noticing): Promise<void>
  /** Nothing where it was noticed before. */
  noticeLog(notice: LogNoticing): Promise<void>
  readonly webhooks: WebhookStore
}
