import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect } from 'vitest'
import type { Swapping } from './lock-swappers.ts'

/** Four threads, each with a lock of its own on one place, 16 swaps at once in each, 200 times: one wins each round. */
export async function raceThreads(lock: Pick<Swapping, 'module' | 'open' | 'file' | 'origin'>): Promise<void> {
  const [threads, swappers, rounds] = [4, 16, 200]
  const gates = new SharedArrayBuffer(4 * 2 * rounds)
  const winners = new SharedArrayBuffer(4 * rounds)
  const workers = Array.from({ length: threads }, (_, i) => {
    const workerData: Swapping = { ...lock, name: `t${i}`, threads, swappers, rounds, gates, winners }
    return new Worker(new URL('./lock-swappers.ts', import.meta.url), { workerData })
  })
  await Promise.all(workers.map((worker) => once(worker, 'message')))
  expect([...new Int32Array(winners)]).toEqual(Array.from({ length: rounds }, () => 1))
}
