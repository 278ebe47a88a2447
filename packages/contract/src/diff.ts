import type { Glob } from '@countersign/core'
import { GRADES } from '@countersign/formats/identity'
import { coversAll, effectOf, Changes, type Change } from './change.ts'
import { diffApprovals, diffDemands, diffNames } from './demand-diff.ts'
import { durationText } from './duration.ts'
import { required } from './graph.ts'
import type { AnchoredRule, Contract, MaterialRule, OutsideRule, StepRule } from './model.ts'
import { compareSigners, type ResolvedSigner, resolveSigners, sameValue } from './signer-diff.ts'

/**
 * What a change of a contract lets out that it did not let out before, and what not any more, a line each. `tightened` asks
 * for more of what is already allowed; `loosened` asks for less; `changed` is neither, or both: something may pass now that
 * did not. Names of signers and authorities are of no matter, whom they mean is. Only what is certain is called tightened.
 * None for the same contract of a higher revision.
 */
export function diffContracts(from: Contract, to: Contract): Change[] {
  const changes = new Changes()
  if (from.pipeline !== to.pipeline) changes.add('changed', 'pipeline', `${from.pipeline} became ${to.pipeline}`)
  // Whoever goes back would have what was tightened since undone.
  if (to.revision < from.revision) changes.add('changed', 'revision', `was ${from.revision}, is ${to.revision}: older`)
  diffHead(from, to, changes)
  const before = required(from.steps, from.final)
  const after = required(to.steps, to.final)
  for (const [name, rule] of from.steps) {
    const now = to.steps.get(name)
    if (now !== undefined) diffStep({ from, to, changes }, rule, now)
    else if (rule.optional !== null) changes.add('changed', `steps.${name}`, 'may be part of no run any more')
    else if (before.has(name)) changes.add('loosened', `steps.${name}`, 'is not demanded any more')
    else changes.add('tightened', `steps.${name}`, 'may not follow the final step any more')
  }
  for (const [name, { optional }] of to.steps) {
    if (from.steps.has(name)) continue
    if (optional !== null) changes.add('changed', `steps.${name}`, 'may be part of a run now')
    else if (after.has(name)) changes.add('tightened', `steps.${name}`, 'is demanded now')
    else changes.add('loosened', `steps.${name}`, 'may follow the final step now')
  }
  if (from.final !== to.final) changes.add('changed', 'final', `was ${from.final}, is ${to.final}`)
  return changes.list
}

/** What else a contract may hold is compared as a value: a field that this reader knows nothing of is only called changed. */
const HEAD: readonly string[] = [
  'pipeline',
  'revision',
  'digest',
  'signers',
  'authorities',
  'countersigners',
  'steps',
  'final',
  'attempts',
  'clockTolerance',
  'anchored',
  'maintainers',
  'grace',
  'kept',
]
const STEP: readonly string[] = [
  'name',
  'after',
  'signers',
  'minimumGrade',
  'materials',
  'outside',
  'products',
  'matrix',
  'disallow',
  'approvals',
  'optional',
  'evidence',
  'fresh',
  'runner',
  'conditions',
]

interface Both {
  readonly from: Contract
  readonly to: Contract
  readonly changes: Changes
}

function diffHead(from: Contract, to: Contract, changes: Changes): void {
  const servers = (contract: Contract) => contract.countersigners.map((key) => `${key.name} ${key.publicKey.keyId}`)
  diffDemandedOneOf(servers(from), servers(to), 'countersigners', 'a receipt', changes)
  if (from.attempts !== to.attempts) {
    const carried = to.attempts === 'carry'
    changes.add(
      carried ? 'loosened' : 'tightened',
      'attempts',
      carried ? 'earlier attempts may be carried over now' : 'all steps must be of one attempt now',
    )
  }
  if (from.clockTolerance !== to.clockTolerance) {
    const seconds = (contract: Contract) => contract.clockTolerance / 1000
    const effect = to.clockTolerance > from.clockTolerance ? 'loosened' : 'tightened'
    changes.add(effect, 'clockToleranceSeconds', `was ${seconds(from)}, is ${seconds(to)}`)
  }
  diffAnchored(from.anchored, to.anchored, changes)
  diffMaintainers(from, to, changes)
  if (from.grace !== to.grace) {
    const effect = to.grace < from.grace ? 'tightened' : 'loosened'
    changes.add(effect, 'grace', `was ${graceText(from)}, is ${graceText(to)}`)
  }
  const kept = ({ kept: codes }: Contract) => (codes ?? []).map((code) => `${code} that nothing excuses`)
  diffNames(kept(from), kept(to), 'tightened', 'deviations', changes)
  diffRest(from, to, HEAD, '', changes)
}

function graceText({ grace }: Contract): string {
  return grace === 0 ? 'none' : durationText(grace)
}

