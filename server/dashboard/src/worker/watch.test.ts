import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { writeVkey } from '@countersign/formats'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { honestRun, parties } from '../../../../test/pipeline.ts'
import { openTestServer, type TestServer } from '../../../../test/server.ts'
import { type FetchTile, watch } from './watch.ts'

const who = parties()
const root = mkdtempSync(join(tmpdir(), 'countersign-watch-'))
let server: TestServer
let fork: TestServer
let vkey: string
/** Checkpoints of the log as it grew, and of its other history. */
const notes: string[] = []
let other = ''

async function grow(at: TestServer): Promise<string> {
  const run = honestRun({ who })
  await at.enrol([who.github, who.codebuild, who.cloudbuild, who.azure])
  await at.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
  const [first] = run.steps
  expect((await at.append(first!.bundle)).status).toBe(201)
  return (await at.request('GET', '/checkpoint')).text()
}

const tilesOf =
  (of: TestServer): FetchTile =>
  async (path) => {
    const reply = await of.request('GET', `/${path}`)
    return reply.ok ? new Uint8Array(await reply.arrayBuffer()) : null
  }

beforeAll(async () => {
  server = await openTestServer({ directory: join(root, 'one') })
  vkey = writeVkey(server.deps.log.keys[0])
  notes.push(await grow(server), await grow(server))
  await server.close()
  cpSync(join(root, 'one'), join(root, 'two'), { recursive: true })
  server = await openTestServer({ directory: join(root, 'one') })
  fork = await openTestServer({ directory: join(root, 'two') })
  notes.push(await grow(server))
  other = await grow(fork)
})
afterAll(async () => {
  await server.close()
  await fork.close()
  rmSync(root, { recursive: true, force: true })
})

const look = (seen: string | null, now: string, tiles = tilesOf(server), vkeys = [vkey], known = [vkey]) =>
  watch({ seen, now, vkeys, known }, tiles, nodeCrypto)

test('sees a log for the first time, the same again, and grown', async () => {
  expect(await look(null, notes[0]!, tilesOf(server), [vkey], [])).toMatchObject({ state: 'new', report: null })
  expect(await look(notes[1]!, notes[1]!)).toMatchObject({ state: 'same', report: null })
  expect(await look(notes[0]!, notes[2]!)).toMatchObject({ state: 'grown', report: null })
})

test.each([
  ['an older state', () => look(notes[2]!, notes[1]!), 'log-behind'],
  ['another history of the same length', () => look(notes[2]!, other), 'log-forked'],
  ['a history that went on from another', async () => look(notes[2]!, await grow(fork), tilesOf(fork)), 'log-forked'],
  [
    'a log under another key',
    () => look(notes[0]!, notes[1]!, tilesOf(server), [vkey], ['other+1+AA==']),
    'signer-unknown',
  ],
  [
    'a checkpoint that its log did not sign',
    () => look(notes[0]!, notes[1]!.replace(/\n[0-9]+\n/, '\n999\n')),
    'signature-invalid',
  ],
] as const)('alarms at %s', async (_, seen, code) => {
  expect(await seen()).toMatchObject({ state: 'split', report: { code } })
})

test('alarms at tiles that do not lead to what was signed, and not at those that do not come', async () => {
  const bent: FetchTile = async (path) => (await tilesOf(server)(path))?.map((byte) => byte ^ 1) ?? null
  expect(await look(notes[1]!, notes[2]!, bent)).toMatchObject({ state: 'split', report: { code: 'log-forked' } })
  expect(await look(notes[1]!, notes[2]!, async () => null)).toMatchObject({ state: 'unknown' })
})
