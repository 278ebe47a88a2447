import { signal } from '@preact/signals'
import { get, getBytes } from '../api.ts'
import { printable } from '../plain.ts'
import type { WatchResult } from './messages.ts'
import { verifier } from './verifier.ts'

/** What this browser keeps of the log: the newest checkpoint that it saw and could verify. */
interface Kept {
  readonly checkpoint: string
  readonly vkeys: readonly string[]
  /** ISO times. */
  readonly firstSeen: string
  readonly lastSeen: string
}

/** The log as this browser knows it; `alarm` holds both checkpoints, which prove it to anybody. */
export interface LogSeen {
  readonly result: WatchResult
  readonly kept: Kept | null
  readonly alarm: { readonly before: string; readonly now: string } | null
}

/** Of this address alone: another server is another log. */
const KEPT = 'countersign-log'

/** Null until it was looked at. */
export const logSeen = signal<LogSeen | null>(null)

function kept(): Kept | null {
  try {
    const value = JSON.parse(localStorage.getItem(KEPT) ?? 'null') as Partial<Kept> | null
    const good =
      typeof value?.checkpoint === 'string' &&
      Array.isArray(value.vkeys) &&
      typeof value.firstSeen === 'string' &&
      typeof value.lastSeen === 'string'
    return good ? (value as Kept) : null
  } catch {
    return null
  }
}

/** Holds what the log shows now against what it showed before; an alarm once raised stays. Throws `Problem`. */
export async function watchLog(): Promise<void> {
  const vkeys = await vkeysOf()
  const before = kept()
  const now = new TextDecoder().decode(await getBytes('/checkpoint'))
  const watched = { seen: before?.checkpoint ?? null, now, known: before?.vkeys ?? [], vkeys }
  const result = await verifier({ kind: 'watch', watched })
  if (result.state === 'split') {
    logSeen.value = {
      result,
      kept: before,
      alarm: { before: printable(before?.checkpoint ?? ''), now: printable(now) },
    }
    return
  }
  if (logSeen.peek()?.alarm != null) return
  const at = new Date().toISOString()
  if (result.state !== 'unknown') {
    const next = { checkpoint: now, vkeys, firstSeen: before?.firstSeen ?? at, lastSeen: at }
    localStorage.setItem(KEPT, JSON.stringify(next))
    logSeen.value = { result, kept: before ?? next, alarm: null }
  } else logSeen.value = { result, kept: before, alarm: null }
}

/** Holds the checkpoints that receipts are under against the log: whoever shows each of us another tree has split it. */
export async function watchReceipts(notes: readonly string[]): Promise<void> {
  const vkeys = await vkeysOf()
  const now = new TextDecoder().decode(await getBytes('/checkpoint'))
  const origin = originOf(now)
  for (const seen of notes.filter((note) => originOf(note) === origin)) {
    const result = await verifier({ kind: 'watch', watched: { seen, now, known: [], vkeys } })
    if (result.state !== 'split') continue
    logSeen.value = { result, kept: kept(), alarm: { before: printable(seen), now: printable(now) } }
    return
  }
}

function originOf(note: string): string {
  return note.slice(0, note.indexOf('\n'))
}

async function vkeysOf(): Promise<string[]> {
  const server = await get<{
    vkey: string
    next: string | null
    retired: readonly { vkey: string }[]
  }>('/v1/server')
  return [server.vkey, ...(server.next === null ? [] : [server.next]), ...server.retired.map(({ vkey }) => vkey)]
}