/** A list of which one must be there, and an empty one demands none. */
function diffDemandedOneOf(
  from: readonly string[],
  to: readonly string[],
  where: string,
  what: string,
  changes: Changes,
): void {
  const name = (one: string) => one.split(' ')[0]!
  if (from.length === 0 && to.length > 0) changes.add('tightened', where, `${what} is demanded now`)
  else if (from.length > 0 && to.length === 0) changes.add('loosened', where, `${what} is not demanded any more`)
  else {
    for (const one of from.filter((other) => !to.includes(other)))
      changes.add('tightened', where, `without ${name(one)}`)
    for (const one of to.filter((other) => !from.includes(other))) changes.add('loosened', where, `with ${name(one)}`)
  }
}

function diffAnchored(from: AnchoredRule | null, to: AnchoredRule | null, changes: Changes): void {
  if (from === null && to === null) return
  if (from === null) changes.add('tightened', 'anchored', 'anchors are demanded now')
  else if (to === null) changes.add('loosened', 'anchored', 'anchors are not demanded any more')
  else {
    const hours = (rule: AnchoredRule) => `${rule.within / 3_600_000}h`
    if (from.within !== to.within) {
      const effect = to.within < from.within ? 'tightened' : 'loosened'
      changes.add(effect, 'anchored.within', `was ${hours(from)}, is ${hours(to)}`)
    }
    const all = (a: AnchoredRule, b: AnchoredRule) => a.by.every((kind) => b.by.includes(kind))
    const effect = effectOf(all(from, to), all(to, from))
    const list = (rule: AnchoredRule) => rule.by.join(', ') || 'one of any kind'
    if (effect !== null) changes.add(effect, 'anchored.by', `was ${list(from)}, is ${list(to)}`)
  }
}

function diffMaintainers(from: Contract, to: Contract, changes: Changes): void {
  const [old, now] = [from.maintainers, to.maintainers]
  if (old === null && now === null) return
  if (old === null) changes.add('tightened', 'maintainers', 'contracts must be signed now')
  else if (now === null) changes.add('loosened', 'maintainers', 'contracts need not be signed any more')
  else {
    if (old.threshold !== now.threshold) {
      const effect = now.threshold > old.threshold ? 'tightened' : 'loosened'
      changes.add(effect, 'maintainers.threshold', `was ${old.threshold}, is ${now.threshold}`)
    }
    const olds = resolveSigners(from, [...old.of], null)
    const nows = resolveSigners(to, [...now.of], null)
    diffSigners(olds, nows, 'maintainers.of', changes)
  }
}

function diffStep(both: Both, from: StepRule, to: StepRule): void {
  const { changes } = both
  const where = `steps.${from.name}`
  for (const one of from.after.filter((name) => !to.after.includes(name))) {
    if (isOptional(both.from, one)) changes.add('changed', `${where}.after`, `may not come after ${one} any more`)
    else changes.add('loosened', `${where}.after`, `need not come after ${one} any more`)
  }
  for (const one of to.after.filter((name) => !from.after.includes(name))) {
    if (isOptional(both.to, one)) changes.add('changed', `${where}.after`, `may come after ${one} now`)
    else changes.add('tightened', `${where}.after`, `must come after ${one} now`)
  }
  const [old, now] = [signersOf(both.from, from), signersOf(both.to, to)]
  diffSigners(old, now, `${where}.signers`, changes)
  diffApprovals(
    { rule: from.approvals, signers: old },
    { rule: to.approvals, signers: now },
    `${where}.approvals`,
    changes,
  )
  if (from.minimumGrade !== to.minimumGrade) {
    const [old, now] = [from.minimumGrade ?? 'D', to.minimumGrade ?? 'D']
    const tighter = GRADES.indexOf(now) < GRADES.indexOf(old)
    if (old !== now) changes.add(tighter ? 'tightened' : 'loosened', `${where}.minimumGrade`, `was ${old}, is ${now}`)
  }
  diffMaterials(both, from, to, where)
  diffOutside(from.outside, to.outside, `${where}.materials`, changes)
  diffPatterns(from.products, to.products, `${where}.products`, 'makes', changes)
  diffMatrix(from.matrix, to.matrix, `${where}.matrix`, changes)
  diffDemands(from, to, where, changes)
  diffRest(from, to, STEP, `${where}.`, changes)
}

function isOptional(contract: Contract, step: string): boolean {
  return contract.steps.get(step)?.optional !== null
}

function signersOf(contract: Contract, rule: StepRule): readonly ResolvedSigner[] {
  const named = rule.signers.flatMap((name) => {
    const own = contract.signers.get(name)
    return own === undefined ? [] : [[name, own] as const]
  })
  return resolveSigners(contract, named, rule.minimumGrade)
}

function diffSigners(
  from: readonly ResolvedSigner[],
  to: readonly ResolvedSigner[],
  where: string,
  changes: Changes,
): void {
  for (const [effect, what] of compareSigners(from, to)) changes.add(effect, where, what)
}

