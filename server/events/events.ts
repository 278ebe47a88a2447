import type { EventStore } from '../event-store.ts'
import type { Mailer, Outbound } from './channel.ts'
import type { WebhookPace } from './lane.ts'
import { Pulse } from './pulse.ts'
import { EventReader } from './reading.ts'
import { EventStreams, type StreamBounds } from './streams.ts'
import { Watch, type WatchDeps } from './watch.ts'
import { Webhooks, type WebhooksDeps } from './webhooks.ts'

export interface EventsDeps {
  readonly store: EventStore
  /** Entries of the log that a published checkpoint covers. */
  readonly size: () => number
  readonly origin: string
  readonly gaps: WatchDeps['gaps']
  /** ISO time. */
  readonly now: () => string
  /** Where the store failed what runs by itself. */
  readonly failed: (error: unknown) => void
  readonly bounds?: StreamBounds
  readonly administer: WebhooksDeps['administer']
  readonly outbound: Outbound
  /** Null where the operator has set up none. */
  readonly mailer: Mailer | null
  /** Where people reach the server, without a slash at its end; null where nobody said. */
  readonly publicUrl: string | null
  readonly pace?: WebhookPace
}

/** Milliseconds between two looks for what is to be noticed, and how many may be left out where nothing was written. */
const LOOK_MS = 1_000
const IDLE_LOOKS = 60
/** Milliseconds between two looks at whether anything was written: what a live view is late by. */
const BEAT_MS = 250

/** Who is told of what happens: pages, streams, webhooks; and who looks for what is to be told. */
export class Events {
  readonly store: EventStore
  readonly reader: EventReader
  readonly pulse: Pulse
  readonly streams: EventStreams
  readonly webhooks: Webhooks
  readonly #watch: Watch
  readonly #failed: (error: unknown) => void
  #watching: Promise<void> | null = null
  #timer: NodeJS.Timeout | null = null
  #stopped = false
  #version = -1
  #idle = 0

  constructor(deps: EventsDeps) {
    const { store, size, origin, gaps, now, failed, bounds, pace, administer, outbound, mailer, publicUrl } = deps
    this.store = store
    // What is committed is told when a checkpoint covers it, which is another moment.
    this.pulse = new Pulse(() => `${store.version()} ${size()}`)
    this.reader = new EventReader({ store, size, origin })
    this.streams = new EventStreams(this.reader, this.pulse, bounds)
    this.#watch = new Watch({ store, gaps, now })
    this.webhooks = new Webhooks({
      store,
      reader: this.reader,
      origin,
      administer,
      outbound,
      mailer,
      publicUrl,
      failed,
      now: () => Date.parse(now()),
      ...(pace === undefined ? {} : { pace }),
    })
    this.pulse.on(() => this.webhooks.look())
    this.#failed = failed
  }

  /** From now on it looks, and tells, by itself. */
  async start(): Promise<void> {
    await this.webhooks.start()
    this.pulse.start(BEAT_MS)
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref()
  }

  /** Looks once for what is to be noticed. */
  watch(): Promise<void> {
    this.#watching ??= this.#watch
      .look(() => this.#stopped)
      .finally(() => {
        this.#watching = null
      })
    return this.#watching
  }

  /** Ends the streams, each after what it is sending. */
  endStreams(): void {
    this.streams.stop()
  }

  /** Resolves when nothing of it uses the store any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.endStreams()
    this.pulse.stop()
    if (this.#timer !== null) clearInterval(this.#timer)
    await this.webhooks.stop()
    await this.#watching?.catch(() => undefined)
  }

  /** Where nothing was written there is nothing to be found, but for what only time changes. */
  #look(): void {
    const version = this.store.version()
    if (version === this.#version && ++this.#idle < IDLE_LOOKS) return
    this.#version = version
    this.#idle = 0
    this.watch().catch(this.#failed)
  }
}

/** The log's size as a reader of events needs it: nothing is told while nothing is published. */
export function publishedSize(log: { readonly size: number }): () => number {
  return () => {
    try {
      return log.size
    } catch {
      return 0
    }
  }
}
