import type { EventName } from '@countersign/client'
import { CodedError } from '@countersign/core'
import type { Positions } from '../event-store.ts'
import { plainJson } from '../plain-json.ts'
import { writeCursor } from './cursor.ts'
import type { Pulse } from './pulse.ts'
import type { EventReader } from './reading.ts'

export interface StreamBounds {
  /** Most streams that are open at once, of one tenant and of all. */
  readonly ofTenant: number
  readonly all: number
  /** Between two signs of life; milliseconds. Then it is asked, too, whether the caller may still read. */
  readonly heartbeat: number
  /** After which a stream ends, to be opened again; milliseconds. */
  readonly life: number
}

export const STREAM_BOUNDS: StreamBounds = { ofTenant: 16, all: 256, heartbeat: 15_000, life: 3_600_000 }

export interface Streaming {
  readonly tenant: string
  readonly from: Positions
  readonly names: ReadonlySet<EventName> | null
  /** Rejects, or gives false, once the caller may not read any more. */
  readonly mayRead: () => Promise<boolean>
  /** To be told where the answer fails that has begun. */
  readonly broken: (error: unknown) => void
}

const PAGE = 100
/** How long a client that takes nothing has, after the stream is over. */
const GRACE_MS = 5_000

/** Streams of events (server-sent events, WHATWG HTML §9.2), as many as there may be at once. */
export class EventStreams {
  readonly #reader: EventReader
  readonly #pulse: Pulse
  readonly #bounds: StreamBounds
  readonly #open = new Map<string, Set<() => void>>()
  #stopped = false

  constructor(reader: EventReader, pulse: Pulse, bounds: StreamBounds = STREAM_BOUNDS) {
    this.#reader = reader
    this.#pulse = pulse
    this.#bounds = bounds
  }

  /** Ends them all, each after what it is sending. No other is opened. */
  stop(): void {
    this.#stopped = true
    for (const ends of this.#open.values()) for (const end of ends) end()
  }

  get size(): number {
    return [...this.#open.values()].reduce((sum, ends) => sum + ends.size, 0)
  }

  /** Nothing is read ahead of the client: a slow one holds a page, and no more. Throws `server-busy`. */
  open({ tenant, from, names, mayRead, broken }: Streaming): ReadableStream<Uint8Array> {
    const leave = this.#enter(tenant, () => end())
    let cursor = from
    let begun = false
    let over = false
    let wake: () => void = () => undefined
    let life: NodeJS.Timeout | undefined
    let due = false
    const beat = setInterval(() => {
      due = true
      wake()
    }, this.#bounds.heartbeat).unref()
    const unlisten = this.#pulse.on(() => wake())
    const encoder = new TextEncoder()
    const done = () => {
      unlisten()
      leave()
      clearTimeout(life)
      clearInterval(beat)
    }
    const end = () => {
      over = true
      wake()
    }
    /** What is next; null where it is over. */
    const next = async (): Promise<string | null> => {
      for (;;) {
        if (over) return null
        // Listened for before it is read: what comes in between wakes.
        const news = new Promise<void>((changed) => {
          wake = changed
        })
        // By the clock alone: were it asked where nothing happens, whoever has others be busy would read on (T-95).
        const alive = due
        due = false
        if (alive && !(await mayRead().catch(() => false))) return null
        const { items, after } = await this.#reader.page(tenant, cursor, names, PAGE)
        cursor = after
        if (items.length > 0) return items.map(({ event, after: id }) => written(plainJson(event), id)).join('')
        if (alive) return ':\n\n'
        await news
      }
    }
    const stream = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          try {
            // An id of its own, so that who loses the connection before the first event goes on from here.
            const text = begun ? await next() : `retry: 2000\nid: ${writeCursor(cursor)}\n\n`
            begun = true
            if (text === null) {
              done()
              controller.close()
            } else controller.enqueue(encoder.encode(text))
          } catch (error) {
            done()
            broken(error)
            controller.error(error)
          }
        },
        cancel: () => {
          over = true
          wake()
          done()
        },
        start: (controller) => {
          life = setTimeout(() => {
            end()
            life = setTimeout(() => {
              done()
              // A client that takes nothing is cut off; with one that does it is closed by now.
              try {
                controller.error(new CodedError('server-busy', 'the stream was not read'))
              } catch {
                // It is over.
              }
            }, GRACE_MS).unref()
          }, this.#bounds.life).unref()
        },
      },
      { highWaterMark: 0 },
    )
    return stream
  }

  #enter(tenant: string, end: () => void): () => void {
    if (this.#stopped) throw new CodedError('server-stopping', 'the server is stopping')
    const { ofTenant, all } = this.#bounds
    const own = this.#open.get(tenant) ?? new Set()
    if (own.size >= ofTenant || this.size >= all) {
      throw new CodedError('server-busy', `there are ${own.size} streams of events open`, {
        fix: 'Close one, or read pages: GET /v1/events without accept: text/event-stream.',
      })
    }
    own.add(end)
    this.#open.set(tenant, own)
    return () => {
      own.delete(end)
      if (own.size === 0 && this.#open.get(tenant) === own) this.#open.delete(tenant)
    }
  }
}

/** One event; JSON has no line ends of its own. */
function written(json: string, after: Positions): string {
  return `id: ${writeCursor(after)}\ndata: ${json}\n\n`
}
