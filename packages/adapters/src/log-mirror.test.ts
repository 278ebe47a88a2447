import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Code, utf8 } from '@countersign/core'
import { parseCheckpoint, type SignedCheckpoint } from '@countersign/formats'
import { parseTilePath, partialTiles, tilePath, tilesBetween, type TileRef } from '@countersign/merkle'
import { logSigner, type StoredLog, storedLog } from '../../log/src/stored.test-kit.ts'
import { nodeCrypto } from './crypto-node.ts'
import { type Mirror, type MirrorOptions, openMirror } from './log-mirror.ts'

const ORIGIN = 'log.example/a'
const URL_OF_LOG = 'https://log.example/a'
const signer = logSigner(ORIGIN)
const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error

let root: string
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'countersign-mirror-'))))
afterEach(() => rmSync(root, { recursive: true, force: true }))

function grow(log: StoredLog, count: number): SignedCheckpoint {
  const before = log.entries.length
  const { roots } = log.add(Array.from({ length: count }, (_, i) => utf8(`entry ${before + i}`)))
  return parseCheckpoint(signer.sign(log.entries.length, roots.sha256))
}

interface Served {
  readonly asked: string[]
  readonly fetch: typeof fetch
  /** What is given for a path in place of what the log has; null for 404. */
  readonly instead: Map<string, Uint8Array | null>
}

/** What a log serves, without a network. */
function serving(log: StoredLog): Served {
  const asked: string[] = []
  const instead = new Map<string, Uint8Array | null>()
  const send: typeof fetch = async (input) => {
    const path = String(input).slice(URL_OF_LOG.length + 1)
    asked.push(path)
    const sha3 = path.startsWith('sha3/')
    const given = instead.get(path)
    if (given !== undefined)
      return new Response(given as Uint8Array<ArrayBuffer> | null, { status: given === null ? 404 : 200 })
    const tile = parseTilePath(sha3 ? path.slice(5) : path) as TileRef
    const data = log.read(sha3 ? 'sha3_256' : 'sha256', tile)
    const bytes = tile.width * 32
    return data === null || data.length < bytes
      ? new Response(null, { status: 404 })
      : new Response(data.slice(0, bytes) as Uint8Array<ArrayBuffer>)
  }
  return { asked, fetch: send, instead }
}

const behind: unknown[] = []
beforeEach(() => void behind.splice(0))
const opening = (served: Served, more: Partial<MirrorOptions> = {}): Promise<Mirror> =>
  openMirror({
    directory: root,
    url: URL_OF_LOG,
    origin: ORIGIN,
    crypto: nodeCrypto,
    behind: (error) => behind.push(error),
    fetch: served.fetch,
    ...more,
  })
const bytesAt = (path: string) => new Uint8Array(readFileSync(join(root, path)))

/** Every tile of a log of this size, in both trees, is where C2SP tlog-tiles has it. */
function complete(log: StoredLog, size: number): void {
  for (const [prefix, tree] of [
    ['', 'sha256'],
    ['sha3/', 'sha3_256'],
  ] as const) {
    for (const tile of tilesBetween(0, size)) {
      expect(bytesAt(`${prefix}${tilePath(tile)}`)).toEqual(log.read(tree, tile)!.slice(0, tile.width * 32))
    }
  }
}

