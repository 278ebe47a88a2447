import type { Database, Statement, Transaction } from 'better-sqlite3'
import { TakingBack } from './view-erase.ts'
import {
  type CountedRow,
  type DecidedRow,
  deploySumsOf,
  type IdentitySum,
  isHeld,
  type RefusedRow,
  ruleSumsOf,
  type RunSum,
  type Sums,
  sumsOf,
  type SystemSum,
} from './view-rows.ts'

/** Which way of counting; a database that was counted in another is counted anew. */
const VERSION = 1
/** Characters of the names of a run's steps that are kept. */
const MAX_NAMES = 4_096

interface Cursor {
  readonly next: number
  readonly refusal: number
  readonly decision: number
}

interface Counting extends Cursor {
  readonly tenant: string
  /** Attestations that were accepted. */
  readonly accepted: number
}

/**
 * Counts behind the log what screens show, and takes back what is erased. A batch is one transaction: what was counted
 * and up to where is durable together, and nothing is counted twice.
 */
export class ViewWriter {
  readonly #behind: Statement<[number], Counting>
  readonly #save: Statement<[Cursor & { tenant: string; version: number }]>
  readonly #rows: Statement<[{ tenant: string; from: number; to: number }], CountedRow>
  readonly #refused: Statement<[string, number, number], RefusedRow>
  readonly #decided: Statement<[string, number, number], DecidedRow>
  readonly #run: Statement<[string, string], { run: number; begunAt: number; names: string | null }>
  readonly #contract: Statement<[string, string], { contract: string | null }>
  readonly #insertRun: Statement<[object]>
  readonly #goOn: Statement<[object]>
  readonly #runIdentity: Statement<[object]>
  readonly #runSystem: Statement<[string, string, number, number]>
  readonly #identity: Statement<[object], { id: number }>
  readonly #week: Statement<[string, number, number, number]>
  readonly #pipelineOf: Statement<[string, number, string, number], { steps: number }>
  readonly #morePipelines: Statement<[number, number]>
  readonly #pipeline: Statement<[string, string, number, number]>
  readonly #system: Statement<[object]>
  readonly #rule: Statement<[object]>
  readonly #deploy: Statement<[object]>
  readonly #countAll: Transaction<(most: number) => number>
  readonly #back: TakingBack

