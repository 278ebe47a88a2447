import { nodeCrypto } from '@countersign/adapters/crypto-node'
import type { VerifiedStep } from '@countersign/verify'
import { expect, test } from 'vitest'
import type { Store } from '../store.ts'
import { VerifiedCache } from './verified-cache.ts'

const MIB = 1024 * 1024

/** Only the size of a step and its name matter here. */
function stepOf(n: number, bytes: number): VerifiedStep {
  const link = n.toString(16).padStart(64, '0')
  return { link, bundle: { envelope: { payload: new Uint8Array(bytes) } } } as VerifiedStep
}

function remembered(sizes: readonly number[]): number[] {
  const cache = new VerifiedCache({} as Store, nodeCrypto, () => 0)
  const steps = sizes.map((bytes, n) => stepOf(n, bytes))
  for (const step of steps) for (let i = 0; i < 2; i++) cache.remember('acme', step)
  expect(steps.some(({ link }) => cache.has('other', link))).toBe(false)
  return steps.flatMap(({ link }, n) => (cache.has('acme', link) ? [n] : []))
}

test('steps are remembered up to so many bytes together, the newest however large', () => {
  expect(remembered([MIB, MIB, MIB])).toEqual([0, 1, 2])
  expect(remembered([9 * MIB, MIB, 7 * MIB])).toEqual([1, 2])
  expect(remembered([MIB, 15 * MIB])).toEqual([0, 1])
  expect(remembered([MIB, MIB, 20 * MIB])).toEqual([2])
  expect(remembered([20 * MIB, 1])).toEqual([1])
})

test('and up to so many', () => {
  const held = remembered(Array.from({ length: 5_000 }, () => 10))
  expect([held.length, held[0], held.at(-1)]).toEqual([4_096, 904, 4_999])
})