test('has every tile of both trees, whatever the steps, and asks for leaf hashes only', async () => {
  const log = storedLog()
  const served = serving(log)
  let mirror = await opening(served)
  for (const [i, count] of [0, 1, 6, 249, 1, 300, 4_200, 256].entries()) {
    const checkpoint = grow(log, count)
    await mirror.pull(checkpoint)
    complete(log, log.entries.length)
    expect(parseCheckpoint(bytesAt('checkpoint')).size).toBe(log.entries.length)
    if (i % 2 === 0) mirror = await opening(served)
  }
  expect(served.asked.every((path) => /^(sha3\/)?tile\/0\//.test(path))).toBe(true)
  expect(behind).toEqual([])
  // Of tiles that are full nothing is left of what they were on the way.
  const left = readdirSync(root, { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('.p'))
  const edge = partialTiles(log.entries.length).map((tile) => tilePath(tile).replace(/\/\d+$/, ''))
  expect(left.toSorted()).toEqual([...edge, ...edge.map((path) => `sha3/${path}`)].toSorted())
  expect(readdirSync(root, { recursive: true }).filter((path) => String(path).endsWith('.tmp'))).toEqual([])
})

test('takes the full tile where the partial one is gone', async () => {
  const log = storedLog()
  const served = serving(log)
  const first = grow(log, 10)
  grow(log, 290)
  served.instead.set('tile/0/000.p/10', null)
  const mirror = await opening(served)
  await mirror.pull(first)
  expect(bytesAt('tile/0/000.p/10')).toHaveLength(320)
  expect(served.asked).toContain('tile/0/000')
})

function swapped(tile: Uint8Array, at: number): Uint8Array {
  const [begin, middle, end] = [32 * at, 32 * (at + 1), 32 * (at + 2)]
  const parts = [tile.slice(0, begin), tile.slice(middle, end), tile.slice(begin, middle), tile.slice(end)]
  return new Uint8Array(Buffer.concat(parts))
}

describe('what the log serves is not what it signed:', () => {
  const log = storedLog()
  const first = grow(log, 300)
  const second = grow(log, 300)
  const good = log.read('sha256', { level: 0, index: 1, width: 256 })!
  test.each<[what: string, code: Code, data: Uint8Array | null]>([
    ['one bit is another', 'log-corrupt', good.with(3_200, good[3_200]! ^ 1)],
    ['two leaves change places', 'log-corrupt', swapped(good, 100)],
    ['a tile is missing', 'server-answer', null],
    ['a tile is too short', 'server-answer', good.slice(0, -1)],
    ['a tile is too long', 'server-answer', new Uint8Array([...good, 0])],
  ])('%s: nothing counts, and the next try finds it whole', async (_, code, data) => {
    const served = serving(log)
    const mirror = await opening(served)
    await mirror.pull(first)
    served.instead.set('tile/0/001', data)
    await expect(mirror.pull(second)).rejects.toThrow(coded(code))
    expect(parseCheckpoint(bytesAt('checkpoint')).size).toBe(300)
    await (await opening(served)).pull(first)
    served.instead.clear()
    await mirror.pull(second)
    complete(log, 600)
  })
})

test('of two histories it takes the one it has, and of its own past what was so', async () => {
  const log = storedLog()
  const early = grow(log, 5)
  const late = grow(log, 3)
  const mirror = await opening(serving(log))
  await mirror.pull(late)
  await mirror.pull(early)
  await mirror.pull(late)
  const other = storedLog()
  other.add(Array.from({ length: 5 }, () => utf8('other')))
  const forked = parseCheckpoint(signer.sign(5, other.add([]).roots.sha256))
  await expect(mirror.pull(forked)).rejects.toThrow(coded('log-corrupt'))
  const same = parseCheckpoint(signer.sign(8, forked.root))
  await expect(mirror.pull(same)).rejects.toThrow(coded('log-corrupt'))
})

test('goes on without the second tree where there is none, and has all of it when there is', async () => {
  const log = storedLog()
  const served = serving(log)
  const lacking: Served = {
    ...served,
    fetch: (input) =>
      String(input).includes('/sha3/') ? Promise.resolve(new Response(null, { status: 404 })) : served.fetch(input),
  }
  await (await opening(lacking)).pull(grow(log, 400))
  expect([behind.length, existsSync(join(root, 'sha3', 'size'))]).toEqual([1, false])
  await (await opening(served)).pull(grow(log, 10))
  complete(log, 410)
})

test('says where what it has is damaged, and of another log', async () => {
  const log = storedLog()
  const served = serving(log)
  await (await opening(served)).pull(grow(log, 300))
  await expect(opening(served, { origin: 'log.example/b' })).rejects.toThrow(coded('log-corrupt'))
  const tile = join(root, 'tile/0/001.p/44')
  const bytes = readFileSync(tile)
  for (const spoilt of [bytes.with(5, bytes[5]! ^ 1), bytes.subarray(1)]) {
    writeFileSync(tile, spoilt)
    await expect(opening(served)).rejects.toThrow(coded('log-corrupt'))
  }
  rmSync(tile)
  await expect(opening(served)).rejects.toThrow(coded('log-corrupt'))
  // Positive control.
  writeFileSync(tile, bytes)
  await opening(served)
})

test.each(['log.example', 'http://log.example', 'https://a:b@log.example', 'https://log.example/?a', 'file:///tmp'])(
  'takes no URL like %s',
  async (url) => {
    await expect(opening(serving(storedLog()), { url })).rejects.toThrow(coded('usage'))
  },
)
