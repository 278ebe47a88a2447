import { CodedError, type Glob, hasControl, isHex, isLiteral, parseGlob } from '@countersign/core'
import { isMatrixKey, isName } from '@countersign/formats'
import { DEMAND_FIELDS, lintApproval, readDemands } from './demands.ts'
import { NAME_FIX, shown } from './fault.ts'
import { lintHandOvers, type Wanted } from './handover.ts'
import type { MaterialRule, MovedRule, OutsideRule, StepRule } from './model.ts'
import { useOneOf } from './nearest.ts'
import { byPerson } from './people.ts'
import type { Place } from './place.ts'
import { readGrade } from './signers.ts'

const MAX_STEPS = 1_000
const MAX_ITEMS = 1_000
/** Patterns meet every name of an attestation: their number and length bound what one costs to judge (T-93). */
const MAX_PATTERNS = 100
const MAX_PATTERN = 256

const FIELDS = ['after', 'signers', 'materials', 'products', 'disallow', 'matrix', 'minimumGrade', ...DEMAND_FIELDS]
const MATERIAL_FIELDS = ['from', 'match', 'moved', 'outside', 'sha256']

export interface Steps {
  /** Every name, also of steps that could not be read. */
  readonly names: ReadonlySet<string>
  readonly rules: ReadonlyMap<string, StepRule>
  /** False when a fault may hide who follows or signs what: what is missing is then not said. */
  readonly complete: boolean
}

/** What is known while the steps are read, and what can be judged only after all of them. */
interface Reading {
  readonly steps: ReadonlySet<string>
  /** Null when it is not certain who they are. */
  readonly signers: ReadonlySet<string> | null
  readonly people: ReadonlyMap<string, string>
  readonly wanted: Wanted[]
  /** Steps with a fault in their products. */
  readonly vague: Set<string>
  complete: boolean
}

/**
 * The steps, or null when there are none to speak of. `signers` is where their signers are named, and `people` whose they
 * are.
 */
export function readSteps(
  place: Place | undefined,
  signers: Place | undefined,
  people: ReadonlyMap<string, string>,
): Steps | null {
  if (place?.isEmpty()) {
    place.fault('is empty', 'Describe at least one step.', 'contract-empty')
    return null
  }
  const entries = place?.entries() ?? null
  if (place === undefined || entries === null) return null
  if (entries.size > MAX_STEPS) {
    place.fault(`has more than ${MAX_STEPS} steps`, 'Split the pipeline.')
    return null
  }
  const reading: Reading = {
    steps: new Set(entries.keys()),
    signers: namesOf(signers),
    people,
    wanted: [],
    vague: new Set(),
    complete: place.whole,
  }
  const rules = new Map<string, StepRule>()
  for (const [name, item] of entries) {
    if (!isName(name)) item.faultKey('is not a name', NAME_FIX)
    const rule = readStep(name, item, reading)
    if (rule !== null) rules.set(name, rule)
  }
  const wanted = reading.wanted.filter(({ from }) => !reading.vague.has(from))
  lintHandOvers(wanted, rules)
  if (reading.complete) lintSigners(signers, rules)
  return { names: reading.steps, rules, complete: reading.complete }
}

function namesOf(signers: Place | undefined): ReadonlySet<string> | null {
  const entries = signers?.entries() ?? null
  return entries === null || entries.size === 0 || !signers!.whole ? null : new Set(entries.keys())
}

function readStep(name: string, place: Place, reading: Reading): StepRule | null {
  const members = place.members(FIELDS, ['signers'])
  if (!place.whole || members === null) reading.complete = false
  if (members === null) return null
  const after = readNames(members.get('after'), reading.steps, 'step', reading)
  const signers = readSigners(members.get('signers'), reading)
  const minimumGrade = readGrade(members.get('minimumGrade'))
  const { materials, outside } = readMaterials(members.get('materials'), name, after, reading)
  const products = members.has('products') ? readPatterns(members.get('products')!) : null
  if (products?.some(({ glob }) => glob === null)) reading.vague.add(name)
  if (after.length > 0 && products === null && members.get('materials')?.isEmpty()) {
    place.faultKey(
      'receives nothing and makes nothing, so there is nothing it could vouch for',
      'Name its products, or remove its empty materials.',
    )
  }
  const matrix = members.has('matrix') ? readMatrix(members.get('matrix')!) : null
  const disallow = members.has('disallow') ? readPatterns(members.get('disallow')!) : []
  const demands = readDemands(members, { name, after, people: byPerson(reading.people, signers) })
  if (demands.approvals !== null) lintApproval(place, members, after)
  return {
    name,
    after,
    signers,
    minimumGrade,
    materials,
    outside,
    products: products === null ? null : globsOf(products),
    disallow: globsOf(disallow),
    matrix,
    ...demands,
  }
}

function readSigners(place: Place | undefined, reading: Reading): string[] {
  if (place !== undefined && !place.isEmpty()) return readNames(place, reading.signers, 'signer', reading)
  reading.complete = false
  place?.fault('is empty', 'Name at least one signer.', 'contract-empty')
  return []
}

/** Names from a list, each known, none twice. */
function readNames(
  place: Place | undefined,
  known: ReadonlySet<string> | null,
  kind: 'step' | 'signer',
  reading: Reading,
): string[] {
  if (place === undefined) return []
  const items = place.items(MAX_ITEMS)
  const names = new Set<string>()
  if (items === null) reading.complete = false
  for (const item of items ?? []) {
    const name = item.text(`the name of a ${kind}`, () => true)
    if (name === null || known?.has(name) !== true) reading.complete = false
    if (name === null) continue
    if (known?.has(name) === false)
      item.fault(`is ${shown(name)}, which is no ${kind}`, () => useOneOf(name, [...known]))
    else if (names.has(name)) item.fault(`is ${shown(name)} for the second time`, 'Remove it.')
    else names.add(name)
  }
  return [...names]
}

