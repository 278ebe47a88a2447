import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError, type Crypto, equal } from '@countersign/core'
import { parseCheckpoint, type SignedCheckpoint, writeNote } from '@countersign/formats'
import {
  EMPTY_FRONTIER,
  type Frontier,
  frontierAt,
  frontierRoot,
  growTiles,
  partialTiles,
  rootAt,
  type Tile,
  TILE_WIDTH,
  tileHashes,
  tilePath,
  tilesOf,
  planFrontier,
  type TileRef,
  type TreeHash,
} from '@countersign/merkle'
import { addressIn, boundedBytes } from './http.ts'
import { writeWhole } from './whole-file.ts'

/** Longest time for one tile; milliseconds. */
const TIMEOUT_MS = 10_000
/** Full tiles that are fetched at once, and then written: 16 tiles are 4,096 leaves. */
const AT_ONCE = 16
const HASH_BYTES = 32

export interface MirrorOptions {
  /** Where the tiles go, in the layout of C2SP tlog-tiles: any web server can serve it as it is. Made where needed. */
  readonly directory: string
  /** Base URL of the log: `https`, or `http` to this machine only. */
  readonly url: string
  readonly origin: string
  readonly crypto: Pick<Crypto, 'sha256' | 'sha3_256'>
  /** The second tree, which no checkpoint signs, could not be followed. */
  readonly behind: (error: unknown) => void
  readonly fetch?: typeof fetch
}

/** A copy of a log's tiles. */
export interface Mirror {
  /**
   * Brings the copy up to a checkpoint whose signature was verified: its leaf hashes are fetched, everything above them
   * is computed here. When it resolves all of it is on the disk, under the root of the checkpoint.
   *
   * Throws `log-corrupt` where what the log serves does not lead to that root, `server-unreachable`, `server-answer` or
   * `file-write-failed`; nothing counts then, and the next call begins where this one did.
   */
  pull(checkpoint: SignedCheckpoint): Promise<void>
}

/** Opens a mirror, holding what is there against the checkpoint it was fetched for. Throws `log-corrupt`, `usage`. */
export async function openMirror(options: MirrorOptions): Promise<Mirror> {
  const { crypto, directory, origin } = options
  const base = baseOf(options.url)
  const tree = (prefix: string, hash: (bytes: Uint8Array) => Uint8Array) =>
    new MirroredTree(join(directory, prefix), `${base}/${prefix}`, { size: HASH_BYTES, hash }, options.fetch ?? fetch)
  const main = tree('', (bytes) => crypto.sha256(bytes))
  const second = tree('sha3/', (bytes) => crypto.sha3_256(bytes))
  const note = await readIfThere(join(directory, 'checkpoint'))
  if (note !== null) {
    const checkpoint = parseCheckpoint(note)
    if (checkpoint.origin !== origin) throw corrupt(directory, `is of the log ${checkpoint.origin}`)
    await main.load(checkpoint.size)
    if (!equal(main.root(), checkpoint.root)) throw corrupt(directory, 'does not give the root of its checkpoint')
    const size = await readIfThere(join(directory, 'sha3', 'size'))
    // What is damaged here is fetched again: no signature is on it that it could contradict.
    if (size !== null) await second.load(Number(new TextDecoder().decode(size))).catch(options.behind)
  }
  let turn: Promise<void> = Promise.resolve()
  let told = false

  async function pull(checkpoint: SignedCheckpoint): Promise<void> {
    const { size, root } = checkpoint
    if (size < main.size) {
      // It was fetched, and then not cosigned: what is here must begin with it.
      if (!equal(await main.rootAt(size), root)) throw notTheRoot(size)
      return
    }
    const grown = await main.fetch(size)
    if (!equal(grown.root, root)) throw notTheRoot(size)
    await main.keep(grown)
    try {
      await second.keep(await second.fetch(size))
      await writeWhole(join(directory, 'sha3', 'size'), new TextEncoder().encode(`${size}\n`), 'all')
      told = false
    } catch (error) {
      // Other logs have none: said once, and once more when it was there in between.
      if (!told) options.behind(error)
      told = true
    }
    // Last: what it covers is all there.
    await writeWhole(join(directory, 'checkpoint'), writeNote(checkpoint.note), 'all')
  }
  return {
    pull(checkpoint) {
      const mine = turn.then(() => pull(checkpoint))
      turn = mine.catch(() => undefined)
      return mine
    },
  }
}

interface Fetched {
  readonly frontier: Frontier
  readonly root: Uint8Array
  /** Tiles that were partial on the way: once they are full, what they were is of no use any more. */
  readonly done: readonly TileRef[]
}

/** One tree of a mirror. */
class MirroredTree {
  readonly #directory: string
  readonly #url: string
  readonly #hash: TreeHash
  readonly #fetch: typeof fetch
  #frontier: Frontier = EMPTY_FRONTIER

  constructor(directory: string, url: string, hash: TreeHash, send: typeof fetch) {
    this.#directory = directory
    this.#url = url
    this.#hash = hash
    this.#fetch = send
  }

  get size(): number {
    return this.#frontier.size
  }

