import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { equal } from '@countersign/core'
import { afterAll, describe, expect, test } from 'vitest'
import { MAIN } from '../demo/world.ts'
import { file, newChainId, party, type Signed, signStep } from '../pipeline.ts'
import { some } from '../thorough.ts'
import { Api, Auditor } from './server.ts'

const root = mkdtempSync(join(tmpdir(), 'countersign-full-disk-'))
const running = new Set<number>()
afterAll(() => {
  // Those of a test that failed.
  for (const pid of running) process.kill(pid, 'SIGKILL')
  rmSync(root, { recursive: true, force: true })
})

/** A server under a shell that checks its log when it has ended, with a disk that can be filled. */
interface Cramped {
  readonly api: Api
  fill(): void
  /** Makes room again. */
  clear(): void
  /** Ends the server; what `--fsck` says then, and its exit code. */
  stop(): Promise<{ said: string; code: number }>
}

const SCRIPT = `
[ -z "$SIZE" ] || mount -t tmpfs -o size="$SIZE" disk "$DIR" || exit 9
"$NODE" "$MAIN" --json --port 0 --data "$DIR/data" $ARGS &
echo $!
wait $!
"$NODE" "$MAIN" --fsck --data "$DIR/data" $ARGS
`

async function startOn(
  dir: string,
  size: string | null,
  args: string,
): Promise<{ api: Api; pid: number } & Omit<Cramped, 'fill' | 'clear'>> {
  mkdirSync(dir, { recursive: true })
  const env = { ...process.env, NODE: process.execPath, MAIN, DIR: dir, SIZE: size ?? '', ARGS: args }
  const own = size === null ? [] : ['--map-root-user', '--mount', 'sh']
  const shell = spawn(size === null ? 'sh' : 'unshare', [...own, '-c', SCRIPT], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const lines = createInterface({ input: shell.stdout })[Symbol.asyncIterator]()
  const pid = Number((await lines.next()).value)
  running.add(pid)
  const api = new Api(JSON.parse(String((await lines.next()).value)) as { url: string; token: string })
  const stop = async () => {
    const ended = new Promise<number>((resolve) => shell.once('close', resolve))
    process.kill(pid, 'SIGTERM')
    running.delete(pid)
    let said = ''
    for (let line = await lines.next(); line.done !== true; line = await lines.next()) said += `${line.value}\n`
    return { said, code: await ended }
  }
  return { api, pid, stop }
}

/** The kernel lets the process write no file beyond a size: as with a quota, SQLite learns that a write failed. */
async function limited(dir: string): Promise<Cramped> {
  const { api, pid, stop } = await startOn(dir, null, '')
  const limit = (bytes: string) => {
    const { status, stderr } = spawnSync('prlimit', ['--pid', `${pid}`, `--fsize=${bytes}:`], { encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
  }
  const fill = () => limit(`${statSync(join(dir, 'data', 'countersign.db-wal')).size + 40_000}`)
  return { api, fill, clear: () => limit('unlimited'), stop }
}

/** A small file system of its own, in a namespace of its own: SQLite learns that the disk is full. */
async function small(dir: string): Promise<Cramped> {
  const { api, pid, stop } = await startOn(dir, '6m', '')
  const ballast = join('/proc', `${pid}`, 'root', dir, 'ballast')
  return { api, fill: () => fillUp(ballast), clear: () => rmSync(ballast), stop }
}

/** As `small`, where only the lock is on it. */
async function smallLock(dir: string): Promise<Cramped> {
  const elsewhere = mkdtempSync(join(root, 'elsewhere-'))
  const { api, pid, stop } = await startOn(dir, '600k', `--data ${elsewhere} --lock ${dir}/lock.db`)
  const ballast = join('/proc', `${pid}`, 'root', dir, 'ballast')
  return { api, fill: () => fillUp(ballast), clear: () => rmSync(ballast), stop }
}

function fillUp(file: string): void {
  for (let size = 1024 * 1024; size >= 1024; ) {
    try {
      writeFileSync(file, new Uint8Array(size), { flag: 'a' })
    } catch {
      size /= 2
    }
  }
}

const canLimit = spawnSync('prlimit', ['--version']).status === 0
const canMount =
  spawnSync('unshare', ['--map-root-user', '--mount', 'sh', '-c', 'mount -t tmpfs -o size=64k disk /tmp']).status === 0

const by = party('build', 'ed25519')
let count = 0
const step = (): Signed =>
  signStep(by, {
    chain: { id: newChainId(), pipeline: 'p', contract: null },
    name: 'build',
    subject: Array.from({ length: 20 }, (_, i) => file(`a${i}`, `${count++}`)),
  })

const WAYS = [
  { name: 'a limit on files', possible: canLimit, start: limited, code: 'store-failed', retry: '1' },
  { name: 'a small disk', possible: canMount, start: small, code: 'storage-full', retry: '60' },
  { name: 'a small disk for the lock alone', possible: canMount, start: smallLock, code: 'storage-full', retry: '60' },
]

describe.skipIf(process.platform !== 'linux')('a full disk', () => {
  test('can be had in one way at least', () => {
    expect(WAYS.map(({ possible }) => possible)).toContain(true)
  })

  describe.each(some(2, WAYS))('$name', ({ name, possible, start, code, retry }) => {
    test.skipIf(!possible)(
      'appends are refused, what is held is served, and it goes on when there is room',
      {
        timeout: 60_000,
      },
      async () => {
        const server = await start(join(root, name.replaceAll(' ', '-')))
        await server.api.enrol(by)
        const auditor = await Auditor.of(server.api)
        const acknowledged = new Map<string, number>()
        const refused: { signed: Signed; status: number; code: string; retry: string | null }[] = []
        const append = async (signed: Signed) => {
          const reply = await server.api.append(signed)
          const body = (await reply.json()) as { index: number; code: string }
          if (reply.ok) acknowledged.set(signed.link, (await auditor.proven(signed.link)).index)
          else refused.push({ signed, status: reply.status, code: body.code, retry: reply.headers.get('retry-after') })
        }
        for (let i = 0; i < 5; i++) await append(step())
        server.fill()
        for (let i = 0; refused.length < 5; i++) {
          await Promise.all(Array.from({ length: 4 }, () => append(step())))
          expect(i).toBeLessThan(2_000)
        }
        for (const one of refused) expect(one).toMatchObject({ status: 503, code, retry })
        // What is no bundle at all is not kept, and changes nothing.
        expect((await server.api.ask('/v1/attestations', '{}')).ok).toBe(false)

        const full = await auditor.checkpoint()
        expect(full.size).toBeGreaterThanOrEqual(acknowledged.size)
        for (const [link, index] of acknowledged) expect((await auditor.proven(link)).index).toBe(index)
        const width = full.size % 256
        for (const prefix of ['/tile', '/sha3/tile', '/v1/log/tile']) {
          const level = prefix === '/v1/log/tile' ? 'entries' : '0'
          const path = `${prefix}/${level}/${String(Math.floor(full.size / 256)).padStart(3, '0')}.p/${width}`
          expect((await server.api.bytes(path)).length).toBeGreaterThan(0)
        }
        for (const { signed } of refused) expect((await server.api.append(signed)).status).toBe(503)
        expect((await server.api.ask('/healthz')).status).toBe(200)
        expect(equal((await auditor.checkpoint()).root, full.root)).toBe(true)

        server.clear()
        const again = refused.splice(0)
        for (const { signed } of again) {
          await append(signed)
          await append(step())
        }
        expect(refused).toEqual([])
        expect((await server.api.ask('/readyz')).status).toBe(200)
        const indexes = new Set<number>()
        for (const [link, index] of acknowledged) {
          expect((await auditor.proven(link)).index).toBe(index)
          indexes.add(index)
        }
        expect(indexes.size).toBe(acknowledged.size)
        // The first administrator and the key are told there, too.
        expect((await auditor.checkpoint()).size).toBe(2 + acknowledged.size)
        expect(await server.stop()).toEqual({ said: expect.stringMatching(/^✓ \d+ entries/) as string, code: 0 })
      },
    )
  })
})
