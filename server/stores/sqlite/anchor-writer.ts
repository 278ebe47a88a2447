import type { Database } from 'better-sqlite3'
import {
  addCosts,
  type AnchorCost,
  type AnchorEntry,
  type AnchorSetUp,
  type AnchorStep,
  checkStep,
  queued,
  revived,
} from '@countersign/anchor'
import { CodedError } from '@countersign/core'
import { type EntryRow, entryOf, rowOfEntry } from './anchor-rows.ts'

/** What writes the anchors' entries, each method in one transaction. */
export class AnchorWriter {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  setUp({ name, kind, first, at }: AnchorSetUp): void {
    this.#db
      .prepare(
        "INSERT INTO anchors (name, kind, first, set_up_at, costs) VALUES (?, ?, ?, ?, '[]') ON CONFLICT DO NOTHING",
      )
      .run(name, kind, first, at)
    const held = this.#anchor(name)
    if (held.kind === kind) return
    throw new CodedError('usage', `the anchor ${name} was of kind ${held.kind} until now`, {
      fix: 'Give the new one a name of its own: what the old one proved stays under its name.',
    })
  }

  enqueue(anchor: string, newest: number, at: number): void {
    this.#db
      .transaction(() => {
        const { last } = this.#db
          .prepare<[string], { last: number | null }>('SELECT max(number) AS last FROM anchor_entries WHERE anchor = ?')
          .get(anchor)!
        const begin = last === null ? this.#anchor(anchor).first : last + 1
        for (let number = begin; number <= newest; number++) this.#insert(queued(anchor, number, at))
      })
      .immediate()
  }

  save(step: AnchorStep): void {
    checkStep(step)
    const { entry, proof, spent } = step
    this.#db
      .transaction(() => {
        const held = this.#row(entry.anchor, entry.number)
        const next = rowOfEntry(entry)
        if (held !== null && same(held, next)) return
        if (held?.revision !== entry.revision - 1 || held.phase === 'final') {
          throw new CodedError('checkpoint-conflict', `another move of statement ${entry.number} was written`)
        }
        this.#update(next, proof)
        this.#tell(entry, held)
        if (spent.length === 0) return
        const costs = addCosts(JSON.parse(this.#anchor(entry.anchor).costs) as AnchorCost[], spent)
        this.#db.prepare('UPDATE anchors SET costs = ? WHERE name = ?').run(JSON.stringify(costs), entry.anchor)
      })
      .immediate()
  }

  revive(anchor: string, number: number, at: number): AnchorEntry | null {
    return this.#db
      .transaction(() => {
        const row = this.#row(anchor, number)
        if (row === null) return null
        const held = entryOf(row)
        if (held.dead === null) return held
        const back = revived(held, at)
        this.#update(rowOfEntry(back), null)
        return back
      })
      .immediate()
  }

  /** With the fact, in its transaction: that a statement is final, and that nobody tries any longer. */
  #tell({ anchor, number, revision, at, finalAt, dead }: AnchorEntry, held: EntryRow): void {
    const died = dead !== null && held.dead === null
    if (finalAt === null && !died) return
    const facts = { anchor, statement: number, code: dead?.code ?? null, what: dead?.what ?? null, seconds: null }
    this.#db
      .prepare('INSERT INTO log_notices (at, kind, about, facts) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING')
      .run(
        new Date(at).toISOString(),
        died ? 'anchor.dead' : 'anchor.final',
        `${anchor} ${number} ${revision}`,
        JSON.stringify(facts),
      )
  }

  #anchor(name: string): { readonly kind: string; readonly first: number; readonly costs: string } {
    const held = this.#db
      .prepare<[string], { kind: string; first: number; costs: string }>(
        'SELECT kind, first, costs FROM anchors WHERE name = ?',
      )
      .get(name)
    if (held === undefined) throw new CodedError('internal', `the anchor ${name} is not set up`)
    return held
  }

  #row(anchor: string, number: number): EntryRow | null {
    const row = this.#db
      .prepare<[number, string], EntryRow>(`SELECT number, anchor, revision, phase, memo, queued_at, begun_at,
       at, due, moves, failing, dead, costs, final_at
       FROM anchor_entries WHERE number = ? AND anchor = ?`)
      .get(number, anchor)
    return row ?? null
  }

  #insert(entry: AnchorEntry): void {
    this.#db
      .prepare(
        `INSERT INTO anchor_entries
       (number, anchor, revision, phase, memo, queued_at, begun_at,
       at, due, moves, failing, dead, costs, final_at)
       VALUES (@number, @anchor, @revision, @phase, @memo, @queued_at, @begun_at,
       @at, @due, @moves, @failing, @dead, @costs, @final_at)`,
      )
      .run(rowOfEntry(entry))
  }

  #update(row: EntryRow, proof: Uint8Array | null): void {
    this.#db
      .prepare(`UPDATE anchor_entries SET revision = @revision, phase = @phase, memo = @memo, queued_at = @queued_at, begun_at = @begun_at,
       at = @at, due = @due, moves = @moves, failing = @failing, dead = @dead,
       costs = @costs, final_at = @final_at, proof = @proof
       WHERE number = @number AND anchor = @anchor`)
      .run({ ...row, proof })
  }
}

function same(one: EntryRow, other: EntryRow): boolean {
  return Object.entries(other).every(([column, value]) => one[column as keyof EntryRow] === value)
}
