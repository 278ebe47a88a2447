import { CodedError, type Crypto, fromUtf8 } from '@countersign/core'
import { type NoteKey, type NoteKeyType, parseVkey } from './note-key.ts'

/** Most bytes of a policy file. */
export const MAX_POLICY_BYTES = 65_536
/** Most logs, witnesses and groups of a policy, each; C2SP asks for at least 32. */
export const MAX_POLICY_ENTRIES = 64

const CODE = 'policy-invalid'
/** Anything below U+0020 but tab and newline, and DEL. */
const CONTROL = /[^\t\n\u0020-\u007e\u0080-\u{10ffff}]/u
const NONE = 'none'

/** A log that the policy knows. */
export interface PolicyLog {
  /** Its name is the log's origin. */
  readonly key: NoteKey
  readonly url: string | null
}

/** A witness that the policy knows. */
export interface PolicyWitness {
  /** Within the policy; the key has its own name. */
  readonly name: string
  readonly key: NoteKey
  /** Submission prefix (C2SP tlog-witness), as it is written; not checked. */
  readonly url: string | null
}

/** Witnesses and groups of which some count as all. */
export interface PolicyGroup {
  readonly name: string
  /** How many members must have witnessed, 1 to all of them. */
  readonly threshold: number
  readonly members: readonly string[]
}

/** Which cosignatures make a checkpoint good (C2SP tlog-policy). */
export interface WitnessPolicy {
  readonly logs: readonly PolicyLog[]
  readonly witnesses: readonly PolicyWitness[]
  readonly groups: readonly PolicyGroup[]
  /** Name of a witness or group; null where none are demanded. */
  readonly quorum: string | null
}

/**
 * Policy from the bytes of its file. Throws `policy-invalid`, `input-too-large`, `utf8-invalid`, and `key-invalid`
 * for a verifier key that cannot be read.
 */
export function parsePolicy(bytes: Uint8Array, crypto: Pick<Crypto, 'sha256'>): WitnessPolicy {
  if (bytes.length > MAX_POLICY_BYTES) {
    throw new CodedError('input-too-large', `the policy is larger than ${MAX_POLICY_BYTES} bytes`)
  }
  const text = fromUtf8(bytes)
  if (CONTROL.test(text)) throw new CodedError(CODE, 'the policy holds a control character')
  if (!text.endsWith('\n')) throw new CodedError(CODE, 'the last line does not end in a newline')
  const reader = new Reader(crypto)
  for (const [i, line] of text.slice(0, -1).split('\n').entries()) {
    const items = line.split(/[ \t]+/).filter((item) => item !== '')
    if (items.length === 0 || items[0]!.startsWith('#')) continue
    reader.read(items, `line ${i + 1}`)
  }
  return reader.policy()
}

/**
 * True when the witnesses with these keys, by `publicKey.keyId`, are the quorum that the policy asks for. A key counts
 * once, whatever its names (T-64).
 */
export function hasQuorum(policy: WitnessPolicy, cosignedBy: ReadonlySet<string>): boolean {
  if (policy.quorum === null) return true
  const met = new Map(policy.witnesses.map(({ name, key }) => [name, cosignedBy.has(key.publicKey.keyId)]))
  // Groups stand behind their members.
  for (const { name, threshold, members } of policy.groups) {
    met.set(name, members.filter((member) => met.get(member) === true).length >= threshold)
  }
  return met.get(policy.quorum) === true
}

class Reader {
  readonly #crypto: Pick<Crypto, 'sha256'>
  readonly #logs: PolicyLog[] = []
  readonly #witnesses: PolicyWitness[] = []
  readonly #groups: PolicyGroup[] = []
  #quorum: { readonly name: string | null } | null = null
  /** Witnesses and groups so far, and whether each is a member already. */
  readonly #names = new Map<string, boolean>()
  readonly #keys = new Set<string>()

  constructor(crypto: Pick<Crypto, 'sha256'>) {
    this.#crypto = crypto
  }

