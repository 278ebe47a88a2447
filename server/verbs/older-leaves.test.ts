import Database from 'better-sqlite3'
import { isBundle, isReceipt, isWithheld, parseChainFile } from '@countersign/formats'
import { logKeys, namedKeys, readChain } from '@countersign/verify'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { honestRun, type Run } from '../../test/pipeline.ts'
import { codeOf, openTestServer, type TestServer } from '../../test/server.ts'

// A server before this one logged leaves that do not commit to who signed. What it held is held on; its leaves are opened
// for nobody, for no verifier would take the opening.

let server: TestServer
let run: Run
beforeEach(async () => {
  server = await openTestServer()
  run = honestRun()
  await server.enrol([run.who.github, run.who.codebuild, run.who.cloudbuild, run.who.azure])
  await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
  for (const { bundle } of run.steps.slice(0, 3)) expect((await server.append(bundle)).status).toBe(201)
  // As the migration finds it.
  const db = new Database(server.file)
  db.prepare('UPDATE attestations SET signed_under = NULL WHERE "index" < 2').run()
  db.close()
})
afterEach(() => server.close())

async function linesOf(query = '') {
  const reply = await server.request('GET', `/v1/chains/${run.chain.id}${query}`)
  expect(reply.status).toBe(200)
  return parseChainFile(new Uint8Array(await reply.arrayBuffer()))
}

const [source, build] = [0, 1]

test('they are served without a receipt, and every receipt that is served verifies', async () => {
  const lines = await linesOf()
  expect(lines.filter(isBundle)).toHaveLength(3)
  expect(lines.filter(isReceipt).map(({ opening }) => opening.link)).toEqual([run.test.link])
  const { who } = run
  const named = [who.github, who.codebuild, who.cloudbuild].map((one) => [one.name, one.publicKey] as const)
  const trust = { signers: namedKeys(new Map(named)), countersigners: logKeys(server.deps.log.keys) }
  const chain = readChain(lines, trust, nodeCrypto)
  expect([chain.steps.size, chain.receipts.size, chain.refused]).toEqual([3, 1, []])
})

test('whoever asks for the receipt of one is told why there is none, and the inbox is not', async () => {
  const { link, bundle } = run.steps[source]!
  expect(await codeOf(server.request('GET', `/v1/attestations/${link}`))).toBe('receipt-missing')
  expect(await codeOf(server.request('GET', `/v1/attestations/${link}/proof`))).toBe('receipt-missing')
  expect(await codeOf(server.append(bundle))).toBe('receipt-missing')
  expect((await server.store.inbox('acme', 10, null)).items).toEqual([])
  // Control: of one that it logged itself there is.
  expect((await server.append(run.test.bundle)).status).toBe(200)
})

test('their runs go on, and they are withheld and erased as others are', async () => {
  expect((await server.append(run.deploy.bundle)).status).toBe(201)
  const { link } = run.steps[build]!
  const hidden = await linesOf(`?withhold=${link}`)
  expect(hidden.filter(isWithheld).map(({ unopened }) => unopened.link)).toEqual([link])
  expect(hidden.filter(isBundle)).toHaveLength(3)
  const body = JSON.stringify({ ground: 'asked for' })
  const erased = await server.request('POST', `/v1/attestations/${link}/erase`, { body })
  expect(erased.status).toBe(200)
  expect((await linesOf()).filter(isWithheld).map(({ tombstone }) => tombstone?.leaf.ground)).toEqual(['asked for'])
})

test('a chain of them alone has no entry that ties it to its head; one with a newer has', async () => {
  const entryOf = (size: number) => server.store.statements.entryOf('acme', run.chain.id, size)
  expect(entryOf(3)).toBe(run.test.link)
  expect(entryOf(1)).toBe(run.test.link)
  const db = new Database(server.file)
  db.prepare('UPDATE attestations SET signed_under = NULL').run()
  db.close()
  expect(entryOf(3)).toBeNull()
})
