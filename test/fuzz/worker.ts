import { parentPort, workerData } from 'node:worker_threads'
import { fuzz } from './run.ts'
import { TARGETS } from './targets.ts'

/** Input being read: its length, then its bytes. Shared, so that the parent sees it while the reader hangs. */
const { name, seed, seconds, shared } = workerData as {
  readonly name: string
  readonly seed: number
  readonly seconds: number
  readonly shared: SharedArrayBuffer
}

const heartbeat = new Int32Array(shared, 0, 2)
const bytes = new Uint8Array(shared, 8)
const until = performance.now() + seconds * 1000

const outcome = fuzz(TARGETS.find((target) => target.name === name)!, {
  seed,
  go: (execs) => execs % 64 !== 0 || performance.now() < until,
  onInput(input) {
    bytes.set(input.subarray(0, bytes.length))
    heartbeat[1] = Math.min(input.length, bytes.length)
    Atomics.add(heartbeat, 0, 1)
  },
})
parentPort!.postMessage(outcome)
