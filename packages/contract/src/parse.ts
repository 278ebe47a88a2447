import { CodedError, type Glob, hex, isHex, parseGlob, type PublicKey, readPublicKey, sha256 } from '@countersign/core'
import { isMatrixKey, isName } from '@countersign/formats'
import type { Contract, MaterialRule, OutsideRule, StepRule } from './model.ts'
import { lintGraph } from './graph.ts'
import { type Fault, type Place, readYaml } from './yaml.ts'

export const MAX_STEPS = 1_000
const DEFAULT_CLOCK_TOLERANCE_SECONDS = 300

/** Contract from its YAML bytes. Throws the first fault as a coded error that names its line. */
export function parseContract(bytes: Uint8Array): Contract {
  const { contract, faults } = read(bytes)
  const first = faults[0]
  if (first !== undefined) throw new CodedError(first.code, `line ${first.line}: ${first.what}`, { fix: first.fix })
  if (contract === null) throw new CodedError('contract-invalid', 'the contract could not be read')
  return contract
}

/** Every fault of a contract, in the order of its lines; none when `parseContract` accepts it. */
export function lintContract(bytes: Uint8Array): Fault[] {
  return read(bytes).faults
}

function read(bytes: Uint8Array): { contract: Contract | null; faults: Fault[] } {
  const { root, faults } = readYaml(bytes)
  if (faults.list.length > 0) return { contract: null, faults: faults.list }
  const contract = readContract(root, bytes)
  faults.list.sort((a, b) => a.line - b.line || a.column - b.column)
  return { contract: faults.list.length === 0 ? contract : null, faults: faults.list }
}

const FIELDS = [
  'contract',
  'pipeline',
  'revision',
  'signers',
  'countersigners',
  'attempts',
  'clockToleranceSeconds',
  'steps',
  'final',
]

function readContract(root: Place, bytes: Uint8Array): Contract | null {
  const members = root.members(FIELDS, ['contract', 'pipeline', 'revision', 'signers', 'steps', 'final'])
  if (members === null) return null
  members.get('contract')?.text('v1, the version of the contract language', (t) => t === 'v1')
  const pipeline = members.get('pipeline')?.text('a pipeline name, like shop/web', isName) ?? null
  const revision = members.get('revision')?.integer(1, 1_000_000_000) ?? null
  const signers = readKeys(members.get('signers'), true)
  const countersigners = readKeys(members.get('countersigners'), false)
  const attempts = members.get('attempts')?.text('same or carry', (t) => t === 'same' || t === 'carry') ?? 'same'
  const tolerance = members.get('clockToleranceSeconds')?.integer(0, 86_400) ?? DEFAULT_CLOCK_TOLERANCE_SECONDS
  const steps = readSteps(members.get('steps'), signers)
  const finalPlace = members.get('final')
  const final = finalPlace?.text('the name of a step', isName) ?? null
  if (final !== null && steps !== null && !steps.has(final)) {
    finalPlace!.fault(`names ${final}, which is not a step`, `Use one of: ${[...steps.keys()].join(', ')}.`)
  }
  if (steps !== null && members.has('steps')) lintGraph(members.get('steps')!, steps, final)
  if (pipeline === null || revision === null || steps === null || final === null) return null
  return {
    pipeline,
    revision,
    digest: hex(sha256(bytes)),
    signers,
    countersigners,
    steps,
    final,
    attempts: attempts as Contract['attempts'],
    clockTolerance: tolerance * 1000,
  }
}

function readKeys(place: Place | undefined, needed: boolean): Map<string, PublicKey> {
  const keys = new Map<string, PublicKey>()
  const entries = place?.entries()
  if (place === undefined || entries === null || entries === undefined) return keys
  if (needed && entries.size === 0) {
    place.fault('is empty', 'Name who may sign, with a public key each.', 'contract-empty')
  }
  const owner = new Map<string, string>()
  for (const [name, item] of entries) {
    if (!isName(name)) item.fault('is not a name', 'Use letters, digits, . _ - /.')
    const text = item.text('a public key (PEM, or base64 of its SPKI)', (t) => t.length <= 4096)
    if (text === null) continue
    try {
      const key = readPublicKey(text)
      const other = owner.get(key.keyId)
      // One key under two names would let one party play two (T-39).
      if (other !== undefined) item.fault(`is the same key as ${other}`, 'Give each party its own key.')
      owner.set(key.keyId, name)
      keys.set(name, key)
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      item.fault(
        `is not a usable key: ${error.what}`,
        'Paste the .pub file that countersign key new wrote.',
        'key-invalid',
      )
    }
  }
  return keys
}

