import { type Client, type CountersignEvent, eventName, eventNames, eventText, mayPass } from '@countersign/client'
import { CodedError } from '@countersign/core'
import { clientFor } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { ocsfEvent } from '../ocsf.ts'
import { paintFor, plain } from '../output.ts'

export interface EventsOptions {
  readonly follow?: boolean
  readonly since?: string
  readonly cursor?: string
  readonly type?: readonly string[]
  readonly format: string
}

const LIMIT = 200
/** Milliseconds between two looks while it follows, and after one that failed. */
const LOOK_EVERY = 1_000
const AFTER_FAILURE = 5_000
/** How long it looks for pages where the server gives no stream, or what stands before it holds that back. */
const STREAM_AGAIN = 60_000

/** Prints what happened, a line an event, oldest first; with `follow` it goes on until it is stopped. */
export async function events(context: Context, options: EventsOptions): Promise<ExitCode> {
  const { since, type = [], follow = false, format } = options
  const types = type.flatMap((word) => word.split(','))
  if (eventNames(types) === null) {
    throw new CodedError('usage', `--type ${type.map((word) => plain(word, 60)).join(' ')} names no events`, {
      fix: 'Name some as step.refused, as key.* or as alerts: see the guide of the server, "Events".',
    })
  }
  const client = await clientFor(context)
  const write = WRITERS[format]!
  let streamAfter = 0
  let place =
    options.cursor === undefined ? { since: since ?? (follow ? 'now' : undefined) } : { cursor: options.cursor }
  for (;;) {
    const page = await (follow ? pageWhenever(client, context, place, types) : pageOf(client, place, types))
    for (const event of page.items) context.stdout(`${write(event, context)}\n`)
    place = { cursor: page.cursor }
    if (page.next !== null) continue
    if (!follow) {
      // Not among the events: so that a later run goes on from here.
      context.stderr(`${paintFor(context).dim('go on with')} --cursor ${plain(page.cursor)}\n`)
      return 0
    }
    // Tries a stream when its time has come, and goes on in pages from wherever that ends.
    if (Date.now() >= streamAfter) {
      const came = await streamed(client, page.cursor, types, (event) => context.stdout(`${write(event, context)}\n`))
      place = { cursor: came.cursor }
      if (!came.works) streamAfter = Date.now() + STREAM_AGAIN
    }
    await new Promise((done) => setTimeout(done, LOOK_EVERY))
  }
}

/** Follows the stream to its end; `works` is false where nothing came of it. Throws where the server refuses. */
async function streamed(
  client: Client,
  begin: string,
  types: readonly string[],
  write: (event: CountersignEvent) => void,
): Promise<{ readonly cursor: string; readonly works: boolean }> {
  let cursor = begin
  let works = false
  try {
    for await (const told of client.follow({ cursor, types })) {
      works = true
      if (told.event !== null) write(told.event)
      // Behind it only when it is written: what is not told goes on from here.
      cursor = told.cursor
    }
  } catch (error) {
    // Pages say what is wrong, where something is; and a stream that is cut off is opened again.
    if (!(error instanceof CodedError)) throw error
  }
  return { cursor, works }
}

type Place = { readonly cursor: string } | { readonly since: string | undefined }

function pageOf(client: Client, place: Place, types: readonly string[]) {
  const from = 'cursor' in place ? place : place.since === undefined ? {} : { since: place.since }
  return client.events({ ...from, types, limit: LIMIT })
}

/** Waits for a server that is away: whoever follows for months sees it restart. */
async function pageWhenever(client: Client, context: Context, place: Place, types: readonly string[]) {
  for (let told = false; ; ) {
    try {
      return await pageOf(client, place, types)
    } catch (error) {
      // A first request that fails is a mistake of the caller's, most of the time.
      if (!(error instanceof CodedError) || !('cursor' in place) || !mayPass(error) || REFUSED.has(error.code))
        throw error
      if (!told)
        context.stderr(`${paintFor(context).yellow('!')} ${error.code}: ${plain(error.what)}; it is asked again\n`)
      told = true
      await new Promise((done) => setTimeout(done, AFTER_FAILURE))
    }
  }
}

const REFUSED: ReadonlySet<string> = new Set(['token-missing', 'token-scope', 'method-unknown'])

const WRITERS: Readonly<Record<string, (event: CountersignEvent, context: Context) => string>> = {
  text(event, context) {
    const paint = paintFor(context)
    const mark = { info: paint.dim('·'), warning: paint.yellow('!'), alert: paint.red('✗') }[event.severity]
    return `${plain(event.time, 40)} ${mark} ${plain(eventName(event), 40).padEnd(20)} ${plain(eventText(event), 400)}`
  },
  // Flat, for what takes JSON lines and asks for no more.
  json: (event) => {
    const { id: eventId, time, severity, subject, source, data } = event
    const text = eventText(event)
    return JSON.stringify({ time, event: eventName(event), severity, text, subject, source, eventId, ...data })
  },
  cloudevents: (event) => JSON.stringify(event),
  ocsf: (event) => JSON.stringify(ocsfEvent(event)),
}
