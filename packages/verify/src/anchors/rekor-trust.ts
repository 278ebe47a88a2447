import {
  CodedError,
  concat,
  type Crypto,
  equal,
  fromBase64,
  hex,
  isHex,
  parseJson,
  parsePublicKey,
  type PublicKey,
  spkiOf,
  utf8,
} from '@countersign/core'
import { isKeyName, Shape } from '@countersign/formats'
import { looseOf, readValidFor, type ValidFor } from '@countersign/formats/anchor'
import { TRUSTED_ROOT_MEDIA_TYPES } from '@countersign/formats/identity'
import type { AnchorProved } from './proved.ts'

const CODE = 'anchor-setup-invalid'
const MAX_TRUSTED_ROOT_BYTES = 4_000_000
const MAX_LOGS = 1000
const MAX_VKEY_TEXT = 4096
/** C2SP signed-note: what a key signs a note with. */
const ED25519 = 0x01
const ECDSA = 0x02

/** A Rekor log that is believed. Made only by {@link rekorLog}, and what calls it. */
export interface RekorLog {
  /** Under which its key signs checkpoints: the address of the log without `https://`. */
  readonly name: string
  readonly key: PublicKey
  /** The key's id in checkpoints (C2SP signed-note), not truncated: 32 bytes. */
  readonly logId: Uint8Array
  /** When the log takes entries. */
  readonly validFor: ValidFor
  /** Who runs it; null where nobody says. */
  readonly operator: string | null
}

/** What a verifier of Rekor's proofs believes. Made only by {@link rekorTrust}. */
export interface RekorTrust {
  /** At least one; no key under two names. */
  readonly logs: readonly RekorLog[]
  /** Whose signature an entry must have; null for anybody's, because a hash is no older for who signed it. */
  readonly signers: readonly PublicKey[] | null
}

/** A log under a name. Throws `key-invalid` for what is no name. */
export function rekorLog(
  name: string,
  key: PublicKey,
  crypto: Pick<Crypto, 'sha256'>,
  more: { readonly validFor?: ValidFor; readonly operator?: string | null } = {},
): RekorLog {
  if (!isKeyName(name)) throw new CodedError('key-invalid', 'the name of the log is empty, or holds a space or a plus')
  const named = () => crypto.sha256(concat(utf8(`${name}\n`), Uint8Array.of(ED25519), key.raw))
  const logId = key.algorithm === 'ed25519' ? named() : crypto.sha256(key.spki)
  return { name, key, logId, validFor: more.validFor ?? { start: null, end: null }, operator: more.operator ?? null }
}

/**
 * Believes some logs. Throws `trust-missing` for none, and `anchor-setup-invalid` for one key under two names: it would
 * count as two logs (T-64).
 */
export function rekorTrust(logs: readonly RekorLog[], signers: readonly PublicKey[] | null = null): RekorTrust {
  if (logs.length === 0) throw new CodedError('trust-missing', 'no Rekor log is known that can be verified')
  const names = new Map<string, string>()
  for (const { name, key } of logs) {
    if ((names.get(key.keyId) ?? name) !== name) {
      throw new CodedError(CODE, `one key is that of two logs: ${names.get(key.keyId)} and ${name}`)
    }
    names.set(key.keyId, name)
  }
  return { logs, signers }
}

/**
 * A log from the verifier key of its checkpoints: `name+id+base64(type ‖ key)`, Ed25519 (type 0x01, C2SP signed-note)
 * or ECDSA P-256 (type 0x02, the key as SPKI). Throws `key-invalid`.
 */
export function parseRekorVkey(text: string, crypto: Pick<Crypto, 'sha256'>): RekorLog {
  const [name, keyId, ...rest] = text.length > MAX_VKEY_TEXT ? [] : text.split('+')
  if (name === undefined || keyId === undefined || rest.length === 0 || !isHex(keyId, 8)) {
    throw new CodedError('key-invalid', 'not a verifier key: name+id+key, the id in 8 lower-case hex digits')
  }
  let material: Uint8Array
  try {
    material = fromBase64(rest.join('+'))
  } catch (cause) {
    throw new CodedError('key-invalid', 'the key in the verifier key is not base64', { cause })
  }
  const log = rekorLog(name, keyOf(material), crypto)
  if (hex(log.logId.subarray(0, 4)) !== keyId) {
    throw new CodedError('key-invalid', 'the id of the verifier key is not that of its key')
  }
  return log
}

