import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CodedError, type PublicKey } from '@countersign/core'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { writeBundle } from '@countersign/formats'
import { verifyStep } from '@countersign/verify'
import { publication } from '../../../test/acts.ts'
import { issuerOf, sessionOf, usedToken } from '../../../test/contracts/issuer-store.ts'
import { at, file as made, newChainId, party, signStep } from '../../../test/pipeline.ts'
import { migrated } from '../../../test/migrated.ts'
import type { Append, AppendedBatch, Issuance, Refusal, Store } from '../../store.ts'
import { openSqlite } from './store.ts'

/** How the next writes fail: never begun, or committed and then not answered for. */
type Failure = 'lost' | 'persisted'

/** What is to fail, and how often; between the store and its writing thread, where a full disk or a crash would be. */
const faults = vi.hoisted(() => ({ method: '', failure: 'lost', left: 0, met: 0 }))
vi.mock('node:worker_threads', async (original) => {
  const real = await original<typeof import('node:worker_threads')>()
  class Faulty extends real.Worker {
    readonly #failing = new Set<number>()

    override postMessage(call: { id: number; method: string }): void {
      if (call.method !== faults.method || faults.left === 0) return super.postMessage(call)
      faults.left--
      faults.met++
      if (faults.failure === 'lost') this.emit('message', refused(call.id))
      else {
        this.#failing.add(call.id)
        super.postMessage(call)
      }
    }

    override on(event: string, listener: never): this {
      const hear: (reply: unknown) => void = listener
      if (event !== 'message') return super.on(event, listener)
      return super.on(event, (reply: { id: number }) => {
        hear(this.#failing.delete(reply.id) ? refused(reply.id) : reply)
      })
    }
  }
  const refused = (id: number) => ({ id, failure: { message: 'SQLITE_IOERR: disk I/O error (injected)' } })
  return { ...real, Worker: Faulty as unknown as typeof Worker }
})

let root: string
let file: string
let store: Store
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'countersign-faults-'))
  file = join(root, 'countersign.db')
  faults.left = 0
  store = await openSqlite(migrated(file))
  for (const tenant of ['acme', 'other']) await store.createTenant(tenant, at(0))
})
afterEach(async () => {
  faults.left = 0
  await store.close()
  rmSync(root, { recursive: true, force: true })
})

const key = party('build').publicKey
const lost = party('lost').publicKey
const [old, young, invited] = ['old', 'young', 'invited'].map((name) => party(name).publicKey) as [
  PublicKey,
  PublicKey,
  PublicKey,
]
const invitation = (id: string) => ({
  id,
  tenant: 'acme',
  hash: new Uint8Array(32).fill(7),
  name: 'runner',
  createdAt: at(1),
  by: 'test',
  expiresAt: at(30),
  uses: 1,
})
const kinds = async (id: string) => (await store.enrolment.events('acme', id)).map(({ kind }) => kind)
const contract = { pipeline: 'p', revision: 1, digest: 'd'.repeat(64), bytes: new TextEncoder().encode('one') }
const report = new CodedError('json-invalid', 'no').report()
const refusal: Refusal = {
  at: at(1),
  report,
  findings: [report],
  body: 'b'.repeat(64),
  bytes: Uint8Array.of(1, 2),
  link: null,
  about: null,
  chain: null,
  step: null,
}
const token = { id: 't', tenant: 'acme', hash: new Uint8Array(32).fill(7), scopes: ['read'] } as const

const gone = issuerOf({ id: 'gone', issuer: 'https://gone.example', rule: '{"gone":1}' })
const lasting = issuerOf({ id: 'lasting', issuer: 'https://lasting.example', rule: '{"lasting":1}' })
/** Serial of the rule of the session. */
let rule = 0
const named = async (wanted: string) =>
  (await store.issuers.list('acme')).filter(({ id }) => id === wanted).map(({ serial: _serial, ...rest }) => rest)

