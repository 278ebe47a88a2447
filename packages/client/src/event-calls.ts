import { CodedError, type JsonObject, type JsonValue } from '@countersign/core'
import { Reading } from './answers.ts'
import { type Followed, followedIn } from './event-stream.ts'
import { type CountersignEvent, EVENT_PREFIX, type EventPage } from './events.ts'
import { plainText } from './plain-text.ts'
import type { Transport } from './transport.ts'

export interface EventQuery {
  /** Of a page before, or of an event of a stream. */
  readonly cursor?: string
  /** ISO time, or `now`; not looked at where there is a cursor. */
  readonly since?: string
  /** As `eventNames` takes them; all where there are none. */
  readonly types?: readonly string[]
  readonly limit?: number
}

export interface FollowQuery extends Pick<EventQuery, 'types'> {
  /** Of a page before, or of what was followed. */
  readonly cursor: string
}

/** Milliseconds until a stream says its first word, and between two: the server gives a sign of life each 15 seconds. */
const FIRST_MS = 5_000
const SILENCE_MS = 45_000

/** What the server is asked of what happened. */
export interface EventCalls {
  /** A page, oldest first. Events of kinds that a newer server tells are among them. */
  events(query: EventQuery): Promise<EventPage>
  /**
   * What happens, as it happens, from behind a cursor on, until the server ends the stream or nothing comes any more; it is
   * never opened again by itself. Throws as `events`: `server-answer` where the server gives no stream, and
   * `server-unreachable` where it, or what stands before it, is silent.
   */
  follow(query: FollowQuery): AsyncIterable<Followed>
}

export function eventCalls(transport: Transport): EventCalls {
  return {
    async events({ cursor, since, types = [], limit }) {
      const query = new URLSearchParams()
      if (cursor !== undefined) query.set('cursor', cursor)
      else if (since !== undefined) query.set('since', since)
      if (types.length > 0) query.set('type', types.join(','))
      if (limit !== undefined) query.set('limit', String(limit))
      const { body } = await transport.json({ method: 'GET', path: `/v1/events?${query}` })
      const it = new Reading(body)
      const items = (body as JsonObject)['items']
      if (!Array.isArray(items) || items.length > 200) throw new CodedError('server-answer', 'items is not a list')
      return { items: items.map(eventOf), next: it.textOrNull('next'), cursor: it.text('cursor') }
    },

    async *follow({ cursor, types = [] }) {
      const query = types.length === 0 ? '' : `?type=${encodeURIComponent(types.join(','))}`
      const headers = { accept: 'text/event-stream', 'last-event-id': cursor }
      const leave = new AbortController()
      const silent = () => leave.abort(new CodedError('server-unreachable', 'the stream of events is silent'))
      let late = setTimeout(silent, FIRST_MS)
      try {
        const opened = await transport.open({ path: `/v1/events${query}`, headers, signal: leave.signal })
        if (opened.body === null || !/^text\/event-stream\b/.test(opened.headers.get('content-type') ?? '')) {
          throw new CodedError('server-answer', 'the server answers with no stream of events')
        }
        for await (const told of followedIn(opened.body)) {
          clearTimeout(late)
          late = setTimeout(silent, SILENCE_MS)
          if (told !== null) yield told
        }
      } finally {
        clearTimeout(late)
        leave.abort()
      }
    },
  }
}

/** An event as far as every one is alike; its texts are made plain (T-92). Throws `server-answer`. */
export function eventOf(value: JsonValue): CountersignEvent {
  const it = new Reading(value)
  const type = it.text('type')
  if (it.text('specversion') !== '1.0' || !type.startsWith(EVENT_PREFIX)) {
    throw new CodedError('server-answer', 'an event is not one of this server')
  }
  const severity = it.text('severity')
  const known = severity === 'alert' || severity === 'warning' ? severity : 'info'
  it.object('data')
  const data = plainValue((value as JsonObject)['data']!, 8)
  // Which data belong to which type is the server's word, as all of it.
  return {
    specversion: '1.0',
    id: it.text('id'),
    source: it.text('source'),
    type,
    subject: it.text('subject'),
    time: it.text('time'),
    datacontenttype: 'application/json',
    severity: known,
    data,
  } as unknown as CountersignEvent
}

function plainValue(value: JsonValue, depth: number): JsonValue {
  if (typeof value === 'string') return plainText(value, 4_000)
  if (typeof value !== 'object' || value === null) return value
  if (depth === 0) return null
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((one) => plainValue(one, depth - 1))
  const entries = Object.entries(value as JsonObject)
  return Object.fromEntries(entries.map(([key, one]) => [plainText(key, 100), plainValue(one, depth - 1)]))
}
