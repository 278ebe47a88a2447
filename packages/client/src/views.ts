import type { Grade } from '@countersign/formats/identity'

// What the screens are drawn from: the server's word, verified by nobody. Times are ISO times, in UTC. `GET /v1/…` beside
// each; all need the scope `read`, and every list takes `limit` (1 to 200, 50 by default) and `cursor`.

/**
 * A page of a list. It may hold fewer than were asked for, none even, where a filter lets little through: only `next`
 * null says that it is the last.
 */
export interface ViewPage<T> {
  readonly items: readonly T[]
  readonly next: string | null
}

/** Of what is counted behind the log: how far. */
export interface Counted {
  /** Every attestation with a lower index is counted. */
  readonly upTo: number
  /** How many are accepted and not counted yet; 0 as a rule. */
  readonly behind: number
}

/** `GET /v1/search?q=`: what a text may mean, the likeliest first, at most 20. */
export interface Search {
  readonly items: readonly SearchHit[]
  /** What could not be looked for, and why, in a sentence; null where nothing was left out. */
  readonly note: string | null
}

export interface SearchHit {
  readonly kind:
    | 'artifact'
    | 'attestation'
    | 'commit'
    | 'tag'
    | 'run'
    | 'pipeline'
    | 'contract'
    | 'deploy'
    | 'identity'
    | 'statement'
  readonly title: string
  readonly detail: string
  /** Path of a page of the dashboard. */
  readonly href: string
}

/** `GET /v1/runs?pipeline=&system=&signer=&since=&until=`: newest first by `firstAt`, which `since` and `until` are of. */
export interface Runs extends ViewPage<Run>, Counted {}

export interface Run {
  /** 32 hex digits. */
  readonly chain: string
  readonly pipeline: string
  /** SHA-256, hex; null for a run without contract. */
  readonly contract: string | null
  /** Attestations that were accepted, erased ones too. */
  readonly steps: number
  /** How many of them were erased. */
  readonly erased: number
  /** How many of those that are held say that their step failed. */
  readonly failed: number
  /** How many came late, from a spool. */
  readonly late: number
  /** CI systems of those that are held, sorted. */
  readonly systems: readonly string[]
  /** When the log had the first and the last. */
  readonly firstAt: string
  readonly lastAt: string
  readonly lastIndex: number
  /** Refusals that the inbox holds of it. */
  readonly refused: number
}

/**
 * `GET /v1/runs/{chain}`: the picture before anybody has verified it. Steps by index, at most a thousand, the rest by
 * `next`; refusals newest first, at most a hundred. Not counted behind the log: it is as of now.
 */
export interface RunView {
  readonly run: Run
  readonly steps: readonly RunStep[]
  readonly refusals: readonly RunRefusal[]
  readonly next: string | null
}

export interface RunStep {
  /** Link digest. */
  readonly link: string
  readonly step: string
  readonly attempt: number
  readonly matrix: string | null
  readonly index: number
  readonly acceptedAt: string
  readonly late: boolean
  /** Null, as what follows them, where it was erased. */
  readonly signer: string | null
  readonly system: string | null
  /** Null where it was accepted by a version that did not keep it. */
  readonly grade: Grade | null
  readonly succeeded: boolean | null
  /** As the recorder says. */
  readonly startedAt: string | null
  readonly finishedAt: string | null
  /** How many things it names as its own. */
  readonly subjects: number | null
  readonly previous: readonly RunEdge[]
  readonly erasedAt: string | null
}

export interface RunEdge {
  /** Link digest of the step that it goes on from. */
  readonly link: string
  readonly found: 'digest' | 'order' | 'word'
  readonly strength: 'strong' | 'medium' | 'weak'
}

export interface RunRefusal {
  /** Of the inbox. */
  readonly id: number
  readonly at: string
  readonly code: string
  readonly what: string
  readonly step: string | null
}

/**
 * `GET /v1/deploys?environment=&pipeline=&decision=&since=&until=`: what gates were told about environments, newest first.
 * A decision is a deploy where its asker named the environment.
 */
export interface Deploys extends ViewPage<Deploy> {}

export interface Deploy {
  /** Number of the decision. */
  readonly id: number
  readonly at: string
  readonly decision: 'allow' | 'deny' | 'unknown'
  /** True where maintainers of the contract let it through (a deviation). */
  readonly deviated: boolean
  /** Of the first reason; null for `allow`. */
  readonly code: string | null
  readonly what: string | null
  /** SHA-256, hex; null where the attestations that named it were erased. */
  readonly artifact: string | null
  readonly pipeline: string | null
  readonly contract: string | null
  readonly environment: string
  /** Id of the token that asked. */
  readonly by: string
  readonly requester: string | null
  readonly ms: number
}

/**
 * `GET /v1/deploys/strips?since=&until=&bucket=hour|day`: at most 200 environments, by name, and 1,000 buckets of which
 * those that nothing was asked in are left out. By default the last 30 days by day.
 */
