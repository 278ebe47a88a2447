import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type OtsOp, type OtsPath, otsTree, writeOtsTree } from '@countersign/formats/anchor'
import { merkle, type Neighbour, RegtestChain, sha256 } from './regtest-chain.ts'

/** How a calendar behaves; all but `honest` are ways to lie, to stall, or to be broken. */
export type Behaviour =
  | 'honest'
  /** Takes the request and never answers. */
  | 'stall'
  /** Begins an answer and never ends it. */
  | 'drip'
  | 'endless'
  | 'garbage'
  | 'empty'
  | 'too-large'
  | 'error'
  | 'refuse'
  | 'redirect'
  | 'hang-up'
  /** Never has anything in a block. */
  | 'pending'
  /** Says 200, and only promises again. */
  | 'promises-again'
  /** Says that another digest of the same block is this one. */
  | 'other-digest'
  /** Names a block that the digest is not in. */
  | 'wrong-height'
  | 'height-to-come'
  /** Names a block at once, of which nothing is true. */
  | 'early'
  /** Only another chain has it. */
  | 'litecoin'
  /** Promises to be asked about on another machine. */
  | 'elsewhere'

export interface LocalCalendar {
  readonly url: string
  /** Requests it has seen: method and path. */
  readonly seen: readonly string[]
  /** How it answers `POST /digest` and `GET /timestamp/…`. */
  post: Behaviour
  get: Behaviour
  /** Forgets everything it has taken. */
  forget(): void
}

export interface LocalOts {
  readonly chain: RegtestChain
  readonly calendars: readonly LocalCalendar[]
  /** Base URLs of two APIs of the same chain. */
  readonly esplora: string
  readonly core: string
  /** JSON-RPC of a Bitcoin Core node, as far as `ots verify` needs it. */
  readonly rpc: string
  /** Mines so many blocks; what the calendars have taken is in the first of them. */
  mine(count?: number): void
  /** Drops the last blocks; what the calendars had in them waits for the next one again. */
  reorg(count: number): void
  close(): Promise<void>
}

export interface LocalOtsOptions {
  /** How many calendars; 2 by default. */
  readonly calendars?: number
  /** Milliseconds since 1970. */
  readonly clock?: () => number
}

/** Calendars and a chain of headers on this machine, for tests, demo and bench: everything real but the difficulty. */
export async function startLocalOts(options: LocalOtsOptions = {}): Promise<LocalOts> {
  const chain = new RegtestChain(options.clock)
  const served: Served[] = []
  const open = async (listener: RequestListener) => {
    const one = await serve(listener)
    served.push(one)
    return one.url
  }
  const calendars: Calendar[] = []
  for (let i = 0; i < (options.calendars ?? 2); i++) {
    const calendar = new Calendar(chain)
    calendar.url = await open(calendar.listener)
    calendars.push(calendar)
  }
  const node = await open(headerApi(chain))
  return {
    chain,
    calendars,
    esplora: `${node}/esplora`,
    core: node,
    rpc: node,
    mine(count = 1) {
      for (let i = 0; i < count; i++) {
        const waiting = calendars.filter(({ waits }) => waits)
        const { block, ways } = chain.mine(waiting.map((calendar) => calendar.transaction()))
        for (const [n, calendar] of waiting.entries()) calendar.mined(block.height, ways[n]!)
      }
    },
    reorg(count) {
      const from = chain.tip.height - count
      chain.drop(count)
      for (const calendar of calendars) calendar.dropAbove(from)
    },
    async close() {
      await Promise.all(served.map(({ close }) => close()))
    },
  }
}

export interface Served {
  readonly url: string
  close(): Promise<void>
}

