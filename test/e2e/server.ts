import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { publicKeyPem } from '@countersign/core'
import {
  type LogTrust,
  parseCheckpoint,
  parseOpening,
  parseTlogProof,
  parseVkey,
  type SignedCheckpoint,
  verifyCheckpoint,
  writeBundle,
  writeLeaf,
} from '@countersign/formats'
import type { LogHashes } from '@countersign/log'
import { leafHash, verifyInclusion } from '@countersign/merkle'
import { SERVER } from '../demo/world.ts'
import type { Party, Signed } from '../pipeline.ts'

export const HASHES: LogHashes = {
  sha256: { size: 32, hash: (bytes) => nodeCrypto.sha256(bytes) },
  sha3_256: { size: 32, hash: (bytes) => nodeCrypto.sha3_256(bytes) },
}

/** A server that runs as a process of its own, as an API client sees it. */
export class Api {
  readonly url: string
  readonly token: string

  constructor({ url, token }: { url: string; token: string }) {
    this.url = url
    this.token = token
  }

  ask(path: string, body?: string | Uint8Array): Promise<Response> {
    const headers = { authorization: `Bearer ${this.token}` }
    const post = body === undefined ? {} : { method: 'POST', body: Buffer.from(body) }
    return fetch(`${this.url}${path}`, { headers, ...post })
  }

  /** What is at a path; throws unless it is there. */
  async bytes(path: string): Promise<Uint8Array> {
    const reply = await this.ask(path)
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`)
    return new Uint8Array(await reply.arrayBuffer())
  }

  async enrol({ name, publicKey }: Party): Promise<void> {
    const { status } = await this.ask('/v1/keys', JSON.stringify({ name, publicKey: publicKeyPem(publicKey) }))
    if (status !== 201) throw new Error(`the key was not enrolled: ${status}`)
  }

  append({ bundle }: Signed): Promise<Response> {
    return this.ask('/v1/attestations', writeBundle(bundle))
  }
}

/** Whoever trusts nothing of a log but its key. */
export class Auditor {
  readonly api: Api
  readonly #trust: LogTrust

  private constructor(api: Api, trust: LogTrust) {
    this.api = api
    this.#trust = trust
  }

  static async of(api: Api): Promise<Auditor> {
    const { origin, vkey } = (await (await api.ask('/v1/server')).json()) as { origin: string; vkey: string }
    return new Auditor(api, { origin, keys: [parseVkey(vkey, nodeCrypto)], witnesses: [] })
  }

  async checkpoint(): Promise<SignedCheckpoint> {
    return verifyCheckpoint(parseCheckpoint(await this.api.bytes('/checkpoint')), this.#trust, nodeCrypto).checkpoint
  }

  /** Where the log says that a step is, and its leaf; throws unless it proves it. */
  async proven(link: string): Promise<{ index: number; entry: Uint8Array; checkpoint: SignedCheckpoint }> {
    const proof = parseTlogProof(await this.api.bytes(`/v1/attestations/${link}/proof`))
    const { checkpoint } = verifyCheckpoint(proof.checkpoint, this.#trust, nodeCrypto)
    const opening = parseOpening(proof.extra!)
    if (opening.link !== link) throw new Error(`the proof of ${link} is that of ${opening.link}`)
    const entry = writeLeaf(opening.leaf)
    const leaf = { index: proof.index, size: checkpoint.size, leafHash: leafHash(entry, HASHES.sha256) }
    verifyInclusion({ ...leaf, path: proof.hashes }, checkpoint.root, HASHES.sha256)
    return { index: proof.index, entry, checkpoint }
  }
}

export interface Running extends Api {
  readonly pid: number
  /** The end of what it has logged by now. */
  readonly logged: () => string
  /** Sends the signal, and resolves with the exit code when the process has ended. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>
}

/** Starts a server on its own data directory and a free port. */
export function startServer(
  dir: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Running> {
  return beginServer(dir, args, env).ready
}

/** A server that is starting: `kill` ends it, ready or not, and resolves when it has. */
export function beginServer(
  dir: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): { readonly ready: Promise<Running>; readonly kill: () => Promise<unknown> } {
  const child = spawn(process.execPath, [...SERVER, '--json', '--port', '0', '--data', dir, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  child.stderr.on('data', (chunk) => (log = (log + String(chunk)).slice(-64_000)))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const end = (signal: 'SIGTERM' | 'SIGKILL') => {
    child.kill(signal)
    return ended
  }
  const ready = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve)
    child.once('exit', () => reject(new Error(`the server ended: ${log.slice(-4000)}`)))
  }).then((line) => {
    const api = new Api(JSON.parse(line) as { url: string; token: string })
    return Object.assign(api, { pid: child.pid!, end, logged: () => log })
  })
  return { ready, kill: () => end('SIGKILL') }
}
