import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { publicKeyPem } from '@countersign/core'
import {
  parseCheckpoint,
  parseOpening,
  parseTlogProof,
  parseVkey,
  type SignedCheckpoint,
  verifyCheckpoint,
  writeBundle,
  writeLeaf,
} from '@countersign/formats'
import { leafHash, readEntries, verifyInclusion } from '@countersign/merkle'
import { afterAll, describe, expect, test } from 'vitest'
import { file, newChainId, party, signStep } from '../pipeline.ts'

const MAIN = join(import.meta.dirname, '..', '..', 'server', 'main.ts')
const HASH = { size: 32, hash: (bytes: Uint8Array) => nodeCrypto.sha256(bytes) }
/** Of `kill -9` under load; the same promise holds for any number. */
const ROUNDS = Number(process.env['COUNTERSIGN_KILL_ROUNDS'] ?? '4')

const root = mkdtempSync(join(tmpdir(), 'countersign-log-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

interface Running {
  readonly url: string
  readonly token: string
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

async function start(dir: string): Promise<Running> {
  const child = spawn(process.execPath, [MAIN, '--json', '--port', '0', '--data', dir], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  child.stderr.on('data', (chunk) => (log += String(chunk)))
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk) => resolve(String(chunk)))
    child.once('exit', () => reject(new Error(log)))
  })
  const { url, token } = JSON.parse(line) as { url: string; token: string }
  return { url, token, end: (signal) => (child.kill(signal), ended) }
}

function ask({ url, token }: Running, path: string, body?: string | Uint8Array): Promise<Response> {
  const headers = { authorization: `Bearer ${token}` }
  return fetch(`${url}${path}`, body === undefined ? { headers } : { method: 'POST', headers, body: Buffer.from(body) })
}

async function checkpointOf(server: Running): Promise<SignedCheckpoint> {
  const { origin, vkey } = (await (await ask(server, '/v1/server')).json()) as { origin: string; vkey: string }
  const bytes = new Uint8Array(await (await ask(server, '/checkpoint')).arrayBuffer())
  const trust = { origin, keys: [parseVkey(vkey, nodeCrypto)], witnesses: [] }
  return verifyCheckpoint(parseCheckpoint(bytes), trust, nodeCrypto).checkpoint
}

const by = party('build', 'ed25519')
async function enrolled(server: Running): Promise<void> {
  const key = JSON.stringify({ name: 'build', publicKey: publicKeyPem(by.publicKey) })
  expect((await ask(server, '/v1/keys', key)).status).toBe(201)
}
function step(content: string) {
  const chain = { id: newChainId(), pipeline: 'p', contract: null }
  return signStep(by, { chain, name: 'build', subject: [file('a', content)] })
}
const append = (server: Running, content: string) => {
  const signed = step(content)
  return ask(server, '/v1/attestations', writeBundle(signed.bundle)).then(({ status }) => ({
    link: signed.link,
    status,
  }))
}
const run = (dir: string, ...args: readonly string[]) =>
  spawnSync(process.execPath, [MAIN, '--port', '0', '--data', dir, ...args], { encoding: 'utf8', timeout: 20_000 })

