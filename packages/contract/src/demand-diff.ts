import { type Glob } from '@countersign/core'
import { SEVERITIES } from '@countersign/formats/report'
import { type Changes, coversAll, type Effect, effectOf } from './change.ts'
import { durationText } from './duration.ts'
import type { EvidenceRule, SbomRule, TestsRule, VulnerabilitiesRule } from './evidence-rule.ts'
import type { ApprovalRule, StepRule } from './model.ts'
import { isSameParty, type ResolvedSigner } from './signer-diff.ts'

/** What a step asks for beside its signers and what it is given: each more is tightened, each less is loosened. */
export function diffDemands(from: StepRule, to: StepRule, where: string, changes: Changes): void {
  diffDisallow(from.disallow, to.disallow, `${where}.disallow`, changes)
  diffOptional(from.optional, to.optional, `${where}.optional`, changes)
  diffEvidence(from.evidence, to.evidence, `${where}.evidence`, changes)
  const long = (one: StepRule) => (one.fresh === null ? 'for ever' : durationText(one.fresh))
  const age = (one: StepRule) => one.fresh ?? Number.POSITIVE_INFINITY
  diffCount(-age(from), -age(to), `${where}.fresh`, `counted ${long(from)}, counts ${long(to)}`, changes)
  if (from.runner !== to.runner) {
    const effect = ofPresence(from.runner, to.runner) ?? 'changed'
    changes.add(effect, `${where}.runner`, `was ${from.runner ?? 'any'}, is ${to.runner ?? 'any'}`)
  }
  diffConditions(from, to, `${where}.conditions`, changes)
}

/** Whose approval counts as that of one person: the names of people are those of their jobs. */
export function diffApprovals(
  from: { readonly rule: ApprovalRule | null; readonly signers: readonly ResolvedSigner[] },
  to: { readonly rule: ApprovalRule | null; readonly signers: readonly ResolvedSigner[] },
  where: string,
  changes: Changes,
): void {
  const [old, now] = [from.rule, to.rule]
  if (old === null && now === null) return
  if (old === null || now === null) {
    if (now === null) changes.add('loosened', where, 'is no approval any more')
    else changes.add('tightened', where, `is an approval now, of ${now.atLeast}`)
    return
  }
  diffCount(old.atLeast, now.atLeast, where, `was ${old.atLeast}, is ${now.atLeast}`, changes)
  const pairs = from.signers.flatMap((a) =>
    to.signers.filter((b) => isSameParty(a, b)).map((b) => [ownerOf(old, a.name), ownerOf(now, b.name)] as const),
  )
  const isNow = groupsOf(pairs)
  const was = groupsOf(pairs.map(([a, b]) => [b, a]))
  for (const [person, others] of isNow) {
    const [only] = others
    if (others.size > 1) changes.add('loosened', where, `${person} counts as ${others.size}: ${[...others].join(', ')}`)
    else if (only !== person && was.get(only!)?.size === 1) changes.add('changed', where, `${person} is ${only} now`)
  }
  for (const [person, others] of was) {
    if (others.size > 1) changes.add('tightened', where, `${[...others].join(', ')} count as one: ${person}`)
  }
}

function ownerOf({ people }: ApprovalRule, signer: string): string {
  return [...people].find(([, signers]) => signers.includes(signer))?.[0] ?? signer
}

function groupsOf(pairs: readonly (readonly [string, string])[]): Map<string, Set<string>> {
  const groups = new Map<string, Set<string>>()
  for (const [a, b] of pairs) groups.set(a, (groups.get(a) ?? new Set()).add(b))
  return groups
}

function diffDisallow(from: readonly Glob[], to: readonly Glob[], where: string, changes: Changes): void {
  const isIn = (list: readonly Glob[], one: Glob) => list.some((other) => coversAll(other, one))
  for (const one of from.filter((one) => !isIn(to, one)))
    changes.add('loosened', where, `${one.pattern} is allowed now`)
  for (const one of to.filter((one) => !isIn(from, one)))
    changes.add('tightened', where, `${one.pattern} is refused now`)
}

function diffOptional(from: StepRule['optional'], to: StepRule['optional'], where: string, changes: Changes): void {
  const text = (one: StepRule['optional']) =>
    one === null ? 'never' : one === 'always' ? 'always' : `unless ${one.text}`
  if (text(from) === text(to)) return
  const rank = (one: StepRule['optional']) => (one === null ? 2 : one === 'always' ? 0 : 1)
  const effect = rank(from) === rank(to) ? 'changed' : rank(to) > rank(from) ? 'tightened' : 'loosened'
  changes.add(effect, where, `was ${text(from)}, is ${text(to)}`)
}

