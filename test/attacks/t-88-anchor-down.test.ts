import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Anchor } from '@countersign/anchor'
import { CodedError } from '@countersign/core'
import { carelessAnchor, type Ledger, ledgerAnchor, memoryLedger, verifyLine } from '../anchors/local-file.ts'
import { file, newChainId, party, signStep } from '../pipeline.ts'
import { openTestServer, type TestServer } from '../server.ts'

// T-88: an anchor that is slow, stalls, or takes what it is sent and never answers.

let stub: Server
let url: string
/** What the stub does with a request: `stall` keeps it without an answer, `swallow` does what it is asked first. */
let mood: 'answer' | 'stall' | 'swallow'
let stalled: (() => void)[]
let server: TestServer | null

beforeEach(async () => {
  ;[mood, stalled, server] = ['answer', [], null]
  stub = createServer((_, response) => {
    if (mood === 'answer') response.end('ok')
    else stalled.push(() => response.destroy())
  })
  await new Promise<void>((done) => stub.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(stub.address() as AddressInfo).port}`
})
afterEach(async () => {
  for (const end of stalled) end()
  await server?.close()
  await new Promise((done) => stub.close(done))
})

/** An anchor behind HTTP, as patient as it is told: what it writes is there even where the answer is not. */
function remote(make: typeof ledgerAnchor, ledger: Ledger, timeoutMs: number): Anchor {
  const ask = async () => {
    try {
      await fetch(url, { signal: AbortSignal.timeout(timeoutMs) })
    } catch (cause) {
      throw new CodedError('anchor-unreachable', 'no answer in time', { cause })
    }
  }
  const anchor = make({ name: 'slow', ledger })
  return {
    ...anchor,
    async move(job) {
      if (mood === 'swallow') await anchor.move(job)
      await ask()
      return anchor.move(job)
    },
  }
}

async function open(anchor: Anchor, other: Ledger): Promise<void> {
  const anchors = [anchor, ledgerAnchor({ name: 'other', ledger: other })]
  server = await openTestServer({ anchors: anchors.map((one) => ({ anchor: one, alarmAfter: 86_400_000 })) })
  const by = party('build')
  await server.enrol([by])
  const chain = { id: newChainId(), pipeline: 'p', contract: null }
  const { bundle } = signStep(by, { chain, name: 'build', subject: [file('a', 'a')] })
  expect((await server.append(bundle)).status).toBe(201)
  expect((await server.request('POST', '/v1/statements', { body: '{}' })).status).toBe(201)
}

const phases = async () => {
  const reply = await server!.request('GET', '/statements/0/anchors', { token: null })
  const { items } = (await reply.json()) as { items: { anchor: string; phase: string }[] }
  return Object.fromEntries(items.map(({ anchor, phase }) => [anchor, phase]))
}
const lanes = () => server!.deps.anchors.lanes

test('T-88: one that stalls is shown as pending, and holds up neither the others nor appends', async () => {
  const [ledger, other] = [memoryLedger(), memoryLedger()]
  await open(remote(ledgerAnchor, ledger, 60_000), other)
  mood = 'stall'
  const running = lanes().map((lane) => lane.run())
  await running[1]
  expect(await phases()).toEqual({ slow: 'pending', other: 'final' })
  expect(await server!.store.anchors.proof('slow', 0)).toBeNull()
  // Red control: it is the stalling alone that it waits for.
  mood = 'answer'
  for (const end of stalled) end()
  await running[0]
  await lanes()[0]!.run(true)
  expect(await phases()).toEqual({ slow: 'final', other: 'final' })
  expect(ledger.lines()).toHaveLength(1)
})

test('T-88: one that is down has the statement queued, and gets it when it is up', async () => {
  const [ledger, other] = [memoryLedger(), memoryLedger()]
  await open(remote(ledgerAnchor, ledger, 50), other)
  mood = 'stall'
  for (let look = 0; look < 3; look++) await Promise.all(lanes().map((lane) => lane.run(true)))
  expect(await phases()).toEqual({ slow: 'pending', other: 'final' })
  expect((await server!.store.anchors.of(0)).find(({ anchor }) => anchor === 'slow')!.failing).toMatchObject({
    tries: 3,
    code: 'anchor-unreachable',
  })
  mood = 'answer'
  await lanes()[0]!.run(true)
  expect(await phases()).toEqual({ slow: 'final', other: 'final' })
  const text = server!.deps.statements.newest!.note.text
  verifyLine((await server!.store.anchors.proof('slow', 0))!, new TextEncoder().encode(text), ledger)
})

test.each([
  ['T-88: one that takes it and does not answer has it once, however often it is sent', ledgerAnchor, 1],
  ['red control: sent without an id that is kept, it is there as often as it was sent', carelessAnchor, 4],
] as const)('%s', async (_, make, lines) => {
  const [ledger, other] = [memoryLedger(), memoryLedger()]
  await open(remote(make, ledger, 50), other)
  // A first move that prepares and sends nothing.
  if (make === ledgerAnchor) await lanes()[0]!.run(true)
  mood = 'swallow'
  for (let look = 0; look < 3; look++) await lanes()[0]!.run(true)
  mood = 'answer'
  await lanes()[0]!.run(true)
  expect(await phases()).toMatchObject({ slow: 'final' })
  expect(ledger.lines()).toHaveLength(lines)
})
