import type { Database, Statement } from 'better-sqlite3'
import { graded, identityOf, weekOf } from '../../counting.ts'
import type { HeldRow } from './view-rows.ts'

/** Whose counts, and which attestation leaves them. */
interface Leaving {
  readonly tenant: string
  readonly identity: number
  readonly run: number
  readonly begunAt: number
  readonly index: number
}

interface Ends {
  readonly first: number | null
  readonly last: number | null
}

/**
 * Takes an attestation that was counted out of the counts: they go down, and what stands at nothing goes, so that nobody
 * is found by what was erased. What was first or last there is looked for anew, in the run, and where it was the signer's
 * or the system's own in the runs of these: an erasure may take its time.
 */
export class TakingBack {
  readonly #counted: Statement<[string], { next: number }>
  readonly #run: Statement<[string, string], { run: number; begunAt: number }>
  readonly #erased: Statement<[object]>
  readonly #identity: Statement<[string, string, string], { id: number; firstIndex: number; lastIndex: number }>
  readonly #less: Statement<[object]>
  readonly #gone: Statement<[string, number]>
  readonly #ends: Statement<[object]>
  readonly #week: readonly Statement<[object]>[]
  readonly #pipeline: readonly Statement<[object]>[]
  readonly #lessPipelines: Statement<[string, number]>
  readonly #here: readonly Statement<[object]>[]
  readonly #inRun: Statement<[string, string], { index: number; signer: string; system: string }>
  readonly #endsHere: Statement<[object]>
  readonly #unsystem: Statement<[object]>
  readonly #acrossRuns: Statement<[string, number], Ends>
  readonly #at: Statement<[string, number], { at: string }>
  readonly #system: readonly Statement<[object]>[]
  readonly #ended: Statement<[string, string, string, number], object>
  readonly #lastOn: Statement<[string, string, string], { last: number | null }>
  readonly #endOn: Statement<[object]>
  readonly #all: readonly Statement<[string]>[]

