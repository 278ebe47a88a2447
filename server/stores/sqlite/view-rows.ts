import { DAY_MS, type Graded, graded, HOUR_MS, identityOf, plus, weekOf } from '../../counting.ts'

/** An attestation as it is counted; of one that was erased no more than its place. */
export interface CountedRow {
  readonly index: number
  readonly chain: string
  readonly pipeline: string
  readonly step: string
  readonly acceptedAt: string
  readonly late: number
  /** Null, as what follows it, where it was erased. */
  readonly signer: string | null
  readonly system: string | null
  readonly succeeded: number | null
  readonly grade: string | null
}

/** One whose content is held. */
export interface HeldRow extends CountedRow {
  readonly signer: string
  readonly system: string
  readonly succeeded: number
}

export interface RefusedRow {
  readonly id: number
  readonly at: string
  readonly code: string
  readonly pipeline: string | null
}

export interface DecidedRow {
  readonly id: number
  readonly at: string
  readonly decision: string
  readonly code: string | null
  readonly pipeline: string | null
  readonly environment: string | null
  readonly deviated: number | null
}

/** Where something was first and last. */
interface Span {
  firstIndex: number
  firstAt: number
  lastIndex: number
  lastAt: number
}

/** What a batch adds to a run. */
export interface RunSum extends Span {
  readonly chain: string
  readonly pipeline: string
  steps: number
  erased: number
  failed: number
  late: number
  readonly names: Set<string>
  /** By the identity's key, what it signed here. */
  readonly identities: Map<string, { steps: number; firstIndex: number; lastIndex: number }>
}

export interface IdentitySum extends Span {
  readonly signer: string
  readonly system: string
  steps: number
  grades: Graded
  readonly weeks: Map<number, number>
  readonly pipelines: Map<string, number>
}

export interface SystemSum extends Span {
  readonly pipeline: string
  readonly system: string
  steps: number
  late: number
  failed: number
  grades: Graded
}

/** What a batch of attestations of one tenant adds up to: a run, an identity and a system is written once for all of it. */
export interface Sums {
  readonly runs: ReadonlyMap<string, RunSum>
  readonly identities: ReadonlyMap<string, IdentitySum>
  readonly systems: ReadonlyMap<string, SystemSum>
}

const NO_GRADES: Graded = { a: 0, b: 0, c: 0, d: 0 }

/** Rows by ascending index. */
export function sumsOf(rows: readonly CountedRow[]): Sums {
  const runs = new Map<string, RunSum>()
  const identities = new Map<string, IdentitySum>()
  const systems = new Map<string, SystemSum>()
  for (const row of rows) {
    const { chain, pipeline, index, late } = row
    const at = Date.parse(row.acceptedAt)
    const span = () => ({ firstIndex: index, firstAt: at, lastIndex: index, lastAt: at })
    const run = held(runs, chain, () => ({
      ...span(),
      chain,
      pipeline,
      steps: 0,
      erased: 0,
      failed: 0,
      late: 0,
      names: new Set<string>(),
      identities: new Map(),
    }))
    run.lastIndex = index
    run.lastAt = at
    run.steps += 1
    run.late += late
    run.names.add(row.step)
    if (!isHeld(row)) {
      run.erased += 1
      continue
    }
    const failed = 1 - row.succeeded
    run.failed += failed
    const { signer, system, grade } = { ...row, signer: identityOf(row.signer) }
    const key = JSON.stringify([signer, system])
    const here = held(run.identities, key, () => ({ steps: 0, firstIndex: index, lastIndex: index }))
    here.steps += 1
    here.lastIndex = index
    const identity = held(identities, key, () => ({
      ...span(),
      signer,
      system,
      steps: 0,
      grades: NO_GRADES,
      weeks: new Map(),
      pipelines: new Map(),
    }))
    const on = held(systems, JSON.stringify([pipeline, system]), () => ({
      ...span(),
      pipeline,
      system,
      steps: 0,
      late: 0,
      failed: 0,
      grades: NO_GRADES,
    }))
    for (const sum of [identity, on]) {
      sum.lastIndex = index
      sum.lastAt = at
      sum.steps += 1
      sum.grades = plus(sum.grades, graded(grade))
    }
    on.late += late
    on.failed += failed
    add(identity.weeks, weekOf(at), 1)
    add(identity.pipelines, pipeline, 1)
  }
  return { runs, identities, systems }
}

/** How often rules spoke, by day, code and pipeline. */
export interface RuleSum {
  readonly day: number
  readonly code: string
  readonly pipeline: string
  refused: number
  denied: number
}

/** What gates were told about an environment, in an hour or a day. */
export interface DeploySum {
  readonly environment: string
  readonly width: 1 | 24
  readonly bucket: number
  allow: number
  deny: number
  unknown: number
  deviated: number
}

export function ruleSumsOf(refused: readonly RefusedRow[], decided: readonly DecidedRow[]): readonly RuleSum[] {
  const sums = new Map<string, RuleSum>()
  const of = (at: string, code: string, pipeline: string | null) => {
    const key = { day: Math.floor(Date.parse(at) / DAY_MS), code, pipeline: pipeline ?? '' }
    return held(sums, JSON.stringify(Object.values(key)), () => ({ ...key, refused: 0, denied: 0 }))
  }
  for (const { at, code, pipeline } of refused) of(at, code, pipeline).refused += 1
  for (const { at, code, pipeline } of decided) if (code !== null) of(at, code, pipeline).denied += 1
  return [...sums.values()]
}

export function deploySumsOf(decided: readonly DecidedRow[]): readonly DeploySum[] {
  const sums = new Map<string, DeploySum>()
  for (const { at, decision, environment, deviated } of decided) {
    if (environment === null) continue
    for (const width of [1, 24] as const) {
      const key = { environment, width, bucket: Math.floor(Date.parse(at) / (width * HOUR_MS)) }
      const none = { allow: 0, deny: 0, unknown: 0, deviated: 0 }
      const sum = held(sums, JSON.stringify(Object.values(key)), () => ({ ...key, ...none }))
      if (decision === 'allow' || decision === 'deny') sum[decision] += 1
      else sum.unknown += 1
      sum.deviated += deviated ?? 0
    }
  }
  return [...sums.values()]
}

export function isHeld(row: CountedRow): row is HeldRow {
  return row.signer !== null
}

function held<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}

function add<K>(map: Map<K, number>, key: K, count: number): void {
  map.set(key, (map.get(key) ?? 0) + count)
}