function diffMaterials({ to: contract, changes }: Both, from: StepRule, to: StepRule, where: string): void {
  const of = (rules: readonly MaterialRule[], name: string) => rules.find((rule) => rule.from === name)
  for (const { from: name, match, moved } of from.materials) {
    const now = of(to.materials, name)
    if (now !== undefined) {
      if (!sameValue(moved, now.moved)) {
        const effect = moved === null ? 'tightened' : now.moved === null ? 'loosened' : 'changed'
        const names = { tightened: 'its own', loosened: 'any', changed: 'other' }[effect]
        changes.add(effect, `${where}.materials`, `${name} hands over under ${names} names`)
      }
      diffPatterns(match, now.match, `${where}.materials`, `receives from ${name}`, changes)
    } else if (to.after.includes(name)) {
      changes.add('changed', `${where}.materials`, `receives nothing from ${name} any more: it only comes after it`)
    } else changes.add('tightened', `${where}.materials`, `may not receive anything from ${name} any more`)
  }
  for (const { from: name } of to.materials) {
    if (of(from.materials, name) !== undefined) continue
    // What only vouches for things that went before lets nothing in that was not let in already.
    const maker = contract.steps.get(name)!
    const harmless = maker.products === null && maker.outside.length === 0
    const effect = harmless ? 'tightened' : 'changed'
    changes.add(effect, `${where}.materials`, `receives what ${name} ${harmless ? 'vouches for' : 'makes'} now`)
  }
}

function diffOutside(from: readonly OutsideRule[], to: readonly OutsideRule[], where: string, changes: Changes): void {
  const covers = (wide: OutsideRule, narrow: OutsideRule) =>
    coversAll(wide.match, narrow.match) &&
    (wide.sha256 === null || wide.sha256 === narrow.sha256) &&
    (wide.contract === null || wide.contract === narrow.contract)
  const text = ({ match, sha256, contract }: OutsideRule) =>
    [
      match.pattern,
      sha256 === null ? '' : ` of ${sha256.slice(0, 12)}`,
      contract === null ? '' : ` under contract ${contract.slice(0, 12)}`,
    ].join('')
  for (const rule of from) {
    if (to.some((other) => covers(other, rule))) continue
    changes.add('tightened', where, `from outside, ${text(rule)} is not let in any more`)
  }
  for (const rule of to) {
    if (from.some((other) => covers(other, rule))) continue
    changes.add('loosened', where, `from outside, ${text(rule)} is let in now`)
  }
}

/** Patterns each of which must be met, and beside which nothing is allowed. */
function diffPatterns(
  from: readonly Glob[] | null,
  to: readonly Glob[] | null,
  where: string,
  verb: string,
  changes: Changes,
): void {
  if (from === null && to === null) return
  const list = (globs: readonly Glob[] | null) => globs?.map(({ pattern }) => pattern).join(', ') ?? 'nothing'
  if (list(from) === list(to)) return
  const what = `${verb} ${list(to)}, and no longer ${list(from)}`
  if (from === null || to === null) {
    changes.add('changed', where, what)
    return
  }
  const effect = effectOf(isNarrower(to, from), isNarrower(from, to))
  if (effect !== null) changes.add(effect, where, what)
}

/** Whether what meets `narrow` also meets `wide`: nothing else is allowed, and everything that was demanded still is. */
function isNarrower(narrow: readonly Glob[], wide: readonly Glob[]): boolean {
  return (
    narrow.every((glob) => wide.some((other) => coversAll(other, glob))) &&
    wide.every((glob) => narrow.some((other) => coversAll(glob, other)))
  )
}

function diffMatrix(
  from: readonly string[] | null,
  to: readonly string[] | null,
  where: string,
  changes: Changes,
): void {
  if (from === null && to === null) return
  if (from === null || to === null) {
    changes.add('changed', where, from === null ? 'is a matrix now' : 'is no matrix any more')
    return
  }
  const gone = from.filter((job) => !to.includes(job))
  const added = to.filter((job) => !from.includes(job))
  if (gone.length > 0) changes.add('loosened', where, `the jobs ${gone.join(', ')} are not demanded any more`)
  if (added.length > 0) changes.add('tightened', where, `the jobs ${added.join(', ')} are demanded now`)
}

function diffRest(from: object, to: object, known: readonly string[], where: string, changes: Changes): void {
  const values = [from, to].map((one) => new Map<string, unknown>(Object.entries(one)))
  const names = new Set([...values[0]!.keys(), ...values[1]!.keys()].filter((name) => !known.includes(name)))
  for (const name of names) {
    const [old, now] = values.map((one) => one.get(name) ?? null)
    if (!sameValue(old, now)) changes.add('changed', `${where}${name}`, 'is another')
  }
}
