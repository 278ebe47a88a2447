/** What all types of events begin with. */
export const EVENT_PREFIX = 'dev.countersign.'

/**
 * What there is to be told, without {@link EVENT_PREFIX}. `step.refused`, `mismatch` and `conflict` are the three kinds of
 * refusal: one that did not fit, one where what was received is not what was made, and another content for a place that is
 * taken.
 */
export const EVENT_NAMES = [
  'step.accepted',
  'step.refused',
  'mismatch',
  'conflict',
  'gate.decided',
  'contract.published',
  'admin.acted',
  'deviation.proposed',
  'deviation.admitted',
  'deviation.expiring',
  'note.added',
  'note.disputed',
  'key.enrolled',
  'key.rotated',
  'key.revoked',
  'erased',
  'identity.first-seen',
  'anchor.final',
  'anchor.dead',
  'anchor.missed',
  'log.fork',
  'sign-in.refused',
  'webhook.disabled',
  'webhook.test',
  'events.lost',
] as const
export type EventName = (typeof EVENT_NAMES)[number]
export type EventType = `${typeof EVENT_PREFIX}${EventName}`

/** How much it matters: nothing to do, to be looked at, to be looked at now. */
export type EventSeverity = 'info' | 'warning' | 'alert'

export const EVENT_SEVERITY: Readonly<Record<EventName, EventSeverity>> = {
  'step.accepted': 'info',
  'step.refused': 'warning',
  mismatch: 'alert',
  conflict: 'alert',
  'gate.decided': 'info',
  'contract.published': 'info',
  'admin.acted': 'info',
  'deviation.proposed': 'warning',
  'deviation.admitted': 'warning',
  'deviation.expiring': 'warning',
  'note.added': 'info',
  'note.disputed': 'warning',
  'key.enrolled': 'info',
  'key.rotated': 'info',
  'key.revoked': 'warning',
  erased: 'warning',
  'identity.first-seen': 'warning',
  'anchor.final': 'info',
  'anchor.dead': 'alert',
  'anchor.missed': 'alert',
  'log.fork': 'alert',
  'sign-in.refused': 'warning',
  'webhook.disabled': 'warning',
  'webhook.test': 'info',
  'events.lost': 'warning',
}

/** What somebody is woken for: `alerts` stands for all of them. */
export const ALERTS: readonly EventName[] = [
  'mismatch',
  'conflict',
  'log.fork',
  'identity.first-seen',
  'anchor.missed',
  'anchor.dead',
  'deviation.expiring',
  'deviation.proposed',
  'webhook.disabled',
]

/**
 * The events that some words stand for: names, types, `alerts`, or what names begin with, as `key.*`. Null where one of
 * them stands for nothing.
 */
export function eventNames(words: readonly string[]): readonly EventName[] | null {
  const found = words.map((word) => {
    const name = word.startsWith(EVENT_PREFIX) ? word.slice(EVENT_PREFIX.length) : word
    if (name === 'alerts') return ALERTS
    const begin = name.endsWith('.*') ? name.slice(0, -1) : null
    return EVENT_NAMES.filter((one) => (begin === null ? one === name : one.startsWith(begin)))
  })
  return found.some((some) => some.length === 0) ? null : EVENT_NAMES.filter((one) => found.flat().includes(one))
}

/** A step that was accepted. What was erased since is null. */
export interface StepAccepted {
  readonly link: string
  readonly chain: string
  readonly pipeline: string
  readonly step: string
  readonly attempt: number
  readonly matrix: string | null
  readonly index: number
  readonly late: boolean
  readonly signer: string | null
  readonly system: string | null
  readonly succeeded: boolean | null
  readonly finishedAt: string | null
  readonly subjects: number | null
  readonly erasedAt: string | null
}

/** Something refused, with its first reason; `link`, `chain` and `step` only where the signature was good. */
export interface StepRefused {
  /** Of the inbox. */
  readonly id: number
  readonly code: string
  readonly what: string
  readonly fix: string
  readonly link: string | null
  readonly chain: string | null
  readonly step: string | null
}

export interface GateDecided {
  readonly id: number
  readonly decision: string
  readonly code: string | null
  readonly what: string | null
  /** SHA-256, hex; null where what named it was erased. */
  readonly artifact: string | null
  readonly pipeline: string | null
  readonly contract: string | null
  readonly environment: string | null
  readonly by: string
  readonly requester: string | null
}

export interface ContractPublished {
  readonly pipeline: string
  readonly revision: number
  readonly digest: string
  /** Of its leaf in the log; null for one that nobody signed. */
  readonly index: number | null
  readonly signatures: number
}

/** What an administrator did, as the audit log has it; told to those who may read that. */
export interface AdminActed {
  readonly act: string
  readonly about: string
  readonly by: { readonly kind: string; readonly id: string; readonly name: string | null }
  /** What else there is to say, by kind of act. */
  readonly detail: object
  /** Place in the audit log, and of its leaf in the log. */
  readonly number: number
  readonly index: number
}

/** That a note was taken; what it says is asked for by its id. */
export interface NoteAdded {
  readonly id: string
  readonly kind: 'note' | 'dispute' | 'resolution' | 'withdrawal'
  /** Empty where it was erased. */
  readonly about: readonly { readonly kind: 'artifact' | 'refusal' | 'step'; readonly digest: string }[]
  /** A run that it belongs to; null where it is of none, or was erased. */
  readonly chain: string | null
  readonly supersedes: string | null
  /** Name of who signed it; null where it was erased. */
  readonly signer: string | null
  /** Of its leaf in the log. */
  readonly index: number
}

