import { type Condition, readCondition } from './condition/condition.ts'
import { FOLLOWER_NAMES, STEP_NAMES } from './condition/names.ts'
import { readDuration } from './duration.ts'
import { readEvidence } from './evidence-rule.ts'
import { shown } from './fault.ts'
import type { StepRule } from './model.ts'
import { personOf } from './people.ts'
import type { Place } from './place.ts'

/** What a step is asked for beyond order and hand-overs. */
export type Demands = Pick<StepRule, 'approvals' | 'optional' | 'evidence' | 'fresh' | 'runner' | 'conditions'>

export const DEMAND_FIELDS = ['runner', 'optional', 'approvals', 'evidence', 'fresh', 'conditions']

const MAX_APPROVALS = 100
const MAX_CONDITIONS = 32
const RUNNERS = ['hosted', 'self-hosted'] as const

/** Reads them from the members of a step. */
export function readDemands(
  members: ReadonlyMap<string, Place>,
  {
    name,
    after,
    people,
  }: {
    readonly name: string
    readonly after: readonly string[]
    readonly people: ReadonlyMap<string, readonly string[]>
  },
): Demands {
  const runner = members.get('runner')?.text(RUNNERS.join(' or '), isRunner) ?? null
  const atLeast = members.get('approvals')?.integer(1, MAX_APPROVALS) ?? null
  return {
    approvals: atLeast === null ? null : { atLeast, people },
    optional: readOptional(members.get('optional'), after),
    evidence: readEvidence(members.get('evidence'), [name, ...after]),
    fresh: readDuration(members.get('fresh')),
    runner: runner !== null && isRunner(runner) ? runner : null,
    conditions: readConditions(members.get('conditions')),
  }
}

function isRunner(text: string): text is (typeof RUNNERS)[number] {
  return (RUNNERS as readonly string[]).includes(text)
}

/** `always`, or a mapping whose `unless` says when it is needed all the same. */
function readOptional(place: Place | undefined, after: readonly string[]): 'always' | Condition | null {
  if (place === undefined) return null
  if (after.length === 0) {
    place.faultKey('is of a step where a run begins, and a run without a beginning proves nothing', 'Remove it.')
    return null
  }
  if (!place.isMapping())
    return place.text('always, or a mapping with unless', (t) => t === 'always') === null ? null : 'always'
  const members = place.members(['unless'], ['unless'])
  return readCondition(members?.get('unless'), FOLLOWER_NAMES)
}

function readConditions(place: Place | undefined): Condition[] {
  if (place === undefined) return []
  if (place.isEmpty()) {
    place.fault('is empty', 'Write a condition, or leave the field out.', 'contract-empty')
    return []
  }
  return (place.items(MAX_CONDITIONS) ?? []).flatMap((item) => readCondition(item, STEP_NAMES) ?? [])
}

/** What an approval cannot have besides: it hands on what it was shown, and its jobs are people. */
export function lintApproval(place: Place, members: ReadonlyMap<string, Place>, after: readonly string[]): void {
  for (const field of ['products', 'matrix']) {
    members
      .get(field)
      ?.faultKey('goes with no approvals', 'Remove one of them: who approves makes nothing, and its jobs are people.')
  }
  if (after.length === 0) {
    place.faultKey('approves, and comes after nothing that it could approve', 'Name what it approves: after: [STEP].')
  }
}

/** A step cannot ask for more people than may sign it, nor let somebody approve what they may have made. */
export function lintApprovals(
  place: Place,
  steps: ReadonlyMap<string, StepRule>,
  people: ReadonlyMap<string, string>,
): void {
  for (const [name, { approvals, after }] of steps) {
    if (approvals === null) continue
    const item = place.entries()?.get(name)?.entries()
    if (approvals.people.size < approvals.atLeast) {
      item
        ?.get('approvals')
        ?.fault(
          `asks for ${approvals.atLeast} people, and ${approvals.people.size} may sign`,
          'Name more signers, or ask for fewer; all signers of one person count once.',
        )
    }
    const makers = new Set(
      after.flatMap((before) => steps.get(before)?.signers ?? []).map((signer) => personOf(people, signer)),
    )
    const both = [...approvals.people.keys()].filter((person) => makers.has(person))
    if (both.length === 0) continue
    item
      ?.get('signers')
      ?.fault(
        `lets ${both.slice(0, 8).map(shown).join(', ')} approve what they may have made`,
        'Let others sign the approval.',
      )
  }
}

/** What goes on without all that comes before it proves nothing: something must be there in any case. */
export function lintOptional(place: Place, steps: ReadonlyMap<string, StepRule>, final: string | null): void {
  for (const [name, { after, optional }] of steps) {
    const item = place.entries()?.get(name)?.entries()
    if (optional !== null && name === final) {
      item?.get('optional')?.faultKey('is of the final step, which vouches for the artifact', 'Remove it.')
    }
    if (after.length === 0 || after.some((before) => steps.get(before)?.optional === null)) continue
    if (after.some((before) => !steps.has(before))) continue
    item
      ?.get('after')
      ?.fault(
        'names only steps that a run may do without',
        'Add one that must have gone before; the step that those come after, for example.',
      )
  }
}
