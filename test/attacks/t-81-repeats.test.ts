import { statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeBundle } from '@countersign/formats'
import { MAX_INBOX } from '../../server/verbs/append-attestation.ts'
import { file, newChainId, party, type Signed, signStep } from '../pipeline.ts'
import { openTestServer, type TestServer, token } from '../server.ts'
import { rounds } from '../thorough.ts'

// T-81: the same thing sent over and over. What is held already takes no more room, whoever pays for the sending.

/** What grows by each is seen after a thousand; with COUNTERSIGN_THOROUGH there are more. */
const REPEATS = rounds(500, 10_000)
const AT_ONCE = 64

const by = party('build')
const step = (n = 0): Signed =>
  signStep(by, {
    chain: { id: newChainId(), pipeline: 'p', contract: null },
    name: 'build',
    subject: [file('a', `${n}`)],
  })

let server: TestServer
beforeAll(async () => {
  server = await openTestServer({ tenants: ['acme', 'other'] })
  await server.enrol([by])
  await server.enrol([by], 'other')
})
afterAll(() => server.close())

/** Rows of each table. */
function rows(): Readonly<Record<string, number>> {
  const db = new Database(server.file, { readonly: true })
  try {
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all()
    const counts = (tables as { name: string }[]).map(({ name }) => [
      name,
      (db.prepare(`SELECT count(*) AS n FROM "${name}"`).get() as { n: number }).n,
    ])
    return Object.fromEntries(counts) as Record<string, number>
  } finally {
    db.close()
  }
}

/** Bytes of the database and its log. */
const size = () => ['', '-wal'].reduce((sum, end) => sum + statSync(`${server.file}${end}`).size, 0)

async function repeat(times: number, send: (i: number) => Promise<Response>): Promise<Map<number, number>> {
  const seen = new Map<number, number>()
  let next = 0
  const worker = async () => {
    while (next < times) {
      const reply = await send(next++)
      await reply.arrayBuffer()
      seen.set(reply.status, (seen.get(reply.status) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return seen
}

describe(`T-81: ${REPEATS} times the same`, () => {
  test('attestation: one row, and nothing grows', { timeout: 120_000 }, async () => {
    const { bundle } = step()
    expect((await server.append(bundle)).status).toBe(201)
    const [before, bytes] = [rows(), size()]
    const body = writeBundle(bundle)
    const send = () => server.request('POST', '/v1/attestations', { body })
    expect([...(await repeat(REPEATS, send))]).toEqual([[200, REPEATS]])
    expect([rows(), size()]).toEqual([before, bytes])
  })

  test('attestation with the same idempotency key: one more row, once', { timeout: 120_000 }, async () => {
    const { bundle } = step()
    const headers = { 'idempotency-key': 'the-same' }
    expect((await server.append(bundle, { headers })).status).toBe(201)
    const before = rows()
    expect([...(await repeat(REPEATS, () => server.append(bundle, { headers })))]).toEqual([[200, REPEATS]])
    expect(rows()).toEqual(before)
  })

  test('refused body: one entry, which counts', { timeout: 120_000 }, async () => {
    const send = () => server.request('POST', '/v1/attestations', { body: 'the same noise' })
    expect((await send()).status).toBe(422)
    const [before, bytes] = [rows(), size()]
    expect([...(await repeat(REPEATS, send))]).toEqual([[422, REPEATS]])
    expect(rows()).toEqual(before)
    const { items } = await server.store.inbox('acme', 10, null)
    expect(items).toMatchObject([{ count: REPEATS + 1, kept: 14 }])
    // The log of the database is written from its beginning again and again, up to its bound.
    expect(size()).toBeLessThan(bytes + 80 * 1024 * 1024)
  })

  test('conflict: the loser is kept once', { timeout: 60_000 }, async () => {
    const winner = step()
    expect((await server.append(winner.bundle)).status).toBe(201)
    const { chain } = winner.statement.predicate
    const loser = signStep(by, { chain, name: 'build', subject: [file('a', 'other')] })
    const before = rows()
    expect([...(await repeat(500, () => server.append(loser.bundle)))]).toEqual([[409, 500]])
    const after = rows()
    expect({ ...after, inbox: 0 }).toEqual({ ...before, inbox: 0 })
    expect(after['inbox']).toBe(before['inbox']! + 1)
  })

  test('key, contract and revocation: what is there stays one', async () => {
    const spare = party('spare')
    const revoked = async () => (await server.request('POST', `/v1/keys/${spare.publicKey.keyId}/revoke`)).status
    await server.enrol([spare])
    const enrolled = rows()
    for (let i = 0; i < 50; i++) await server.enrol([spare])
    expect(rows()).toEqual(enrolled)
    expect(await revoked()).toBe(200)
    const before = rows()
    for (let i = 0; i < 50; i++) expect(await revoked()).toBe(200)
    expect(rows()).toEqual(before)
  })
})

describe('T-81: limits, as they are', () => {
  test('different noise is kept up to the bound of the inbox, tenant by tenant', async () => {
    const before = (await server.store.inbox('acme', 10, null)).items.length
    await repeat(300, (i) => server.request('POST', '/v1/attestations', { body: `noise ${i}`, token: token('other') }))
    expect((await server.store.inbox('other', 1_000, null)).items).toHaveLength(300)
    expect((await server.store.inbox('acme', 10, null)).items).toHaveLength(before)
    // The bound itself is held by the contract of every store.
    expect(MAX_INBOX).toBe(10_000)
  })

  test('red control: what differs in one byte of what is signed takes a row each', async () => {
    const before = rows()['attestations']!
    expect([...(await repeat(50, (i) => server.append(step(i).bundle)))]).toEqual([[201, 50]])
    expect(rows()['attestations']).toBe(before + 50)
  })

  test('red control: an idempotency key of its own for each repeat takes a row each, for a week', async () => {
    const { bundle } = step()
    const before = rows()
    await repeat(50, (i) => server.append(bundle, { headers: { 'idempotency-key': `try-${i}` } }))
    const after = rows()
    expect([after['attestations']! - before['attestations']!, after['idempotency']! - before['idempotency']!]).toEqual([
      1, 50,
    ])
  })
})
