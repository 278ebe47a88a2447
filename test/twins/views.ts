import type { CoveredSystem, Run, SeenIdentity } from '@countersign/client'
import type { Grade } from '@countersign/formats/identity'

// What screens count, slowly: from all attestations that there are, each time anew.

/** An attestation that was accepted. */
export interface Accepted {
  readonly index: number
  readonly link: string
  readonly chain: string
  readonly pipeline: string
  readonly contract: string | null
  readonly signer: string
  readonly system: string
  readonly grade: Grade
  readonly succeeded: boolean
  readonly late: boolean
  readonly acceptedAt: string
  readonly erased: boolean
}

/** Newest first. */
export function runsOf(all: readonly Accepted[]): readonly Run[] {
  return groups(all, ({ chain }) => chain)
    .map((own): Run => {
      const held = own.filter(({ erased }) => !erased)
      const [first, last] = [own[0]!, own.at(-1)!]
      return {
        chain: first.chain,
        pipeline: first.pipeline,
        contract: first.contract,
        steps: own.length,
        erased: own.length - held.length,
        failed: held.filter(({ succeeded }) => !succeeded).length,
        late: own.filter(({ late }) => late).length,
        systems: sorted(held.map(({ system }) => system)),
        firstAt: first.acceptedAt,
        lastAt: last.acceptedAt,
        lastIndex: last.index,
        refused: 0,
      }
    })
    .toReversed()
}

/** Those seen for the first time last come first. */
export function identitiesOf(all: readonly Accepted[]): readonly SeenIdentity[] {
  return groups(heldOf(all), ({ signer, system }) => JSON.stringify([signer, system]))
    .map((own): SeenIdentity => {
      const { signer, system, acceptedAt } = own[0]!
      return {
        signer,
        system,
        grade: lowest(own),
        firstAt: acceptedAt,
        lastAt: own.at(-1)!.acceptedAt,
        steps: own.length,
        pipelines: sorted(own.map(({ pipeline }) => pipeline)).length,
      }
    })
    .toReversed()
}

/** Attestations by week: the Monday, YYYY-MM-DD. */
export function weeksOf(all: readonly Accepted[], signer: string, system: string): ReadonlyMap<string, number> {
  const weeks = new Map<string, number>()
  for (const one of heldOf(all)) {
    if (one.signer !== signer || one.system !== system) continue
    const day = new Date(`${one.acceptedAt.slice(0, 10)}T00:00:00Z`)
    while (day.getUTCDay() !== 1) day.setUTCDate(day.getUTCDate() - 1)
    const monday = day.toISOString().slice(0, 10)
    weeks.set(monday, (weeks.get(monday) ?? 0) + 1)
  }
  return weeks
}

export interface SlowPipeline {
  readonly pipeline: string
  readonly runs: number
  readonly lastAt: string
  readonly systems: readonly CoveredSystem[]
}

export function pipelinesOf(all: readonly Accepted[], recent: number): readonly SlowPipeline[] {
  return groups(all, ({ pipeline }) => pipeline)
    .map((own) => ({
      pipeline: own[0]!.pipeline,
      runs: sorted(own.map(({ chain }) => chain)).length,
      lastAt: own
        .map(({ acceptedAt }) => acceptedAt)
        .toSorted()
        .at(-1)!,
      systems: groups(heldOf(own), ({ system }) => system)
        .map((on) => ({
          system: on[0]!.system,
          steps: on.length,
          lastAt: on.at(-1)!.acceptedAt,
          late: on.filter(({ late }) => late).length,
          failed: on.filter(({ succeeded }) => !succeeded).length,
          weakestGrade: lowest(on),
        }))
        .toSorted((a, b) => (a.system < b.system ? -1 : 1)),
      isLate: runsOf(own)
        .slice(0, recent)
        .some(({ late }) => late > 0),
    }))
    .toSorted((a, b) => (a.pipeline < b.pipeline ? -1 : 1))
}

function heldOf(all: readonly Accepted[]): readonly Accepted[] {
  return all.filter(({ erased }) => !erased)
}

function lowest(own: readonly Accepted[]): Grade {
  return own
    .map(({ grade }) => grade)
    .toSorted()
    .at(-1)!
}

function sorted(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].toSorted()
}

/** In the order of their first. */
function groups<T>(all: readonly T[], keyOf: (one: T) => string): readonly (readonly T[])[] {
  return [...Map.groupBy(all, keyOf).values()]
}
