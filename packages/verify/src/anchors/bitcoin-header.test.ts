import { expect, test } from 'vitest'
import type { Code } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { readBitcoinHeader } from './bitcoin-header.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error

/** Everything hashes to a number: 32 bytes, little-endian. */
const hashingTo = (number: bigint) => ({
  sha256: () => Uint8Array.from({ length: 32 }, (_, i) => Number((number >> BigInt(8 * i)) & 0xffn)),
})
const headerOf = (bits: number) => {
  const bytes = new Uint8Array(80)
  new DataView(bytes.buffer).setUint32(72, bits, true)
  return bytes
}

// The compact forms that Bitcoin's own arithmetic is tried with.
test.each([
  [0x01120000, 0x12n],
  [0x01123456, 0x12n],
  [0x02123456, 0x1234n],
  [0x03123456, 0x123456n],
  [0x04123456, 0x12345600n],
  [0x05009234, 0x92340000n],
  [0x20123456, 0x123456n << 232n],
  [0x207fffff, 0x7fffffn << 232n],
  [0x1d00ffff, 0xffffn << 208n],
])('the target %i is met by a hash as high, and by none that is higher', (bits, target) => {
  const { work, hash } = readBitcoinHeader(headerOf(bits), hashingTo(target))
  expect(hash).toBe(target.toString(16).padStart(64, '0'))
  expect(work).toBe((1n << 256n) / (target + 1n))
  expect(() => readBitcoinHeader(headerOf(bits), hashingTo(target + 1n))).toThrow(coded('anchor-unproven'))
})

test.each([
  ['none', 0x00000000],
  ['of which nothing is left', 0x01003456],
  ['of which nothing is left', 0x00123456],
  ['negative', 0x04923456],
  ['negative, and small', 0x01fedcba],
  ['beyond 256 bits', 0x22123456],
  ['beyond 256 bits by one', 0x21010000],
  ['far beyond', 0xff123456],
])('a target that is %s is met by nothing: %i', (_, bits) => {
  expect(() => readBitcoinHeader(headerOf(bits), hashingTo(0n))).toThrow(coded('anchor-unproven'))
})

test('a header is read where it stands in longer bytes, and its time is without a sign', () => {
  const bytes = new Uint8Array(200).fill(0xee)
  bytes.set(headerOf(0x20123456), 60)
  bytes.fill(0xff, 128, 132)
  const inside = bytes.subarray(60, 140)
  const { time, previous, merkleRoot } = readBitcoinHeader(inside, hashingTo(1n))
  expect(time).toBe(0xffff_ffff)
  expect(previous).toEqual(inside.subarray(4, 36))
  expect(merkleRoot).toEqual(inside.subarray(36, 68))
  expect(() => readBitcoinHeader(inside, portableCrypto)).toThrow(coded('anchor-unproven'))
})
