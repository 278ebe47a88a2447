import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { CodedError } from '@countersign/core'
import { parseLogStatement, statementDigests } from '@countersign/formats'
import { parseAnchor } from '@countersign/formats/anchor'
import { type AnchorTrust, anchorTrustOf, parseAnchorTrust, verifyAnchor } from '@countersign/verify/anchors'
import { type LocalAnchors, startLocalAnchors } from '../anchors/local-anchors.ts'
import { countersign } from '../demo/world.ts'
import { file, newChainId, party, signStep } from '../pipeline.ts'
import { type Running, startServer } from './server.ts'
import { THOROUGH, rounds } from '../thorough.ts'

const PERIODS = rounds(2, 5)

// The server as it runs, with its adapters, against a log, an authority and two chains of this machine.

const root = mkdtempSync(join(tmpdir(), 'countersign-four-'))
const data = join(root, 'data')
const by = party('build', 'ed25519')
let local: LocalAnchors
let server: Running

beforeAll(async () => {
  local = await startLocalAnchors(join(root, 'anchors'))
  server = await startServer(data, ['--anchors', local.settings])
  await server.enrol(by)
})
afterAll(async () => {
  await server.end('SIGTERM')
  await local.close()
  rmSync(root, { recursive: true, force: true })
})

async function state(): Promise<void> {
  const chain = { id: newChainId(), pipeline: 'p', contract: null }
  const step = signStep(by, { chain, name: 'build', subject: [file('a', String(Math.random()))] })
  expect((await server.append(step)).status).toBe(201)
  expect((await server.ask('/v1/statements', '{}')).status).toBe(201)
  await server.ask('/v1/anchors/drive', '{}')
}

interface Entry {
  readonly anchor: string
  readonly phase: string
  readonly failing: object | null
  readonly dead: object | null
}

async function entriesOf(number: number): Promise<readonly Entry[]> {
  return ((await (await server.ask(`/v1/anchors/${number}`)).json()) as { anchors: Entry[] }).anchors
}

async function allFinal(number: number): Promise<void> {
  await expect
    .poll(async () => Object.fromEntries((await entriesOf(number)).map(({ anchor, phase }) => [anchor, phase])), {
      timeout: 90_000,
      interval: 500,
    })
    .toEqual(Object.fromEntries(local.names.map((name) => [name, 'final'])))
}

async function trustNow(): Promise<AnchorTrust> {
  await local.writeTrust(join(root, 'trust.json'))
  return anchorTrustOf(parseAnchorTrust(readFileSync(join(root, 'trust.json')), nodeCrypto), nodeCrypto)
}

async function statementOf(number: number) {
  const { note } = parseLogStatement(await server.bytes(`/statements/${number}`))
  return { text: new TextEncoder().encode(note.text), digests: statementDigests(note.text, nodeCrypto) }
}

test('doctor finds all well, before anything was spent', async () => {
  // Not in one turn: what it is told of is in this process.
  const env = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token }
  const ran = await countersign(['anchor', 'doctor', '--format', 'json'], { cwd: root, env })
  const { items } = JSON.parse(ran.out) as { items: { anchor: string; checks: { ok: boolean }[] }[] }
  expect(items.map(({ anchor }) => anchor)).toEqual(local.names)
  expect([ran.code, items.flatMap(({ checks }) => checks).filter(({ ok }) => !ok)]).toEqual([0, []])
})

test('all four prove every statement, whatever kill -9 cuts off, and none is paid for twice', async () => {
  for (let round = 0; round < PERIODS; round++) {
    await state()
    await new Promise((resolve) => setTimeout(resolve, 40 * round * round))
    await server.end('SIGKILL')
    server = await startServer(data, ['--anchors', local.settings])
  }
  for (let number = 0; number < PERIODS; number++) await allFinal(number)
  const trust = await trustNow()
  for (let number = 0; number < PERIODS; number++) {
    const statement = await statementOf(number)
    for (const name of local.names) {
      const anchor = parseAnchor(await server.bytes(`/statements/${number}/anchors/${name}`))
      const proved = verifyAnchor(anchor, statement, trust, nodeCrypto)
      expect(proved.kind).toBe(anchor.kind)
      // Red control: it is no proof of another statement.
      const other = await statementOf((number + 1) % PERIODS)
      expect(() => verifyAnchor(anchor, other, trust, nodeCrypto)).toThrow(CodedError)
    }
  }
  if (local.evm !== null) {
    const spent = await local.evm.call('eth_getTransactionCount', local.evm.address, 'latest')
    expect(Number(spent)).toBe(PERIODS)
  }
}, 150_000)

test.runIf(THOROUGH)(
  'a log that is down and an authority that lies are shown, hold up nobody, and heal',
  async () => {
    local.rekor.mode = 'down'
    local.tsa.lie('wrong-nonce')
    await state()
    const number = PERIODS
    const others = local.names.filter((name) => name !== 'rekor' && name !== 'tsa:local')
    await expect
      .poll(
        async () => (await entriesOf(number)).filter(({ phase }) => phase === 'final').map(({ anchor }) => anchor),
        {
          timeout: 90_000,
          interval: 500,
        },
      )
      .toEqual(others)
    const found = new Map((await entriesOf(number)).map((entry) => [entry.anchor, entry]))
    expect(found.get('rekor')).toMatchObject({ phase: 'pending', failing: { code: 'anchor-unreachable' }, dead: null })
    expect(found.get('tsa:local')).toMatchObject({ dead: { code: 'anchor-refused' } })
    local.rekor.mode = 'honest'
    local.tsa.lie(null)
    expect((await server.ask(`/v1/anchors/${number}/tsa:local/retry`, '{}')).status).toBe(200)
    await server.ask('/v1/anchors/drive', '{}')
    await allFinal(number)
  },
  150_000,
)
