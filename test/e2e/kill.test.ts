import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hex } from '@countersign/core'
import { leafHash } from '@countersign/merkle'
import { afterAll, describe, expect, test } from 'vitest'
import { MAIN } from '../demo/world.ts'
import { file, newChainId, party, type Signed, signStep } from '../pipeline.ts'
import { Follower } from './follower.ts'
import { rounds } from '../thorough.ts'
import { Auditor, beginServer, HASHES, type Running, startServer } from './server.ts'

/** Of `kill -9`; the same promises hold for any number. */
const ROUNDS = Number(process.env['COUNTERSIGN_KILL_ROUNDS'] ?? rounds(3, 8))
/** Data directories that are killed side by side. */
const LANES = Math.min(4, ROUNDS)
const WRITERS = 8

const root = mkdtempSync(join(tmpdir(), 'countersign-kill-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const by = party('build', 'ed25519')
const count = { killed: 0, starting: 0, acknowledged: 0, repeated: 0, proofs: 0, checkpoints: 0 }

/** A log that is killed again and again, and everything that it ever told anybody. */
class Lane {
  readonly dir: string
  /** Steps whose fate nobody was told. */
  readonly open: Signed[] = []
  /** Index by link, as the replies gave it. */
  readonly acknowledged = new Map<string, number>()
  /** Index and leaf by link, as the proofs gave them. */
  readonly proven = new Map<string, string>()
  /** Root by size, as the checkpoints gave it. */
  readonly roots = new Map<number, string>()

  constructor(dir: string) {
    this.dir = dir
  }

  told(link: string, index: number): void {
    expect(this.acknowledged.get(link) ?? index).toBe(index)
    this.acknowledged.set(link, index)
  }

  seen({ size, root: top }: { size: number; root: Uint8Array }): void {
    expect([size, this.roots.get(size) ?? hex(top)]).toEqual([size, hex(top)])
    this.roots.set(size, hex(top))
    count.checkpoints++
  }

  async prove(auditor: Auditor, link: string): Promise<void> {
    const { index, entry, checkpoint } = await auditor.proven(link)
    const place = `${index} ${hex(leafHash(entry, HASHES.sha256))}`
    expect([link, this.proven.get(link) ?? place]).toEqual([link, place])
    this.proven.set(link, place)
    this.seen(checkpoint)
    count.proofs++
  }
}

async function append(lane: Lane, server: Running, signed: Signed): Promise<boolean> {
  const reply = await server.append(signed).catch(() => null)
  const body = reply?.ok === true ? ((await reply.json().catch(() => null)) as { index: number } | null) : null
  if (body === null) return false
  lane.told(signed.link, body.index)
  return true
}

/** Steps and proofs, until the server is gone. What it did not answer for is kept. Tells of each answer. */
async function write(lane: Lane, server: Running, auditor: Auditor, answered: () => void): Promise<void> {
  for (;;) {
    const again = lane.open.pop()
    const chain = { id: newChainId(), pipeline: 'p', contract: null }
    const signed = again ?? signStep(by, { chain, name: 'build', subject: [file('a', chain.id)] })
    if (!(await append(lane, server, signed))) {
      lane.open.push(signed)
      return
    }
    count[again === undefined ? 'acknowledged' : 'repeated']++
    answered()
    try {
      await lane.prove(auditor, signed.link)
    } catch (error) {
      // The connection was cut; what does not fit is thrown.
      if (!(error instanceof TypeError)) throw error
      return
    }
  }
}

async function round(lane: Lane): Promise<void> {
  const starting = beginServer(lane.dir)
  // Now and then before it is up: what it finds and signs when it starts is cut off, too.
  if (Math.random() < 0.2) {
    const killed = starting.ready.catch(() => null)
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 600))
    await starting.kill()
    await killed
    count.starting++
    return
  }
  const server = await starting.ready
  const auditor = await Auditor.of(server)
  lane.seen(await auditor.checkpoint())
  const links = [...lane.acknowledged.keys()]
  const some = [
    ...links.slice(-WRITERS),
    ...Array.from({ length: 4 }, () => links[Math.floor(Math.random() * links.length)]),
  ]
  for (const link of some) if (link !== undefined) await lane.prove(auditor, link)
  const { promise: enough, resolve: kill } = Promise.withResolvers<void>()
  let answers = 1 + Math.floor(Math.random() * 3 * WRITERS)
  const answered = () => --answers === 0 && kill()
  const writers = Array.from({ length: WRITERS }, () => write(lane, server, auditor, answered))
  await Promise.race([enough, Promise.all(writers)])
  // Anywhere in the batches that follow.
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 20))
  await server.end('SIGKILL')
  await Promise.all(writers)
  count.killed++
}