  constructor(db: Database) {
    this.#back = new TakingBack(db)
    this.#behind = db.prepare(
      `SELECT t.id AS tenant, t.next_index AS accepted, coalesce(c.next, -1) AS next,
         coalesce(c.refusal, 0) AS refusal, coalesce(c.decision, 0) AS decision
       FROM tenants t LEFT JOIN view_cursors c ON c.tenant = t.id AND c.version = ?
       WHERE c.next IS NULL OR c.next < t.next_index
         OR EXISTS (SELECT 1 FROM inbox i WHERE i.tenant = t.id AND i.id > c.refusal)
         OR EXISTS (SELECT 1 FROM decisions d WHERE d.tenant = t.id AND d.id > c.decision)`,
    )
    this.#save = db.prepare(
      `INSERT INTO view_cursors (tenant, version, next, refusal, decision)
       VALUES (@tenant, @version, @next, @refusal, @decision)
       ON CONFLICT (tenant) DO UPDATE SET version = excluded.version, next = excluded.next,
         refusal = excluded.refusal, decision = excluded.decision`,
    )
    this.#rows = db.prepare(
      `SELECT "index", chain, pipeline, step, accepted_at AS acceptedAt, late, signer, system, succeeded,
         coalesce(grade, CASE WHEN facts IS NULL THEN 'D' END) AS grade
       FROM attestations WHERE tenant = @tenant AND "index" >= @from AND "index" < @to
       UNION ALL
       SELECT "index", chain, pipeline, step, accepted_at, late, NULL, NULL, NULL, NULL
       FROM erasures WHERE tenant = @tenant AND "index" >= @from AND "index" < @to
       ORDER BY 1`,
    )
    this.#refused = db.prepare(
      `SELECT i.id, i.at, i.code, c.pipeline FROM inbox i
         LEFT JOIN chains c ON c.tenant = i.tenant AND c.id = i.chain
       WHERE i.tenant = ? AND i.id > ? ORDER BY i.id LIMIT ?`,
    )
    this.#decided = db.prepare(
      `SELECT id, at, decision, code, pipeline, environment, deviated FROM decisions
       WHERE tenant = ? AND id > ? ORDER BY id LIMIT ?`,
    )
    this.#run = db.prepare('SELECT run, begun_at AS begunAt, names FROM view_runs WHERE tenant = ? AND chain = ?')
    this.#contract = db.prepare('SELECT contract FROM chains WHERE tenant = ? AND id = ?')
    this.#insertRun = db.prepare(
      `INSERT INTO view_runs (tenant, run, chain, pipeline, contract, begun_at, last_index, last_at, steps, erased, failed,
         late, names)
       VALUES (@tenant, @firstIndex, @chain, @pipeline, @contract, @firstAt, @lastIndex, @lastAt, @steps, @erased, @failed,
         @late, @names)`,
    )
    this.#goOn = db.prepare(
      `UPDATE view_runs SET last_index = @lastIndex, last_at = @lastAt, steps = steps + @steps, erased = erased + @erased,
         failed = failed + @failed, late = late + @late, names = @names
       WHERE tenant = @tenant AND run = @run`,
    )
    this.#runIdentity = db.prepare(
      `INSERT INTO view_run_identities (tenant, run, identity, begun_at, steps, first_index, last_index)
       VALUES (@tenant, @run, @identity, @begunAt, @steps, @firstIndex, @lastIndex)
       ON CONFLICT DO UPDATE SET steps = steps + excluded.steps, last_index = excluded.last_index`,
    )
    this.#runSystem = db.prepare(
      'INSERT OR IGNORE INTO view_run_systems (tenant, system, begun_at, run) VALUES (?, ?, ?, ?)',
    )
    this.#identity = db.prepare(
      `INSERT INTO view_identities (tenant, signer, system, first_index, first_at, last_index, last_at, steps, pipelines,
         a, b, c, d)
       VALUES (@tenant, @signer, @system, @firstIndex, @firstAt, @lastIndex, @lastAt, @steps, 0, @a, @b, @c, @d)
       ON CONFLICT (tenant, signer, system) DO UPDATE SET last_index = excluded.last_index, last_at = excluded.last_at,
         steps = steps + excluded.steps, a = a + excluded.a, b = b + excluded.b, c = c + excluded.c, d = d + excluded.d
       RETURNING id`,
    )
    this.#week = db.prepare(
      `INSERT INTO view_identity_weeks (tenant, identity, week, steps) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET steps = steps + excluded.steps`,
    )
    this.#pipelineOf = db.prepare(
      `INSERT INTO view_identity_pipelines (tenant, identity, pipeline, steps) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET steps = steps + excluded.steps RETURNING steps`,
    )
    this.#morePipelines = db.prepare('UPDATE view_identities SET pipelines = pipelines + ? WHERE id = ?')
    this.#pipeline = db.prepare(
      `INSERT INTO view_pipelines (tenant, pipeline, runs, last_at) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET runs = runs + excluded.runs, last_at = max(last_at, excluded.last_at)`,
    )
    this.#system = db.prepare(
      `INSERT INTO view_pipeline_systems (tenant, pipeline, system, steps, late, failed, last_index, last_at, a, b, c, d)
       VALUES (@tenant, @pipeline, @system, @steps, @late, @failed, @lastIndex, @lastAt, @a, @b, @c, @d)
       ON CONFLICT DO UPDATE SET steps = steps + excluded.steps, late = late + excluded.late,
         failed = failed + excluded.failed, last_index = excluded.last_index, last_at = excluded.last_at,
         a = a + excluded.a, b = b + excluded.b, c = c + excluded.c, d = d + excluded.d`,
    )
    this.#rule = db.prepare(
      `INSERT INTO view_rule_days (tenant, day, code, pipeline, refused, denied)
       VALUES (@tenant, @day, @code, @pipeline, @refused, @denied)
       ON CONFLICT DO UPDATE SET refused = refused + excluded.refused, denied = denied + excluded.denied`,
    )
    this.#deploy = db.prepare(
      `INSERT INTO view_deploys (tenant, environment, width, bucket, allow, deny, unknown, deviated)
       VALUES (@tenant, @environment, @width, @bucket, @allow, @deny, @unknown, @deviated)
       ON CONFLICT DO UPDATE SET allow = allow + excluded.allow, deny = deny + excluded.deny,
         unknown = unknown + excluded.unknown, deviated = deviated + excluded.deviated`,
    )
    this.#countAll = db.transaction((most) => {
      let left = most
      for (const behind of this.#behind.all(VERSION)) {
        left -= this.#countFor(behind.next < 0 ? { ...behind, ...this.#beginAnew(behind.tenant) } : behind, left)
        if (left <= 0) break
      }
      return most - left
    })
  }

  /** Counts at most so many more attestations, refusals and decisions. Gives how many; 0: nothing is behind. */
  count(most: number): number {
    return this.#countAll.immediate(most)
  }

  /** An attestation that is held and is to be erased, within the transaction that erases it; before it is gone. */
  takeBack(tenant: string, index: number): void {
    // One that is not counted yet will be counted as erased.
    if (!this.#back.isCounted(tenant, index)) return
    const [row] = this.#rows.all({ tenant, from: index, to: index + 1 })
    if (row !== undefined && isHeld(row)) this.#back.take(tenant, row)
  }

  #beginAnew(tenant: string): Cursor {
    this.#back.forgetAll(tenant)
    const begin = { next: 0, refusal: 0, decision: 0 }
    this.#save.run({ tenant, version: VERSION, ...begin })
    return begin
  }

  #countFor({ tenant, accepted, next, refusal, decision }: Counting, most: number): number {
    const to = Math.min(accepted, next + most)
    const rows = to > next ? this.#rows.all({ tenant, from: next, to }) : []
    this.#add(tenant, sumsOf(rows))
    const refused = this.#refused.all(tenant, refusal, most)
    const decided = this.#decided.all(tenant, decision, most)
    for (const sum of ruleSumsOf(refused, decided)) this.#rule.run({ tenant, ...sum })
    for (const sum of deploySumsOf(decided)) this.#deploy.run({ tenant, ...sum })
    this.#save.run({
      tenant,
      version: VERSION,
      next: to,
      refusal: refused.at(-1)?.id ?? refusal,
      decision: decided.at(-1)?.id ?? decision,
    })
    // A tenant that has begun is something even where it has nothing.
    return Math.max(1, rows.length + refused.length + decided.length)
  }

  #add(tenant: string, { runs, identities, systems }: Sums): void {
    const ids = new Map<string, number>()
    for (const [key, sum] of identities) ids.set(key, this.#addIdentity(tenant, sum))
    for (const sum of runs.values()) this.#addRun(tenant, sum, identities, ids)
    for (const sum of systems.values()) this.#addSystem(tenant, sum)
  }

  #addIdentity(tenant: string, { grades, weeks, pipelines, ...sum }: IdentitySum): number {
    const { id } = this.#identity.get({ tenant, ...sum, ...grades })!
    for (const [week, steps] of weeks) this.#week.run(tenant, id, week, steps)
    let first = 0
    for (const [pipeline, steps] of pipelines) {
      if (this.#pipelineOf.get(tenant, id, pipeline, steps)!.steps === steps) first++
    }
    if (first > 0) this.#morePipelines.run(first, id)
    return id
  }

  #addRun(
    tenant: string,
    { names, identities, ...sum }: RunSum,
    known: Sums['identities'],
    ids: ReadonlyMap<string, number>,
  ): void {
    const begun = this.#run.get(tenant, sum.chain)
    const [run, begunAt] = begun === undefined ? [sum.firstIndex, sum.firstAt] : [begun.run, begun.begunAt]
    if (begun === undefined) {
      const contract = this.#contract.get(tenant, sum.chain)?.contract ?? null
      this.#insertRun.run({ tenant, ...sum, contract, names: namesText(names) })
    } else {
      const before = begun.names === null ? null : (JSON.parse(begun.names) as string[])
      const all = before === null ? null : namesText(new Set([...before, ...names]))
      this.#goOn.run({ tenant, run, ...sum, names: all })
    }
    this.#pipeline.run(tenant, sum.pipeline, begun === undefined ? 1 : 0, sum.lastAt)
    for (const [key, here] of identities) {
      this.#runIdentity.run({ tenant, run, identity: ids.get(key)!, begunAt, ...here })
      this.#runSystem.run(tenant, known.get(key)!.system, begunAt, run)
    }
  }

  #addSystem(tenant: string, { grades, ...sum }: SystemSum): void {
    this.#system.run({ tenant, ...sum, ...grades })
  }
}

function namesText(names: ReadonlySet<string>): string | null {
  const text = JSON.stringify([...names].toSorted())
  return text.length > MAX_NAMES ? null : text
}
