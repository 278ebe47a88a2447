import type { AnchorCost, AnchorEntry, AnchorPhase } from '@countersign/anchor'
import type { JsonObject } from '@countersign/core'

/** All columns of an entry but its proof. */
export interface EntryRow {
  readonly number: number
  readonly anchor: string
  readonly revision: number
  readonly phase: string
  readonly memo: string | null
  readonly queued_at: number
  readonly begun_at: number
  readonly at: number
  readonly due: number
  readonly moves: number
  readonly failing: string | null
  readonly dead: string | null
  readonly costs: string
  readonly final_at: number | null
}

export function entryOf(row: EntryRow): AnchorEntry {
  return {
    anchor: row.anchor,
    number: row.number,
    revision: row.revision,
    state: { phase: row.phase as AnchorPhase, memo: from<JsonObject>(row.memo) },
    queuedAt: row.queued_at,
    begunAt: row.begun_at,
    at: row.at,
    due: row.due,
    moves: row.moves,
    failing: from<NonNullable<AnchorEntry['failing']>>(row.failing),
    dead: from<NonNullable<AnchorEntry['dead']>>(row.dead),
    costs: JSON.parse(row.costs) as AnchorCost[],
    finalAt: row.final_at,
  }
}

export function rowOfEntry(entry: AnchorEntry): EntryRow {
  const { anchor, number, revision, state, queuedAt, begunAt, at, due, moves, failing, dead, costs, finalAt } = entry
  return {
    number,
    anchor,
    revision,
    phase: state.phase,
    memo: to(state.memo),
    queued_at: queuedAt,
    begun_at: begunAt,
    at,
    due,
    moves,
    failing: to(failing),
    dead: to(dead),
    costs: JSON.stringify(costs),
    final_at: finalAt,
  }
}

function from<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T)
}

function to(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value)
}
