import type {
  Counted,
  CoveredSystem,
  Deploy,
  DeployStrip,
  IdentityRow,
  RuleHeat,
  Run,
  RunRefusal,
  RunStep,
  SeenIdentity,
} from '@countersign/client'
import type { Page } from './store.ts'

export interface RunFilter {
  readonly pipeline: string | null
  readonly system: string | null
  readonly signer: string | null
  /** Milliseconds since 1970: the first is in, the second is not. */
  readonly since: number
  readonly until: number
}

export interface DeployFilter {
  readonly environment: string | null
  readonly pipeline: string | null
  readonly decision: Deploy['decision'] | null
  /** As in {@link RunFilter}. */
  readonly since: number
  readonly until: number
}

export interface IdentityFilter {
  /** Part of the name; empty for all. */
  readonly part: string
  readonly system: string | null
}

/** The contract in force of a pipeline. */
export interface BoundContract {
  readonly digest: string
  readonly revision: number
  /** Names of the steps that no run may do without; null for one that an older version published. */
  readonly asked: readonly string[] | null
}

/** What is counted of a pipeline; nothing of one that has a contract alone. */
export interface PipelineFacts {
  readonly pipeline: string
  readonly contract: BoundContract | null
  readonly runs: number
  readonly lastAt: string | null
  readonly systems: readonly CoveredSystem[]
  /** In one of its newest runs something came late. */
  readonly isLate: boolean
  /** Its newest runs, in no order; none where it has no contract, whose steps they could lack. */
  readonly recent: readonly RecentRun[]
}

/** One of the newest runs of a pipeline, as far as it tells whether steps are missing. */
export interface RecentRun {
  /** Milliseconds since 1970. */
  readonly lastAt: number
  /** Names of its steps, JSON; null where there are too many to be kept. */
  readonly names: string | null
}

/** What an audit pack would be of; empty lists: of all. */
export interface PeriodFilter {
  /** ISO times: the first is in, the second is not. */
  readonly since: string
  readonly until: string
  readonly pipelines: readonly string[]
  /** Of decisions alone. */
  readonly environments: readonly string[]
}

/** How much there is of a period. */
export interface PeriodCounts {
  readonly runs: number
  readonly steps: number
  readonly contracts: number
  readonly decisions: number
  readonly refusals: number
  readonly acts: number
}

/** Buckets of an hour or a day, counted since 1970. */
export interface StripSpan {
  readonly hours: 1 | 24
  /** The first, and the one after the last. */
  readonly from: number
  readonly to: number
}

export interface HeatSpan {
  /** Days since 1970, both in. */
  readonly from: number
  readonly to: number
}

/** A place in the log that a text may mean. */
export interface Place {
  readonly link: string
  readonly chain: string
  readonly pipeline: string
  readonly step: string
  readonly index: number
  readonly erased: boolean
}

export interface FoundContract {
  readonly digest: string
  readonly pipeline: string
  readonly revision: number
}

/** With how far it is counted, in one view of the store. */
export type WithCounted<T> = T & Counted

/**
 * What screens show. What is counted behind the log says how far; the rest is as of now. Filters are matched in the
 * store; where little matches, a page ends after some thousand rows that were looked at, and `next` goes on.
 */
export interface ViewStore {
  /** Counts at most so many more attestations, refusals and decisions. Gives how many; 0: nothing is behind. Safe to repeat. */
  count(most: number): Promise<number>
  /** Whether anything may be behind, and how many writes were begun; for whoever counts when nobody writes. */
  standing(): { readonly behind: boolean; readonly busy: boolean; readonly writes: number }

  counted(tenant: string): Counted
  runs(tenant: string, filter: RunFilter, limit: number, cursor: string | null): WithCounted<Page<Run>>
  /** Null where no attestation of it was ever accepted. */
  run(tenant: string, chain: string): Run | null
  runSteps(tenant: string, chain: string, limit: number, cursor: string | null): Page<RunStep>
  /** Newest first. */
  runRefusals(tenant: string, chain: string, limit: number): readonly RunRefusal[]

  deploys(tenant: string, filter: DeployFilter, limit: number, cursor: string | null): Page<Deploy>
  /** A decision about an environment. */
  deploy(tenant: string, environment: string, id: number): Deploy | null
  /** What was let into an environment so many `allow` before the newest. */
  allowed(tenant: string, environment: string, back: number): Deploy | null
  /** The newest `allow` at a time, of each pipeline by its name; of one, where it is named. */
  deploysAt(
    tenant: string,
    at: { readonly environment: string; readonly pipeline: string | null; readonly time: number },
    limit: number,
    cursor: string | null,
  ): Page<Deploy>
  strips(
    tenant: string,
    span: StripSpan,
    limit: number,
    cursor: string | null,
  ): {
    readonly environments: readonly DeployStrip[]
    readonly next: string | null
    readonly countedUntil: number | null
  }
  /** Names of environments that begin so. */
  environments(tenant: string, prefix: string, limit: number): readonly string[]

  identities(
    tenant: string,
    filter: IdentityFilter,
    limit: number,
    cursor: string | null,
  ): WithCounted<Page<SeenIdentity>>
  /** Those that signed in or after the first week; weeks as in `weekOf`. */
  identityWeeks(
    tenant: string,
    filter: IdentityFilter,
    weeks: { readonly from: number; readonly count: number },
    limit: number,
    cursor: string | null,
  ): WithCounted<Page<IdentityRow>>

  /** By name, those that begin so; each with so many of its newest runs. */
  pipelines(
    tenant: string,
    named: { readonly prefix: string; readonly recent: number },
    limit: number,
    cursor: string | null,
  ): WithCounted<Page<PipelineFacts>>
  /** `countedUntil`: milliseconds; null where all is counted. */
  heat(
    tenant: string,
    span: HeatSpan,
    by: RuleHeat['by'],
  ): Pick<RuleHeat, 'rows' | 'columns' | 'cells' | 'denied' | 'left'> & { readonly countedUntil: number | null }

  /** What an audit pack of a period would hold. */
  period(tenant: string, filter: PeriodFilter): WithCounted<PeriodCounts>

  /** Places whose link begins so. */
  places(tenant: string, prefix: string, limit: number): readonly Place[]
  /** Chain ids that begin so. */
  chains(tenant: string, prefix: string, limit: number): readonly string[]
  contracts(tenant: string, prefix: string, limit: number): readonly FoundContract[]
}
