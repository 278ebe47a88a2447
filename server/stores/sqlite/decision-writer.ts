import type { Database, Statement } from 'better-sqlite3'
import { utf8 } from '@countersign/core'
import type { DecisionRecord } from '../../decision-store.ts'
import { type Keyring, seal } from './keyring.ts'

export interface Deciding {
  readonly tenant: string
  readonly record: DecisionRecord
  readonly most: number
}

/** How many decisions may come before the oldest are looked for again. */
const TRIM_EVERY = 4_096

/** What a sealed decision is known by. */
export function decisionName(key: number): string {
  return `decision ${key}`
}

/** Remembers up to where facts are kept no longer: who was not told of them is told that. */
export function giveUp(db: Database, tenant: string, source: 'refusals' | 'decisions', id: number, at: string): void {
  db.prepare(
    `INSERT INTO trimmed (tenant, source, id, at) VALUES (?, ?, ?, ?)
     ON CONFLICT (tenant, source) DO UPDATE SET id = excluded.id, at = excluded.at`,
  ).run(tenant, source, id, at)
}

/** Writes what gates were told, and takes out of it what is erased. */
export class DecisionWriter {
  readonly #db: Database
  readonly #keyring: Keyring
  readonly #insert: Statement<[object]>
  readonly #oldest: Statement<[string, number], { id: number }>
  readonly #trim: Statement<[string, number], { key: number | null }>
  /** Decisions of each tenant since they were trimmed. */
  readonly #since = new Map<string, number>()

  constructor(db: Database, keyring: Keyring) {
    this.#db = db
    this.#keyring = keyring
    this.#insert = db.prepare(
      `INSERT INTO decisions (tenant, at, decision, code, pipeline, contract, environment, by, requester, ms, artifact, sealed, key,
         deviated)
       VALUES (@tenant, @at, @decision, @code, @pipeline, @contract, @environment, @by, @requester, @ms, @artifact, @sealed, @key,
         @deviated)`,
    )
    this.#oldest = db.prepare('SELECT id FROM decisions WHERE tenant = ? ORDER BY id DESC LIMIT 1 OFFSET ?')
    this.#trim = db.prepare('DELETE FROM decisions WHERE tenant = ? AND id <= ? RETURNING key')
  }

  /** Many in one transaction: one sync to the disk for all of them. Gives their ids. */
  record(batch: readonly Deciding[]): number[] {
    this.#keyring.reserve(batch.length)
    const left: number[] = []
    const ids = this.#db
      .transaction(() => {
        const written = batch.map(({ tenant, record }) => this.#record(tenant, record))
        for (const { tenant, record, most } of batch) left.push(...this.#trimmed(tenant, most, record.at))
        return written
      })
      .immediate()
    this.#keyring.forget(left)
    return ids
  }

  #record(tenant: string, { artifact, what, ...record }: DecisionRecord): number {
    const own = this.#keyring.take()
    const sealed = seal(own, { tenant, name: decisionName(own.id) }, utf8(JSON.stringify({ artifact, what })))
    const { lastInsertRowid } = this.#insert.run({
      ...record,
      deviated: record.deviated ? 1 : 0,
      tenant,
      artifact: this.#keyring.tags.of(tenant, artifact),
      sealed: Buffer.from(sealed),
      key: own.id,
    })
    return Number(lastInsertRowid)
  }

  /** Gives the keys of those that left. */
  #trimmed(tenant: string, most: number, at: string): number[] {
    const since = (this.#since.get(tenant) ?? 0) + 1
    this.#since.set(tenant, since > TRIM_EVERY ? 0 : since)
    const oldest = since > TRIM_EVERY ? this.#oldest.get(tenant, most) : undefined
    if (oldest === undefined) return []
    giveUp(this.#db, tenant, 'decisions', oldest.id, at)
    return this.#trim.all(tenant, oldest.id).flatMap(({ key }) => key ?? [])
  }
}
