import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto'

/** The bytes of an Ed25519 key, out of its seed. */
export interface Pair {
  readonly raw: Buffer
  sign(message: Buffer): Buffer
}

export function pairOf(seed: string): Pair {
  const der = Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex')
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return { raw: spki.subarray(12), sign: (message) => sign(null, message, key) }
}

/** RFC 8032 §7.1, tests 1 to 3: keys everybody has. */
export const LOG_PAIR = pairOf('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60')
export const WITNESS_PAIR = pairOf('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb')
export const OTHER_PAIR = pairOf('c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7')

/** A signer of notes: its pair under a name and a type. */
export interface NoteSigner {
  readonly name: string
  /** 8 hex digits. */
  readonly id: string
  readonly vkey: string
  /** The signature line over a text. */
  line(text: string): string
  /** The signature line with other bytes after the key id. */
  lineOf(blob: Buffer): string
}

export const DASH = '\u2014'
export const b64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

export function keyId(name: string, type: number, key: Uint8Array): Buffer {
  const input = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(type), key])
  return createHash('sha256').update(input).digest().subarray(0, 4)
}

export const vkeyOf = (name: string, type: number, key: Uint8Array) =>
  `${name}+${keyId(name, type, key).toString('hex')}+${b64(Buffer.concat([Buffer.of(type), key]))}`

function signer(name: string, type: number, of: Pair, blobOf: (text: string) => Buffer): NoteSigner {
  const id = keyId(name, type, of.raw)
  const lineOf = (blob: Buffer) => `${DASH} ${name} ${b64(Buffer.concat([id, blob]))}\n`
  const vkey = vkeyOf(name, type, of.raw)
  return { name, id: id.toString('hex'), vkey, lineOf, line: (text) => lineOf(blobOf(text)) }
}

/** Who signs the text of a note as it is. */
export const plain = (name: string, of: Pair): NoteSigner =>
  signer(name, 0x01, of, (text) => of.sign(Buffer.from(text)))

/** Who cosigns a checkpoint at a time. */
export const witness = (name: string, of: Pair, time: number): NoteSigner =>
  signer(name, 0x04, of, (text) => cosign(of, time, text))

export function cosign(of: Pair, time: number, text: string): Buffer {
  return Buffer.concat([bigEndian(BigInt(time)), of.sign(Buffer.from(`cosignature/v1\ntime ${time}\n${text}`))])
}

export function bigEndian(number: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(number)
  return bytes
}

/** A note of a text, signed by all. */
export const noteOf = (text: string, ...by: readonly NoteSigner[]) =>
  `${text}\n${by.map((one) => one.line(text)).join('')}`
