import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Code, CodedError, fromUtf8 } from '@countersign/core'
import {
  checkStatementsAgree,
  parseLogStatement,
  parseVkey,
  type SignedLogStatement,
  type VerifiedLogStatement,
  verifyLogStatement,
  writeNote,
  writeVkey,
} from '@countersign/formats'
import type { CheckpointLock } from '@countersign/log'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { file, newChainId, party, signStep } from '../../test/pipeline.ts'
import { openTestServer, type TestServer } from '../../test/server.ts'
import type { StatementData } from '../store.ts'
import { Log } from './log.ts'
import { makeStatement, statementWarnings } from './make-statement.ts'
import { Statements, type StatementsDeps } from './statements.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Noon, as every log's life begins. */
const FIRST = Date.parse('2026-11-01T12:00:00.000Z')

let server: TestServer
let now: number
const by = party('build', 'ed25519')

beforeEach(async () => {
  now = FIRST
  server = await openTestServer({ now: () => new Date(now).toISOString() })
  await server.enrol([by])
})
afterEach(() => server.close())

async function append(chain = newChainId(), matrix: string | null = null): Promise<string> {
  const signed = signStep(by, {
    chain: { id: chain, pipeline: 'p', contract: null },
    name: 'build',
    matrix,
    subject: [file('a', `${chain} ${matrix}`)],
  })
  expect((await server.append(signed.bundle)).status).toBe(201)
  return chain
}

const due = () => makeStatement(server.deps, false)
const stateNow = () => makeStatement(server.deps, true)
const warnings = () => statementWarnings(server.deps)
const shown = ({ number, start, end, covers, size, heads }: SignedLogStatement) => [
  number,
  start.slice(5, 16),
  end.slice(5, 16),
  covers,
  size,
  heads.count,
]

/** What is published, oldest first, under the log's key and of one history. */
function published(): readonly VerifiedLogStatement[] {
  const [key] = server.deps.log.keys
  const trust = { origin: 'test', keys: [parseVkey(writeVkey(key), nodeCrypto)] }
  const notes = server.store.statements.page(200, null).items.toReversed()
  const all = notes.map((note) => verifyLogStatement(parseLogStatement(note), trust, nodeCrypto))
  for (const one of all) for (const other of all) checkStatementsAgree(one, other, nodeCrypto)
  return all
}

describe('a statement', () => {
  test('is made when a period is over, once, and names the one before', async () => {
    expect(await due()).toEqual({ statement: null, made: false })
    await append()
    now += 6 * HOUR
    expect(await due()).toEqual({ statement: null, made: false })
    const days = []
    for (let day = 0; day < 4; day++) {
      now = FIRST + (day + 1) * DAY
      await append()
      const { statement, made } = await due()
      expect(made).toBe(true)
      days.push(shown(statement!))
      expect(await due()).toEqual({ statement, made: false })
      now += 11 * HOUR
      expect(await due()).toEqual({ statement, made: false })
      expect(warnings()).toEqual([])
    }
    expect(days).toEqual([
      [0, '11-01T00:00', '11-02T00:00', 1, 2, 2],
      [1, '11-02T00:00', '11-03T00:00', 1, 3, 3],
      [2, '11-03T00:00', '11-04T00:00', 1, 4, 4],
      [3, '11-04T00:00', '11-05T00:00', 1, 5, 5],
    ])
    expect(published()).toHaveLength(4)
    expect(await server.deps.metrics.text()).toContain('countersign_statements_total 4')
  })

  test('binds both roots of the log as it is published', async () => {
    for (let i = 0; i < 5; i++) await append()
    const { statement } = await stateNow()
    const { size, sha256, sha3_256 } = server.deps.log.roots()
    expect([statement!.size, statement!.sha256, statement!.sha3_256]).toEqual([size, sha256, sha3_256])
    expect(size).toBe(5)
  })

  test('of several missed days is one that says so, and somebody is told (T-87)', async () => {
    await append()
    now += DAY
    await due()
    now += 2 * DAY + 6 * HOUR
    expect(warnings()).toEqual(['statement-overdue'])
    now += DAY
    const { statement } = await due()
    expect(shown(statement!)).toEqual([1, '11-02T00:00', '11-05T00:00', 3, 1, 1])
    expect(warnings()).toEqual(['statement-late'])
    expect(await server.deps.metrics.text()).toContain('countersign_statement_periods_missed_total 2')
    const health = await server.request('GET', '/healthz', { token: null })
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok', warnings: ['statement-late'] }])
    now += DAY
    expect(shown((await due()).statement!)).toEqual([2, '11-05T00:00', '11-06T00:00', 1, 1, 1])
    expect(warnings()).toEqual([])
    expect(published()).toHaveLength(3)
  })

  test('of a log that was down from its first day on says so too', async () => {
    await append()
    now += 3 * DAY
    expect(shown((await due()).statement!)).toEqual([0, '11-01T00:00', '11-04T00:00', 3, 1, 1])
  })

  test('can be asked for at any time; the period goes on from there', async () => {
    await append()
    expect((await stateNow()).made).toBe(true)
    // As it was stated: nothing to state.
    now += HOUR
    expect((await stateNow()).made).toBe(false)
    await append()
    const asked = await stateNow()
    expect(shown(asked.statement!)).toEqual([1, '11-01T12:00', '11-01T13:00', 1, 2, 2])
    now = FIRST + DAY
    await append()
    // What is due comes first, so that the day has its own.
    expect(shown((await stateNow()).statement!)).toEqual([2, '11-01T13:00', '11-02T00:00', 1, 3, 3])
    now += HOUR
    await append()
    expect(shown((await stateNow()).statement!)).toEqual([3, '11-02T00:00', '11-02T13:00', 1, 4, 4])
    expect(published()).toHaveLength(4)
    expect(warnings()).toEqual([])
  })

  test('is made once, however many ask at once', async () => {
    await append()
    now += DAY
    const all = await Promise.all([due(), stateNow(), due(), stateNow()])
    expect(all.filter(({ made }) => made)).toHaveLength(1)
    expect(published()).toHaveLength(1)
  })

  test('waits where the clock goes back, and says that it is ahead', async () => {
    await append()
    now += 3 * DAY
    await due()
    now -= 2 * DAY
    await append()
    expect((await due()).made).toBe(false)
    expect((await stateNow()).made).toBe(false)
    expect(warnings()).toEqual(['statement-late', 'statement-ahead'])
    now += 3 * DAY
    expect((await due()).made).toBe(true)
    published()
  })

  test('is not made by a log that signs nothing more', async () => {
    await append()
    now += DAY
    const broken = new CodedError('checkpoint-conflict', 'injected')
    const log = Object.create(server.deps.log, {
      assertWorking: {
        value: () => {
          throw broken
        },
      },
    }) as Log
    const statements = await Statements.open({ ...depsOf(), log })
    await expect(makeStatement({ ...server.deps, statements }, false)).rejects.toThrow(broken)
    expect(published()).toEqual([])
    expect(await server.deps.metrics.text()).toContain('failures_total{code="checkpoint-conflict"} 1')
  })
})

