import { CodedError, hex, sha256 } from '@countersign/core'
import { isName } from '@countersign/formats'
import { readAnchored } from './anchored-rule.ts'
import { type Authorities, claimAuthorityKeys, readAuthorities } from './authorities.ts'
import { type Baseline, lintUnder } from './baseline.ts'
import { lintApprovals, lintOptional } from './demands.ts'
import type { Fault } from './fault.ts'
import { lintGraph } from './graph.ts'
import { readGrace, readMaintainers } from './maintainers.ts'
import type { Contract, Maintainers, SignerRule, StepRule } from './model.ts'
import { useOneOf } from './nearest.ts'
import { readPeople } from './people.ts'
import type { Place } from './place.ts'
import { readServers } from './servers.ts'
import { readSigners } from './signers.ts'
import { readSteps, type Steps } from './steps.ts'
import { readYaml } from './yaml.ts'

const DEFAULT_CLOCK_TOLERANCE_SECONDS = 300

/** Contract from its YAML bytes. Throws the first fault as a coded error that names its line. */
export function parseContract(bytes: Uint8Array): Contract {
  const { contract, faults } = read(bytes)
  const first = faults[0]
  if (first !== undefined) throw new CodedError(first.code, `line ${first.line}: ${first.what}`, { fix: first.fix })
  if (contract === null) throw new CodedError('contract-invalid', 'the contract could not be read')
  return contract
}

/**
 * Every fault of a contract (the first 100), in the order of its text; none exactly when `parseContract` accepts it, and
 * where a baseline is given it asks for as much.
 */
export function lintContract(bytes: Uint8Array, baseline: Baseline | null = null): Fault[] {
  return read(bytes, baseline).faults
}

function read(bytes: Uint8Array, baseline: Baseline | null = null): { contract: Contract | null; faults: Fault[] } {
  const { root, faults } = readYaml(bytes)
  const contract = root === null ? null : readContract(root, bytes)
  // What is no contract asks for nothing yet.
  if (root !== null && contract !== null && baseline !== null && faults.list.length === 0) {
    lintUnder(root, contract, baseline)
  }
  return { contract: faults.list.length === 0 ? contract : null, faults: faults.sorted() }
}

const REQUIRED = ['contract', 'pipeline', 'revision', 'signers', 'steps', 'final']
const FIELDS = [
  ...REQUIRED,
  'authorities',
  'people',
  'countersigners',
  'attempts',
  'clockToleranceSeconds',
  'anchored',
  'maintainers',
  'grace',
]

function readContract(root: Place, bytes: Uint8Array): Contract | null {
  if (root.isEmpty()) {
    root.fault('is empty', 'Begin with contract: v1.', 'contract-empty')
    return null
  }
  const members = root.members(FIELDS, REQUIRED)
  if (members === null) return null
  members.get('contract')?.text('v1, the version of the contract language', (t) => t === 'v1')
  const pipeline = members.get('pipeline')?.text('a pipeline name, like shop/web', isName) ?? null
  const revision = members.get('revision')?.integer(1, 1_000_000_000) ?? null
  const owners = new Map<string, string>()
  const authorities = readAuthorities(members.get('authorities'))
  const signers = readSigners(members.get('signers'), authorities.rules, owners)
  const people = readPeople(members.get('people'), members.get('signers'))
  const countersigners = readServers(members.get('countersigners'), owners)
  claimAuthorityKeys(authorities, owners)
  const attempts = members.get('attempts')?.text('same or carry', (t) => t === 'same' || t === 'carry') ?? 'same'
  const tolerance = members.get('clockToleranceSeconds')?.integer(0, 86_400) ?? DEFAULT_CLOCK_TOLERANCE_SECONDS
  const anchored = readAnchored(members.get('anchored'))
  const maintainers = readMaintainers(members.get('maintainers'), authorities.rules, owners, {
    signers,
    people,
  })
  const grace = readGrace(members.get('grace'))
  const steps = readSteps(members.get('steps'), members.get('signers'), people)
  const final = readFinal(members.get('final'), steps)
  lintAuthorities(members.get('authorities'), authorities.rules, members.get('signers'), signers, maintainers)
  if (steps !== null) {
    lintGrades(members.get('steps')!, steps.rules, signers)
    lintApprovals(members.get('steps')!, steps.rules, people)
    lintOptional(members.get('steps')!, steps.rules, final)
  }
  if (steps !== null) lintGraph(members.get('steps')!, steps.rules, final, steps.complete)
  if (pipeline === null || revision === null || steps === null || final === null) return null
  return {
    pipeline,
    revision,
    digest: hex(sha256(bytes)),
    signers,
    authorities: authorities.rules ?? new Map(),
    countersigners,
    steps: steps.rules,
    final,
    attempts: attempts as Contract['attempts'],
    clockTolerance: tolerance * 1000,
    anchored,
    maintainers,
    grace,
  }
}

/** An authority that no signer needs is trusted for nothing. Said only where all signers could be read. */
function lintAuthorities(
  place: Place | undefined,
  authorities: Authorities['rules'],
  names: Place | undefined,
  signers: ReadonlyMap<string, SignerRule>,
  maintainers: Maintainers | null,
): void {
  if (authorities === null || names?.whole !== true || names.entries()?.size !== signers.size) return
  const all = [...signers.values(), ...(maintainers?.of.values() ?? [])]
  const used = new Set(all.flatMap((rule) => (rule.kind === 'identity' ? rule.authorities : [])))
  for (const [name, item] of place?.entries() ?? []) {
    if (used.has(name)) continue
    item.faultKey('vouches for nobody', 'Let a signer be an identity that it vouches for, or remove it.')
  }
}

/** A step that asks for a grade that none of its signers can have could never be signed. */
function lintGrades(
  place: Place,
  rules: ReadonlyMap<string, StepRule>,
  signers: ReadonlyMap<string, SignerRule>,
): void {
  for (const [name, { minimumGrade, signers: named }] of rules) {
    if (minimumGrade === null || minimumGrade === 'D' || named.length === 0) continue
    if (!named.every((signer) => signers.get(signer)?.kind === 'key')) continue
    const item = place.entries()?.get(name)?.entries()?.get('minimumGrade')
    item?.fault(`asks for ${minimumGrade}, and its signers are keys, of grade D`, 'Name an identity, or remove it.')
  }
}

function readFinal(place: Place | undefined, steps: Steps | null): string | null {
  const final = place?.text('the name of a step', isName) ?? null
  if (final === null || steps === null || steps.names.has(final)) return final
  place!.fault(`is ${final}, which is no step`, () => useOneOf(final, [...steps.names]))
  return null
}
