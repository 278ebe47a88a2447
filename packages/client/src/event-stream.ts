import { CodedError, parseJson } from '@countersign/core'
import { eventOf } from './event-calls.ts'
import type { CountersignEvent } from './events.ts'

/** What a stream has told, and where to go on from behind it; null for what is a place and nothing else. */
export interface Followed {
  readonly event: CountersignEvent | null
  readonly cursor: string
}

/** Most characters of one block: an event quotes what somebody wrote, and no server of ours lets that be more. */
const MAX_BLOCK = 1024 * 1024
/** A cursor goes back into a header. */
const CURSOR = /^[a-z0-9]{1,400}$/

/**
 * Reads server-sent events (WHATWG HTML §9.2.6): what has no end, when the stream has one, was not told, and neither was its
 * id; so whoever goes on from the last one that came whole misses nothing, and is told nothing twice. Throws `server-answer`,
 * and what the stream throws.
 */
export async function* followedIn(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Followed | null> {
  const decoder = new TextDecoder('utf-8')
  let text = ''
  /** Whether the last character was a carriage return: a line feed behind it ends no other line. */
  let returned = false
  let block: string[] = []
  let size = 0
  for await (const chunk of stream) {
    // Also where nothing of it is whole yet: it is a sign of life.
    yield null
    let more = decoder.decode(chunk, { stream: true })
    if (more === '') continue
    if (returned && more.startsWith('\n')) more = more.slice(1)
    returned = more.endsWith('\r')
    const lines = more.split(/\r\n|\r|\n/)
    lines[0] = text + lines[0]!
    text = lines.pop()!
    for (const line of lines) {
      if (line !== '') {
        size += line.length
        block.push(line)
        continue
      }
      const told = toldIn(block)
      ;[block, size] = [[], 0]
      if (told !== null) yield told
    }
    if (size + text.length > MAX_BLOCK) throw new CodedError('server-answer', 'an event of the stream is too large')
  }
}

/** Null for what tells nothing: a comment, a hint how soon to come again. */
function toldIn(block: readonly string[]): Followed | null {
  const data: string[] = []
  let id: string | null = null
  for (const line of block) {
    const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line)!
    if (name === 'data') data.push(value)
    else if (name === 'id') id = value
  }
  if (id === null && data.length === 0) return null
  if (id === null || !CURSOR.test(id)) throw new CodedError('server-answer', 'an event of the stream has no place')
  return { event: data.length === 0 ? null : eventOf(parseJson(data.join('\n'))), cursor: id }
}
