import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { hex } from '@countersign/core'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { parseCheckpoint } from '@countersign/formats'
import { loadState, type LogHashes, rootsOf } from '@countersign/log'
import { checkLog } from '../../server/fsck.ts'
import { openSqliteLock } from '../../server/stores/sqlite/lock.ts'
import { file, newChainId, party, type Signed, signStep } from '../pipeline.ts'
import { openTestServer, type TestServer } from '../server.ts'
import { THOROUGH } from '../thorough.ts'

/**
 * Every call of SQLite that the log's path makes, on the data and on the lock, fails in turn, as a disk fails: `lost`,
 * it was never done, or `persisted`, it was done and then reported as failed. Nothing here names an operation: what
 * the server does in a run without faults is what is made to fail in the others.
 */
type Failure = 'lost' | 'persisted'

interface Fault {
  readonly phase: string
  readonly name: string
  /** Which of the operations of this name in its phase, from 0. */
  readonly nth: number
  readonly failure: Failure
  /** How often it fails, each time that it is tried again. */
  readonly times: number
  /** Whether whatever comes right after the first fails too: a rollback, say. */
  readonly andNext: boolean
}

interface Operation {
  /** Which part of the run it belongs to. */
  readonly phase: string
  /** Database and SQL. */
  readonly name: string
  readonly writes: boolean
}

const disk = vi.hoisted(() => ({
  phase: '',
  /** Null while nobody counts, and nothing fails. */
  done: null as Operation[] | null,
  fault: null as Fault | null,
  /** Where the fault was met, and how often. */
  met: [] as number[],
  /** Connections of the writing thread that is being called, to be closed with it. */
  opened: null as Set<{ close(): unknown }> | null,
}))

/** What the server has in threads of their own, in this one, so that its calls of SQLite can be made to fail. */
vi.mock('node:worker_threads', async (original) => {
  const { EventEmitter } = await import('node:events')
  /** What a module sees while it begins: the other end of the thread that it is begun for. */
  const begun: { parentPort: object | null; workerData: unknown; before: Promise<unknown>; count: number } = {
    parentPort: null,
    workerData: null,
    before: Promise.resolve(),
    count: 0,
  }

  class InThread extends EventEmitter {
    readonly #opened = new Set<{ close(): unknown }>()
    readonly #answers: Promise<(call: unknown) => void>

    constructor(module: URL, { workerData }: { workerData: unknown }) {
      super()
      this.#answers = begun.before.then(async () => {
        let answer: (call: unknown) => void = () => undefined
        begun.parentPort = {
          on: (_: string, listener: typeof answer) => (answer = listener),
          postMessage: (reply: unknown) => setImmediate(() => this.emit('message', structuredClone(reply))),
        }
        begun.workerData = workerData
        // Each thread begins its module anew; what that loads is the same for all, so it is not the bundle.
        const source = module.pathname.replace(/\/dist\/(.+)\.js$/, '/stores/sqlite/$1.ts')
        await import(/* @vite-ignore */ `${source}?${++begun.count}`)
        return answer
      })
      begun.before = this.#answers
    }

    async postMessage(call: unknown): Promise<void> {
      if (call === 'stop') {
        await this.#answers
        await this.terminate()
        setImmediate(() => this.emit('exit'))
        return
      }
      const copy: unknown = structuredClone(call)
      const answer = await this.#answers
      disk.opened = this.#opened
      answer(copy)
      disk.opened = null
    }

    async terminate(): Promise<void> {
      for (const db of this.#opened) db.close()
    }
  }
  return {
    ...(await original<typeof import('node:worker_threads')>()),
    Worker: InThread,
    get parentPort() {
      return begun.parentPort
    },
    get workerData() {
      return begun.workerData
    },
  }
})

function operate(db: Database.Database, sql: string, writes: boolean, work: () => unknown): unknown {
  disk.opened?.add(db)
  if (disk.done !== null) {
    const name = `${db.name.endsWith('lock.db') ? 'lock' : 'data'}: ${sql.replaceAll(/\s+/g, ' ').trim()}`
    const at = disk.done.push({ phase: disk.phase, name, writes }) - 1
    if (fails(name, at)) {
      if (disk.fault!.failure === 'persisted') work()
      // What SQLite throws is not what matters; a full disk is what it throws most.
      throw new Database.SqliteError('injected', disk.fault!.failure === 'lost' ? 'SQLITE_FULL' : 'SQLITE_IOERR_FSYNC')
    }
  }
  // No power is lost here: waiting for the real disk would find nothing.
  return sql === 'PRAGMA synchronous = FULL' ? real.run.call(real.prepare.call(db, 'PRAGMA synchronous = OFF')) : work()
}

