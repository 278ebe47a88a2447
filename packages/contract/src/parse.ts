import { CodedError, hex, type PublicKey, readPublicKey, sha256 } from '@countersign/core'
import { isName, type NoteKey, parseVkey } from '@countersign/formats'
import { type AnchorKind, ANCHOR_KINDS } from '@countersign/formats/anchor'
import type { Fault } from './fault.ts'
import { lintGraph } from './graph.ts'
import type { AnchoredRule, Contract } from './model.ts'
import { useOneOf } from './nearest.ts'
import type { Place } from './place.ts'
import { NAME_FIX, readSteps, type Steps } from './steps.ts'
import { readYaml } from './yaml.ts'

const MAX_KEY_TEXT = 4_096
const MAX_SERVERS = 100
const DEFAULT_CLOCK_TOLERANCE_SECONDS = 300

/** Contract from its YAML bytes. Throws the first fault as a coded error that names its line. */
export function parseContract(bytes: Uint8Array): Contract {
  const { contract, faults } = read(bytes)
  const first = faults[0]
  if (first !== undefined) throw new CodedError(first.code, `line ${first.line}: ${first.what}`, { fix: first.fix })
  if (contract === null) throw new CodedError('contract-invalid', 'the contract could not be read')
  return contract
}

/** Every fault of a contract (the first 100), in the order of its text; none exactly when `parseContract` accepts it. */
export function lintContract(bytes: Uint8Array): Fault[] {
  return read(bytes).faults
}

function read(bytes: Uint8Array): { contract: Contract | null; faults: Fault[] } {
  const { root, faults } = readYaml(bytes)
  const contract = root === null ? null : readContract(root, bytes)
  return { contract: faults.list.length === 0 ? contract : null, faults: faults.sorted() }
}

const REQUIRED = ['contract', 'pipeline', 'revision', 'signers', 'steps', 'final']
const FIELDS = [...REQUIRED, 'countersigners', 'attempts', 'clockToleranceSeconds', 'anchored']

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
  const signers = readKeys(members.get('signers'), 'Name who may sign, each with a public key.', owners)
  const countersigners = readServers(members.get('countersigners'), owners)
  const attempts = members.get('attempts')?.text('same or carry', (t) => t === 'same' || t === 'carry') ?? 'same'
  const tolerance = members.get('clockToleranceSeconds')?.integer(0, 86_400) ?? DEFAULT_CLOCK_TOLERANCE_SECONDS
  const anchored = readAnchored(members.get('anchored'))
  const steps = readSteps(members.get('steps'), members.get('signers'))
  const final = readFinal(members.get('final'), steps)
  if (steps !== null) lintGraph(members.get('steps')!, steps.rules, final, steps.complete)
  if (pipeline === null || revision === null || steps === null || final === null) return null
  return {
    pipeline,
    revision,
    digest: hex(sha256(bytes)),
    signers,
    countersigners,
    steps: steps.rules,
    final,
    attempts: attempts as Contract['attempts'],
    clockTolerance: tolerance * 1000,
    anchored,
  }
}

/** Keys by name; `owners` holds whose key an id is, over all the lists of the contract. */
function readKeys(place: Place | undefined, fix: string, owners: Map<string, string>): Map<string, PublicKey> {
  const keys = new Map<string, PublicKey>()
  if (place?.isEmpty()) place.fault('is empty', fix, 'contract-empty')
  for (const [name, item] of place?.entries() ?? []) {
    if (!isName(name)) item.faultKey('is not a name', NAME_FIX)
    const key = readKey(item)
    if (key === null) continue
    const owner = owners.get(key.keyId)
    // One key under two names would let one party play two (T-39).
    if (owner !== undefined) item.fault(`is the same key as ${owner}`, 'Give each party a key of its own.')
    else owners.set(key.keyId, item.path)
    keys.set(name, key)
  }
  return keys
}

function readKey(place: Place): PublicKey | null {
  const text = place.text('a public key (PEM, or base64 of its SPKI)', (t) => t.length <= MAX_KEY_TEXT)
  if (text === null) return null
  try {
    return readPublicKey(text)
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    const fix = 'Paste the .pub file that countersign key new wrote.'
    place.fault(`is not a usable key: ${error.what}`, fix, 'key-invalid')
    return null
  }
}

/** Verifier keys of servers' logs. */
function readServers(place: Place | undefined, owners: Map<string, string>): NoteKey[] {
  if (place?.isEmpty()) {
    place.fault('is empty', 'Name a server by its verifier key, or leave the field out.', 'contract-empty')
    return []
  }
  const keys: NoteKey[] = []
  for (const item of place?.items(MAX_SERVERS) ?? []) {
    const key = readVkey(item)
    if (key === null) continue
    const owner = owners.get(key.publicKey.keyId)
    // A server that may sign steps, or stands there twice, would vouch for itself (T-39).
    if (owner !== undefined) item.fault(`is the same key as ${owner}`, 'Give each party a key of its own.')
    else owners.set(key.publicKey.keyId, item.path)
    keys.push(key)
  }
  return keys
}

function readVkey(place: Place): NoteKey | null {
  const text = place.text('a verifier key (name+id+key)', (t) => t.length <= MAX_KEY_TEXT)
  if (text === null) return null
  const fix = 'Paste the vkey that the server shows at /v1/server.'
  try {
    const key = parseVkey(text, { sha256 })
    if (key.type === 'ed25519') return key
    place.fault('is the key of a witness, not of a log', fix, 'key-invalid')
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    place.fault(`is not a usable key: ${error.what}`, fix, 'key-invalid')
  }
  return null
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }
const MAX_WITHIN = 366 * 86_400_000
const DURATION = 'a time of 1m to 366d, like 90m, 36h or 7d'

function readAnchored(place: Place | undefined): AnchoredRule | null {
  const members = place?.members(['within', 'by'], ['within'])
  if (place === undefined || members == null) return null
  const within = members.get('within')?.text(DURATION, (text) => durationOf(text) !== null) ?? null
  const by = members.get('by')
  if (by?.isEmpty()) by.fault('is empty', 'Name a kind of anchor, or leave the field out.', 'contract-empty')
  const kinds: AnchorKind[] = []
  for (const item of by?.isEmpty() === false ? (by.items(ANCHOR_KINDS.length) ?? []) : []) {
    const kind = item.text(ANCHOR_KINDS.join(' or '), (text) => isKind(text))
    if (kind === null || !isKind(kind)) continue
    if (kinds.includes(kind)) item.fault(`is ${kind}, which stands there already`, 'Remove one of them.')
    kinds.push(kind)
  }
  return within === null ? null : { within: durationOf(within)!, by: kinds }
}

/** Milliseconds; null for what is no duration. */
function durationOf(text: string): number | null {
  const [, count, unit] = /^([1-9][0-9]{0,5})([mhd])$/.exec(text) ?? []
  const ms = count === undefined ? null : Number(count) * UNITS[unit!]!
  return ms === null || ms > MAX_WITHIN ? null : ms
}

function isKind(text: string): text is AnchorKind {
  return (ANCHOR_KINDS as readonly string[]).includes(text)
}

function readFinal(place: Place | undefined, steps: Steps | null): string | null {
  const final = place?.text('the name of a step', isName) ?? null
  if (final === null || steps === null || steps.names.has(final)) return final
  place!.fault(`is ${final}, which is no step`, () => useOneOf(final, [...steps.names]))
  return null
}