export interface DeployStrips {
  /** Starts of the first bucket and of the one after the last. */
  readonly since: string
  readonly until: string
  readonly bucket: 'hour' | 'day'
  readonly environments: readonly DeployStrip[]
  /** Environments after these by name are on the page with this cursor. */
  readonly next: string | null
  /** All that was decided before is counted. */
  readonly countedUntil: string
}

export interface DeployStrip {
  readonly name: string
  /** Oldest first. */
  readonly buckets: readonly DeployBucket[]
  /** The newest `allow` of all; null where there was none. */
  readonly current: Deploy | null
}

export interface DeployBucket {
  readonly start: string
  readonly allow: number
  readonly deny: number
  readonly unknown: number
  /** How many of `allow` were let through by a deviation. */
  readonly deviated: number
}

/**
 * `GET /v1/deploys/at?environment=&time=&pipeline=`: of each pipeline what was let into an environment last at a time, by
 * the pipeline's name; without `time` now.
 */
export interface DeploysAt extends ViewPage<Deploy> {
  readonly environment: string
  readonly time: string
}

/** `GET /v1/identities?q=&system=`: who signed, those first that were seen last for the first time. `q` is a part of the name. */
export interface Identities extends ViewPage<SeenIdentity>, Counted {}

export interface SeenIdentity {
  /** As a contract or its owner calls it; of a certificate that neither names what it says, without the run. */
  readonly signer: string
  readonly system: string
  /** The lowest of what it signed with; null where nothing says. */
  readonly grade: Grade | null
  /** When the log had its first and last attestation of those that are held. */
  readonly firstAt: string
  readonly lastAt: string
  readonly steps: number
  readonly pipelines: number
}

/**
 * `GET /v1/identities/weeks?from=&weeks=&q=&system=`: identity by week, those alone that signed since `from`. Weeks begin on
 * Monday, UTC; `from` is a day (YYYY-MM-DD) in the first, `weeks` 1 to 53; by default the last 12.
 */
export interface IdentityWeeks extends Counted {
  /** The Mondays, oldest first: YYYY-MM-DD. */
  readonly weeks: readonly string[]
  readonly identities: readonly IdentityRow[]
  readonly next: string | null
}

export interface IdentityRow {
  readonly signer: string
  readonly system: string
  readonly grade: Grade | null
  /** Attestations in each of the weeks. */
  readonly counts: readonly number[]
  readonly firstAt: string
  readonly lastAt: string
  /** As of when the key of this name was revoked; null where it was not, or it is none. */
  readonly revokedAt: string | null
}

/** `GET /v1/coverage?pipeline=`: pipelines by name, each with the systems that it ran on. `pipeline` is the beginning of a name. */
export interface Coverage extends Counted {
  readonly pipelines: readonly CoveredPipeline[]
  readonly next: string | null
}

export interface CoveredPipeline {
  readonly pipeline: string
  /** In force; null where none was published. */
  readonly contract: { readonly digest: string; readonly revision: number } | null
  readonly systems: readonly CoveredSystem[]
  readonly runs: number
  /**
   * Of the newest 10 runs that have been quiet for an hour, how many lack a step that the contract in force asks of every
   * run; null without a contract.
   */
  readonly incomplete: number | null
  /** When the log had its last attestation; null for a pipeline that has a contract and no run. */
  readonly lastAt: string | null
  readonly findings: readonly CoverageFinding[]
}

/**
 * `no-contract`; `no-run`: a contract and nothing recorded; `quiet`: nothing for 30 days; `incomplete`: see there; `late`:
 * of the last 10 runs some came late; `weak-identity`: a system of it signs with grade C or D alone.
 */
export type CoverageFinding = 'no-contract' | 'no-run' | 'quiet' | 'incomplete' | 'late' | 'weak-identity'

export interface CoveredSystem {
  readonly system: string
  /** Attestations that are held. */
  readonly steps: number
  readonly lastAt: string
  /** How many of them came late. */
  readonly late: number
  readonly failed: number
  /** Null where nothing says. */
  readonly weakestGrade: Grade | null
}

/**
 * `GET /v1/rules/heat?since=&until=&by=pipeline|day`: how often each rule refused a step or denied a deploy, by code. By
 * default the last 30 days by pipeline. The same body again counts once.
 */
export interface RuleHeat {
  /** Days, the second included: YYYY-MM-DD. */
  readonly since: string
  readonly until: string
  readonly by: 'pipeline' | 'day'
  /** Codes, those that spoke most often first. */
  readonly rows: readonly string[]
  /** Pipelines, those with most first, at most 100, empty where none is known; or days, each one. */
  readonly columns: readonly string[]
  /** A row for each code, a number for each column: refusals and denials. */
  readonly cells: readonly (readonly number[])[]
  /** The denials among them. */
  readonly denied: readonly (readonly number[])[]
  /** Pipelines that are left out. */
  readonly left: number
  readonly countedUntil: string
}
