import { base64, canonicalJson, CodedError, concat, type Crypto, equal, fromHex, parseJson } from '@countersign/core'
import type { JsonValue } from '@countersign/core'
import { type ActLeaf, type Commitment, commitmentOf, readLeaf } from './leaf.ts'
import { MAX_OPENING_BYTES, readSecret } from './opening.ts'
import { Shape } from './shape.ts'

/** A leaf of an act beside what opens it: whoever has the document can check that the leaf is about it. */
export interface ActOpening {
  readonly leaf: ActLeaf
  /** SHA-256 of the DER, key or certificate, of each who had signed it by then: 64 hex digits, sorted, none twice. */
  readonly signers: readonly string[]
  /** 32 bytes: keys the commitment. */
  readonly salt: Uint8Array
}

const MAX_SIGNERS = 64
const CODE = 'leaf-invalid'

/** Canonical JSON of an opening. Throws `leaf-invalid` for what no reader would take. */
export function writeActOpening({ leaf, signers, salt }: ActOpening): Uint8Array {
  const bytes = canonicalJson({
    leaf: { ...leaf, version: 1 } as unknown as JsonValue,
    salt: base64(salt),
    signers: [...signers],
  })
  parseActOpening(bytes)
  return bytes
}

/** {@link writeActOpening} the other way; it has one spelling. Throws also `base64-invalid` and what strict JSON reading throws. */
export function parseActOpening(bytes: Uint8Array): ActOpening {
  const value = parseJson(bytes, { maxBytes: MAX_OPENING_BYTES })
  if (!equal(canonicalJson(value), bytes)) throw new CodedError(CODE, 'the opening is not canonical JSON')
  const it = new Shape(CODE, value, 'opening').object(['leaf', 'salt', 'signers'])
  const leaf = readLeaf((value as { readonly [key: string]: JsonValue })['leaf'])
  if (leaf.kind !== 'act') throw new CodedError(CODE, `a leaf of the kind ${leaf.kind} is no act`)
  const signers = it
    .get('signers')
    .array(MAX_SIGNERS)
    .map((one) => one.hex(64))
  if (signers.some((one, i) => i > 0 && one <= signers[i - 1]!))
    it.get('signers').fail('is not sorted, or has one twice')
  return { leaf, signers, salt: readSecret(it.get('salt')) }
}

/**
 * What the leaf of an act commits to: the PAE of what was done and who had signed it, of which there may be nobody. As many
 * as there are is said first, so that no two lists are one message.
 */
export function actCommitment(
  salt: Uint8Array,
  { signed, signers }: { readonly signed: Uint8Array; readonly signers: readonly string[] },
  crypto: Pick<Crypto, 'hmac'>,
): Commitment {
  return commitmentOf(salt, { signed, signer: concat(Uint8Array.of(signers.length), ...signers.map(fromHex)) }, crypto)
}