const depsOf = (): StatementsDeps => {
  const { signer, lock, crypto } = server.logDeps
  return { log: server.deps.log, signer, lock, crypto, data: server.store.statements }
}

/** The server after a crash: what was in memory is gone. */
async function restarted(more: Partial<StatementsDeps> = {}): Promise<TestServer['deps']> {
  const log = await Log.open(server.logDeps)
  const statements = await Statements.open({ ...depsOf(), log, ...more })
  return { ...server.deps, log, statements }
}

/** A lock or a store of which one method fails so many times, before it does its work or after. */
function failing<T extends object>(real: T, method: keyof T, when: 'lost' | 'persisted', times: number): T {
  let left = times
  const work = (real[method] as (...given: unknown[]) => Promise<unknown>).bind(real)
  return Object.create(real, {
    [method]: {
      value: async (...given: unknown[]) => {
        if (left-- <= 0) return work(...given)
        if (when === 'persisted') await work(...given)
        throw new CodedError('store-failed', 'injected')
      },
    },
  }) as T
}

/** Forwarding what Object.create does not: private fields belong to the real one. */
const lockOf = (real: CheckpointLock): CheckpointLock => ({
  read: (name) => real.read(name),
  swap: (name, old, next) => real.swap(name, old, next),
})

describe('whatever is cut off', () => {
  const WRITES: readonly (readonly [
    what: string,
    fail: (when: 'lost' | 'persisted', times: number) => Partial<StatementsDeps>,
  ])[] = [
    ['deciding the text', (when, n) => ({ data: failing(server.store.statements, 'decide', when, n) })],
    ['the lock', (when, n) => ({ lock: failing(lockOf(server.logDeps.lock), 'swap', when, n) })],
    ['publishing', (when, n) => ({ data: failing(server.store.statements, 'publish', when, n) })],
    ['reading the lock', (when, n) => ({ lock: failing(lockOf(server.logDeps.lock), 'read', when, n) })],
  ]
  const CASES = WRITES.flatMap(([what, fail]) =>
    (['lost', 'persisted'] as const).flatMap((when) => [1, 4].map((times) => ({ what, when, times, fail }))),
  )

  test.each(CASES)(
    '$what fails $times times, $when: one text for one number, by the next try or the next start',
    async ({ when, times, fail }) => {
      await append()
      now += DAY
      await due()
      await append()
      now += DAY
      const texts = new Set<string>()
      const signer = {
        ...server.logDeps.signer,
        sign: (bytes: Uint8Array) => {
          texts.add(fromUtf8(bytes))
          return server.logDeps.signer.sign(bytes)
        },
      }
      const faulty = await openFaulty({ signer, ...fail(when, times) })
      for (let attempt = 0; attempt < 6; attempt++) {
        now += 1000
        try {
          await makeStatement({ ...server.deps, statements: faulty }, false)
          break
        } catch (error) {
          expect(error).toEqual(coded('store-failed'))
        }
      }
      const after = await restarted({ signer })
      now += 1000
      await makeStatement(after, false)
      expect(published().map(({ statement }) => statement.number)).toEqual([0, 1])
      expect([...texts].filter((text) => text.includes('number 1\n'))).toHaveLength(1)
    },
  )

  /** As a server does that is started again until it starts. */
  async function openFaulty(more: Partial<StatementsDeps>): Promise<Statements> {
    for (;;) {
      try {
        return await Statements.open({ ...depsOf(), ...more })
      } catch (error) {
        expect(error).toEqual(coded('store-failed'))
      }
    }
  }

  test('killed between deciding and signing: the text that was decided is signed', async () => {
    await append()
    now += DAY
    const never = { ...server.logDeps.signer, sign: () => Promise.reject(new CodedError('sign-failed', 'killed')) }
    const statements = await Statements.open({ ...depsOf(), signer: never })
    await expect(makeStatement({ ...server.deps, statements }, false)).rejects.toThrow(coded('sign-failed'))
    const decided = server.store.statements.newest()!
    expect([decided.number, decided.note]).toEqual([0, null])
    expect(published()).toEqual([])
    await append()
    now += DAY
    const after = await restarted()
    expect(after.statements.newest!.note.text).toBe(decided.text)
    expect(shown((await makeStatement(after, false)).statement!)).toEqual([1, '11-02T00:00', '11-03T00:00', 1, 2, 2])
    expect(published()).toHaveLength(2)
  })

  test('killed between the lock and publishing: what the lock holds is published', async () => {
    await append()
    now += DAY
    const data: StatementData = Object.create(server.store.statements, {
      publish: { value: () => Promise.reject(new CodedError('store-failed', 'killed')) },
    }) as StatementData
    const statements = await Statements.open({ ...depsOf(), data })
    await expect(makeStatement({ ...server.deps, statements }, false)).rejects.toThrow(coded('store-failed'))
    expect(published()).toEqual([])
    const locked = await server.logDeps.lock.read('test statements')
    const after = await restarted()
    expect(writeNote(after.statements.newest!.note)).toEqual(locked)
    expect((await makeStatement(after, false)).made).toBe(false)
    expect(published()).toHaveLength(1)
  })
})

