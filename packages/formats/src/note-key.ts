import {
  base64,
  CodedError,
  concat,
  type Crypto,
  fromBase64,
  hex,
  isHex,
  parsePublicKey,
  type PublicKey,
  spkiOf,
  utf8,
} from '@countersign/core'

/** What a key signs: `ed25519` the text of a note, `cosignature-v1` a checkpoint with a time (C2SP types 0x01 and 0x04). */
export type NoteKeyType = 'ed25519' | 'cosignature-v1'

/** A key that signs notes. Made only by {@link noteKey} and {@link parseVkey}. */
export interface NoteKey {
  readonly name: string
  /** 8 lower-case hex digits: {@link noteKeyId}. Short, so that it tells keys apart and proves nothing. */
  readonly keyId: string
  readonly type: NoteKeyType
  readonly publicKey: PublicKey
}

const TYPE_BYTE = { ed25519: 0x01, 'cosignature-v1': 0x04 } as const satisfies Record<NoteKeyType, number>
const MAX_VKEY_TEXT = 4096
const SPACE_OR_PLUS = /[\p{White_Space}+]/u
const CONTROL = /[^\u0020-\u{10ffff}]/u

/** True for what may name a key: not empty, no Unicode space, no plus, no control character below U+0020. */
export function isKeyName(name: string): boolean {
  return name !== '' && name.isWellFormed() && !SPACE_OR_PLUS.test(name) && !CONTROL.test(name)
}

/**
 * Key id of any key: the first 4 bytes of SHA-256(name ‖ 0x0A ‖ type ‖ key), as 8 hex digits
 * (C2SP signed-note, "Signatures").
 */
export function noteKeyId(name: string, type: number, key: Uint8Array, crypto: Pick<Crypto, 'sha256'>): string {
  return hex(crypto.sha256(concat(utf8(`${name}\n`), Uint8Array.of(type), key)).subarray(0, 4))
}

/** An Ed25519 key under a name; throws `key-invalid` for another algorithm and for what is no name. */
export function noteKey(
  name: string,
  type: NoteKeyType,
  publicKey: PublicKey,
  crypto: Pick<Crypto, 'sha256'>,
): NoteKey {
  if (!isKeyName(name)) throw new CodedError('key-invalid', 'the name of the key is empty, or holds a space or a plus')
  if (publicKey.algorithm !== 'ed25519') throw new CodedError('key-invalid', 'only Ed25519 keys sign notes')
  return { name, keyId: noteKeyId(name, TYPE_BYTE[type], publicKey.raw, crypto), type, publicKey }
}

/**
 * Key from a C2SP verifier key, `name+id+base64(type ‖ key)`. Only types 0x01 and 0x04: a key that nothing here
 * can check is refused where it is configured, rather than ignored where it counts. Throws `key-invalid`.
 */
export function parseVkey(text: string, crypto: Pick<Crypto, 'sha256'>): NoteKey {
  // The base64 may hold a plus too, the name and the id never.
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
  const type = typeOf(material[0])
  if (material.length !== 33) throw new CodedError('key-invalid', 'an Ed25519 verifier key holds 33 bytes')
  const key = noteKey(name, type, parsePublicKey(spkiOf('ed25519', material.subarray(1))), crypto)
  if (key.keyId !== keyId) throw new CodedError('key-invalid', `the id of the verifier key is not that of its key`)
  return key
}

/** The key as a verifier key. */
export function writeVkey(key: NoteKey): string {
  return `${key.name}+${key.keyId}+${base64(concat(Uint8Array.of(TYPE_BYTE[key.type]), key.publicKey.raw))}`
}

function typeOf(byte: number | undefined): NoteKeyType {
  if (byte === TYPE_BYTE.ed25519) return 'ed25519'
  if (byte === TYPE_BYTE['cosignature-v1']) return 'cosignature-v1'
  const named = byte === undefined ? 'no type' : `type 0x${byte.toString(16).padStart(2, '0')}`
  throw new CodedError('key-invalid', `a verifier key of ${named}; only 0x01 and 0x04 are known`)
}