describe('T-73: an older copy of the data is brought back', () => {
  test('the server names it, refuses to sign, and goes on with the newest', async () => {
    const dir = join(root, 'rewound')
    const copy = (from: string, to: string) => {
      for (const end of ['', '-wal', '-shm']) {
        rmSync(join(to, `countersign.db${end}`), { force: true })
        cpSync(join(from, `countersign.db${end}`), join(to, `countersign.db${end}`), { force: true, recursive: true })
      }
    }
    const first = await start(dir)
    await enrolled(first)
    expect((await append(first, '1')).status).toBe(201)
    await first.end('SIGKILL')
    cpSync(dir, join(root, 'backup'), { recursive: true })
    const second = await start(dir)
    expect((await append(second, '2')).status).toBe(201)
    await second.end('SIGKILL')
    cpSync(dir, join(root, 'newest'), { recursive: true })

    copy(join(root, 'backup'), dir)
    const refused = run(dir)
    expect([refused.status, refused.stdout]).toEqual([2, ''])
    expect(refused.stderr).toContain('✗ log-behind: countersign.local has signed 2 entries, and the data holds 1')
    const checked = run(dir, '--fsck')
    expect([checked.status, checked.stdout.split('\n')[0]]).toEqual([
      1,
      '✗ log-behind: 2 entries were signed, and 1 are held',
    ])

    // Red control: with the lock of that day, which a backup must never hold, nobody would have noticed.
    cpSync(join(root, 'backup'), join(root, 'fooled'), { recursive: true })
    await (await start(join(root, 'fooled'))).end('SIGTERM')

    copy(join(root, 'newest'), dir)
    expect(run(dir, '--fsck').stdout).toMatch(/^✓ 2 entries, root [0-9a-f]{64}, 2 of them signed\n$/)
    const healed = await start(dir)
    expect((await checkpointOf(healed)).size).toBe(2)
    await healed.end('SIGTERM')
  })
})

describe('T-75: kill -9 under load', () => {
  test(`${ROUNDS} times: what was acknowledged is there, and every checkpoint begins the next`, async () => {
    const dir = join(root, 'killed')
    let server = await start(dir)
    await enrolled(server)
    const acknowledged: string[] = []
    const seen: SignedCheckpoint[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const load = { going: true }
      const writer = async (name: string) => {
        for (let i = 0; load.going; i++) {
          const reply = await append(server, `${round} ${name} ${i}`).catch(() => null)
          if (reply === null) return
          if (reply.status === 201) acknowledged.push(reply.link)
        }
      }
      const writers = Array.from({ length: 16 }, (_, i) => writer(`${i}`))
      await new Promise((resolve) => setTimeout(resolve, 100 + 60 * round))
      seen.push(await checkpointOf(server))
      await server.end('SIGKILL')
      load.going = false
      await Promise.all(writers)
      server = await start(dir)
    }
    const last = await checkpointOf(server)
    expect(acknowledged.length).toBeGreaterThan(ROUNDS * 5)
    expect(last.size).toBeGreaterThanOrEqual(acknowledged.length)
    for (const link of acknowledged) {
      const proof = parseTlogProof(
        new Uint8Array(await (await ask(server, `/v1/attestations/${link}/proof`)).arrayBuffer()),
      )
      const entry = writeLeaf(parseOpening(proof.extra!).leaf)
      const { size, root: top } = proof.checkpoint
      verifyInclusion({ index: proof.index, size, leafHash: leafHash(entry, HASH), path: proof.hashes }, top, HASH)
    }
    // Every root that was ever shown is that of the first leaves of today.
    const leaves: Uint8Array[] = []
    for (let at = 0; at < last.size; at += 256) {
      const width = Math.min(256, last.size - at)
      const name = `${String(at / 256).padStart(3, '0')}${width === 256 ? '' : `.p/${width}`}`
      const bundle = new Uint8Array(await (await ask(server, `/v1/log/tile/entries/${name}`)).arrayBuffer())
      leaves.push(...readEntries(bundle, width).map((entry) => leafHash(entry, HASH)))
    }
    for (const { size, root: top } of [...seen, last]) expect(rootOf(leaves.slice(0, size))).toEqual(top)
    await server.end('SIGTERM')
    expect(run(dir, '--fsck').status).toBe(0)
  }, 120_000)
})

/** RFC 6962 §2.1, as it is written. */
function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return HASH.hash(new Uint8Array())
  if (leaves.length === 1) return leaves[0]!
  const k = 2 ** (Math.ceil(Math.log2(leaves.length)) - 1)
  return HASH.hash(new Uint8Array([1, ...rootOf(leaves.slice(0, k)), ...rootOf(leaves.slice(k))]))
}
