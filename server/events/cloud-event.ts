import { type CountersignEvent, EVENT_PREFIX, EVENT_SEVERITY } from '@countersign/client'
import { type Fact, SOURCES } from '../event-store.ts'

/** What all events of one tenant have in common: a URI reference without a scheme (RFC 3986 §4.2). */
export function sourceUri(origin: string, tenant: string): string {
  return `//${encodeURI(origin)}/${encodeURIComponent(tenant)}`
}

/** A fact as it is told: a CloudEvent 1.0 in JSON. The same fact is the same event whenever, and to whomever, it is told. */
export function cloudEvent(fact: Fact, uri: string): CountersignEvent {
  const { at, name, data } = fact
  // Of one union of kinds, name and data alike.
  return {
    specversion: '1.0',
    id: eventId(fact),
    source: uri,
    type: `${EVENT_PREFIX}${name}`,
    subject: subjectOf(fact),
    time: at,
    datacontenttype: 'application/json',
    severity: EVENT_SEVERITY[name],
    data,
  } as CountersignEvent
}

/** The source's letter, the number, and `x` for what is lost: that has the number of the last fact that is gone. */
export function eventId({ source, number, name }: Pick<Fact, 'source' | 'number' | 'name'>): string {
  return `${SOURCES[source]}${number}${name === 'events.lost' ? 'x' : ''}`
}

function subjectOf({ name, data }: Fact): string {
  switch (name) {
    case 'step.accepted':
    case 'erased':
      return data.link
    case 'step.refused':
    case 'mismatch':
    case 'conflict':
      return `inbox/${data.id}`
    case 'gate.decided':
      return data.artifact === null ? `decision/${data.id}` : `sha256:${data.artifact}`
    case 'contract.published':
      return data.pipeline
    case 'admin.acted':
      return data.about
    case 'deviation.admitted':
    case 'deviation.expiring':
    case 'deviation.proposed':
    case 'note.added':
    case 'note.disputed':
      return data.id
    case 'key.enrolled':
    case 'key.rotated':
    case 'key.revoked':
      return data.keyId
    case 'identity.first-seen':
      return data.link ?? `step/${data.index}`
    case 'anchor.final':
    case 'anchor.dead':
    case 'anchor.missed':
      return `${data.anchor}/${data.statement}`
    case 'log.fork':
      return data.witness
    case 'sign-in.refused':
      return data.provider === null ? 'sign-in/link' : `sign-in/provider/${data.provider}`
    case 'webhook.disabled':
    case 'webhook.test':
      return data.webhook
    case 'events.lost':
      return data.of
  }
}
