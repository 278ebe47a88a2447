import { afterEach, beforeEach, expect, test } from 'vitest'
import { rfc3161Anchor } from '@countersign/adapters/anchor-rfc3161'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { base64 } from '@countersign/core'
import { parseCertificate } from '@countersign/formats/x509'
import { anchorBeliefOf } from '../../server/anchor-belief.ts'
import { type LocalTsa, startLocalTsa } from '../anchors/local-tsa.ts'
import { at, contractText, honestRun, parties, type Run } from '../pipeline.ts'
import { openTestServer, type TestServer } from '../server.ts'

// A contract that asks for anchors, at the server's own gate: Kubernetes and GitHub ask there.

let tsa: LocalTsa
let stranger: LocalTsa
let server: TestServer
let now: string

const who = parties()
const clock = () => Date.parse(now)

beforeEach(async () => {
  now = at(60)
  ;[tsa, stranger] = await Promise.all([startLocalTsa({ clock }), startLocalTsa({ clock })])
})
afterEach(async () => {
  await server.close()
  await Promise.all([tsa.close(), stranger.close()])
})

/** A server that has itself anchored by one authority, and believes one. */
async function open(believed: LocalTsa): Promise<TestServer> {
  const pinned = [parseCertificate(tsa.root, 'anchor-invalid')]
  const anchor = rfc3161Anchor({ name: 'local', url: tsa.url, pinned, crypto: nodeCrypto })
  const pem = `-----BEGIN CERTIFICATE-----\n${base64(believed.root)}\n-----END CERTIFICATE-----\n`
  const roots = [{ path: 'tsa.pem', bytes: new TextEncoder().encode(pem) }]
  const settings = { kind: 'rfc3161', name: 'tsa:local', url: tsa.url, roots, alarmAfter: 1 } as const
  return openTestServer({
    now: () => now,
    anchors: [{ anchor, alarmAfter: 86_400_000 }],
    belief: anchorBeliefOf([settings], nodeCrypto),
  })
}

/** A whole run under a contract that asks for the anchor, accepted. */
async function begun(believed = tsa, anchored = '{ within: 36h, by: [rfc3161] }'): Promise<Run> {
  server = await open(believed)
  const { vkey } = (await (await server.request('GET', '/v1/server')).json()) as { vkey: string }
  const text = contractText(who, { countersigned: false }).replace(
    'steps:\n',
    `countersigners: ["${vkey}"]\nanchored: ${anchored}\nsteps:\n`,
  )
  const run = honestRun({ who, contract: text })
  await server.enrol([who.github, who.codebuild, who.cloudbuild, who.azure])
  expect((await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })).status).toBe(200)
  for (const { bundle } of run.steps) expect((await server.append(bundle)).status).toBe(201)
  return run
}
const gate = async (run: Run) => {
  const body = JSON.stringify({ artifact: run.app.digest.sha256, pipeline: 'shop/web' })
  const reply = (await (await server.request('POST', '/v1/gate', { body })).json()) as {
    decision: string
    reason: { code: string } | null
  }
  return [reply.decision, reply.reason?.code ?? null]
}
const state = async () => expect((await server.request('POST', '/v1/statements', { body: '{}' })).status).toBe(201)
const drive = () => Promise.all(server.deps.anchors.lanes.map((lane) => lane.run(true)))
const later = (minutes: number) => (now = at(60 + minutes))

test('nothing goes out before its anchors are there, and then it does', async () => {
  const run = await begun()
  expect(await gate(run)).toEqual(['unknown', 'anchor-pending'])
  await state()
  later(1)
  expect(await gate(run)).toEqual(['unknown', 'anchor-pending'])
  await drive()
  later(2)
  expect(await gate(run)).toEqual(['allow', null])
})

test('an anchor of whom the server does not believe is none', async () => {
  const run = await begun(stranger)
  await state()
  later(1)
  await drive()
  later(2)
  expect(await gate(run)).toEqual(['deny', 'anchor-missing'])
})

test('one that came too late does not count, nor does another kind', async () => {
  const run = await begun(tsa, '{ within: 1h, by: [rfc3161] }')
  later(120)
  await state()
  later(121)
  await drive()
  later(122)
  expect(await gate(run)).toEqual(['deny', 'anchor-late'])
  await server.close()
  now = at(60)
  const other = await begun(tsa, '{ within: 1h, by: [ethereum] }')
  await state()
  later(1)
  await drive()
  later(2)
  expect(await gate(other)).toEqual(['unknown', 'anchor-pending'])
  later(100)
  expect(await gate(other)).toEqual(['deny', 'anchor-missing'])
})

test('a step that came after the statement waits for the next', async () => {
  const run = await begun()
  await state()
  later(1)
  await drive()
  later(2)
  expect(await gate(run)).toEqual(['allow', null])
  const another = honestRun({ who, contract: new TextDecoder().decode(run.contractBytes), commit: 'another' })
  for (const { bundle } of another.steps) expect((await server.append(bundle)).status).toBe(201)
  expect(await gate(another)).toEqual(['unknown', 'anchor-pending'])
})
