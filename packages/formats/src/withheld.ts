import { base64, canonicalJson, CodedError, equal, fromUtf8, type JsonValue, parseJson, utf8 } from '@countersign/core'
import { WITHHELD_MEDIA_TYPE } from './constants.ts'
import { type AttestationLeaf, type Leaf, parseLeaf, readLeaf, type TombstoneLeaf, writeLeaf } from './leaf.ts'
import { MAX_OPENING_BYTES, readSecret } from './opening.ts'
import { MAX_RECEIPT_BYTES, type Receipt } from './receipt.ts'
import { Shape } from './shape.ts'
import { parseTlogProof, type TlogProof, writeTlogProof } from './tlog-proof.ts'

/**
 * A leaf that stays closed: the chain it is of can be checked, the attestation it commits to cannot. An opening
 * without its salt.
 */
export interface Unopened {
  /** Link digest of the attestation that the leaf is said to be about. Only the log says so. */
  readonly link: string
  /** Id of its chain, 32 hex digits. */
  readonly chain: string
  readonly leaf: AttestationLeaf
  /** 32 bytes: keys the id of its chain. */
  readonly blind: Uint8Array
}

/**
 * What stands in a chain for an attestation whose content is not told: the proof that the log holds a leaf of this
 * chain, and where its payload was erased, the proof that the log says so. Nothing in it is verified.
 */
export interface Withheld {
  readonly unopened: Unopened
  /** Its extra data is the unopened leaf. */
  readonly proof: TlogProof
  /** Null where it was not erased: somebody has it, and does not show it. */
  readonly tombstone: Tombstone | null
}

/** That the log holds a tombstone. */
export interface Tombstone {
  readonly leaf: TombstoneLeaf
  /** Its extra data is the leaf. */
  readonly proof: TlogProof
}

/** Most bytes of a withheld line: two proofs. */
export const MAX_WITHHELD_BYTES = 2 * MAX_RECEIPT_BYTES

/** How the line of a withheld attestation begins, and no other line of a chain file. */
export const WITHHELD_START = `{"mediaType":"${WITHHELD_MEDIA_TYPE}",`

const CODE = 'withheld-invalid'
const LEAF_VERSION = 1

/** The extra data of a withheld line's proof, canonical JSON. Throws `withheld-invalid` or `leaf-invalid` for what no reader would take. */
export function writeUnopened(
  unopened: {
    readonly [key in keyof Unopened]: key extends 'leaf' ? Leaf : Unopened[key]
  },
): Uint8Array {
  const { link, chain, leaf, blind } = unopened
  const bytes = canonicalJson({
    blind: base64(blind),
    chain,
    leaf: { ...leaf, version: LEAF_VERSION } as unknown as JsonValue,
    link,
  })
  parseUnopened(bytes)
  return bytes
}

/** {@link writeUnopened} the other way; it has one spelling. Throws also `base64-invalid` and what strict JSON reading throws. */
export function parseUnopened(bytes: Uint8Array): Unopened {
  const value = parseJson(bytes, { maxBytes: MAX_OPENING_BYTES })
  if (!equal(canonicalJson(value), bytes)) throw new CodedError(CODE, 'what is told of the leaf is not canonical JSON')
  const it = new Shape(CODE, value, 'withheld leaf').object(['blind', 'chain', 'leaf', 'link'])
  const leaf = readLeaf((value as { readonly [key: string]: JsonValue })['leaf'])
  if (leaf.kind !== 'attestation') throw new CodedError(CODE, 'a tombstone is not withheld')
  return { link: it.hex('link', 64), chain: it.hex('chain', 32), leaf, blind: readSecret(it.get('blind')) }
}

/** Canonical JSON of a withheld attestation, without a line end. Throws `input-too-large` and what `withheldOf` and `writeTlogProof` throw. */
export function writeWithheld({ proof, tombstone }: WithheldProofs): Uint8Array {
  withheldOf(proof, tombstone === null ? null : tombstone.proof)
  const grave = tombstone === null ? 'null' : JSON.stringify(fromUtf8(writeTlogProof(tombstone.proof)))
  const text = JSON.stringify(fromUtf8(writeTlogProof(proof)))
  const bytes = utf8(`${WITHHELD_START}"proof":${text},"tombstone":${grave}}`)
  checkSize(bytes)
  return bytes
}

/** What makes a withheld attestation; the rest of it is in the proofs. */
export interface WithheldProofs {
  readonly proof: TlogProof
  readonly tombstone: Pick<Tombstone, 'proof'> | null
}

/**
 * Withheld attestation from its bytes or text, which have one spelling. Throws `withheld-invalid`, `input-too-large`,
 * and what strict JSON reading, `parseTlogProof`, `parseUnopened` and `parseLeaf` throw.
 */
export function parseWithheld(input: Uint8Array | string): Withheld {
  checkSize(input)
  const bytes = typeof input === 'string' ? utf8(input) : input
  const value = parseJson(bytes, { maxBytes: MAX_WITHHELD_BYTES })
  if (!equal(canonicalJson(value), bytes)) throw new CodedError(CODE, 'the withheld attestation is not canonical JSON')
  return readWithheld(value)
}

/** {@link parseWithheld} of JSON that was parsed strictly already, whatever its spelling. */
export function readWithheld(value: JsonValue | undefined): Withheld {
  const it = new Shape(CODE, value, 'withheld').object(['mediaType', 'proof', 'tombstone'])
  it.exactly('mediaType', WITHHELD_MEDIA_TYPE)
  const proofIn = (shape: Shape) => parseTlogProof(utf8(shape.string(MAX_RECEIPT_BYTES)))
  return withheldOf(proofIn(it.get('proof')), it.get('tombstone').nullable(proofIn))
}

/** Withheld attestation of its proofs; throws `withheld-invalid` where one tells nothing, and what reading what it tells throws. */
export function withheldOf(proof: TlogProof, tombstone: TlogProof | null): Withheld {
  if (proof.extra === null) throw new CodedError(CODE, 'the proof tells of no leaf')
  return {
    unopened: parseUnopened(proof.extra),
    proof,
    tombstone: tombstone === null ? null : { leaf: tombstoneIn(tombstone), proof: tombstone },
  }
}

function tombstoneIn({ extra }: TlogProof): TombstoneLeaf {
  if (extra === null) throw new CodedError(CODE, 'the proof of the tombstone has no leaf')
  const leaf = parseLeaf(extra)
  if (leaf.kind !== 'tombstone') throw new CodedError(CODE, 'the proof of the tombstone is of an attestation')
  return leaf
}

/** The proof of a tombstone with the leaf that it is of, as a withheld line carries it. */
export function tombstoneProof(leaf: TombstoneLeaf, proof: Omit<TlogProof, 'extra'>): TlogProof {
  return { ...proof, extra: writeLeaf(leaf) }
}

/** What a receipt leaves when its step is not to be shown: the same leaf, without the salt that would open it. */
export function withhold({ opening, proof }: Receipt, chain: string): Withheld {
  const { link, leaf, blind } = opening
  return withheldOf({ ...proof, extra: writeUnopened({ link, chain, leaf, blind }) }, null)
}

function checkSize({ length }: { readonly length: number }): void {
  if (length > MAX_WITHHELD_BYTES) {
    throw new CodedError('input-too-large', `the withheld attestation is larger than ${MAX_WITHHELD_BYTES} bytes`)
  }
}