/** A server on this machine that answers as it likes. */
export async function serve(listener: RequestListener): Promise<Served> {
  const server: Server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const hashOp: OtsOp = { op: 'sha256' }
const beside = ({ hash, side }: Neighbour): OtsOp => ({ op: side === 'right' ? 'append' : 'prepend', data: hash })
const pair = (left: Uint8Array, right: Uint8Array) => sha256(left, right)

interface Commitment {
  /** What a client names it by: a digest, between the time and a tag of this calendar. */
  readonly name: Buffer
  /** Where it was mined, and the way from its name to the Merkle root there. */
  mined: { readonly height: number; readonly ops: readonly OtsOp[] } | null
}

class Calendar implements LocalCalendar {
  url = ''
  post: Behaviour = 'honest'
  get: Behaviour = 'honest'
  readonly #chain: RegtestChain
  readonly #commitments = new Map<string, Commitment>()
  #sent: {
    readonly raw: Buffer
    readonly before: Buffer
    readonly after: Buffer
    readonly list: readonly Commitment[]
  } | null = null
  #ways: readonly (readonly Neighbour[])[] = []
  readonly #seen: string[] = []

  constructor(chain: RegtestChain) {
    this.#chain = chain
  }

  get seen(): readonly string[] {
    return this.#seen
  }

  get waits(): boolean {
    return this.get !== 'pending' && [...this.#commitments.values()].some(({ mined }) => mined === null)
  }

  forget(): void {
    this.#commitments.clear()
  }

  /** A transaction with the root of all that waits: OP_RETURN and 32 bytes, the one output of one input. */
  transaction(): Buffer {
    const list = [...this.#commitments.values()].filter(({ mined }) => mined === null)
    const { root, ways } = merkle(
      list.map(({ name }) => sha256(name)),
      pair,
      'lifted',
    )
    const input = Buffer.concat([randomBytes(32), Buffer.alloc(4), Buffer.from('00ffffffff', 'hex')])
    const before = Buffer.concat([
      Buffer.from('0100000001', 'hex'),
      input,
      Buffer.from('010000000000000000226a20', 'hex'),
    ])
    const after = Buffer.alloc(4)
    this.#sent = { raw: Buffer.concat([before, root, after]), before, after, list }
    this.#ways = ways
    return this.#sent.raw
  }

  mined(height: number, way: readonly Neighbour[]): void {
    const { before, after, list } = this.#sent!
    const block = way.flatMap((step) => [beside(step), hashOp, hashOp])
    for (const [i, commitment] of list.entries()) {
      const tree = this.#ways[i]!.flatMap((step) => [beside(step), hashOp])
      const transaction: OtsOp[] = [{ op: 'prepend', data: before }, { op: 'append', data: after }, hashOp, hashOp]
      commitment.mined = { height, ops: [hashOp, ...tree, ...transaction, ...block] }
    }
  }

  dropAbove(height: number): void {
    for (const commitment of this.#commitments.values()) {
      if (commitment.mined !== null && commitment.mined.height > height) commitment.mined = null
    }
  }

  readonly listener: RequestListener = (request, response) => {
    this.#seen.push(`${request.method} ${request.url}`)
    const take = request.method === 'POST' && request.url === '/digest'
    const name = /^\/timestamp\/([0-9a-f]{2,128})$/.exec(request.url ?? '')?.[1]
    if (!take && (name === undefined || request.method !== 'GET')) return void response.writeHead(404).end()
    if (misbehave(take ? this.post : this.get, response)) return
    void (async () => {
      const answer = take ? this.#take(await bodyOf(request)) : this.#tell(name!)
      if (answer === null) return response.writeHead(404).end('Pending confirmation in Bitcoin blockchain')
      return response.writeHead(200, { 'content-type': 'application/vnd.opentimestamps.v1' }).end(answer)
    })()
  }

  #take(digest: Buffer): Uint8Array | null {
    if (digest.length === 0 || digest.length > 64) return null
    const [nonce, tag, time] = [randomBytes(16), randomBytes(8), Buffer.alloc(4)]
    time.writeUInt32BE(this.#chain.tip.header.readUInt32LE(68))
    const name = Buffer.concat([time, sha256(digest, nonce), tag])
    this.#commitments.set(name.toString('hex'), { name, mined: null })
    const ops: OtsOp[] = [
      { op: 'append', data: nonce },
      hashOp,
      { op: 'prepend', data: time },
      { op: 'append', data: tag },
    ]
    if (this.post === 'early') {
      return writeOtsTree([{ attestation: { kind: 'bitcoin', height: this.#chain.tip.height } }], digest.length)
    }
    const uri = this.post === 'elsewhere' ? 'http://127.0.0.1:1/calendar' : this.url
    return treeOf([{ ops, attestation: { kind: 'pending', uri } }], digest.length)
  }

  #tell(name: string): Uint8Array | null {
    const commitment = this.#commitments.get(name)
    const mined = commitment?.mined ?? null
    if (commitment === undefined || this.get === 'pending') return null
    const { length } = commitment.name
    if (this.get === 'promises-again') {
      return treeOf([{ ops: [hashOp], attestation: { kind: 'pending', uri: this.url } }], length)
    }
    if (mined === null) return null
    const { ops, height } = mined
    switch (this.get) {
      case 'other-digest':
        return treeOf(
          [{ ops: [{ op: 'append', data: Uint8Array.of(1) }, ...ops], attestation: { kind: 'bitcoin', height } }],
          length,
        )
      case 'wrong-height':
        return treeOf([{ ops, attestation: { kind: 'bitcoin', height: height - 1 } }], length)
      case 'height-to-come':
        return treeOf([{ ops, attestation: { kind: 'bitcoin', height: 0x7fff_ffff } }], length)
      case 'litecoin':
        return treeOf([{ ops, attestation: { kind: 'litecoin', height } }], length)
      default:
        return treeOf([{ ops, attestation: { kind: 'bitcoin', height } }], length)
    }
  }
}

function treeOf(paths: readonly OtsPath[], messageBytes: number): Uint8Array {
  return writeOtsTree(otsTree(paths), messageBytes)
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

/** Answers in the way of somebody who is broken or hostile; false for who is neither here. */
function misbehave(how: Behaviour, response: ServerResponse): boolean {
  switch (how) {
    case 'stall':
      return true
    case 'drip':
      response.writeHead(200).write('x')
      return true
    case 'endless':
      endless(response)
      return true
    case 'garbage':
      response.writeHead(200).end(randomBytes(2000))
      return true
    case 'empty':
      response.writeHead(200).end()
      return true
    case 'too-large':
      response.writeHead(200).end(Buffer.alloc(10_001))
      return true
    case 'error':
      response.writeHead(500).end()
      return true
    case 'refuse':
      response.writeHead(403).end()
      return true
    case 'redirect':
      response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end()
      return true
    case 'hang-up':
      response.destroy()
      return true
    default:
      return false
  }
}

function endless(response: ServerResponse): void {
  response.writeHead(200)
  const more = () => {
    while (!response.destroyed && response.write(Buffer.alloc(10_000)));
  }
  response.on('drain', more)
  more()
}

/** Headers of a chain: in the way of Esplora, and of a Bitcoin Core node (REST and JSON-RPC). */
export function headerApi(chain: RegtestChain): RequestListener {
  return (request, response) => {
    const path = request.url ?? ''
    const found = (text: string | undefined) =>
      text === undefined ? response.writeHead(404).end('Block not found') : response.writeHead(200).end(text)
    const height = /^(?:\/esplora\/block-height\/(\d+)|\/rest\/blockhashbyheight\/(\d+)\.hex)$/.exec(path)
    if (height !== null) return void found(chain.at(Number(height[1] ?? height[2]))?.hash)
    const hash = /^(?:\/esplora\/block\/([0-9a-f]{64})\/header|\/rest\/headers\/1\/([0-9a-f]{64})\.hex)$/.exec(path)
    if (hash !== null) return void found(chain.of(hash[1] ?? hash[2]!)?.header.toString('hex'))
    if (path === '/esplora/blocks/tip/height') return void found(String(chain.tip.height))
    if (path === '/rest/chaininfo.json') {
      return void found(JSON.stringify({ chain: 'regtest', blocks: chain.tip.height, bestblockhash: chain.tip.hash }))
    }
    if (request.method !== 'POST') return void found(undefined)
    void (async () => {
      const asked = JSON.parse(String(await bodyOf(request))) as { id: unknown; method: string; params: unknown[] }
      const result = rpcResult(chain, asked.method, asked.params)
      const error = result === null ? { code: -8, message: 'Block height out of range' } : null
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ id: asked.id, result, error }))
    })()
  }
}

function rpcResult(chain: RegtestChain, method: string, [first]: readonly unknown[]): unknown {
  if (method === 'getblockcount') return chain.tip.height
  if (method === 'getblockhash') return chain.at(Number(first))?.hash ?? null
  if (method === 'getblockheader') return chain.of(String(first))?.header.toString('hex') ?? null
  return null
}