  constructor(db: Database) {
    this.#counted = db.prepare('SELECT next FROM view_cursors WHERE tenant = ?')
    this.#run = db.prepare('SELECT run, begun_at AS begunAt FROM view_runs WHERE tenant = ? AND chain = ?')
    this.#erased = db.prepare(
      'UPDATE view_runs SET erased = erased + 1, failed = failed - @failed WHERE tenant = @tenant AND run = @run',
    )
    this.#identity = db.prepare(
      `SELECT id, first_index AS firstIndex, last_index AS lastIndex FROM view_identities
       WHERE tenant = ? AND signer = ? AND system = ?`,
    )
    this.#less = db.prepare(
      `UPDATE view_identities SET steps = steps - 1, a = a - @a, b = b - @b, c = c - @c, d = d - @d
       WHERE tenant = @tenant AND id = @identity`,
    )
    this.#gone = db.prepare('DELETE FROM view_identities WHERE tenant = ? AND id = ? AND steps = 0')
    this.#ends = db.prepare(
      `UPDATE view_identities SET first_index = @first, first_at = @firstAt, last_index = @last, last_at = @lastAt
       WHERE tenant = @tenant AND id = @identity`,
    )
    this.#week = [
      db.prepare(
        `UPDATE view_identity_weeks SET steps = steps - 1
         WHERE tenant = @tenant AND identity = @identity AND week = @week`,
      ),
      db.prepare(
        `DELETE FROM view_identity_weeks
         WHERE tenant = @tenant AND identity = @identity AND week = @week AND steps = 0`,
      ),
    ]
    this.#pipeline = [
      db.prepare(
        `UPDATE view_identity_pipelines SET steps = steps - 1
         WHERE tenant = @tenant AND identity = @identity AND pipeline = @pipeline`,
      ),
      db.prepare(
        `DELETE FROM view_identity_pipelines
         WHERE tenant = @tenant AND identity = @identity AND pipeline = @pipeline AND steps = 0`,
      ),
    ]
    this.#lessPipelines = db.prepare('UPDATE view_identities SET pipelines = pipelines - 1 WHERE tenant = ? AND id = ?')
    this.#here = [
      db.prepare(
        `UPDATE view_run_identities SET steps = steps - 1
         WHERE tenant = @tenant AND run = @run AND identity = @identity`,
      ),
      db.prepare(
        `DELETE FROM view_run_identities
         WHERE tenant = @tenant AND run = @run AND identity = @identity AND steps = 0`,
      ),
    ]
    this.#inRun = db.prepare(
      'SELECT "index", signer, system FROM attestations WHERE tenant = ? AND chain = ? ORDER BY "index"',
    )
    this.#endsHere = db.prepare(
      `UPDATE view_run_identities SET first_index = @first, last_index = @last
       WHERE tenant = @tenant AND run = @run AND identity = @identity`,
    )
    this.#unsystem = db.prepare(
      `DELETE FROM view_run_systems
       WHERE tenant = @tenant AND system = @system AND begun_at = @begunAt AND run = @run AND NOT EXISTS (
         SELECT 1 FROM view_run_identities r JOIN view_identities i ON i.id = r.identity
         WHERE r.tenant = @tenant AND r.run = @run AND i.tenant = @tenant AND i.system = @system)`,
    )
    this.#acrossRuns = db.prepare(
      `SELECT min(first_index) AS first, max(last_index) AS last FROM view_run_identities
       WHERE tenant = ? AND identity = ?`,
    )
    this.#at = db.prepare('SELECT accepted_at AS at FROM attestations WHERE tenant = ? AND "index" = ?')
    this.#system = [
      db.prepare(
        `UPDATE view_pipeline_systems SET steps = steps - 1, late = late - @late, failed = failed - @failed,
           a = a - @a, b = b - @b, c = c - @c, d = d - @d
         WHERE tenant = @tenant AND pipeline = @pipeline AND system = @system`,
      ),
      db.prepare(
        `DELETE FROM view_pipeline_systems
         WHERE tenant = @tenant AND pipeline = @pipeline AND system = @system AND steps = 0`,
      ),
    ]
    this.#ended = db.prepare(
      'SELECT 1 FROM view_pipeline_systems WHERE tenant = ? AND pipeline = ? AND system = ? AND last_index = ?',
    )
    this.#lastOn = db.prepare(
      `SELECT max(r.last_index) AS last FROM view_runs v
         CROSS JOIN view_run_identities r ON r.tenant = v.tenant AND r.run = v.run
         CROSS JOIN view_identities i ON i.id = r.identity
       WHERE v.tenant = ? AND v.pipeline = ? AND i.system = ?`,
    )
    this.#endOn = db.prepare(
      `UPDATE view_pipeline_systems SET last_index = @last, last_at = @lastAt
       WHERE tenant = @tenant AND pipeline = @pipeline AND system = @system`,
    )
    this.#all = [
      db.prepare('DELETE FROM view_runs WHERE tenant = ?'),
      db.prepare('DELETE FROM view_identities WHERE tenant = ?'),
      db.prepare('DELETE FROM view_run_identities WHERE tenant = ?'),
      db.prepare('DELETE FROM view_run_systems WHERE tenant = ?'),
      db.prepare('DELETE FROM view_identity_weeks WHERE tenant = ?'),
      db.prepare('DELETE FROM view_identity_pipelines WHERE tenant = ?'),
      db.prepare('DELETE FROM view_pipelines WHERE tenant = ?'),
      db.prepare('DELETE FROM view_pipeline_systems WHERE tenant = ?'),
      db.prepare('DELETE FROM view_rule_days WHERE tenant = ?'),
      db.prepare('DELETE FROM view_deploys WHERE tenant = ?'),
    ]
  }

  isCounted(tenant: string, index: number): boolean {
    return index < (this.#counted.get(tenant)?.next ?? 0)
  }

  /** Everything that is counted for a tenant. */
  forgetAll(tenant: string): void {
    for (const statement of this.#all) statement.run(tenant)
  }

  /** One that is counted, and still held. */
  take(tenant: string, row: HeldRow): void {
    const { index, chain, pipeline, system, late } = row
    const signer = identityOf(row.signer)
    const known = this.#run.get(tenant, chain)
    const identity = this.#identity.get(tenant, signer, system)
    // Whoever took them out of the database by hand has nothing taken back.
    if (known === undefined || identity === undefined) return
    const leaving: Leaving = { tenant, identity: identity.id, ...known, index }
    const counts = { failed: 1 - row.succeeded, late, ...graded(row.grade) }
    this.#erased.run({ tenant, run: known.run, failed: counts.failed })
    this.#takeFromRun(leaving, { chain, signer, system })
    const week = { tenant, identity: identity.id, week: weekOf(Date.parse(row.acceptedAt)) }
    for (const statement of this.#week) statement.run(week)
    const [, goneFrom] = this.#pipeline.map((one) => one.run({ tenant, identity: identity.id, pipeline }).changes)
    if (goneFrom === 1) this.#lessPipelines.run(tenant, identity.id)
    const { a, b, c, d } = counts
    this.#less.run({ tenant, identity: identity.id, a, b, c, d })
    const none = this.#gone.run(tenant, identity.id).changes === 1
    if (!none && (index === identity.firstIndex || index === identity.lastIndex)) this.#findEnds(leaving)
    for (const statement of this.#system) statement.run({ tenant, pipeline, system, ...counts })
    this.#findEndOn(tenant, pipeline, system, index)
  }

  #takeFromRun(leaving: Leaving, of: { chain: string; signer: string; system: string }): void {
    const { tenant, run, identity, begunAt, index } = leaving
    for (const statement of this.#here) statement.run({ tenant, run, identity })
    const left = this.#inRun
      .all(tenant, of.chain)
      .filter((one) => one.index !== index && identityOf(one.signer) === of.signer && one.system === of.system)
      .filter((one) => this.isCounted(tenant, one.index))
    const [first, last] = [left.at(0)?.index, left.at(-1)?.index]
    if (first !== undefined) this.#endsHere.run({ tenant, run, identity, first, last })
    else this.#unsystem.run({ tenant, system: of.system, begunAt, run })
  }

  #findEnds({ tenant, identity }: Leaving): void {
    const { first, last } = this.#acrossRuns.get(tenant, identity) ?? { first: null, last: null }
    if (first === null || last === null) return
    const [firstAt, lastAt] = [this.#timeOf(tenant, first), this.#timeOf(tenant, last)]
    this.#ends.run({ tenant, identity, first, firstAt, last, lastAt })
  }

  #findEndOn(tenant: string, pipeline: string, system: string, index: number): void {
    if (this.#ended.get(tenant, pipeline, system, index) === undefined) return
    const last = this.#lastOn.get(tenant, pipeline, system)?.last ?? null
    if (last !== null) this.#endOn.run({ tenant, pipeline, system, last, lastAt: this.#timeOf(tenant, last) })
  }

  #timeOf(tenant: string, index: number): number {
    return Date.parse(this.#at.get(tenant, index)!.at)
  }
}
