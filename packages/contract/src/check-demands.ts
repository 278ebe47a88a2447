import type { Code } from '@countersign/core'
import type { Resource } from '@countersign/formats'
import { holds } from './condition/condition.ts'
import type { Members, Value } from './condition/syntax.ts'
import type { SignerFacts, StepFacts } from './evaluate.ts'
import { checkEvidence } from './evidence.ts'
import type { StepRule } from './model.ts'

type Find = (code: Code, what: string) => void

/** What the contract asks of a step beyond order and hand-overs, as far as it can be judged yet. */
export function checkDemands(rule: StepRule, facts: StepFacts, find: Find): void {
  checkNames(rule, facts, find)
  checkRunner(rule, facts, find)
  const { ran, subject, succeeded } = facts
  // A step that failed hands nothing over, and may fail for the very want of what is asked for.
  if (ran === null || subject === null || !succeeded) return
  if (rule.evidence !== null) {
    const own = { name: rule.name, materials: facts.materials, subject, reports: ran.reports }
    checkEvidence(rule.evidence, own, (name) => facts.reportsBefore(name), find)
  }
  if (facts.signer !== null) checkConditions(rule, facts, facts.signer, find)
}

/** As far as names go: what is there of such a name is refused, whoever made it and whatever lets it in. */
function checkNames({ name, disallow }: StepRule, { materials, subject }: StepFacts, find: Find): void {
  if (disallow.length === 0) return
  for (const [verb, resources] of [
    ['received', materials],
    ['made', subject ?? []],
  ] as const) {
    for (const resource of resources) {
      const glob = disallow.find((one) => one.matches(plain(resource.name)))
      if (glob !== undefined)
        find('name-disallowed', `step ${name} ${verb} ${resource.name}, and ${glob.pattern} is disallowed`)
    }
  }
}

function plain(name: string): string {
  return name.endsWith('/') ? name.slice(0, -1) : name
}

/** What each CI system calls machines of its own (claims `runner_environment`). */
const HOSTED: readonly string[] = ['github-hosted', 'gitlab-hosted', 'buildkite-hosted']

function checkRunner({ name, runner }: StepRule, { signer }: StepFacts, find: Find): void {
  if (runner === null || signer === null) return
  const told = signer.identity?.runnerEnvironment ?? null
  const fits = told !== null && (runner === 'hosted' ? HOSTED.includes(told) : told === 'self-hosted')
  if (!fits)
    find(
      'runner-not-allowed',
      `step ${name} must run on a ${runner} runner; its certificate says ${told ?? 'nothing of it'}`,
    )
}

function checkConditions(rule: StepRule, facts: StepFacts, signer: SignerFacts, find: Find): void {
  if (rule.conditions.length === 0) return
  const names = namesOf(facts, signer)
  for (const condition of rule.conditions) {
    const held = holds(condition, names)
    if (held === true) continue
    const why = held === false ? 'it does not hold' : held.message
    find('condition-unmet', `step ${rule.name} does not meet ${condition.text.slice(0, 200)}: ${why}`)
  }
}

/** Whether a step that comes after `before` must follow it. Where that cannot be said, it must. */
export function isNeeded(before: StepRule, signer: SignerFacts | null): boolean {
  if (before.optional === null) return true
  if (before.optional === 'always') return false
  // Nobody has signed yet: whoever will is judged then.
  if (signer === null) return false
  return holds(before.optional, { signer: signerNames(signer) }) !== false
}

function signerNames({ keyId, grade, identity }: SignerFacts): Members {
  if (identity === null) return { key: keyId, grade, identity: null }
  const { subject, ...facts } = identity
  return { key: keyId, grade, identity: { ...facts, subject: subject.value } }
}

function namesOf({ step, previous, materials, subject, ran }: StepFacts, signer: SignerFacts): Members {
  const own = ({ name, digest, annotations }: Resource) => ({
    name,
    sha256: digest.sha256,
    commit: digest['gitCommit'] ?? null,
    dirty: annotations?.dirty === true,
  })
  const reports = ran?.reports ?? null
  return {
    signer: signerNames(signer),
    step: { name: step.name, attempt: step.attempt, matrix: step.matrix },
    previous: previous.map((one) => one.step),
    materials: materials.map((one) => ({ ...own(one), outside: (one.annotations?.from ?? null) === null })),
    products: (subject ?? []).map(own),
    reports:
      reports === null
        ? null
        : reports.map(({ name, annotations }) => ({
            name,
            type: annotations?.type ?? null,
            about: annotations?.about ?? [],
            facts: (annotations?.facts ?? {}) satisfies { readonly [name: string]: Value },
          })),
    claimed: ran === null ? null : { ...ran.claimed },
  }
}