/** What one condition asks for more than another is not worked out: what was rewritten is only called changed. */
function diffConditions(from: StepRule, to: StepRule, where: string, changes: Changes): void {
  const texts = (rule: StepRule) => rule.conditions.map(({ text }) => text)
  const gone = texts(from).filter((text) => !texts(to).includes(text))
  const added = texts(to).filter((text) => !texts(from).includes(text))
  if (gone.length > 0 && added.length > 0) {
    changes.add('changed', where, `asks for ${added.join(' and ')}, and no longer for ${gone.join(' and ')}`)
    return
  }
  for (const text of gone) changes.add('loosened', where, `does not ask for ${text} any more`)
  for (const text of added) changes.add('tightened', where, `asks for ${text} now`)
}

const NO_EVIDENCE: EvidenceRule = { tests: null, sbom: null, vulnerabilities: null, reports: [] }

function diffEvidence(from: EvidenceRule | null, to: EvidenceRule | null, where: string, changes: Changes): void {
  const [old, now] = [from ?? NO_EVIDENCE, to ?? NO_EVIDENCE]
  if (isThere(old.tests, now.tests, `${where}.tests`, changes)) {
    diffTests(old.tests!, now.tests!, `${where}.tests`, changes)
  }
  if (isThere(old.sbom, now.sbom, `${where}.sbom`, changes)) diffOf(old.sbom!, now.sbom!, `${where}.sbom`, changes)
  if (isThere(old.vulnerabilities, now.vulnerabilities, `${where}.vulnerabilities`, changes)) {
    diffVulnerabilities(old.vulnerabilities!, now.vulnerabilities!, `${where}.vulnerabilities`, changes)
  }
  const type = (name: string) => `a report of type ${name}`
  diffNames(old.reports.map(type), now.reports.map(type), 'tightened', `${where}.reports`, changes)
}

/** Whether both ask for it; says so where one alone does. */
function isThere(from: object | null, to: object | null, where: string, changes: Changes): boolean {
  const effect = ofPresence(from, to)
  if (effect !== null)
    changes.add(effect, where, effect === 'tightened' ? 'is asked for now' : 'is not asked for any more')
  return from !== null && to !== null
}

function diffTests(from: TestsRule, to: TestsRule, where: string, changes: Changes): void {
  diffCount(from.atLeast, to.atLeast, `${where}.atLeast`, `was ${from.atLeast}, is ${to.atLeast}`, changes)
  const most = ({ skipped }: TestsRule) => skipped ?? Number.POSITIVE_INFINITY
  const text = ({ skipped }: TestsRule) => skipped ?? 'any number'
  diffCount(-most(from), -most(to), `${where}.skipped`, `was ${text(from)}, is ${text(to)}`, changes)
}

function diffVulnerabilities(
  from: VulnerabilitiesRule,
  to: VulnerabilitiesRule,
  where: string,
  changes: Changes,
): void {
  const rank = ({ below }: VulnerabilitiesRule) => SEVERITIES.indexOf(below)
  diffCount(rank(from), rank(to), `${where}.below`, `was ${from.below}, is ${to.below}`, changes)
  const tool = (name: string) => `a scan by ${name}`
  diffNames(from.tools.map(tool), to.tools.map(tool), 'tightened', `${where}.tools`, changes)
  const vex = (name: string) => `excuses of ${name}`
  diffNames(from.vex.map(vex), to.vex.map(vex), 'loosened', `${where}.vex`, changes)
  diffOf(from, to, where, changes)
}

/** Whether products must be named by digest. */
function diffOf(from: SbomRule, to: SbomRule, where: string, changes: Changes): void {
  const what = to.products ? 'must name the products now' : 'need not name the products any more'
  diffCount(Number(from.products), Number(to.products), where, what, changes)
}

/** More is tightened. */
function diffCount(from: number, to: number, where: string, what: string, changes: Changes): void {
  if (from !== to) changes.add(effectOf(to > from, to < from)!, where, what)
}

/** One more has this effect, and one less the other. */
export function diffNames(
  from: readonly string[],
  to: readonly string[],
  more: Effect,
  where: string,
  changes: Changes,
): void {
  const less = more === 'tightened' ? 'loosened' : 'tightened'
  for (const one of from.filter((name) => !to.includes(name))) changes.add(less, where, `without ${one}`)
  for (const one of to.filter((name) => !from.includes(name))) changes.add(more, where, `with ${one}`)
}

/** Null where both are there, or neither is. */
function ofPresence(from: unknown, to: unknown): Effect | null {
  return from === null && to !== null ? 'tightened' : from !== null && to === null ? 'loosened' : null
}
