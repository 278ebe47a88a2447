import { concat } from './bytes.ts'

/** Bytes that a hash takes at a time: 64 for SHA-256 (FIPS 180-4), 136 for SHA3-256 (FIPS 202). */
const BLOCK = { sha256: 64, sha3_256: 136 } as const

/**
 * HMAC (RFC 2104) of a hash that takes its input at once. For what is short and keyed anew each time: a native HMAC
 * spends most of its time on taking the key.
 */
export function hmac(
  name: 'sha256' | 'sha3_256',
  hash: (data: Uint8Array) => Uint8Array,
  key: Uint8Array,
  data: Uint8Array,
): Uint8Array {
  const own = key.length > BLOCK[name] ? hash(key) : key
  const inner = new Uint8Array(BLOCK[name] + data.length).fill(0x36, 0, BLOCK[name])
  const outer = new Uint8Array(BLOCK[name]).fill(0x5c)
  for (let i = 0; i < own.length; i++) {
    inner[i] = own[i]! ^ 0x36
    outer[i] = own[i]! ^ 0x5c
  }
  inner.set(data, BLOCK[name])
  return hash(concat(outer, hash(inner)))
}