function keyOf(material: Uint8Array): PublicKey {
  const [type, bytes] = [material[0], material.subarray(1)]
  if (type === ED25519 && bytes.length === 32) return parsePublicKey(spkiOf('ed25519', bytes))
  if (type === ECDSA) {
    const key = parsePublicKey(bytes)
    if (key.algorithm === 'ecdsa-p256') return key
  }
  throw new CodedError('key-invalid', 'the verifier key is neither an Ed25519 nor an ECDSA P-256 key')
}

const KEY_DETAILS: Readonly<Record<string, PublicKey['algorithm']>> = {
  PKIX_ECDSA_P256_SHA_256: 'ecdsa-p256',
  PKIX_ED25519: 'ed25519',
}

/**
 * The Rekor logs of Sigstore's `trusted_root.json` (protobuf-specs, sigstore_trustroot.proto). Logs with keys of other
 * kinds than Ed25519 and ECDSA P-256 are left out, so proofs by them are not believed. Throws `anchor-setup-invalid`,
 * `key-invalid`, `base64-invalid`, `trust-missing` where no log is left, and what strict JSON reading throws.
 */
export function parseTrustedRoot(input: Uint8Array | string, crypto: Pick<Crypto, 'sha256'>): RekorTrust {
  const value = parseJson(input, { maxBytes: MAX_TRUSTED_ROOT_BYTES })
  const it = looseOf(new Shape(CODE, value, 'trustedRoot'), ['mediaType', 'tlogs'])
  it.exactly('mediaType', ...TRUSTED_ROOT_MEDIA_TYPES)
  const logs = it.get('tlogs').array(MAX_LOGS)
  return rekorTrust(logs.map((shape) => readTrustedLog(shape, crypto)).filter((log) => log !== null))
}

/** A log of a trusted root; null for one whose key is of a kind that is not taken. Throws the shape's code, and others. */
export function readTrustedLog(shape: Shape, crypto: Pick<Crypto, 'sha256'>): RekorLog | null {
  const it = looseOf(shape, ['baseUrl', 'hashAlgorithm', 'publicKey', 'logId'])
  const publicKey = looseOf(it.get('publicKey'), ['rawBytes', 'keyDetails'])
  const algorithm = KEY_DETAILS[publicKey.text('keyDetails', 100)]
  if (algorithm === undefined) return null
  it.exactly('hashAlgorithm', 'SHA2_256')
  const key = parsePublicKey(fromBase64(publicKey.text('rawBytes')))
  if (key.algorithm !== algorithm) shape.fail('has a key of another kind than it says')
  const validFor = publicKey.has('validFor') ? readValidFor(publicKey.get('validFor')) : { start: null, end: null }
  const operator = it.has('operator') && !it.isNull('operator') ? it.text('operator', 1000) : null
  const log = rekorLog(logNameOf(it.text('baseUrl', 2048)), key, crypto, { validFor, operator })
  // Either the file means another log than it names, or another key.
  const idIn = (key: string) => fromBase64(looseOf(it.get(key), ['keyId']).text('keyId'))
  const [id, checkpointId] = [
    idIn('logId'),
    it.has('checkpointKeyId') && !it.isNull('checkpointKeyId') ? idIn('checkpointKeyId') : null,
  ]
  // Where the two differ, the other one is the hash of the key (protobuf-specs, `TransparencyLogInstance`).
  const good = checkpointId === null ? equal(id, log.logId) : equal(checkpointId, log.logId) && isIdOf(log, id, crypto)
  if (!good) shape.fail('has another key id than its name and key give')
  return log
}

/** Whether entries and trust roots may call a log so: by the key id of its checkpoints, or by the hash of its key. */
export function isIdOf({ key, logId }: RekorLog, id: Uint8Array, crypto: Pick<Crypto, 'sha256'>): boolean {
  return equal(id, logId) || equal(id, crypto.sha256(key.spki))
}

/** The name of a log at an address: without scheme and slash at the end. */
export function logNameOf(url: string): string {
  return url.replace(/^https?:\/\//, '').replace(/\/+$/, '')
}

/**
 * How many logs stand behind some verified anchors: two entries of one log are one log's word, and two logs of one
 * operator are one operator's (T-64).
 */
export function countRekorLogs(proved: readonly AnchorProved[], trust: RekorTrust): number {
  const operatorOf = (name: string) => trust.logs.find((log) => log.name === name)?.operator ?? null
  const parties = proved
    .filter(({ kind }) => kind === 'rekor')
    .map(({ by }) => (operatorOf(by) === null ? `log ${by}` : `operator ${operatorOf(by)}`))
  return new Set(parties).size
}