function readSteps(place: Place | undefined, signers: ReadonlyMap<string, PublicKey>): Map<string, StepRule> | null {
  const entries = place?.entries()
  if (place === undefined || entries === null || entries === undefined) return null
  if (entries.size === 0) {
    place.fault('is empty', 'Describe at least one step.', 'contract-empty')
    return null
  }
  if (entries.size > MAX_STEPS) {
    place.fault(`has more than ${MAX_STEPS} steps`, 'Split the pipeline.')
    return null
  }
  const names = [...entries.keys()]
  const steps = new Map<string, StepRule>()
  for (const [name, item] of entries) {
    if (!isName(name)) item.fault('is not a step name', 'Use letters, digits, . _ - /.')
    const rule = readStep(name, item, names, signers)
    if (rule !== null) steps.set(name, rule)
  }
  return steps.size === entries.size ? steps : null
}

function readStep(
  name: string,
  place: Place,
  names: readonly string[],
  known: ReadonlyMap<string, PublicKey>,
): StepRule | null {
  const members = place.members(['after', 'signers', 'materials', 'products', 'matrix'], ['signers'])
  if (members === null) return null
  const after = readNames(members.get('after'), names, 'step')
  const signers = readNames(members.get('signers'), [...known.keys()], 'signer')
  if (members.has('signers') && signers.length === 0) {
    members.get('signers')!.fault('is empty', 'Name at least one signer.', 'contract-empty')
  }
  const { materials, outside } = readMaterials(members.get('materials'), after)
  return {
    name,
    after,
    signers,
    materials,
    outside,
    products: members.has('products') ? readGlobs(members.get('products')!) : null,
    matrix: members.has('matrix') ? readMatrix(members.get('matrix')!) : null,
  }
}

/** Names from a list, each known, none twice. */
function readNames(place: Place | undefined, known: readonly string[], kind: string): string[] {
  const names: string[] = []
  for (const item of place?.items(MAX_STEPS) ?? []) {
    const name = item.text(`the name of a ${kind}`, () => true)
    if (name === null) continue
    if (!known.includes(name)) {
      item.fault(
        `names ${JSON.stringify(name.slice(0, 60))}, which is not a ${kind}`,
        `Use one of: ${known.join(', ') || '(none is defined)'}.`,
      )
    } else if (names.includes(name)) item.fault(`names ${name} twice`, 'Remove one of them.')
    else names.push(name)
  }
  return names
}

function readMaterials(
  place: Place | undefined,
  after: readonly string[],
): { materials: MaterialRule[]; outside: OutsideRule[] } {
  // Without a word about materials, something must be handed over from every predecessor.
  if (place === undefined) return { materials: after.map((from) => ({ from, match: [parseGlob('**')] })), outside: [] }
  const materials: MaterialRule[] = []
  const outside: OutsideRule[] = []
  for (const item of place.items(1000) ?? []) {
    const members = item.members(['from', 'match', 'outside', 'sha256'], [])
    if (members === null) continue
    if (members.has('from') === members.has('outside')) {
      item.fault('needs either from or outside', 'Write from: STEP, or outside: PATTERN.')
    } else if (members.has('from')) {
      if (members.has('sha256')) members.get('sha256')!.fault('goes with outside only', 'Remove it.')
      const from = members.get('from')!.text('the name of a step in after', (t) => after.includes(t))
      const match = members.has('match') ? readGlobs(members.get('match')!) : [parseGlob('**')]
      if (from !== null && materials.some((rule) => rule.from === from)) {
        members.get('from')!.fault(`names ${from} twice`, 'Put all patterns into one match list.')
      } else if (from !== null) materials.push({ from, match })
    } else {
      if (members.has('match')) members.get('match')!.fault('goes with from only', 'Remove it.')
      const match = readGlob(members.get('outside')!)
      const sha256 = members.get('sha256')?.text('64 lower-case hex digits', (t) => isHex(t, 64)) ?? null
      if (match !== null) outside.push({ match, sha256 })
    }
  }
  return { materials, outside }
}

function readGlobs(place: Place): Glob[] {
  const items = place.items(1000) ?? []
  if (items.length === 0)
    place.fault('names nothing', 'List at least one pattern, or leave the field out.', 'contract-empty')
  return items.map(readGlob).filter((glob) => glob !== null)
}

function readGlob(place: Place): Glob | null {
  const text = place.text('a path pattern', (t) => t.length <= 1024)
  if (text === null) return null
  try {
    return parseGlob(text.endsWith('/') ? text.slice(0, -1) : text)
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    place.fault(error.what, error.fix, error.code)
    return null
  }
}

function readMatrix(place: Place): string[] {
  const keys: string[] = []
  for (const item of place.items(1000) ?? []) {
    const key = item.text('a matrix key (printable text; quote numbers)', isMatrixKey)
    if (key === null) continue
    if (keys.includes(key)) item.fault(`names ${key} twice`, 'Remove one of them.')
    else keys.push(key)
  }
  if (keys.length === 0) place.fault('names no job', 'List every matrix key, or leave the field out.', 'contract-empty')
  return keys
}