export interface DeviationAdmitted {
  readonly id: string
  readonly pipeline: string
  readonly chain: string | null
  readonly artifact: string | null
  readonly contract: string
  readonly excuses: readonly { readonly step: string; readonly code: string }[]
  readonly reason: string
  readonly expiresAt: string
  readonly index: number
}

/** A deviation that waits for more signatures. */
export interface DeviationProposed extends Omit<DeviationAdmitted, 'index'> {
  readonly by: { readonly kind: string; readonly id: string; readonly name: string | null }
}

export interface DeviationExpiring {
  readonly id: string
  readonly chain: string
  readonly expiresAt: string
}

/** What happened to a key; what does not belong to that is null. */
export interface KeyChanged {
  readonly keyId: string
  readonly name: string
  readonly by: string
  /** From when on a rotated or revoked key counts no more. */
  readonly asOf: string | null
  readonly reason: string | null
  /** The key that it replaces, or that replaces it. */
  readonly other: string | null
}

export interface Erased {
  readonly link: string
  readonly chain: string
  readonly pipeline: string
  readonly step: string
  readonly ground: string
  /** Of its tombstone in the log. */
  readonly index: number
}

/** A signer that no step of the pipeline was accepted from before. What was erased since is null. */
export interface IdentityFirstSeen {
  readonly pipeline: string | null
  readonly signer: string | null
  readonly system: string | null
  readonly link: string | null
  readonly chain: string | null
  readonly index: number
  /** Whether the pipeline had no step of anybody before. */
  readonly newPipeline: boolean
}

/** About a statement of the log in an anchor. */
export interface AnchorTold {
  readonly anchor: string
  readonly statement: number
  readonly code: string | null
  readonly what: string | null
  /** For how long it waits; only of `anchor.missed`. */
  readonly seconds: number | null
}

/** Somebody shows another history of the log. */
export interface LogForked {
  readonly witness: string
  readonly size: number
  readonly code: string
  readonly what: string
}

/** Somebody was not let in. Of each kind the first of an hour is told, the tenth, the hundredth, and so on. */
export interface SignInRefused {
  readonly by: 'link' | 'provider'
  /** Name of the provider; null for a link. */
  readonly provider: string | null
  readonly code: string
  readonly what: string
  /** Whom the provider named; null where it named nobody. */
  readonly subject: string | null
  /** How many there were of the kind in the hour, this one among them. */
  readonly count: number
}

export interface WebhookTold {
  readonly webhook: string
  readonly what: string | null
}

/** Facts that were kept no longer when it was their turn. */
export interface EventsLost {
  readonly of: 'refusals' | 'decisions'
  /** Id of the last that is gone. */
  readonly upTo: number
}

export interface EventData {
  readonly 'step.accepted': StepAccepted
  readonly 'step.refused': StepRefused
  readonly mismatch: StepRefused
  readonly conflict: StepRefused
  readonly 'gate.decided': GateDecided
  readonly 'contract.published': ContractPublished
  readonly 'admin.acted': AdminActed
  readonly 'deviation.proposed': DeviationProposed
  readonly 'deviation.admitted': DeviationAdmitted
  readonly 'deviation.expiring': DeviationExpiring
  readonly 'note.added': NoteAdded
  readonly 'note.disputed': NoteAdded
  readonly 'key.enrolled': KeyChanged
  readonly 'key.rotated': KeyChanged
  readonly 'key.revoked': KeyChanged
  readonly erased: Erased
  readonly 'identity.first-seen': IdentityFirstSeen
  readonly 'anchor.final': AnchorTold
  readonly 'anchor.dead': AnchorTold
  readonly 'anchor.missed': AnchorTold
  readonly 'log.fork': LogForked
  readonly 'sign-in.refused': SignInRefused
  readonly 'webhook.disabled': WebhookTold
  readonly 'webhook.test': WebhookTold
  readonly 'events.lost': EventsLost
}

/** An event of one kind: a CloudEvent 1.0 in JSON, with the extension `severity`. */
export interface EventOf<N extends EventName> {
  readonly specversion: '1.0'
  /** With `source` unique, and the same each time the event is told. */
  readonly id: string
  /** `//ORIGIN/TENANT` (RFC 3986 §4.2). */
  readonly source: string
  readonly type: `${typeof EVENT_PREFIX}${N}`
  /** What it is about; never empty. */
  readonly subject: string
  /** ISO time, UTC. */
  readonly time: string
  readonly datacontenttype: 'application/json'
  readonly severity: EventSeverity
  readonly data: EventData[N]
}

export type CountersignEvent = { readonly [N in EventName]: EventOf<N> }[EventName]

/** A page of events, oldest first. */
export interface EventPage {
  readonly items: readonly CountersignEvent[]
  /** Where to go on from at once; null where there is nothing more for now. */
  readonly next: string | null
  /** Where to go on from later: behind the last of these. */
  readonly cursor: string
}

/** The event's name: its type without {@link EVENT_PREFIX}. */
export function eventName({ type }: Pick<CountersignEvent, 'type'>): EventName {
  return type.slice(EVENT_PREFIX.length) as EventName
}
