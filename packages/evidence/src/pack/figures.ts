import { type ErrorReport, hex } from '@countersign/core'
import type { Actor } from '@countersign/formats'
import type { Manifest } from './manifest.ts'
import type { DecisionRecord, Records, RefusalRecord } from './records.ts'

/** What a run came to, when it was judged as of the pack's making. */
export type Outcome = 'proven' | 'deviating' | 'failed' | 'unknown'

/** What was verified of one run. */
export interface RunFacts {
  readonly chain: string
  readonly pipeline: string
  /** Contract that it was judged under, `REVISION (DIGEST)`; null where there is none. */
  readonly contract: { readonly digest: string; readonly revision: number } | null
  readonly outcome: Outcome
  /** The first reason against it; null where there is none. */
  readonly reason: Pick<ErrorReport, 'code' | 'what'> | null
  /** When the log had the first and the last of it; ISO times. Null where no receipt says. */
  readonly firstAt: string | null
  readonly lastAt: string | null
  readonly steps: number
  readonly failed: number
  readonly withheld: number
  /** Lines that did not verify. */
  readonly refused: number
  readonly late: readonly { readonly step: string; readonly at: string }[]
  readonly systems: readonly string[]
  readonly signers: readonly SignerFacts[]
  readonly logs: readonly { readonly name: string; readonly keyId: string }[]
  /** Places of its steps in the log. */
  readonly entries: readonly number[]
  readonly anchors: readonly { readonly kind: string; readonly by: string }[]
  /** Two of what there may be one of: statements of a log for one place, steps for one place of the run. */
  readonly forks: readonly Pick<ErrorReport, 'code' | 'what'>[]
  /** What logs say of themselves: the root of so many entries, and which step an entry is. Of one log there is one of each. */
  readonly heads: readonly { readonly log: string; readonly size: number; readonly root: string }[]
  readonly leaves: readonly { readonly log: string; readonly index: number; readonly link: string }[]
  readonly deviations: readonly {
    readonly id: string
    readonly by: readonly string[]
    readonly reason: string
    readonly expiresAt: string
    readonly codes: readonly string[]
  }[]
  /** Disputes that are open: nothing stands in their place. */
  readonly disputes: readonly {
    readonly id: string
    readonly by: string
    /** When the log took it; null where none that is believed did. */
    readonly at: string | null
    readonly text: string
    /** Names of the steps that it is about, and `artifact`. */
    readonly about: readonly string[]
  }[]
  /** Of the artifacts that gates let out, those that this run proves, by the contract that it is bound to. */
  readonly proves: readonly string[]
}

export interface SignerFacts {
  readonly name: string
  readonly keyId: string
  readonly grade: string
  readonly authority: string | null
  readonly system: string | null
}

/** An administrative act that the log has. */
export interface ActFacts {
  readonly number: number
  readonly at: string
  readonly by: Actor
  readonly act: string
  readonly about: string
}

/** All administrative acts of a period, oldest first. */
export interface ActsOfPeriod {
  readonly items: readonly ActFacts[]
  /** Whether a later one shows that none is missing at the end. */
  readonly closed: boolean
}

interface Outcomes {
  proven: number
  deviating: number
  failed: number
  unknown: number
}

export interface PipelineFigures extends Readonly<Outcomes> {
  readonly pipeline: string
  readonly runs: number
  readonly missing: number
  readonly steps: number
  readonly late: number
  readonly refusals: number
  readonly revisions: readonly number[]
  readonly systems: readonly string[]
  readonly weakestGrade: string | null
  readonly firstAt: string | null
  readonly lastAt: string | null
}

export interface EnvironmentFigures {
  readonly environment: string
  readonly allow: number
  readonly deny: number
  readonly unknown: number
  /** Of `allow`: how many by a deviation, and how many the evidence of this pack proves. */
  readonly deviated: number
  readonly backed: number
  /** Of `allow`: how many have a signed summary in the pack. */
  readonly summed: number
  readonly last: DecisionRecord | null
}

/** Two histories, or two of what there is one of. Whoever signed both is not to be believed. */
export interface Fork {
  readonly code: string
  readonly what: string
  readonly where: string
}

export interface Incident {
  readonly at: string | null
  readonly kind: 'refusal' | 'denial' | 'deviation' | 'late' | 'not-proven' | 'missing' | 'withheld' | 'dispute'
  readonly code: string
  readonly what: string
  readonly where: string
}