function fails(name: string, at: number): boolean {
  const { fault, done, met } = disk
  if (fault === null || done === null) return false
  const [first] = met
  if (first === undefined) {
    if (name !== fault.name || disk.phase !== fault.phase) return false
    if (done.filter((one) => one.name === name && one.phase === disk.phase).length - 1 !== fault.nth) return false
  } else {
    const next = fault.andNext && at === first + 1
    const again = name === fault.name && met.length < fault.times
    if (!next && !again) return false
  }
  met.push(at)
  return true
}

const statements = Object.getPrototypeOf(new Database(':memory:').prepare('SELECT 1')) as Record<
  string,
  (this: Database.Statement, ...args: unknown[]) => unknown
>
const databases = Database.prototype as unknown as { exec(this: Database.Database, sql: string): unknown }
const METHODS = ['run', 'get', 'all', 'iterate'] as const
const real = {
  run: statements['run']!,
  all: METHODS.map((method) => statements[method]!),
  exec: databases.exec,
  prepare: Database.prototype.prepare,
}

beforeAll(() => {
  for (const method of METHODS) {
    const own = statements[method]!
    statements[method] = function (...args) {
      // Beginning, committing and rolling back are read-only by SQLite's books.
      const writes = !this.readonly || /^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)/.test(this.source)
      return operate(this.database, this.source, writes, () => own.apply(this, args))
    }
  }
  databases.exec = function (sql) {
    return operate(this, sql, true, () => real.exec.call(this, sql))
  }
})

const root = mkdtempSync(join(tmpdir(), 'countersign-t-77-'))
const template = join(root, 'template')
const by = party('build', 'ed25519')
const HASHES: LogHashes = {
  sha256: { size: 32, hash: (bytes) => nodeCrypto.sha256(bytes) },
  sha3_256: { size: 32, hash: (bytes) => nodeCrypto.sha3_256(bytes) },
}
/** Two short of a full tile, so that the run completes it, and begins the next. */
const HELD = 254
const steps = Array.from({ length: HELD + 3 }, (_, i) =>
  signStep(by, {
    chain: { id: newChainId(), pipeline: 'p', contract: null },
    name: 'build',
    subject: [file('a', `${i}`)],
  }),
)
const [atEdge, atEdgeToo, beyond] = steps.slice(HELD) as [Signed, Signed, Signed]

beforeAll(async () => {
  const server = await openTestServer({ directory: template })
  await server.enrol([by])
  const replies = await Promise.all(steps.slice(0, HELD).map(({ bundle }) => server.append(bundle)))
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]))
  await server.close()
})
afterAll(() => {
  for (const [i, method] of METHODS.entries()) statements[method] = real.all[i]!
  databases.exec = real.exec
  rmSync(root, { recursive: true, force: true })
})

/** All that was ever told to anybody outside. */
interface Told {
  /** Index by link, as acknowledged. */
  readonly acknowledged: Map<string, Set<number>>
  /** Roots by size, as published or locked. */
  readonly roots: Map<number, Set<string>>
  /** What was acknowledged before the lock knew of it. */
  readonly early: string[]
  /** Requests that failed. */
  failures: number
  restarts: number
}

class World {
  readonly dir: string
  readonly told: Told = { acknowledged: new Map(), roots: new Map(), early: [], failures: 0, restarts: 0 }
  readonly #restartsAtOnce: boolean
  #server: Promise<TestServer> | null = null
  #closing: Promise<void> = Promise.resolve()

  constructor(dir: string, restartsAtOnce: boolean) {
    this.dir = dir
    this.#restartsAtOnce = restartsAtOnce
  }

  /** The server, started as often as its start fails; `log-…` codes are for people, and must not come. */
  server(): Promise<TestServer> {
    this.#server ??= this.#closing.then(() => this.#start())
    return this.#server
  }

