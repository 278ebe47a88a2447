import { type Glob, parseGlob } from '@countersign/core'
import { coversAll } from './change.ts'
import { type Fault, shown } from './fault.ts'
import type { Contract, SignerRule, StepRule } from './model.ts'
import { parseContract } from './parse.ts'
import type { Place } from './place.ts'
import { sameValue } from './signer-diff.ts'
import { readYaml } from './yaml.ts'

/**
 * What is no fault of a contract and yet cannot be meant: steps that nobody can sign any more, rules that never match and
 * pins that pin nothing, each with its line and the way out. For a contract that `lintContract` finds no fault in; throws
 * what `parseContract` throws for others.
 */
export function adviseContract(bytes: Uint8Array): Fault[] {
  const contract = parseContract(bytes)
  const { root, faults } = readYaml(bytes)
  const top = root!.entries()!
  const steps = top.get('steps')!.entries()!
  for (const [name, rule] of contract.steps) adviseStep(contract, rule, steps.get(name)!)
  adviseSigners(contract.signers, top.get('signers')!)
  return faults.sorted()
}

function adviseStep(contract: Contract, rule: StepRule, place: Place): void {
  const members = place.entries()!
  const signers = rule.signers.flatMap((name) => contract.signers.get(name) ?? [])
  if (signers.every((signer) => isRevoked(contract, signer))) {
    members
      .get('signers')!
      .fault(
        'are all revoked: nobody can sign this step any more',
        'Name a signer that is believed; this contract judges older runs as it stands.',
      )
  }
  advisePatterns(rule.products ?? [], members.get('products'))
  const materials = members.get('materials')?.items(Number.MAX_SAFE_INTEGER) ?? []
  adviseOutside(materials)
  for (const item of materials) {
    const match = item.entries()?.get('match')
    const from = rule.materials.find(
      ({ from }) =>
        item
          .entries()
          ?.get('from')
          ?.text('', () => true) === from,
    )
    if (match !== undefined && from !== undefined) advisePatterns(from.match, match)
  }
}

function isRevoked({ authorities }: Contract, signer: SignerRule): boolean {
  if (signer.kind === 'key') return false
  if (signer.revokedAt !== null) return true
  return signer.authorities.every((name) => (authorities.get(name)?.revokedAt ?? null) !== null)
}

/** A pattern for the second time: two that are not the same each ask for something, and each let something in. */
function advisePatterns(globs: readonly Glob[], place: Place | undefined): void {
  const items = place?.items(Number.MAX_SAFE_INTEGER) ?? []
  for (const [i, { pattern }] of globs.entries()) {
    if (globs.findIndex((one) => one.pattern === pattern) === i) continue
    items[i]?.fault(`is ${shown(pattern)} for the second time`, 'Remove it.')
  }
}

/** A digest that is demanded of a name of which another line lets in any bytes. */
function adviseOutside(items: readonly Place[]): void {
  const rules = items.flatMap((place) => {
    const members = place.entries()
    const name = members?.get('outside')?.text('', () => true) ?? null
    const pinned = members?.has('sha256') === true
    return name === null ? [] : [{ place, name, pinned }]
  })
  for (const [i, { place, name, pinned }] of rules.entries()) {
    const wide = rules.find(
      (other, j) =>
        i !== j && !other.pinned && globCovers(other.name, name) && (!globCovers(name, other.name) || pinned || j < i),
    )
    if (wide === undefined) continue
    const pins = pinned ? ', whatever its bytes, so the sha256 pins nothing' : ''
    place.fault(`is let in by ${shown(wide.name)} already${pins}`, `Remove ${shown(wide.name)}, or this line.`)
  }
}

function globCovers(wide: string, narrow: string): boolean {
  return coversAll(parseGlob(plain(wide)), parseGlob(plain(narrow)))
}

function plain(pattern: string): string {
  return pattern.endsWith('/') ? pattern.slice(0, -1) : pattern
}

/** Of two names that mean the same identity the first is told, and the second never. */
function adviseSigners(signers: ReadonlyMap<string, SignerRule>, place: Place): void {
  const known: (readonly [string, SignerRule])[] = []
  for (const [name, rule] of signers) {
    const first = known.find(([, other]) => rule.kind === 'identity' && sameValue(other, rule))
    if (first !== undefined) {
      place
        .entries()!
        .get(name)!
        .faultKey(`means whom ${shown(first[0])} means, so nobody is ever called so`, 'Keep one of the two names.')
    }
    known.push([name, rule])
  }
}