  root(): Uint8Array {
    return frontierRoot(this.#frontier, this.#hash)
  }

  async load(size: number): Promise<void> {
    const tiles = await this.#tiles(tilesOf(planFrontier(size)), size)
    this.#frontier = frontierAt(size, tiles, this.#hash)
  }

  async rootAt(size: number): Promise<Uint8Array> {
    return rootAt(size, await this.#tiles(tilesOf(planFrontier(size)), size), this.#hash)
  }

  /**
   * Fetches the leaf hashes up to a size and writes the tiles over them. They count for nothing until they are kept:
   * partial tiles have other names at every width, and full ones are written again by the next try.
   */
  async fetch(size: number): Promise<Fetched> {
    let frontier = this.#frontier
    const done = partialTiles(frontier.size)
    while (frontier.size < size) {
      const first = Math.floor(frontier.size / TILE_WIDTH)
      const refs = Array.from({ length: AT_ONCE }, (_, i) => first + i)
        .map((index) => ({ level: 0, index, width: Math.min(TILE_WIDTH, size - index * TILE_WIDTH) }))
        .filter(({ width }) => width > 0)
      const data = await Promise.all(refs.map((ref) => this.#fetchTile(ref)))
      const from = frontier.size - first * TILE_WIDTH
      const leaves = data.flatMap(hashesIn).slice(from)
      const partial = await this.#partial(frontier.size)
      const grown = growTiles(frontier, leaves, partial, this.#hash)
      for (const tile of grown.tiles) await this.#write(tile)
      frontier = grown.frontier
      done.push(...partialTiles(frontier.size))
    }
    return { frontier, root: frontierRoot(frontier, this.#hash), done }
  }

  async keep({ frontier, done }: Fetched): Promise<void> {
    this.#frontier = frontier
    const now = new Set(partialTiles(frontier.size).map(({ level, index }) => `${level} ${index}`))
    for (const tile of done) {
      if (now.has(`${tile.level} ${tile.index}`)) continue
      await rm(`${join(this.#directory, tilePath({ ...tile, width: TILE_WIDTH }))}.p`, { recursive: true, force: true })
    }
  }

  async #partial(size: number): Promise<(tile: TileRef) => Uint8Array> {
    const tiles = new Map<number, Uint8Array>()
    for (const tile of partialTiles(size)) tiles.set(tile.level, await this.#read(tile))
    return ({ level }) => tiles.get(level)!
  }

  async #tiles(refs: readonly TileRef[], size: number) {
    const read = new Map<string, Uint8Array>()
    for (const ref of refs) read.set(tilePath(ref), await this.#read(ref))
    return tileHashes((tile) => read.get(tilePath(tile))!, size, this.#hash)
  }

  /** A tile of ours, cut from a wider one where it has grown since. */
  async #read(tile: TileRef): Promise<Uint8Array> {
    const bytes = tile.width * HASH_BYTES
    const edge = partialTiles(this.size).find(({ level, index }) => level === tile.level && index === tile.index)
    for (const width of new Set([tile.width, edge?.width ?? TILE_WIDTH, TILE_WIDTH])) {
      const data = await readIfThere(join(this.#directory, tilePath({ ...tile, width })))
      if (data !== null && data.length === width * HASH_BYTES) return data.subarray(0, bytes)
    }
    throw corrupt(this.#directory, `lacks ${tilePath(tile)}`)
  }

  async #write({ data, ...tile }: Tile): Promise<void> {
    await writeWhole(join(this.#directory, tilePath(tile)), data, 'all')
  }

  async #fetchTile(tile: TileRef): Promise<Uint8Array> {
    const bytes = tile.width * HASH_BYTES
    const part = await this.#get(tilePath(tile))
    // A log may have let go of the partial tiles of a full one.
    const data = part ?? (await this.#get(tilePath({ ...tile, width: TILE_WIDTH })))
    if (data === null || data.length < bytes) {
      throw new CodedError('server-answer', `the log does not serve ${tilePath(tile)}`)
    }
    return data.subarray(0, bytes)
  }

  /** Null where the log has no such tile. */
  async #get(path: string): Promise<Uint8Array | null> {
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS)
      // A redirect could lead to what only this machine can reach (T-89).
      const response = await this.#fetch(`${this.#url}${path}`, { redirect: 'manual', signal })
      if (response.status !== 200) {
        await response.body?.cancel()
        if (response.status === 404) return null
        throw new CodedError('server-answer', `the log answered ${response.status} for ${path}`)
      }
      const tile = await boundedBytes(response, TILE_WIDTH * HASH_BYTES)
      if (tile === null) throw new CodedError('server-answer', `${path} is larger than a tile`)
      return tile
    } catch (cause) {
      if (cause instanceof CodedError) throw cause
      throw new CodedError('server-unreachable', `the log did not give ${path}`, { cause })
    }
  }
}

function hashesIn(data: Uint8Array): Uint8Array[] {
  return Array.from({ length: data.length / HASH_BYTES }, (_, i) => data.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES))
}

async function readIfThere(path: string): Promise<Uint8Array | null> {
  try {
    return new Uint8Array(await readFile(path))
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null
    throw new CodedError('file-unreadable', `${path} cannot be read`, { cause: error })
  }
}

function baseOf(text: string): string {
  const url = addressIn(text, { path: true })
  if (typeof url === 'string') {
    throw new CodedError('usage', 'the URL of the log is not a plain https URL', { fix: 'Write it as https://HOST.' })
  }
  return url.origin + url.pathname.replace(/\/+$/, '')
}

function notTheRoot(size: number): CodedError {
  return new CodedError('log-corrupt', `the tiles that the log serves do not lead to its root at ${size}`, {
    fix: 'Ask whoever runs the log: either its tiles are damaged, or it shows another history here.',
  })
}

function corrupt(directory: string, what: string): CodedError {
  return new CodedError('log-corrupt', `the mirror in ${directory} ${what}`, {
    fix: 'Move it away: it is fetched again. What was cosigned is remembered elsewhere.',
  })
}