function lintSigners(signers: Place | undefined, rules: ReadonlyMap<string, StepRule>): void {
  const used = new Set([...rules.values()].flatMap((rule) => rule.signers))
  for (const [name, place] of signers?.entries() ?? []) {
    if (used.has(name)) continue
    place.faultKey('may sign no step', 'Add it to the signers of a step, or remove it: nobody is trusted for nothing.')
  }
}

function readMaterials(
  place: Place | undefined,
  step: string,
  after: readonly string[],
  reading: Reading,
): { materials: MaterialRule[]; outside: OutsideRule[] } {
  // Without a word about materials, something must be handed over from every predecessor.
  if (place === undefined)
    return { materials: after.map((from) => ({ from, match: [parseGlob('**')], moved: null })), outside: [] }
  const materials = new Map<string, MaterialRule>()
  const outside: OutsideRule[] = []
  for (const item of place.items(MAX_PATTERNS) ?? []) {
    const members = item.members(MATERIAL_FIELDS, [])
    if (members === null) continue
    if (members.has('from') === members.has('outside')) {
      item.fault('needs one of from and outside', 'Write from: STEP, or outside: PATTERN.')
    } else if (members.has('from')) {
      members.get('sha256')?.faultKey('goes with outside only', 'Remove it.')
      const from = readFrom(members.get('from')!, step, after, reading)
      const patterns = members.has('match') ? readPatterns(members.get('match')!) : null
      if (from === null) continue
      if (materials.has(from)) {
        members.get('from')!.fault(`is ${from} for the second time`, 'Put all its patterns into one match list.')
        continue
      }
      const match = patterns === null ? [parseGlob('**')] : globsOf(patterns)
      materials.set(from, { from, match, moved: readMoved(members.get('moved')) })
      for (const { place, glob } of patterns ?? []) if (glob !== null) reading.wanted.push({ place, glob, from })
    } else {
      for (const field of ['match', 'moved']) members.get(field)?.faultKey('goes with from only', 'Remove it.')
      const match = readGlob(members.get('outside')!)
      const sha256 = members.get('sha256')?.text('64 lower-case hex digits', (t) => isHex(t, 64)) ?? null
      if (match !== null) outside.push({ match, sha256 })
    }
  }
  return { materials: [...materials.values()], outside }
}

/** Directories by name; the one that all names are in is spelled as a dot. */
function readMoved(place: Place | undefined): MovedRule | null {
  const members = place?.members(['of', 'to'], ['of', 'to'])
  if (members == null) return null
  const [of, to] = [readDirectory(members.get('of')), readDirectory(members.get('to'))]
  return of === null || to === null ? null : { of, to }
}

function readDirectory(place: Place | undefined): string | null {
  const text = place?.text('the name of a directory, or a dot', (t) => t === '.' || isLiteralPath(t)) ?? null
  if (text === null) return null
  return text === '.' ? '' : text.endsWith('/') ? text.slice(0, -1) : text
}

function isLiteralPath(text: string): boolean {
  if (text.length > MAX_PATTERN || hasControl(text) || text.normalize('NFC') !== text) return false
  try {
    return isLiteral(parseGlob(text.endsWith('/') ? text.slice(0, -1) : text).pattern)
  } catch {
    return false
  }
}

function readFrom(place: Place, step: string, after: readonly string[], reading: Reading): string | null {
  const from = place.text('the name of a step', () => true)
  if (from === null || after.includes(from)) return from
  if (reading.steps.has(from)) {
    const what = `is ${shown(from)}, which step ${shown(step)} does not come after`
    place.fault(what, `Add ${shown(from)} to its after list, or remove this entry.`)
  } else place.fault(`is ${shown(from)}, which is no step`, () => useOneOf(from, after))
  return null
}

/** A pattern of a list; null where it is at fault. */
interface Pattern {
  readonly place: Place
  readonly glob: Glob | null
}

function readPatterns(place: Place): Pattern[] {
  if (place.isEmpty()) {
    place.fault('names nothing', 'List at least one pattern, or leave the field out.', 'contract-empty')
    return []
  }
  return (place.items(MAX_PATTERNS) ?? []).map((item) => ({ place: item, glob: readGlob(item) }))
}

function globsOf(patterns: readonly Pattern[]): Glob[] {
  return patterns.flatMap(({ glob }) => (glob === null ? [] : [glob]))
}

function readGlob(place: Place): Glob | null {
  const text = place.text(
    `a path pattern of at most ${MAX_PATTERN} characters`,
    (t) => t.length <= MAX_PATTERN && !hasControl(t),
  )
  if (text === null) return null
  // Names of files are in NFC: another form would look the same and match nothing.
  if (text.normalize('NFC') !== text) {
    place.fault('is not in Unicode NFC, so it matches no name', 'Type it again, or save the file in NFC.')
    return null
  }
  try {
    return parseGlob(text.endsWith('/') ? text.slice(0, -1) : text)
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    place.fault(`is ${shown(text)}, which is no relative path pattern`, error.fix, error.code)
    return null
  }
}

function readMatrix(place: Place): string[] {
  if (place.isEmpty()) {
    place.fault('names no job', 'List every job, or leave the field out.', 'contract-empty')
    return []
  }
  const keys = new Set<string>()
  for (const item of place.items(MAX_ITEMS) ?? []) {
    const key = item.text('a matrix key: 1 to 256 printable ASCII characters', isMatrixKey)
    if (key === null) continue
    if (keys.has(key)) item.fault(`is ${shown(key)} for the second time`, 'Remove it.')
    else keys.add(key)
  }
  return [...keys]
}
