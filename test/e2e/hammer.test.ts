import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { equal, hex } from '@countersign/core'
import { leafHash, readEntries, TILE_WIDTH, tilePath } from '@countersign/merkle'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { file, newChainId, party, received, type Signed, signStep } from '../pipeline.ts'
import { rounds } from '../thorough.ts'
import { Follower } from './follower.ts'
import { Auditor, HASHES, type Running, startServer } from './server.ts'

/** How long; nothing depends on it but how much is seen. */
const SECONDS = Number(process.env['COUNTERSIGN_HAMMER_SECONDS'] ?? rounds(2, 4))
const WRITERS = 8
const READERS = 3
const FOLLOWERS = 2

const root = mkdtempSync(join(tmpdir(), 'countersign-hammer-'))
const by = party('build', 'ed25519')
/** What was acknowledged: links in their order, with the place and the leaf that the first proof gave. */
const links: string[] = []
const known = new Map<string, { index: number; leaf: string }>()
const done = { appends: 0, repeats: 0, proofs: 0, tiles: 0, bundles: 0, checkpoints: 0, entries: 0 }
const load = { going: true }

let server: Running
let auditor: Auditor
beforeAll(async () => {
  server = await startServer(join(root, 'hammered'))
  await server.enrol(by)
  auditor = await Auditor.of(server)
  // The first tile is nearly full: everybody goes over its edge.
  const before = Array.from({ length: 250 }, (_, i) => {
    const chain = { id: newChainId(), pipeline: 'p', contract: null }
    return signStep(by, { chain, name: 'build', subject: [file('a', `before ${i}`)] })
  })
  for (const { link } of before) links.push(link)
  for (const { status } of await Promise.all(before.map((step) => server.append(step)))) expect(status).toBe(201)
})
afterAll(async () => {
  await server.end('SIGKILL')
  rmSync(root, { recursive: true, force: true })
})

async function prove(link: string): Promise<void> {
  const { index, entry, checkpoint } = await auditor.proven(link)
  const leaf = hex(leafHash(entry, HASHES.sha256))
  const before = known.get(link)
  if (before === undefined) known.set(link, { index, leaf })
  else expect({ index, leaf }).toEqual(before)
  expect(index).toBeLessThan(checkpoint.size)
  done.proofs++
}

/** Chains of three steps, each proven as soon as it is acknowledged, and sent again now and then. */
async function write(name: string): Promise<void> {
  for (let n = 0; load.going; n++) {
    const chain = { id: newChainId(), pipeline: 'p', contract: null }
    let before: Signed | null = null
    for (let i = 0; i < 3 && load.going; i++) {
      const made = file('a', `${name} ${n} ${i}`)
      const step: Signed = signStep(by, {
        chain,
        name: `step-${i}`,
        minute: 2 * i,
        subject: [made],
        previous: before === null ? [] : [{ link: before.link, step: `step-${i - 1}` }],
        materials: before === null ? [] : [received(before.statement.subject[0]!, before.link)],
      })
      expect((await server.append(step)).status).toBe(201)
      done.appends++
      links.push(step.link)
      await prove(step.link)
      if (n % 4 === 0) {
        expect((await server.append(step)).status).toBe(200)
        await prove(step.link)
        done.repeats++
      }
      before = step
    }
  }
}

/** Proofs of any step that was ever acknowledged; tiles of both trees against the entries beside them. */
async function read(): Promise<void> {
  while (load.going) {
    const link = links[Math.floor(Math.random() * links.length)]
    if (link !== undefined) await prove(link)
    const { size } = await auditor.checkpoint()
    if (size === 0) continue
    const index = Math.floor((Math.random() * size) / TILE_WIDTH)
    const most = Math.min(TILE_WIDTH, size - index * TILE_WIDTH)
    const width = most === TILE_WIDTH ? most : 1 + Math.floor(Math.random() * most)
    const path = tilePath({ level: 'entries', index, width })
    const entries = readEntries(await server.bytes(`/v1/log/${path}`), width)
    done.bundles++
    for (const [prefix, hash] of [
      ['/', HASHES.sha256],
      ['/sha3/', HASHES.sha3_256],
    ] as const) {
      const tile = await server.bytes(`${prefix}${tilePath({ level: 0, index, width })}`)
      const own = Buffer.concat(entries.map((entry) => leafHash(entry, hash)))
      expect(equal(tile, new Uint8Array(own))).toBe(true)
      done.tiles++
    }
  }
}

async function follow(follower: Follower): Promise<void> {
  while (load.going) {
    const next = await auditor.checkpoint()
    if (next.size === follower.size) await new Promise((resolve) => setTimeout(resolve, 5))
    else done.checkpoints++
    await follower.follow(next)
  }
  done.entries += follower.size
}

test(`writers, readers and followers for ${SECONDS} s: everything is proven to everybody while it grows`, {
  timeout: SECONDS * 1000 + 120_000,
}, async () => {
  for (const link of links) await prove(link)
  const followers = Array.from({ length: FOLLOWERS }, () => new Follower(server))
  // The first who finds something ends it for all.
  const until = <T>(work: Promise<T>) => work.finally(() => (load.going = false))
  await Promise.all([
    until(new Promise((resolve) => setTimeout(resolve, SECONDS * 1000))),
    ...Array.from({ length: WRITERS }, (_, i) => until(write(`${i}`))),
    ...Array.from({ length: READERS }, () => until(read())),
    ...followers.map((follower) => until(follow(follower))),
  ])
  const last = await auditor.checkpoint()
  // The first administrator and the key are told there, too.
  expect(last.size).toBe(2 + links.length)
  for (const follower of [...followers, new Follower(server)]) {
    await follower.follow(last)
    // Every proof that was ever given is that of the leaf that all followers have in its place.
    const seen = new Set<number>()
    for (const link of links) {
      const { index, leaf } = known.get(link)!
      expect([link, hex(follower.leaves[index]!)]).toEqual([link, leaf])
      seen.add(index)
    }
    expect(seen.size).toBe(links.length)
  }
  for (const [what, count] of Object.entries(done)) expect([what, count > 0]).toEqual([what, true])
  expect(await server.end('SIGTERM')).toBe(0)
  process.stdout.write(`hammer: ${JSON.stringify(done)}\n`)
})

test('red control: a follower does not go back, nor over to another history', async () => {
  const dirs = ['one', 'two'].map((name) => join(root, name))
  const [one, two] = await Promise.all(dirs.map((dir) => startServer(dir)))
  try {
    const heads = []
    for (const each of [one!, two!]) {
      await each.enrol(by)
      for (let i = 0; i < 3; i++) {
        const chain = { id: newChainId(), pipeline: 'p', contract: null }
        await each.append(signStep(by, { chain, name: 'build', subject: [file('a', `${i}`)] }))
      }
      heads.push(await (await Auditor.of(each)).checkpoint())
    }
    const follower = new Follower(one!)
    await follower.follow(heads[0]!)
    await expect(follower.follow({ size: 2, root: heads[0]!.root })).rejects.toThrow('went back')
    await expect(follower.follow(heads[1]!)).rejects.toThrow('another root')
    await expect(new Follower(one!).follow(heads[1]!)).rejects.toThrow('another root')
    await expect(new Follower(two!).follow(heads[1]!)).resolves.toBeUndefined()
  } finally {
    await Promise.all([one!.end('SIGKILL'), two!.end('SIGKILL')])
  }
})