  read([kind, ...items]: readonly string[], line: string): void {
    if (kind === 'log') this.#log(items, line)
    else if (kind === 'witness') this.#witness(items, line)
    else if (kind === 'group') this.#group(items, line)
    else if (kind === 'quorum') this.#readQuorum(items, line)
    else throw new CodedError(CODE, `${line} is no log, witness, group or quorum`)
  }

  policy(): WitnessPolicy {
    if (this.#quorum === null) throw new CodedError(CODE, 'there is no quorum line')
    return { logs: this.#logs, witnesses: this.#witnesses, groups: this.#groups, quorum: this.#quorum.name }
  }

  #log([vkey, url, ...more]: readonly string[], line: string): void {
    if (vkey === undefined || more.length > 0) throw new CodedError(CODE, `${line} is not: log VKEY [URL]`)
    checkRoom(this.#logs, line)
    this.#logs.push({ key: this.#key(vkey, 'ed25519', line), url: url ?? null })
  }

  #witness([name, vkey, url, ...more]: readonly string[], line: string): void {
    if (name === undefined || vkey === undefined || more.length > 0) {
      throw new CodedError(CODE, `${line} is not: witness NAME VKEY [URL]`)
    }
    checkRoom(this.#witnesses, line)
    this.#define(name, line)
    this.#witnesses.push({ name, key: this.#key(vkey, 'cosignature-v1', line), url: url ?? null })
  }

  #group([name, count, ...members]: readonly string[], line: string): void {
    if (name === undefined || count === undefined || members.length === 0) {
      throw new CodedError(CODE, `${line} is not: group NAME all|any|K NAME…`)
    }
    checkRoom(this.#groups, line)
    for (const member of members) {
      const taken = this.#names.get(member)
      if (taken === undefined) throw new CodedError(CODE, `${line} names a member that no line before defines`)
      // One witness in two places would count twice.
      if (taken) throw new CodedError(CODE, `${line} names a member that is one already`)
      this.#names.set(member, true)
    }
    this.#groups.push({ name, threshold: thresholdOf(count, members.length, line), members })
    this.#define(name, line)
  }

  #readQuorum([name, ...more]: readonly string[], line: string): void {
    if (name === undefined || more.length > 0) throw new CodedError(CODE, `${line} is not: quorum NAME`)
    if (this.#quorum !== null) throw new CodedError(CODE, `${line} is a second quorum`)
    if (name !== NONE && !this.#names.has(name)) {
      throw new CodedError(CODE, `${line} names a quorum that no line before defines`)
    }
    this.#quorum = { name: name === NONE ? null : name }
  }

  #define(name: string, line: string): void {
    if (name === NONE || this.#names.has(name)) throw new CodedError(CODE, `${line} defines a name that is taken`)
    this.#names.set(name, false)
  }

  /** One key under two names would be two witnesses, and a log its own. */
  #key(vkey: string, type: NoteKeyType, line: string): NoteKey {
    const key = parseVkey(vkey, this.#crypto)
    if (key.type !== type) throw new CodedError(CODE, `the key in ${line} is not of type ${type}`)
    if (this.#keys.has(key.publicKey.keyId)) throw new CodedError(CODE, `the key in ${line} is there already`)
    this.#keys.add(key.publicKey.keyId)
    return key
  }
}

function checkRoom(list: readonly unknown[], line: string): void {
  if (list.length === MAX_POLICY_ENTRIES) {
    throw new CodedError('input-too-large', `${line} is one more than ${MAX_POLICY_ENTRIES} of its kind`)
  }
}

function thresholdOf(count: string, members: number, line: string): number {
  if (count === 'all') return members
  if (count === 'any') return 1
  const threshold = /^[1-9][0-9]{0,3}$/.test(count) ? Number(count) : Number.NaN
  if (!(threshold <= members)) throw new CodedError(CODE, `${line} asks for another number than 1 to ${members}`)
  return threshold
}
