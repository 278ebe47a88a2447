import { Hono } from 'hono'
import { EVENT_NAMES, type EventName, eventNames } from '@countersign/client'
import { CodedError } from '@countersign/core'
import { type AppEnv, type Caller, tenantFor } from '../access.ts'
import type { Positions } from '../event-store.ts'
import { readCursor, writeCursor } from '../events/cursor.ts'
import { plainJson } from '../plain-json.ts'
import { allows } from '../roles.ts'
import type { Deps } from '../verbs/deps.ts'
import { limitOf } from './limit.ts'

const STREAM = 'text/event-stream'
const MAX_WORDS = 64

/** What happened: in pages, or as it happens. */
export function eventRoutes({ events }: Pick<Deps, 'events'>): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.get('/events', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const names = told(c.get('caller'), namesOf(c.req.queries('type') ?? []))
    const live = acceptsStream(c.req.header('accept'))
    const last = live ? (c.req.header('last-event-id') ?? null) : null
    const given = { cursor: last ?? c.req.query('cursor') ?? null, since: c.req.query('since') ?? null }
    const from = await beginning(tenant, given, live)
    if (!live) {
      const { items, after, more } = await events.reader.page(tenant, from, names, limitOf(c.req.query('limit')))
      const cursor = writeCursor(after)
      const page = { items: items.map(({ event }) => event), next: more ? cursor : null, cursor }
      // It quotes what was refused.
      return c.body(plainJson(page), 200, { 'content-type': 'application/json' })
    }
    const again = c.get('again')
    const mayRead = async () => {
      const caller = await again()
      return tenantFor(caller, 'read') === tenant && told(caller, names)?.size === names?.size
    }
    const stream = events.streams.open({ tenant, from, names, mayRead, broken: c.get('broken') })
    // A proxy that gathers would hold every event back.
    return c.body(stream, 200, { 'content-type': STREAM, 'x-accel-buffering': 'no' })
  })

  /** A page begins where all begins unless it is told otherwise, a stream where all ends. */
  const beginning = async (
    tenant: string,
    { cursor, since }: { cursor: string | null; since: string | null },
    live: boolean,
  ): Promise<Positions> => {
    if (cursor !== null) return readCursor(cursor)
    if (since === 'now' || (since === null && live)) return events.reader.now(tenant)
    if (since === null) return readCursor(null)
    return events.reader.since(tenant, timeOf(since))
  }
  return app
}

/** Who administers and who signs in, or would. */
const AUDITED: readonly EventName[] = ['admin.acted', 'sign-in.refused']

/** What of it a caller is told: the audit log is not for everybody. Throws `token-scope` where that is nothing. */
function told(caller: Caller, names: ReadonlySet<EventName> | null): ReadonlySet<EventName> | null {
  if (allows(caller.scopes, 'audit')) return names
  const left = new Set(names ?? EVENT_NAMES)
  for (const name of AUDITED) left.delete(name)
  if (left.size === names?.size) return names
  if (left.size === 0) tenantFor(caller, 'audit')
  return left
}

/** Null for all. Throws `request-invalid`. */
export function namesOf(words: readonly string[]): ReadonlySet<EventName> | null {
  const all = words.flatMap((word) => word.split(','))
  if (all.length === 0) return null
  const names = all.length > MAX_WORDS ? null : eventNames(all)
  if (names === null) throw new CodedError('request-invalid', 'type is not a name of events')
  return new Set(names)
}

function acceptsStream(accept: string | undefined): boolean {
  return (accept ?? '').split(',').some((one) => one.split(';', 1)[0]!.trim().toLowerCase() === STREAM)
}

/** ISO time with its offset from UTC, in milliseconds since 1970. Throws `request-invalid`. */
export function timeOf(text: string): number {
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/.test(text)
    ? Date.parse(text)
    : Number.NaN
  if (Number.isNaN(time))
    throw new CodedError('request-invalid', 'since is not a time like 2026-11-22T02:00:00Z, nor now')
  return time
}