interface Write {
  readonly method: string
  /** Brings the store to where the write belongs. */
  readonly before?: () => Promise<unknown>
  readonly write: () => Promise<unknown>
  /** What the write resolves with where nothing fails. */
  readonly answer?: unknown
  /** What is to be seen of it. */
  readonly seen: () => Promise<unknown>
  /** Seen before it, and after it. */
  readonly none: unknown
  readonly done: unknown
}

const enrolment = { name: 'build', key, enrolledAt: at(1), by: 'test', proven: true }
const unused = { revokedAt: null, reason: null, steps: 0, lastUsedAt: null }
const enrolled = { name: 'build', key, enrolledAt: at(1), ...unused }
const revoked = { ...enrolled, name: 'lost', key: lost }
const enrolledKey = async (id: string) => (await store.keys('acme')).filter((held) => held.key.keyId === id)
const WRITES: Readonly<Record<string, Write>> = {
  'a tenant': {
    method: 'createTenant',
    write: () => store.createTenant('third', at(1)),
    seen: () => Promise.resolve(row("SELECT count(*) AS n FROM tenants WHERE id = 'third'")),
    none: { n: 0 },
    done: { n: 1 },
  },
  'a token': {
    method: 'createToken',
    write: () => store.createToken(token, at(1)),
    seen: () => store.token('t'),
    none: null,
    done: token,
  },
  'a key': {
    method: 'enrolKey',
    write: () => store.enrolKey('acme', enrolment),
    seen: () => enrolledKey(key.keyId),
    none: [],
    done: [enrolled],
  },
  'a revocation': {
    method: 'revokeKey',
    before: () => store.enrolKey('acme', { ...enrolment, name: 'lost', key: lost }),
    write: () => store.revokeKey('acme', lost.keyId, { at: at(3), by: 'test', since: at(2), reason: 'compromised' }),
    answer: true,
    seen: () => enrolledKey(lost.keyId),
    none: [revoked],
    done: [{ ...revoked, revokedAt: at(2), reason: 'compromised' }],
  },
  'a rotation': {
    method: 'rotateKey',
    before: () => store.enrolKey('acme', { ...enrolment, name: 'old', key: old }),
    write: () =>
      store.enrolment.rotate('acme', {
        from: old.keyId,
        to: young,
        at: at(2),
        by: 'test',
        proven: false,
        until: at(9),
      }),
    answer: true,
    seen: async () => [
      (await store.enrolment.key('acme', old.keyId))?.revokedAt,
      (await store.enrolment.key('acme', young.keyId))?.name,
      await kinds(old.keyId),
      await kinds(young.keyId),
    ],
    none: [null, undefined, ['enrolled'], []],
    done: [at(9), 'old', ['enrolled', 'rotated'], ['enrolled']],
  },
  'an invitation': {
    method: 'invite',
    write: () => store.enrolment.invite(invitation('aaaaaaaaaaaa')),
    seen: () => store.enrolment.invitation('aaaaaaaaaaaa'),
    none: null,
    done: { ...invitation('aaaaaaaaaaaa'), used: 0, withdrawnAt: null },
  },
  'an enrolment by code': {
    method: 'redeem',
    before: () => store.enrolment.invite(invitation('bbbbbbbbbbbb')),
    write: () => store.enrolment.redeem('bbbbbbbbbbbb', invited, at(2)),
    seen: async () => [(await store.enrolment.invitation('bbbbbbbbbbbb'))?.used, await kinds(invited.keyId)],
    none: [0, []],
    done: [1, ['enrolled']],
  },
  'a withdrawal': {
    method: 'withdrawInvitation',
    before: () => store.enrolment.invite(invitation('cccccccccccc')),
    write: () => store.enrolment.withdraw('acme', 'cccccccccccc', at(2)),
    answer: true,
    seen: async () => (await store.enrolment.invitation('cccccccccccc'))?.withdrawnAt,
    none: null,
    done: at(2),
  },
  'a first contract': {
    method: 'act',
    write: async () => void (await store.act(publication(contract, at(1)))),
    seen: () => store.contract('acme', 'p'),
    none: null,
    done: contract,
  },
  'a later contract': {
    method: 'act',
    before: () => store.act(publication({ ...contract, pipeline: 'q', digest: 'c'.repeat(64) }, at(1))),
    write: async () => {
      const next = { ...contract, pipeline: 'q', revision: 2, digest: 'e'.repeat(64) }
      await store.act(publication(next, at(2), 'c'.repeat(64)))
    },
    seen: async () => (await store.contract('acme', 'q'))?.revision,
    none: 1,
    done: 2,
  },
  'an issuer': {
    method: 'addIssuer',
    write: () => store.issuers.add(issuerOf(), 10),
    seen: () => named(issuerOf().id),
    none: [],
    done: [issuerOf()],
  },
  'the end of an issuer': {
    method: 'removeIssuer',
    before: () => store.issuers.add(gone, 10),
    write: () => store.issuers.remove('acme', gone.id, at(2)),
    answer: true,
    seen: () => named(gone.id),
    none: [gone],
    done: [{ ...gone, removedAt: at(2) }],
  },
  'a session': {
    method: 'openSession',
    before: async () => {
      await store.issuers.add(lasting, 10)
      rule = (await store.issuers.of(lasting.issuer))[0]!.serial
    },
    write: () => store.issuers.openSession(sessionOf({ rule }), Date.parse(at(0))),
    answer: true,
    seen: async () => (await store.issuers.session(sessionOf().id))?.holder,
    none: undefined,
    done: sessionOf().holder,
  },
}