describe('nothing is signed, at start or later, where data and lock disagree', () => {
  /** As data and lock were after so many statements. */
  async function made(count: number): Promise<void> {
    await append()
    for (let day = 0; day < count; day++) {
      now += DAY
      await due()
    }
  }
  const without = (count: number): StatementData => {
    const real = server.store.statements
    const last = real.newest()!.number - count
    return Object.create(real, {
      newest: {
        value: () =>
          last < 0
            ? null
            : { number: last, text: parseLogStatement(real.note(last)!).note.text, note: real.note(last) },
      },
    }) as StatementData
  }

  test('a backup from before the last statement, or from before the first (T-73)', async () => {
    await made(3)
    await expect(restarted({ data: without(1) })).rejects.toThrow(coded('log-behind'))
    await expect(restarted({ data: without(3) })).rejects.toThrow(coded('log-behind'))
    // Red control: with the newest data it goes on.
    await expect(restarted({ data: without(0) })).resolves.toBeTruthy()
  })

  test('a lock without the statements, or with older ones', async () => {
    await made(1)
    const real = server.logDeps.lock
    const first = await real.read('test statements')
    await made(1)
    const holding = (note: Uint8Array | null) => ({ ...lockOf(real), read: () => Promise.resolve(note) })
    await expect(restarted({ lock: holding(null) })).rejects.toThrow(coded('log-lock-missing'))
    await expect(restarted({ lock: holding(first) })).rejects.toThrow(coded('statement-forked'))
    await expect(restarted({ lock: holding(await real.read('test statements')) })).resolves.toBeTruthy()
  })

  test('a lock that holds what nobody of this log signed', async () => {
    await made(1)
    const locked = (await server.logDeps.lock.read('test statements'))!
    const other = new Uint8Array(locked)
    other[other.indexOf(0x0a) + 20]! ^= 1
    const holding = { ...lockOf(server.logDeps.lock), read: () => Promise.resolve(other) }
    await expect(restarted({ lock: holding })).rejects.toThrow(CodedError)
  })

  test('another server that stated meanwhile', async () => {
    await append()
    const other = await restarted()
    now += DAY
    await due()
    // Its own view is renewed before it states: there is nothing to state.
    expect((await makeStatement(other, false)).made).toBe(false)
    expect(other.statements.newest).toEqual(server.deps.statements.newest)
  })

  test('a statement that covers more than there is', async () => {
    await made(1)
    const log = Object.create(server.deps.log, { signedSize: { value: 0 } }) as Log
    await expect(Statements.open({ ...depsOf(), log })).rejects.toThrow(coded('log-behind'))
  })
})