  async #start(): Promise<TestServer> {
    for (let tried = 0; ; tried++) {
      disk.phase = 'start'
      try {
        return await openTestServer({ directory: this.dir })
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^stor(e-failed|age-full)$/) as string })
        expect(tried).toBeLessThan(8)
        this.told.failures++
      }
    }
  }

  /** As a client does it: again until it is acknowledged. The server heals by itself, or is started again. */
  async append(phase: string, { link, bundle }: Signed, idempotency: string | null): Promise<void> {
    for (let tried = 1; ; tried++) {
      const server = await this.server()
      disk.phase = phase
      const headers = idempotency === null ? {} : { 'idempotency-key': idempotency }
      const reply = await server.append(bundle, { headers })
      this.look(server)
      if (reply.ok) {
        const { index } = (await reply.json()) as { index: number }
        this.told.acknowledged.set(link, (this.told.acknowledged.get(link) ?? new Set()).add(index))
        if (index >= (await lockedSize(server))) this.told.early.push(link)
        return
      }
      expect([500, 503]).toContain(reply.status)
      this.told.failures++
      expect(tried).toBeLessThan(8)
      if (this.#restartsAtOnce) await this.restart(server)
    }
  }

  /** Ends `server`, unless somebody has already. */
  async restart(server: TestServer): Promise<void> {
    if (server !== (await this.#server)) return this.#closing
    this.#server = null
    this.told.restarts++
    this.#closing = uncounted(() => server.close())
    return this.#closing
  }

  /** Keeps what is published. */
  look(server: TestServer): void {
    const { size, root: top } = parseCheckpoint(server.deps.log.checkpoint)
    this.told.roots.set(size, (this.told.roots.get(size) ?? new Set()).add(hex(top)))
  }
}

async function lockedSize(server: TestServer): Promise<number> {
  const { done } = disk
  disk.done = null
  const reading = server.logDeps.lock.read('test')
  disk.done = done
  return parseCheckpoint((await reading)!).size
}

async function uncounted<T>(work: () => Promise<T>): Promise<T> {
  const { done } = disk
  disk.done = null
  try {
    return await work()
  } finally {
    disk.done = done
  }
}

/** One run of a server over a tile's edge, with one fault; `null` for none. What it did, and what it told. */
async function run(
  fault: Fault | null,
  restartsAtOnce = false,
): Promise<{ operations: Operation[]; world: World; met: number }> {
  const dir = mkdtempSync(join(root, 'run-'))
  cpSync(template, dir, { recursive: true })
  const world = new World(dir, restartsAtOnce)
  const operations: Operation[] = []
  Object.assign(disk, { done: operations, fault, met: [] })
  try {
    world.look(await world.server())
    // At once, in one batch, one of them twice; then alone, under a key.
    await Promise.all([atEdge, atEdgeToo, atEdge].map((step) => world.append('fill', step, null)))
    await world.append('begin', beyond, 'once')
    disk.phase = 'repeat'
    for (const step of [atEdge, atEdgeToo]) await world.append('repeat', step, null)
    await world.append('repeat', beyond, 'once')
    disk.phase = 'read'
    await (await world.server()).request('GET', `/v1/attestations/${beyond.link}/proof`)
  } finally {
    Object.assign(disk, { done: null, fault: null })
    await world.restart(await world.server())
  }
  return { operations, world, met: disk.met.length }
}

/** What is wrong with a data directory, beside what its server told while it ran. */
async function faults({ dir, told }: World): Promise<string[]> {
  const found = told.early.map((link) => `${link} was acknowledged before it was signed`)
  // From the disk, before a start may mend anything.
  const server = await openTestServer({ directory: dir })
  try {
    const { data } = server.logDeps
    const lock = openSqliteLock(join(dir, 'lock', 'lock.db'))
    await checkLog({
      origin: 'test',
      keys: server.deps.log.keys,
      lock,
      data,
      crypto: nodeCrypto,
      say: (line) => line.startsWith('✓') || found.push(line),
      progress: () => undefined,
    })
    lock.close()
    if (data.size() !== steps.length) found.push(`${data.size()} entries of ${steps.length} steps`)
    for (const [link, indexes] of told.acknowledged) {
      const proof = server.deps.log.prove('acme', link)
      if (proof === null) found.push(`${link} was acknowledged, and is not proven`)
      else if (!indexes.has(proof.index))
        found.push(`${link} was acknowledged at ${[...indexes]}, and is ${proof.index}`)
      if (indexes.size !== 1) found.push(`${link} was acknowledged at ${[...indexes]}`)
    }
    for (const [size, roots] of told.roots) {
      const own = hex(rootsOf(loadState(size, data.tile, HASHES), HASHES).sha256)
      if (roots.size !== 1 || !roots.has(own))
        found.push(`${size} entries have the roots ${[...roots]}, and now ${own}`)
    }
  } finally {
    await server.close()
  }
  return found
}

interface Plan {
  readonly fault: Fault
  readonly restartsAtOnce: boolean
}

/**
 * How an operation is made to fail, `at`th of all; a read that was done and then reported as failed is as good as lost.
 * Each write fails lost and persisted. Of the ways beyond these, twice among them, a run takes one for every third write,
 * the next of them the next, and of the reads every fourth; with COUNTERSIGN_THOROUGH it takes them all.
 */
function plansFor({ phase, name, writes }: Operation, nth: number, at: number): Plan[] {
  const plan = (failure: Failure, times: number, more: { andNext?: boolean; restartsAtOnce?: boolean } = {}): Plan => {
    const { andNext = false, restartsAtOnce = false } = more
    return { fault: { phase, name, nth, failure, times, andNext }, restartsAtOnce }
  }
  if (!writes) return THOROUGH || at % 4 === 0 ? [plan('lost', 2)] : []
  const plans = (['lost', 'persisted'] as const).map((failure) => ({
    always: [plan(failure, 1)],
    more: [
      plan(failure, 2),
      plan(failure, 1, { andNext: true }),
      plan(failure, 1, { restartsAtOnce: true }),
      // Oftener than the log tries by itself.
      plan(failure, 5),
    ],
  }))
  const more = plans.flatMap((one) => one.more)
  const some = at % 3 === 0 ? [more[(at / 3) % more.length]!] : []
  return [...plans.flatMap(({ always }) => always), ...(THOROUGH ? more : some)]
}

describe('T-77: every storage operation of the log fails once and twice, lost and persisted', () => {
  let operations: readonly Operation[]
  let honest: World
  beforeAll(async () => ({ operations, world: honest } = await run(null)))

  test('the operations are those of data and lock: starting, filling a tile, beginning one, repeating, proving', async () => {
    expect(honest.told).toMatchObject({ failures: 0, restarts: 1 })
    expect(await faults(honest)).toEqual([])
    expect(new Set(operations.map(({ phase }) => phase))).toEqual(new Set(['start', 'fill', 'begin', 'repeat', 'read']))
    for (const name of [
      /^data: COMMIT/,
      /^data: INSERT INTO log_entries/,
      /^data: INSERT INTO log_tiles/,
      /^lock: INSERT/,
    ]) {
      expect(operations.filter((operation) => operation.writes && name.test(operation.name)).length).toBeGreaterThan(1)
    }
    // What was committed is to survive a power loss, which no test here can make (T-75).
    const names = operations.map(({ name }) => name)
    expect(names).toEqual(
      expect.arrayContaining(['data: PRAGMA synchronous = FULL', 'lock: PRAGMA synchronous = FULL']),
    )
  })

  test.each([
    ['starting', ['start']],
    ['an append that fills a tile', ['fill']],
    ['an append that begins a tile', ['begin']],
    ['a repeated append, and a proof', ['repeat', 'read']],
  ])(
    '%s: nothing acknowledged is lost or told otherwise, no size has two roots, fsck passes',
    { timeout: 240_000 },
    async (_, phases) => {
      const own = operations.filter(({ phase }) => phases.includes(phase))
      const met = new Set<string>()
      const planned = new Set<string>()
      for (const [at, operation] of own.entries()) {
        const nth = own.slice(0, at).filter((o) => o.phase === operation.phase && o.name === operation.name).length
        // The same once more is the same code, at another row.
        if (nth > 0 && !THOROUGH) continue
        for (const plan of plansFor(operation, nth, at)) {
          planned.add(`${operation.phase} ${operation.name}`)
          const { world, ...ran } = await run(plan.fault, plan.restartsAtOnce)
          if (ran.met > 0) met.add(`${operation.phase} ${operation.name}`)
          expect([plan, await faults(world), world.told.acknowledged.size]).toEqual([plan, [], 3])
          if (!plan.restartsAtOnce) expect([plan, world.told.restarts]).toEqual([plan, 1])
          rmSync(world.dir, { recursive: true })
        }
      }
      // What comes at once may come in one batch or in two, so not every operation is met as often as in the first run.
      expect([...planned].filter((one) => !met.has(one))).toEqual([])
      expect(own.filter(({ phase, name, writes }) => writes && !planned.has(`${phase} ${name}`))).toEqual([])
    },
  )

  test('red control: what must not be is found', async () => {
    const broken = async (told: Partial<Told>, sql: string | null) => {
      const dir = mkdtempSync(join(root, 'broken-'))
      cpSync(honest.dir, dir, { recursive: true })
      if (sql !== null) {
        const db = new Database(join(dir, 'countersign.db'))
        expect(db.prepare(sql).run().changes).toBe(1)
        db.close()
      }
      const world = new World(dir, false)
      Object.assign(world.told, honest.told, told)
      return faults(world)
    }
    expect(await broken({}, null)).toEqual([])
    const lost = '0'.repeat(64)
    expect(await broken({ acknowledged: new Map([[lost, new Set([1])]]) }, null)).toEqual([
      `${lost} was acknowledged, and is not proven`,
    ])
    const moved = new Map([[beyond.link, new Set([HELD + 1, HELD + 2])]])
    expect(await broken({ acknowledged: moved }, null)).toHaveLength(1)
    expect(await broken({ roots: new Map([[HELD, new Set(['00'])]]) }, null)).toHaveLength(1)
    const rotten = await broken({}, 'UPDATE log_entries SET entry = zeroblob(9) WHERE "index" = 7')
    expect(rotten).toContain('✗ entry 7 is not the one that was logged')
  })
})
