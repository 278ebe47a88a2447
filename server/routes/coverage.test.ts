import { nodeCrypto } from '@countersign/adapters/crypto-node'
import {
  type Coverage,
  parseCheckpoint,
  parseLogStatement,
  parseReceipt,
  readCoverage,
  Shape,
  verifyLogStatement,
  writeLeaf,
} from '@countersign/formats'
import { leafHash, verifyInclusion } from '@countersign/merkle'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { honestRun, type Run } from '../../test/pipeline.ts'
import { codeOf, openTestServer, type TestServer, token } from '../../test/server.ts'

interface Answer {
  readonly statements: readonly string[]
  readonly items: readonly object[]
  readonly next: string | null
}

let server: TestServer
let run: Run
let minute = 60

beforeAll(async () => {
  server = await openTestServer({
    tenants: ['acme', 'thief'],
    now: () => new Date(Date.parse('2026-11-01T12:00:00.000Z') + minute * 60_000).toISOString(),
  })
  run = honestRun()
  await server.enrol([run.who.github, run.who.codebuild, run.who.cloudbuild, run.who.azure])
  await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
  // Two entries a statement, and in between those of other runs.
  for (const [i, { bundle }] of run.steps.entries()) {
    expect((await server.append(bundle)).status).toBe(201)
    const other = honestRun({ who: run.who, commit: `other ${i}` })
    for (const step of other.steps) expect((await server.append(step.bundle)).status).toBe(201)
    minute += 1440
    if (i % 2 === 1) expect((await server.request('POST', '/v1/statements', { body: '{}' })).status).toBe(201)
  }
})
afterAll(() => server.close())

const ask = async (query = '', id = run.chain.id) =>
  (await (await server.request('GET', `/v1/chains/${id}/coverage${query}`)).json()) as Answer

/** The statement that each item is under, by number; throws unless all is proven under both roots. */
async function proven({ statements, items }: Answer): Promise<number[]> {
  const { origin } = parseCheckpoint(server.deps.log.checkpoint)
  const trust = { origin, keys: [...server.deps.log.keys] }
  const read = statements.map((note) => {
    const statement = parseLogStatement(new TextEncoder().encode(note))
    return verifyLogStatement(statement, trust, nodeCrypto).statement
  })
  const digestOf = (text: string) => Buffer.from(nodeCrypto.sha256(new TextEncoder().encode(text))).toString('hex')
  const receipts = await Promise.all(
    run.steps.map(async ({ link }) => {
      const { receipt } = (await (await server.request('GET', `/v1/attestations/${link}`)).json()) as {
        receipt: object
      }
      return parseReceipt(JSON.stringify(receipt))
    }),
  )
  return items.map((item) => {
    const one: Coverage = readCoverage(new Shape('proof-invalid', item as never, 'item'))
    const statement = read.find(({ note }) => digestOf(note.text) === one.statement)!
    const { leaf } = receipts.find(({ proof }) => proof.index === one.index)!.opening
    for (const tree of ['sha256', 'sha3_256'] as const) {
      const hash = { size: 32, hash: (bytes: Uint8Array) => nodeCrypto[tree](bytes) }
      const place = { index: one.index, size: statement.size, leafHash: leafHash(writeLeaf(leaf), hash) }
      verifyInclusion({ ...place, path: one[tree] }, statement[tree], hash)
    }
    return statement.number
  })
}

describe('what statements cover of a chain', () => {
  test('is each entry under the first that does', async () => {
    expect(await proven(await ask())).toEqual([0, 0, 1, 1])
  })

  test('is all of them under one that is named, or those that it has', async () => {
    expect(await proven(await ask('?statement=1'))).toEqual([1, 1, 1, 1])
    expect(await proven(await ask('?statement=0'))).toEqual([0, 0])
  })

  test('comes page by page', async () => {
    const first = await ask('?limit=3')
    expect(await proven(first)).toEqual([0, 0, 1])
    expect(await proven(await ask(`?limit=3&cursor=${first.next}`))).toEqual([1])
    expect((await ask(`?limit=3&cursor=${first.next}`)).next).toBeNull()
  })

  test('leaves out what no statement covers yet, and keeps what was erased', async () => {
    const late = honestRun({ who: run.who, commit: 'late' })
    for (const step of late.steps) expect((await server.append(step.bundle)).status).toBe(201)
    expect(await ask('', late.chain.id)).toEqual({ statements: [], items: [], next: null })
    const erased = await server.request('POST', `/v1/attestations/${run.build.link}/erase`, {
      body: JSON.stringify({ ground: 'test' }),
    })
    expect(erased.status).toBe(200)
    expect((await ask()).items.length).toBe(4)
  })

  test('is refused of chains and statements that there are not, and to others', async () => {
    const of = (path: string, own = token('acme')) => codeOf(server.request('GET', path, { token: own }))
    expect(await of(`/v1/chains/${'0'.repeat(32)}/coverage`)).toBe('not-found')
    expect(await of(`/v1/chains/${run.chain.id}/coverage?statement=9`)).toBe('not-found')
    expect(await of(`/v1/chains/${run.chain.id}/coverage`, token('thief'))).toBe('not-found')
    expect(await of(`/v1/chains/${run.chain.id}/coverage?limit=0`)).toBe('request-invalid')
    expect(await of(`/v1/chains/${run.chain.id}/coverage?cursor=x`)).toBe('request-invalid')
    expect(await of('/v1/chains/x/coverage')).toBe('request-invalid')
  })
})
