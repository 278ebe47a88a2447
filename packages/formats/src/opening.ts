import {
  base64,
  canonicalJson,
  CodedError,
  concat,
  equal,
  fromBase64,
  isHex,
  type JsonValue,
  parseJson,
  utf8,
} from '@countersign/core'
import { type AttestationLeaf, type Leaf, OPENING_BYTES, readLeaf } from './leaf.ts'
import { Shape } from './shape.ts'

/**
 * A leaf beside what opens it: whoever has the attestation can check that the leaf is about it. Travels as the extra
 * data of a `.tlog-proof`. Not public: the salt is what keeps the leaf from being guessed.
 */
export interface LeafOpening {
  /** Link digest of the attestation. */
  readonly link: string
  readonly leaf: AttestationLeaf
  /** SHA-256 of the DER that the leaf commits to beside the statement: `signerOf`. 64 hex digits. */
  readonly signer: string
  /** 32 bytes: keys the commitment to the attestation. */
  readonly salt: Uint8Array
  /** 32 bytes: keys the id of its chain. */
  readonly blind: Uint8Array
}

/** Most bytes of an opening. */
export const MAX_OPENING_BYTES = 8192

const FIELDS = ['blind', 'leaf', 'link', 'salt', 'signer']
const VERSION = 1

/** Canonical JSON of an opening. Throws `leaf-invalid` for what no reader would take. */
export function writeOpening(
  opening: { readonly [key in keyof LeafOpening]: key extends 'leaf' ? Leaf : LeafOpening[key] },
): Uint8Array {
  const { link, leaf, signer, salt, blind } = opening
  const bytes = canonicalJson({
    blind: base64(blind),
    leaf: { ...leaf, version: VERSION } as unknown as JsonValue,
    link,
    salt: base64(salt),
    signer,
  })
  parseOpening(bytes)
  return bytes
}

/**
 * The opening of an entry of the log, which is its leaf already: the same bytes as `writeOpening` gives. Of what is
 * handed over the lengths are checked, and that the entry is a leaf is not.
 */
export function openEntry(entry: Uint8Array, { link, signer, salt, blind }: Omit<LeafOpening, 'leaf'>): Uint8Array {
  if (!isHex(link, 64) || !isHex(signer, 64)) {
    throw new CodedError('leaf-invalid', 'link or signer of an opening are not 64 hex digits')
  }
  if (salt.length !== OPENING_BYTES || blind.length !== OPENING_BYTES) {
    throw new CodedError('leaf-invalid', `what opens a leaf has not ${OPENING_BYTES} bytes`)
  }
  const start = utf8(`{"blind":"${base64(blind)}","leaf":`)
  return concat(start, entry, utf8(`,"link":"${link}","salt":"${base64(salt)}","signer":"${signer}"}`))
}

/** Opening from its bytes, which have one spelling. Throws `leaf-invalid`, `base64-invalid` and what strict JSON reading throws. */
export function parseOpening(bytes: Uint8Array): LeafOpening {
  const value = parseJson(bytes, { maxBytes: MAX_OPENING_BYTES })
  if (!equal(canonicalJson(value), bytes)) throw new CodedError('leaf-invalid', 'the opening is not canonical JSON')
  const whole = new Shape('leaf-invalid', value, 'opening')
  const it = whole.object(FIELDS)
  const leaf = readLeaf(whole.members()['leaf'])
  if (leaf.kind !== 'attestation') throw new CodedError('leaf-invalid', `a leaf of a ${leaf.kind} has nothing to open`)
  return {
    link: it.hex('link', 64),
    leaf,
    signer: it.hex('signer', 64),
    salt: readSecret(it.get('salt')),
    blind: readSecret(it.get('blind')),
  }
}

/** 32 bytes in base64. */
export function readSecret(shape: Shape): Uint8Array {
  const bytes = fromBase64(shape.string(64))
  if (bytes.length !== OPENING_BYTES) shape.fail(`has not ${OPENING_BYTES} bytes`)
  return bytes
}
