import { afterEach, describe, expect, test } from 'vitest'
import { CodedError } from '@countersign/core'
import { checkStatementsAgree, noteKey, parseLogStatement, verifyLogStatement } from '@countersign/formats'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { makeStatement } from '../../server/verbs/make-statement.ts'
import { ledgerAnchor, memoryLedger, verifyLine } from '../anchors/local-file.ts'
import { file, newChainId, party, signStep } from '../pipeline.ts'
import { openTestServer, type TestServer } from '../server.ts'

// T-87: days without a proof from outside, in which history could be rewritten without anybody noticing.

const DAY = 86_400_000
const MIDNIGHT = Date.parse('2026-11-02T00:00:00.000Z')
const by = party('build')
let server: TestServer
let time: number
let down: boolean
const ledger = memoryLedger()
afterEach(() => server.close())

async function open(alarmAfter = DAY): Promise<void> {
  ;[time, down] = [MIDNIGHT + 60_000, false]
  ledger.lines().splice(0)
  const before = () => {
    if (down) throw new CodedError('anchor-unreachable', 'no answer')
  }
  server = await openTestServer({
    now: () => new Date(time).toISOString(),
    anchors: [{ anchor: ledgerAnchor({ ledger, before }), alarmAfter }],
  })
  await server.enrol([by])
}

async function append(): Promise<void> {
  const chain = { id: newChainId(), pipeline: 'p', contract: null }
  const subject = [file('a', String(Math.random()))]
  const { bundle } = signStep(by, { chain, name: 'build', subject })
  expect((await server.append(bundle)).status).toBe(201)
}

/** What the server does by itself on a day: state, and drive, an hour apart. */
async function day(): Promise<readonly string[]> {
  time += DAY
  await append()
  await makeStatement(server.deps, false)
  for (let hour = 0; hour < 3; hour++) {
    await server.deps.anchors.lanes[0]!.run()
    time += 3_600_000
  }
  const reply = await server.request('GET', '/healthz', { token: null })
  time -= 3 * 3_600_000
  return ((await reply.json()) as { warnings?: string[] }).warnings ?? []
}

function statement(number: number) {
  return parseLogStatement(server.store.statements.note(number)!)
}

async function allProven(count: number): Promise<void> {
  for (let number = 0; number < count; number++) {
    const proof = await server.store.anchors.proof('ledger', number)
    verifyLine(proof!, new TextEncoder().encode(statement(number).note.text), ledger)
  }
  expect(ledger.lines()).toHaveLength(count)
}

describe('T-87: an anchor that is silent for three days', () => {
  test('is an alarm from the second day on, until every day is proven', async () => {
    await open()
    await append()
    expect(await day()).toEqual([])
    down = true
    const warnings = [await day(), await day(), await day()]
    expect(warnings).toEqual([[], ['anchor-gap'], ['anchor-gap']])
    expect(await server.store.anchors.proof('ledger', 1)).toBeNull()
    down = false
    expect(await day()).toEqual([])
    await allProven(5)
  })

  test('red control: without the limit nobody hears of it', async () => {
    await open(1000 * DAY)
    await append()
    await day()
    down = true
    expect([await day(), await day(), await day()]).toEqual([[], [], []])
    expect(await server.store.anchors.proof('ledger', 1)).toBeNull()
  })
})

test('T-87: three days on which nothing ran are covered by the next statement, which says so, and is anchored', async () => {
  await open()
  await append()
  await day()
  time += 3 * DAY
  expect(await day()).toEqual(['statement-late'])
  expect([statement(0).covers, statement(1).covers]).toEqual([1, 4])
  await allProven(2)
  // One history, without a hole: what is anchored later covers what was before.
  const { signer } = server.logDeps
  const trust = { origin: 'test', keys: [noteKey('test', 'ed25519', signer.publicKey, nodeCrypto)] }
  const [first, second] = [0, 1].map((number) => verifyLogStatement(statement(number), trust, nodeCrypto))
  checkStatementsAgree(first!, second!, nodeCrypto)
  expect(second!.statement.start).toBe(first!.statement.end)
})
