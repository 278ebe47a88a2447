import type { Database } from 'better-sqlite3'
import type {
  AnchorCost,
  AnchoredStatement,
  AnchorEntry,
  AnchorPhase,
  AnchorStore,
  AnchorTotals,
} from '@countersign/anchor'
import type { AnchorKind } from '@countersign/formats/anchor'
import { type EntryRow, entryOf } from './anchor-rows.ts'
import { failed } from './answers.ts'
import type { Writer } from './writer.ts'

type Method = 'setUpAnchor' | 'enqueueAnchor' | 'saveAnchor' | 'reviveAnchor'
type Write = <M extends Method>(method: M, ...args: Parameters<Writer[M]>) => Promise<ReturnType<Writer[M]>>

interface AnchorRow {
  readonly name: string
  readonly kind: string
  readonly first: number
  readonly set_up_at: number
  readonly costs: string
}

/** The anchors' entries as a reading connection sees them; `write` is for what they write. */
export function anchorStoreOf(db: Database, write: Write): AnchorStore {
  const unfinished = db.prepare<[string], EntryRow>(
    `SELECT number, anchor, revision, phase, memo, queued_at, begun_at,
       at, due, moves, failing, dead, costs, final_at
     FROM anchor_entries WHERE anchor = ? AND phase IN ('pending', 'submitted', 'included') ORDER BY number`,
  )
  const of = db.prepare<[number], EntryRow>(`SELECT number, anchor, revision, phase, memo, queued_at, begun_at,
       at, due, moves, failing, dead, costs, final_at
     FROM anchor_entries WHERE number = ? ORDER BY anchor`)
  const some = db.prepare<[number, number], EntryRow>(
    `SELECT number, anchor, revision, phase, memo, queued_at, begun_at,
       at, due, moves, failing, dead, costs, final_at
     FROM anchor_entries WHERE number IN
       (SELECT DISTINCT number FROM anchor_entries WHERE number < ? ORDER BY number DESC LIMIT ?)
     ORDER BY number DESC, anchor`,
  )
  const proof = db.prepare<[number, string], { proof: Buffer | null }>(
    'SELECT proof FROM anchor_entries WHERE number = ? AND anchor = ?',
  )
  const all = db.prepare<[], AnchorRow>('SELECT name, kind, first, set_up_at, costs FROM anchors ORDER BY name')
  const counts = db.prepare<[string], { phase: string; entries: number; last: number }>(
    'SELECT phase, count(*) AS entries, max(number) AS last FROM anchor_entries WHERE anchor = ? GROUP BY phase',
  )
  const dead = db.prepare<[string], { phase: AnchorPhase; entries: number }>(
    `SELECT phase, count(*) AS entries FROM anchor_entries
     WHERE anchor = ? AND phase IN ('pending', 'submitted', 'included') AND dead IS NOT NULL GROUP BY phase`,
  )
  const newest = db.prepare<[string], { number: number; at: number }>(
    `SELECT number, final_at AS at FROM anchor_entries WHERE anchor = ? AND phase = 'final' ORDER BY number DESC LIMIT 1`,
  )
  const waiting = db.prepare<[string], { number: number; queuedAt: number }>(
    `SELECT number, queued_at AS queuedAt FROM anchor_entries WHERE anchor = ? AND phase IN ('pending', 'submitted', 'included') ORDER BY number LIMIT 1`,
  )
  const totalsOf = ({ name, kind, first, set_up_at: at, costs }: AnchorRow): AnchorTotals => {
    const sums = { pending: 0, submitted: 0, included: 0, final: 0, dead: 0 }
    const phases = counts.all(name)
    for (const { phase, entries } of phases) sums[phase as AnchorPhase] = entries
    for (const { phase, entries } of dead.all(name)) {
      sums[phase] -= entries
      sums.dead += entries
    }
    return {
      name,
      kind: kind as AnchorKind,
      first,
      at,
      last: phases.length === 0 ? null : Math.max(...phases.map(({ last }) => last)),
      counts: sums,
      newestFinal: newest.get(name) ?? null,
      waiting: waiting.get(name) ?? null,
      costs: JSON.parse(costs) as AnchorCost[],
    }
  }
  return {
    setUp: (anchor) => write('setUpAnchor', anchor),
    enqueue: (...args) => write('enqueueAnchor', ...args),
    save: (step) => write('saveAnchor', step),
    revive: (...args) => write('reviveAnchor', ...args),
    unfinished: (anchor) => look((): readonly AnchorEntry[] => unfinished.all(anchor).map(entryOf)),
    // Of one moment: what is counted twice is counted alike.
    totals: () => look(db.transaction((): readonly AnchorTotals[] => all.all().map(totalsOf))),
    statements: (limit, before) =>
      look((): readonly AnchoredStatement[] => {
        const found = new Map<number, AnchorEntry[]>()
        for (const row of some.all(before ?? Number.MAX_SAFE_INTEGER, limit)) {
          const entries = found.get(row.number)
          if (entries === undefined) found.set(row.number, [entryOf(row)])
          else entries.push(entryOf(row))
        }
        return [...found].map(([number, entries]) => ({ number, entries }))
      }),
    of: (number) => look((): readonly AnchorEntry[] => of.all(number).map(entryOf)),
    proof: (anchor, number) =>
      look(() => {
        const held = proof.get(number, anchor)?.proof ?? null
        return held === null ? null : new Uint8Array(held)
      }),
  }
}

async function look<T>(work: () => T): Promise<T> {
  try {
    return work()
  } catch (cause) {
    return failed(cause)
  }
}
