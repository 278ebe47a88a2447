import { parentPort, workerData } from 'node:worker_threads'
import type { CheckpointLock } from '@countersign/log'

// A thread of swappers with a connection of its own: all threads begin each round together, on what the lock holds.

export interface Swapping {
  /** Address of the module that opens the lock, and the name of the function in it, which is given `file`. */
  readonly module: string
  readonly open: string
  readonly file: string
  readonly origin: string
  readonly name: string
  readonly threads: number
  readonly swappers: number
  readonly rounds: number
  /** How many threads have arrived at each gate, two gates a round; then the winners of each round. */
  readonly gates: SharedArrayBuffer
  readonly winners: SharedArrayBuffer
}

const { module, open, file, origin, name, threads, swappers, rounds, ...buffers } = workerData as Swapping
const gates = new Int32Array(buffers.gates)
const winners = new Int32Array(buffers.winners)

function pass(gate: number): void {
  if (Atomics.add(gates, gate, 1) + 1 === threads) Atomics.notify(gates, gate)
  for (let there = Atomics.load(gates, gate); there < threads; there = Atomics.load(gates, gate)) {
    Atomics.wait(gates, gate, there, 100)
  }
}

type Opened = CheckpointLock & { close?(): void }
const opener = ((await import(module)) as Record<string, (file: string) => Opened>)[open]!
const lock = opener(file)
for (let round = 0; round < rounds; round++) {
  pass(2 * round)
  const old = await lock.read(origin)
  pass(2 * round + 1)
  const mine = Array.from({ length: swappers }, (_, i) => new TextEncoder().encode(`${round} ${name} ${i}`))
  const told = await Promise.allSettled(mine.map((next) => lock.swap(origin, old, next)))
  for (const one of told) {
    if (one.status === 'fulfilled') Atomics.add(winners, round, 1)
    else if ((one.reason as { code?: string }).code !== 'checkpoint-conflict') throw one.reason
  }
}
lock.close?.()
parentPort!.postMessage('done')
