import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, normalize } from 'node:path'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { utf8 } from '@countersign/core'
import { hasQuorum, parseCheckpoint, parsePolicy, parseVkey, verifyCheckpoint } from '@countersign/formats'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWitness, type WitnessProcess } from '../witnesses.ts'
import { GO_MISSING, goProgram } from './go.ts'

const program = goProgram('go-tessera')

interface Ran {
  readonly status: number | null
  readonly error: string
  readonly checkpoint: string
  readonly secret: string
  readonly vkey: string
}

/** Not for `execFileSync`: the log asks witnesses, and one of them looks at what this process serves. */
async function run(task: object): Promise<Ran> {
  const child = spawn(program.path, { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.end(JSON.stringify(task))
  let [out, error] = ['', '']
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  child.stderr.on('data', (chunk) => (error += String(chunk)))
  const [status] = (await once(child, 'close')) as [number | null]
  return { status, error, ...(JSON.parse(out === '' ? '{}' : out) as Pick<Ran, 'checkpoint' | 'secret' | 'vkey'>) }
}

describe.skipIf(GO_MISSING)(GO_MISSING ? 'skipped: there is no go on this machine' : 'a Tessera log', () => {
  const root = mkdtempSync(join(tmpdir(), 'countersign-tessera-'))
  const witnesses: WitnessProcess[] = []
  // What a web server makes of the directory of a POSIX log.
  const files = createServer((request, response) => {
    try {
      response.end(readFileSync(join(root, 'log', normalize(`/${request.url}`))))
    } catch {
      response.writeHead(404).end()
    }
  })
  let log: Pick<Ran, 'secret' | 'vkey'>
  let policy: string
  beforeAll(async () => {
    program.build()
    log = await run({})
    files.listen(0, '127.0.0.1')
    await once(files, 'listening')
    const from = `http://127.0.0.1:${(files.address() as AddressInfo).port}`
    witnesses.push(await startWitness(join(root, 'w0'), log.vkey))
    witnesses.push(await startWitness(join(root, 'w1'), log.vkey, '--mirror', join(root, 'mirror'), '--from', from))
    const lines = witnesses.map(({ vkey, url }, i) => `witness w${i} ${vkey} ${url}\n`)
    policy = `log ${log.vkey}\n${lines.join('')}group both all w0 w1\nquorum both\n`
  }, 300_000)
  afterAll(async () => {
    for (const witness of witnesses) await witness.end('SIGTERM')
    files.close()
    rmSync(root, { recursive: true, force: true })
  })

  function add(dir: string, entries: readonly string[], under = policy): Promise<Ran> {
    mkdirSync(join(root, dir), { recursive: true })
    return run({ Dir: join(root, dir), Secret: log.secret, Policy: under, Entries: entries, Seconds: 15 })
  }

  function opened(checkpoint: string) {
    const key = parseVkey(log.vkey, nodeCrypto)
    const keys = witnesses.map(({ vkey }) => parseVkey(vkey, nodeCrypto))
    const trust = { origin: key.name, keys: [key], witnesses: keys }
    return verifyCheckpoint(parseCheckpoint(utf8(checkpoint)), trust, nodeCrypto)
  }

  test('is cosigned by ours under a policy that we read as it does, and is mirrored on the way', async () => {
    let size = 0
    for (const count of [3, 1, 300]) {
      const entries = Array.from({ length: count }, (_, i) => `${size} ${i}`)
      const { status, error, checkpoint } = await add('log', entries)
      expect([status, status === 0 ? '' : error]).toEqual([0, ''])
      size += count
      const { checkpoint: head, cosignedBy } = opened(checkpoint)
      expect([head.size, cosignedBy.length]).toEqual([size, 2])
      const by = new Set(cosignedBy.map(({ key }) => key.publicKey.keyId))
      expect(hasQuorum(parsePolicy(utf8(policy), nodeCrypto), by)).toBe(true)
    }
    for (const path of ['tile/0/000', 'tile/0/001.p/48', 'tile/1/000.p/1']) {
      expect([path, readFileSync(join(root, 'mirror', path))]).toEqual([path, readFileSync(join(root, 'log', path))])
    }
    expect(readdirSync(join(root, 'mirror', 'sha3'))).not.toContain('tile')
  }, 120_000)

  test('red control: another log under its key is cosigned by none, and publishes nothing', async () => {
    const begun = await add(
      'forked',
      Array.from({ length: 304 }, () => 'another'),
      'quorum none\n',
    )
    expect([begun.status, opened(begun.checkpoint).cosignedBy]).toEqual([0, []])
    const forked = await add('forked', ['one more'])
    expect([forked.status, forked.checkpoint]).toEqual([1, undefined])
    expect(forked.error).toContain('witness policy was not satisfied')
    // And the first goes on.
    const { status, checkpoint } = await add('log', ['more'])
    expect([status, opened(checkpoint).checkpoint.size]).toEqual([0, 305])
  }, 120_000)
})
