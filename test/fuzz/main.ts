import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { argumentsOf, endWrongly } from '../arguments.ts'
import { Worker } from 'node:worker_threads'
import type { Found, Outcome } from './run.ts'
import { TARGETS } from './targets.ts'

const HELP = `Usage: npm run fuzz [-- OPTIONS]

Gives every reader of what strangers send what it cannot expect. What brings one down is kept beside the tests.

  --seconds N    how long each target is tried (default 10)
  --seed S       begin as the run that printed this did
  --target NAME  this one alone: ${TARGETS.map(({ name }) => name).join(', ')}`

const values = argumentsOf(
  { seconds: { type: 'string', default: '10' }, target: { type: 'string' }, seed: { type: 'string' } },
  HELP,
)
const seconds = Number(values.seconds)
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
const targets = TARGETS.filter(({ name }) => values.target === undefined || name === values.target)
if (targets.length === 0) endWrongly(`there is no target ${values.target}`, HELP)
if (!(seconds > 0)) endWrongly(`${values.seconds} is no number of seconds`, HELP)
if (!Number.isSafeInteger(seed)) endWrongly(`${values.seed} is no seed`, HELP)

const HANG_MS = 10_000
const MAX_INPUT = 1 << 16

/** Runs one target in a worker, so that a reader that never comes back is found too. */
function run(name: string): Promise<Outcome> {
  const shared = new SharedArrayBuffer(8 + MAX_INPUT)
  const heartbeat = new Int32Array(shared, 0, 2)
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: { name, seed, seconds, shared } })
  return new Promise((resolve, reject) => {
    let last = -1
    const watch = setInterval(() => {
      const beat = Atomics.load(heartbeat, 0)
      if (beat === last && beat > 0) {
        const input = new Uint8Array(shared, 8, heartbeat[1]!).slice()
        void worker.terminate()
        settle({ execs: beat, read: 0, found: { input, what: `no answer in ${HANG_MS} ms` } })
      }
      last = beat
    }, HANG_MS)
    const settle = (outcome: Outcome) => {
      clearInterval(watch)
      resolve(outcome)
    }
    worker.on('message', settle)
    worker.on('error', (error) => {
      clearInterval(watch)
      reject(error)
    })
  })
}

/** Keeps the input beside the tests, which read it again ever after. */
function save(name: string, found: Found): string {
  const folder = join(import.meta.dirname, 'found')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${name}-${createHash('sha256').update(found.input).digest('hex').slice(0, 12)}.b64`)
  writeFileSync(file, `${Buffer.from(found.input).toString('base64')}\n`)
  return file
}

console.log(`seed ${seed}, ${seconds} s a target`)
let execs = 0
let failures = 0
for (const { name } of targets) {
  const began = performance.now()
  const outcome = await run(name)
  const rate = Math.round(outcome.execs / ((performance.now() - began) / 1000))
  execs += outcome.execs
  const share = ((100 * outcome.read) / Math.max(outcome.execs, 1)).toFixed(1)
  console.log(`${name.padEnd(12)} ${String(rate).padStart(8)} execs/s ${share.padStart(6)} % read`)
  if (outcome.found !== null) {
    failures++
    console.log(`  FOUND ${outcome.found.what.split('\n')[0]!.slice(0, 200)}\n  input ${save(name, outcome.found)}`)
  }
}
console.log(`fuzz: ${targets.length} targets, ${execs} execs, ${failures} found, seed ${seed}`)
process.exit(failures > 0 ? 1 : 0)