describe('T-75: kill -9 under load', () => {
  test(`${ROUNDS} times: nothing acknowledged is lost, no history forks, no receipt contradicts another`, {
    timeout: 60_000 + ROUNDS * 3_000,
  }, async () => {
    const lanes = Array.from({ length: LANES }, (_, i) => new Lane(join(root, `${i}`)))
    let left = ROUNDS
    await Promise.all(
      lanes.map(async (lane) => {
        const first = await startServer(lane.dir)
        await first.enrol(by)
        await first.end('SIGTERM')
        while (left-- > 0) await round(lane)
      }),
    )
    for (const lane of lanes) {
      const server = await startServer(lane.dir)
      const auditor = await Auditor.of(server)
      const last = await auditor.checkpoint()
      lane.seen(last)
      // From one checkpoint that was ever shown to the next, to the last.
      const follower = new Follower(server)
      for (const [size, top] of [...lane.roots].toSorted(([a], [b]) => a - b)) {
        await follower.follow({ size, root: new Uint8Array(Buffer.from(top, 'hex')) })
      }
      expect(follower.size).toBe(last.size)
      const places = new Map<string, number>()
      for (const [link, index] of lane.acknowledged) {
        await lane.prove(auditor, link)
        const [place, leaf] = lane.proven.get(link)!.split(' ')
        expect([link, leaf]).toEqual([link, hex(follower.leaves[Number(place)]!)])
        // One tenant, and nothing else is logged behind the first administrator and the key.
        expect([link, index]).toEqual([link, Number(place) - 2])
        places.set(leaf!, index)
      }
      expect(places.size).toBe(lane.acknowledged.size)
      await server.end('SIGTERM')
      const args = [MAIN, '--fsck', '--data', lane.dir]
      expect(spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout).toMatch(/^✓ /)
    }
    process.stdout.write(`kill -9: ${JSON.stringify(count)}\n`)
    expect(count.killed + count.starting).toBe(ROUNDS)
    expect(count.acknowledged).toBeGreaterThanOrEqual(count.killed)
  })

  test('red control: a lane finds what must not be', async () => {
    const lane = new Lane(join(root, 'control'))
    const server = await startServer(lane.dir)
    try {
      await server.enrol(by)
      const auditor = await Auditor.of(server)
      const chain = { id: newChainId(), pipeline: 'p', contract: null }
      const signed = signStep(by, { chain, name: 'build', subject: [file('a', 'a')] })
      expect(await append(lane, server, signed)).toBe(true)
      await lane.prove(auditor, signed.link)
      await expect(lane.prove(auditor, '0'.repeat(64))).rejects.toThrow('404')
      expect(() => lane.told(signed.link, 1)).toThrow('expected')
      expect(() => lane.seen({ size: 3, root: new Uint8Array(32) })).toThrow('expected')
      lane.proven.set(signed.link, `1 ${'0'.repeat(64)}`)
      await expect(lane.prove(auditor, signed.link)).rejects.toThrow('expected')
    } finally {
      await server.end('SIGKILL')
    }
  })
})