function row(sql: string): unknown {
  const db = new Database(file, { readonly: true })
  try {
    return db.prepare(sql).get()
  } finally {
    db.close()
  }
}

async function reopen(): Promise<void> {
  await store.close()
  store = await openSqlite(file)
  expect(row('PRAGMA integrity_check')).toEqual({ integrity_check: 'ok' })
}

const failed = () => expect.objectContaining({ code: 'store-failed' }) as unknown

/** Lets the next writes of a method fail. */
function fail(method: string, failure: Failure, times: number): void {
  Object.assign(faults, { method, failure, left: times, met: 0 })
}

describe.each(['lost', 'persisted'] as const)('a write that is %s, and reported as failed (T-77)', (failure) => {
  it.each([1, 2])('%i times: whole or not there, and repeating gives what it would have given', async (times) => {
    const writes = Object.entries(WRITES)
    const after = failure === 'lost' ? ('none' as const) : ('done' as const)
    for (const [name, { method, before, write, seen, ...as }] of writes) {
      await before?.()
      expect([name, await seen()]).toEqual([name, as.none])
      fail(method, failure, times)
      // A token that is there already is not written again.
      const told = failure === 'persisted' && method === 'createToken' ? 1 : times
      for (let i = 0; i < told; i++) await expect(write()).rejects.toThrow(failed() as Error)
      expect([name, faults.met, await seen()]).toEqual([name, told, as[after]])
      faults.left = 0
    }
    await reopen()
    for (const [name, { write, seen, answer, ...as }] of writes) {
      expect([name, await seen()]).toEqual([name, as[after]])
      expect([name, await write(), await write(), await seen()]).toEqual([name, answer, answer, as.done])
    }
    await reopen()
    for (const [name, { seen, done }] of writes) expect([name, await seen()]).toEqual([name, done])
  })

  it.each([1, 2])('a refusal, %i times: it is kept once, and counts no less than what was told', async (times) => {
    fail('refuse', failure, times)
    for (let i = 0; i < times; i++) await expect(store.refuse('acme', refusal, 100)).rejects.toThrow(failed() as Error)
    await reopen()
    const counted = failure === 'lost' ? 0 : times
    expect((await store.inbox('acme', 10, null)).items.map(({ count }) => count)).toEqual(
      counted === 0 ? [] : [counted],
    )
    await store.refuse('acme', refusal, 100)
    const { items } = await store.inbox('acme', 10, null)
    expect(items).toMatchObject([{ count: counted + 1, body: refusal.body, kept: 2 }])
    expect(await store.refusedBody('acme', items[0]!.id)).toEqual(refusal.bytes)
    expect((await store.inbox('other', 10, null)).items).toEqual([])
  })

  it('the end of a token: what was not written counts on, and what was is over, whoever was told', async () => {
    await store.createToken(token, at(1))
    fail('revokeToken', failure, 1)
    await expect(store.revokeToken('acme', 't')).rejects.toThrow(failed() as Error)
    await reopen()
    expect(await store.token('t')).toEqual(failure === 'lost' ? token : null)
    expect(await store.revokeToken('acme', 't')).toBe(failure === 'lost')
    await reopen()
    expect([await store.token('t'), await store.revokeToken('acme', 't')]).toEqual([null, false])
  })

  it('a batch of refusals: all who wait are told, and none is there in part', async () => {
    fail('refuse', failure, 1)
    const bodies = ['1', '2', '3'].map((n) => n.repeat(64))
    const told = await Promise.allSettled(bodies.map((body) => store.refuse('acme', { ...refusal, body }, 100)))
    expect(told.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    await reopen()
    const { items } = await store.inbox('acme', 10, null)
    expect(items).toHaveLength(failure === 'lost' ? 0 : 3)
    for (const body of bodies) await store.refuse('acme', { ...refusal, body }, 100)
    expect((await store.inbox('acme', 10, null)).items).toHaveLength(3)
  })

  it('a token that is used up: once granted never again, and at worst not at all', async () => {
    fail('useTokens', failure, 1)
    const now = Date.parse(at(0))
    await expect(store.issuers.use(usedToken(), now)).rejects.toThrow(failed() as Error)
    await reopen()
    // What was written counts as used, though nobody was granted anything for it: its owner asks for another.
    expect(await store.issuers.use(usedToken(), now)).toBe(failure === 'lost')
    expect(await store.issuers.use(usedToken(), now)).toBe(false)
    await reopen()
    expect(await store.issuers.use(usedToken(), now)).toBe(false)
  })

  it('a token that is shown again: what was counted stays counted, and nothing is granted for it', async () => {
    const now = Date.parse(at(0))
    await store.issuers.add(lasting, 10)
    const token = usedToken({ issuer: lasting.issuer })
    await store.issuers.openSession(sessionOf({ rule: (await store.issuers.of(lasting.issuer))[0]!.serial }), now)
    const resume = () => store.issuers.resume(sessionOf().id, token, 3, now)
    fail('resumeSession', failure, 1)
    await expect(resume()).rejects.toThrow(failed() as Error)
    await reopen()
    const left = failure === 'lost' ? [true, true, false] : [true, false, false]
    expect([await resume(), await resume(), await resume()]).toEqual(left)
  })

  it('and what fails takes nothing else with it', async () => {
    fail('enrolKey', failure, 1)
    const outcomes = await Promise.allSettled([
      store.enrolKey('acme', enrolment),
      store.act(publication(contract, at(1))),
      store.createToken(token, at(1)),
      store.refuse('acme', refusal, 100),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
    await reopen()
    expect(await store.contract('acme', 'p')).toEqual(contract)
    expect(await store.token('t')).toEqual(token)
  })
})

it('red control: without a fault every one of them is written at once', async () => {
  for (const { before, write, answer, seen, none, done } of Object.values(WRITES)) {
    await before?.()
    expect(await seen()).toEqual(none)
    expect(await write()).toEqual(answer)
    expect(await seen()).toEqual(done)
  }
})

it('a database that refuses to write says so each time, and is whole when it can again', async () => {
  const db = new Database(file)
  for (const table of ['keys', 'contracts', 'tokens', 'inbox']) {
    db.exec(`CREATE TRIGGER full_${table} BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ABORT, 'injected'); END`)
  }
  const writes = ['a token', 'a key', 'a first contract'].map((name) => WRITES[name]!)
  for (const { write, seen, none } of writes) {
    for (let i = 0; i < 2; i++) await expect(write()).rejects.toThrow(failed() as Error)
    expect(await seen()).toEqual(none)
  }
  await expect(store.refuse('acme', refusal, 100)).rejects.toThrow(failed() as Error)
  for (const table of ['keys', 'contracts', 'tokens', 'inbox']) db.exec(`DROP TRIGGER full_${table}`)
  db.close()
  await reopen()
  for (const { write, seen, done } of writes) {
    await write()
    expect(await seen()).toEqual(done)
  }
  await store.refuse('acme', refusal, 100)
  expect((await store.inbox('acme', 10, null)).items).toMatchObject([{ count: 1 }])
})

const by = party('by', 'ed25519')

const issuance = (serial: string): Issuance => ({
  tenant: 'acme',
  serial,
  authority: 'a'.repeat(64),
  keyId: 'b'.repeat(64),
  issuedAt: at(1),
  notAfter: at(600),
  tbs: new TextEncoder().encode(serial),
})

it.each([
  ['lost', [['02', 0]], 1],
  [
    'persisted',
    [
      ['02', 1],
      ['01', 0],
    ],
    2,
  ],
] as const)(
  'a certificate whose write is %s: nobody is told of it, and what is logged is listed',
  async (failure, held, size) => {
    fail('append', failure, 1)
    await expect(store.append([], [issuance('01')])).rejects.toThrow(failed() as Error)
    // The authority does not sign what it was not told of: the next attempt is another certificate.
    const { issued } = await store.append([], [issuance('02')])
    expect(issued.map(({ index }) => index)).toEqual([size - 1])
    await reopen()
    const { items } = await store.issued.page('acme', 9, null)
    expect(items.map(({ serial, index }) => [serial, index])).toEqual(held)
    expect(store.log.size()).toBe(size)
  },
)

describe('a batch that fails while the next waits behind it (T-77)', () => {
  const steps = Array.from({ length: 4 }, (_, i) =>
    signStep(by, {
      chain: { id: newChainId(), pipeline: 'p', contract: null },
      name: 'build',
      subject: [made('a', `${i}`)],
    }),
  )
  const trust = { signers: [{ name: by.name, key: by.publicKey, revokedAt: null }], countersigners: [] }
  const appends = steps.map(
    ({ bundle }): Append => ({
      tenant: 'acme',
      edges: [],
      acceptedAt: at(60),
      late: false,
      idempotency: null,
      step: verifyStep(bundle, trust, nodeCrypto),
      bundle: writeBundle(bundle),
    }),
  )
  it.each(['lost', 'persisted'] as const)(
    '%s: it alone is not acknowledged, and repeating it heals',
    async (failure) => {
      Object.assign(faults, { method: 'append', failure, left: 1, met: 0 })
      const batches = [appends.slice(0, 2), appends.slice(2)]
      const outcomesOf = ({ appended }: AppendedBatch) =>
        appended.map((one) => [one.kind, one.kind !== 'refused' && one.index])
      const [failed, next] = await Promise.allSettled(batches.map((batch) => store.append(batch)))
      expect(failed).toMatchObject({ status: 'rejected', reason: { code: 'store-failed' } })
      expect(faults.met).toBe(1)
      // Numbers are given where they are written: one that was lost leaves no gap.
      const numbers = failure === 'lost' ? [2, 3, 0, 1] : [0, 1, 2, 3]
      if (next?.status !== 'fulfilled') throw new Error('the next batch failed with it')
      expect(outcomesOf(next.value)).toEqual([
        ['accepted', numbers[2]],
        ['accepted', numbers[3]],
      ])
      expect(next.value.head!.size).toBe(failure === 'lost' ? 2 : 4)
      const again = await Promise.all(batches.map((batch) => store.append(batch)))
      const first = failure === 'lost' ? 'accepted' : 'same'
      expect(again.flatMap(outcomesOf)).toEqual([
        [first, numbers[0]],
        [first, numbers[1]],
        ['same', numbers[2]],
        ['same', numbers[3]],
      ])
      await store.close()
      store = await openSqlite(file)
      // Each is one entry of the log, and the tiles give the root of all four.
      expect(store.log.size()).toBe(4)
      const opened = steps.map(({ link }) => store.log.opened('acme', link)!.index)
      expect(opened).toEqual(numbers)
    },
  )
})