/** All numbers of a report, made of nothing but verified evidence and the server's lists. */
export interface Figures {
  readonly runs: Readonly<Outcomes> & { readonly listed: number; readonly held: number; readonly missing: number }
  readonly steps: {
    readonly verified: number
    readonly listed: number
    readonly late: number
    readonly failed: number
    readonly withheld: number
    readonly refused: number
  }
  /** Places in the log between the first and the last step of the pack, and how many of them it shows. Null: none. */
  readonly entries: {
    readonly first: number
    readonly last: number
    readonly shown: number
    readonly size: number
  } | null
  readonly anchors: {
    readonly runs: number
    readonly forked: number
    readonly by: readonly { readonly kind: string; readonly by: string; readonly runs: number }[]
  }
  readonly forks: { readonly total: number; readonly shown: readonly Fork[] }
  readonly decisions: Readonly<Record<'allow' | 'deny' | 'unknown' | 'deviated' | 'backed' | 'summed', number>>
  readonly refusals: number
  readonly contracts: { readonly published: number; readonly signed: number }
  readonly keys: { readonly enrolled: number; readonly revoked: number }
  /** Null where who exported may not read them. */
  readonly acts: { readonly total: number; readonly closed: boolean; readonly shown: readonly ActFacts[] } | null
  readonly pipelines: readonly PipelineFigures[]
  readonly environments: readonly EnvironmentFigures[]
  readonly signers: readonly (SignerFacts & { readonly runs: number })[]
  readonly logs: readonly { readonly name: string; readonly keyId: string; readonly runs: number }[]
  readonly incidents: { readonly total: number; readonly shown: readonly Incident[] }
}

/** Most incidents, and most signers, that are told one by one. */
const MAX_SHOWN = 500
const GRADES = ['A', 'B', 'C', 'D']

/** Counts run after run, and holds no more of each than it must. */
export class Tally {
  readonly #records: Records
  readonly #manifest: Pick<Manifest, 'missing' | 'period' | 'server'>
  readonly #pipelineOf: ReadonlyMap<string, string>
  readonly #pipelines = new Map<string, MutablePipeline>()
  readonly #signers = new Map<string, SignerFacts & { runs: number }>()
  readonly #logs = new Map<string, { name: string; keyId: string; runs: number }>()
  readonly #anchors = new Map<string, { kind: string; by: string; runs: number }>()
  readonly #proven = new Set<string>()
  readonly #incidents: Incident[] = []
  readonly #outcomes: Outcomes = { proven: 0, deviating: 0, failed: 0, unknown: 0 }
  readonly #steps = { verified: 0, late: 0, failed: 0, withheld: 0, refused: 0 }
  readonly #entries = { first: Number.MAX_SAFE_INTEGER, last: -1, places: new Set<number>() }
  readonly #forks: Fork[] = []
  readonly #histories = new Map<string, History>()
  #held = 0
  #anchored = 0
  #forked = 0

  constructor(records: Records, manifest: Pick<Manifest, 'missing' | 'period' | 'server'>) {
    this.#records = records
    this.#manifest = manifest
    this.#pipelineOf = new Map(records.runs.map(({ chain, pipeline }) => [chain, pipeline]))
  }

