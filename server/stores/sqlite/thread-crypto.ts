import { hash } from 'node:crypto'
import { type Crypto, hmac } from '@countersign/core'
import type { LogHashes } from '@countersign/log'

/**
 * The cryptography of the writing thread: functions do not cross the boundary between threads, so what the root would
 * pass in is made here.
 */
export const threadCrypto: Pick<Crypto, 'hmac'> = {
  hmac: (name, key, data) => hmac(name, threadHashes[name].hash, key, data),
}

export const threadHashes: LogHashes = {
  sha256: { size: 32, hash: (data) => bytesOf(hash('sha256', data, 'binary')) },
  sha3_256: { size: 32, hash: (data) => bytesOf(hash('sha3-256', data, 'binary')) },
}

/** A digest from its text of a byte a character: half the price of a Buffer and its copy. */
function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}
