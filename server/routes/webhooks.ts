import { Hono } from 'hono'
import { eventNames } from '@countersign/client'
import { CodedError, type JsonValue } from '@countersign/core'
import { actorOf, type AppEnv, type Caller, tenantFor } from '../access.ts'
import { readObject } from '../body.ts'
import { type Delivery, shownAddress, type Webhook, type WebhookFormat } from '../event-store.ts'
import { publicKeyOf } from '../events/signature.ts'
import type { Administrator } from '../events/webhooks.ts'
import { plainJson } from '../plain-json.ts'
import type { Deps } from '../verbs/deps.ts'
import { timeOf } from './events.ts'

const MAX_BODY = 16 * 1024
const FORMATS: readonly WebhookFormat[] = ['cloudevents', 'slack', 'email']
const MAX_EVENTS = 1_000

/** Who is sent events. */
export function webhookRoutes({ events: { webhooks } }: Pick<Deps, 'events'>): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  const json = { 'content-type': 'application/json' }

  app.get('/webhooks', async (c) => {
    const items = await webhooks.list(tenantFor(c.get('caller'), 'admin'))
    return c.body(plainJson({ items: items.map(listed) }), 200, json)
  })

  app.post('/webhooks', async (c) => {
    const who = administrator(c.get('caller'))
    const { url, types, format } = await readObject(c, ['url'], MAX_BODY, ['types', 'format'])
    if (typeof url !== 'string') throw new CodedError('request-invalid', 'url is not text')
    const as = FORMATS.find((one) => one === format)
    if (as === undefined && format !== undefined) {
      throw new CodedError('request-invalid', `format is none of ${FORMATS.join(', ')}`)
    }
    const names = types === undefined ? null : typesOf(types)
    const made = await webhooks.add(who, {
      url,
      format: as ?? null,
      names: names !== null && names.length === 0 ? null : names,
    })
    const secret = made.own.secrets[0]?.secret ?? null
    return c.body(plainJson({ ...listed(made), secret }), 201, json)
  })

  app.delete('/webhooks/:id', async (c) => {
    await webhooks.remove(administrator(c.get('caller')), c.req.param('id'))
    return c.body(null, 204)
  })

  app.post('/webhooks/:id/test', async (c) => {
    const { kind, status, fault } = await webhooks.test(tenantFor(c.get('caller'), 'admin'), c.req.param('id'))
    return c.body(plainJson({ ok: kind === 'taken', status, fault }), 200, json)
  })

  app.post('/webhooks/:id/rotate', async (c) => {
    const made = await webhooks.rotate(administrator(c.get('caller')), c.req.param('id'))
    return c.body(plainJson(made ?? { secret: null, until: null }), 200, json)
  })

  app.get('/webhooks/:id/deliveries', async (c) => {
    const items = await webhooks.deliveries(tenantFor(c.get('caller'), 'admin'), c.req.param('id'))
    return c.body(plainJson({ items: items.map(delivery) }), 200, json)
  })

  app.post('/webhooks/:id/replay', async (c) => {
    const who = administrator(c.get('caller'))
    const { since, events, dead } = await readObject(c, [], MAX_BODY, ['since', 'events', 'dead'])
    const waiting = await webhooks.replay(who, c.req.param('id'), replayOf(since, events, dead))
    return c.body(plainJson({ waiting }), 200, json)
  })
  return app
}

function administrator(caller: Caller): Administrator {
  return { tenant: tenantFor(caller, 'admin'), by: actorOf(caller) }
}

/** As it is told: no secret of it. */
function listed({ id, format, names, createdAt, own, progress }: Webhook) {
  const { failingSince, fault, deliveredAt, disabledAt } = progress
  const state = disabledAt !== null ? 'off' : failingSince === null ? 'on' : 'failing'
  return {
    id,
    url: shownAddress(own.url, format),
    format,
    events: names,
    createdAt,
    state,
    failingSince: timeOrNull(failingSince),
    fault,
    deliveredAt: timeOrNull(deliveredAt),
    publicKey: own.key === null ? null : publicKeyOf(own.key),
  }
}

function delivery({ event, state, tries, at, due, status, fault }: Delivery) {
  const again = state === 'waiting' ? timeOrNull(due) : null
  return { event, state, tries, at: timeOrNull(at), due: again, status, fault }
}

function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}

function typesOf(value: JsonValue) {
  const words: readonly unknown[] = Array.isArray(value) && value.length <= 64 ? value : [null]
  const names = words.every((word) => typeof word === 'string') ? eventNames(words) : null
  if (names === null) throw new CodedError('request-invalid', 'types is not a list of names of events')
  return names
}

/** Exactly one of the three. */
function replayOf(since?: JsonValue, events?: JsonValue, dead?: JsonValue) {
  const given = [since, events, dead].filter((one) => one !== undefined)
  if (given.length === 1) {
    if (typeof since === 'string') return { since: timeOf(since) }
    if (dead === true) return { events: null }
    const ids: readonly unknown[] = Array.isArray(events) ? events : [null]
    if (ids.length <= MAX_EVENTS && ids.every((id) => typeof id === 'string')) return { events: ids }
  }
  throw new CodedError('request-invalid', 'say exactly one of since: a time, events: ids of events, dead: true')
}