  /** In the order of their chain ids: where two runs tell of a fork, the second is named. */
  add(run: RunFacts): void {
    this.#held++
    this.#outcomes[run.outcome]++
    const own = this.#pipeline(run.pipeline)
    own.runs++
    own[run.outcome]++
    own.steps += run.steps
    own.late += run.late.length
    if (run.contract !== null) own.revisions.add(run.contract.revision)
    for (const system of run.systems) own.systems.add(system)
    own.firstAt = least(own.firstAt, run.firstAt)
    own.lastAt = most(own.lastAt, run.lastAt)
    this.#steps.verified += run.steps
    this.#steps.late += run.late.length
    this.#steps.failed += run.failed
    this.#steps.withheld += run.withheld
    this.#steps.refused += run.refused
    for (const index of run.entries) {
      this.#entries.first = Math.min(this.#entries.first, index)
      this.#entries.last = Math.max(this.#entries.last, index)
      this.#entries.places.add(index)
    }
    if (run.anchors.length > 0) this.#anchored++
    this.#forked += run.forks.filter(({ code }) => code === 'statement-forked').length
    this.#compare(run)
    for (const { kind, by } of run.anchors) bump(this.#anchors, `${kind} ${by}`, { kind, by })
    for (const log of run.logs) bump(this.#logs, log.keyId, log)
    for (const signer of run.signers) {
      if (own.weakest === null || GRADES.indexOf(signer.grade) > GRADES.indexOf(own.weakest)) own.weakest = signer.grade
      bump(this.#signers, `${signer.name} ${signer.grade} ${signer.authority ?? signer.keyId}`, signer)
    }
    for (const artifact of run.proves) this.#proven.add(`${artifact} ${run.contract?.digest ?? ''}`)
    this.#tell(run)
  }

  /** Against what the runs before say of the same logs: each for itself may be of one history. */
  #compare({ chain, pipeline, forks, heads, leaves }: RunFacts): void {
    const where = `${pipeline} ${chain}`
    for (const { code, what } of forks) this.#forks.push({ code, what, where })
    for (const { log, size, root } of heads) {
      if (isOther(this.#history(log).roots, size, root))
        this.#forks.push({ code: 'log-forked', what: `${log} signed two roots for ${size} entries`, where })
    }
    for (const { log, index, link } of leaves) {
      if (isOther(this.#history(log).leaves, index, link))
        this.#forks.push({ code: 'log-forked', what: `entry ${index} of ${log} is two different steps`, where })
    }
  }

  #history(log: string): History {
    const known = this.#histories.get(log) ?? { roots: new Map(), leaves: new Map() }
    this.#histories.set(log, known)
    return known
  }

  #tell({ chain, pipeline, outcome, reason, lastAt, late, withheld, deviations, disputes }: RunFacts): void {
    const where = `${pipeline} ${chain}`
    if (outcome === 'failed' || outcome === 'unknown') {
      const what = reason?.what ?? 'nothing that verifies says why'
      this.#incidents.push({ at: lastAt, kind: 'not-proven', code: reason?.code ?? outcome, what, where })
    }
    for (const { step, at } of late) {
      this.#incidents.push({ at, kind: 'late', code: 'late', what: `${step} came late, from a spool`, where })
    }
    if (withheld > 0) {
      const what = `${withheld} ${withheld === 1 ? 'step is' : 'steps are'} withheld or erased; the log has them`
      this.#incidents.push({ at: lastAt, kind: 'withheld', code: 'withheld', what, where })
    }
    for (const { by, reason: why, expiresAt, codes } of deviations) {
      const what = `${by.join(', ')} let through ${codes.join(', ')} until ${expiresAt}: ${why}`
      this.#incidents.push({ at: lastAt, kind: 'deviation', code: 'deviation', what, where })
    }
    for (const { id, by, at, text, about } of disputes) {
      const what = `${by} disputes ${about.join(', ')}: ${text}`
      this.#incidents.push({ at: at ?? lastAt, kind: 'dispute', code: id.slice(0, 12), what, where })
    }
  }

  #pipeline(name: string): MutablePipeline {
    const known = this.#pipelines.get(name)
    if (known !== undefined) return known
    const made: MutablePipeline = {
      runs: 0,
      missing: 0,
      proven: 0,
      deviating: 0,
      failed: 0,
      unknown: 0,
      steps: 0,
      late: 0,
      refusals: 0,
      revisions: new Set(),
      systems: new Set(),
      weakest: null,
      firstAt: null,
      lastAt: null,
    }
    this.#pipelines.set(name, made)
    return made
  }

  /** `summed`: numbers of the decisions whose signed summary is in the pack and verifies. */
  finish(summed: ReadonlySet<number>, acts: ActsOfPeriod | null): Figures {
    const { missing, period, server } = this.#manifest
    const { decisions, refusals, contracts, keys, runs } = this.#records
    const incidents = [...this.#incidents]
    for (const { chain, code } of missing) {
      const pipeline = this.#pipelineOf.get(chain) ?? ''
      this.#pipeline(pipeline).missing++
      const what = 'the server listed the run, and gave no evidence of it'
      incidents.push({ at: null, kind: 'missing', code, what, where: `${pipeline} ${chain}`.trim() })
    }
    for (const one of refusals) {
      const pipeline = one.chain === null ? undefined : this.#pipelineOf.get(one.chain)
      if (pipeline !== undefined) this.#pipeline(pipeline).refusals++
      incidents.push(refusalOf(one, pipeline))
    }
    for (const { coverage } of [this.#records]) for (const { pipeline } of coverage) this.#pipeline(pipeline)
    const environments = this.#environments(summed)
    for (const one of decisions) if (one.decision !== 'allow') incidents.push(denialOf(one))
    const within = (at: string | null) => at !== null && at >= period.since && at < period.until
    const sum = (name: 'allow' | 'deny' | 'unknown' | 'deviated' | 'backed' | 'summed') =>
      environments.reduce((all, one) => all + one[name], 0)
    const { first, last, places } = this.#entries
    const shown = places.size
    const told = incidents.toSorted(byTime)
    const { origin, checkpoint } = server
    if (isOther(this.#history(origin).roots, checkpoint.size, hex(checkpoint.root))) {
      const what = `${origin} signed two roots for ${checkpoint.size} entries`
      this.#forks.push({ code: 'log-forked', what, where: 'the checkpoint of this pack' })
    }
    return {
      runs: { ...this.#outcomes, listed: runs.length, held: this.#held, missing: missing.length },
      steps: { ...this.#steps, listed: runs.reduce((all, one) => all + one.steps, 0) },
      entries: shown === 0 ? null : { first, last, shown, size: server.checkpoint.size },
      anchors: { runs: this.#anchored, forked: this.#forked, by: sorted(this.#anchors) },
      forks: { total: this.#forks.length, shown: this.#forks.slice(0, MAX_SHOWN) },
      decisions: {
        allow: sum('allow'),
        deny: sum('deny'),
        unknown: sum('unknown'),
        deviated: sum('deviated'),
        backed: sum('backed'),
        summed: sum('summed'),
      },
      refusals: refusals.length,
      contracts: { published: contracts.length, signed: contracts.filter(({ index }) => index !== null).length },
      keys: {
        enrolled: keys.filter(({ enrolledAt }) => within(enrolledAt)).length,
        revoked: keys.filter(({ revokedAt }) => within(revokedAt)).length,
      },
      acts:
        acts === null
          ? null
          : { total: acts.items.length, closed: acts.closed, shown: acts.items.toReversed().slice(0, MAX_SHOWN) },
      pipelines: sorted(this.#pipelines, (pipeline, { revisions, systems, weakest, ...one }) => ({
        pipeline,
        ...one,
        revisions: [...revisions].toSorted((a, b) => a - b),
        systems: [...systems].toSorted(),
        weakestGrade: weakest,
      })),
      environments,
      signers: sorted(this.#signers).slice(0, MAX_SHOWN),
      logs: sorted(this.#logs),
      incidents: { total: told.length, shown: told.slice(0, MAX_SHOWN) },
    }
  }

  #environments(summed: ReadonlySet<number>): EnvironmentFigures[] {
    const all = new Map<string, Mutable<EnvironmentFigures>>()
    for (const one of this.#records.decisions) {
      const environment = one.environment ?? ''
      const known = all.get(environment) ?? {
        environment,
        allow: 0,
        deny: 0,
        unknown: 0,
        deviated: 0,
        backed: 0,
        summed: 0,
        last: null,
      }
      all.set(environment, known)
      known[one.decision]++
      if (one.decision !== 'allow') continue
      if (one.what !== null) known.deviated++
      if (one.artifact !== null && this.#proven.has(`${one.artifact} ${one.contract ?? ''}`)) known.backed++
      if (summed.has(one.id)) known.summed++
      known.last = one
    }
    return sorted(all)
  }
}

/** What is remembered of a log: beginnings of digests, for there are as many as steps. */
interface History {
  readonly roots: Map<number, number>
  readonly leaves: Map<number, number>
}

/** Whether something else was told at the same place; what was told first is remembered. */
function isOther(known: Map<number, number>, place: number, digest: string): boolean {
  const begin = Number.parseInt(digest.slice(0, 12), 16)
  const before = known.get(place)
  if (before === undefined) known.set(place, begin)
  return before !== undefined && before !== begin
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

interface MutablePipeline extends Outcomes {
  runs: number
  missing: number
  steps: number
  late: number
  refusals: number
  readonly revisions: Set<number>
  readonly systems: Set<string>
  weakest: string | null
  firstAt: string | null
  lastAt: string | null
}

function refusalOf({ at, code, what, chain, step, count, verified }: RefusalRecord, pipeline = ''): Incident {
  const times = count > 1 ? `${what} (${count} times)` : what
  const place = [pipeline, chain ?? '', step ?? ''].filter((part) => part !== '').join(' ')
  const where = place === '' ? '' : verified ? place : `${place}, as it says of itself`
  return { at, kind: 'refusal', code, what: times, where }
}

function denialOf({ at, decision, code, what, pipeline, environment, artifact }: DecisionRecord): Incident {
  const where = [pipeline, environment, artifact?.slice(0, 12)].filter((part) => part != null).join(' ')
  return { at, kind: 'denial', code: code ?? decision, what: what ?? `the gate answered ${decision}`, where }
}

function bump<T extends object>(all: Map<string, T & { runs: number }>, key: string, one: T): void {
  const known = all.get(key)
  if (known === undefined) all.set(key, { ...one, runs: 1 })
  else known.runs++
}

function sorted<T, U = T>(
  all: ReadonlyMap<string, T>,
  as: (key: string, one: T) => U = (_, one) => one as unknown as U,
): U[] {
  return [...all].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([key, one]) => as(key, one))
}

/** Newest first, what has no time behind; then by what is told, so that the same facts are in one order. */
function byTime(a: Incident, b: Incident): number {
  const [one, other] = [orderOf(a), orderOf(b)]
  return (b.at ?? '') < (a.at ?? '') ? -1 : (b.at ?? '') > (a.at ?? '') ? 1 : one < other ? -1 : one > other ? 1 : 0
}

function orderOf({ kind, code, where, what }: Incident): string {
  return `${kind}\n${where}\n${code}\n${what}`
}

function least(a: string | null, b: string | null): string | null {
  return a === null || (b !== null && b < a) ? b : a
}

function most(a: string | null, b: string | null): string | null {
  return a === null || (b !== null && b > a) ? b : a
}
