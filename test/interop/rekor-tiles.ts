import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createSocket } from 'node:net'
import { join, normalize } from 'node:path'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { parsePublicKey } from '@countersign/core'
import { type RekorLog, rekorLog } from '@countersign/verify/anchors'
import { goTool } from './go.ts'

/** Later versions need a later Go. */
const tool = goTool('rekor-tiles', 'github.com/sigstore/rekor-tiles/v2/cmd/rekor-server/posix', 'v2.3.0')

export const installRekorTiles = (): void => tool.install()

export interface RekorTiles {
  /** The server itself, which takes entries and serves nothing to read. */
  readonly url: string
  /** The server, and beside it what it wrote, as it is deployed in public: one address for both. */
  readonly publicUrl: string
  readonly log: RekorLog
  /** Whether the public address hangs up where the server answers. */
  deaf: boolean
  stop(): Promise<void>
}

/** Starts it on loopback, with a new Ed25519 key and its log in a directory. */
export async function startRekorTiles(directory: string, name: string): Promise<RekorTiles> {
  const pair = generateKeyPairSync('ed25519')
  const key = join(directory, 'key.pem')
  const storage = join(directory, 'log')
  mkdirSync(storage, { recursive: true })
  writeFileSync(key, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  const [http, grpc, metrics] = [await freePort(), await freePort(), await freePort()]
  const child = spawn(
    tool.path,
    [
      'serve',
      `--hostname=${name}`,
      `--storage-dir=${storage}`,
      `--signer-filepath=${key}`,
      `--http-port=${http}`,
      `--grpc-port=${grpc}`,
      `--http-metrics-port=${metrics}`,
      '--checkpoint-interval=1s',
      '--log-level=error',
    ],
    { stdio: 'ignore' },
  )
  const url = `http://127.0.0.1:${http}`
  await ready(url, child)
  const files = createServer((request, response) => void serve(request, response).catch(() => response.destroy()))
  const rekor: RekorTiles = {
    url,
    publicUrl: await listen(files),
    log: rekorLog(name, parsePublicKey(pair.publicKey.export({ type: 'spki', format: 'der' })), nodeCrypto),
    deaf: false,
    async stop() {
      files.closeAllConnections()
      files.close()
      child.kill('SIGTERM')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = normalize(request.url ?? '/')
    if (request.method === 'GET' && path.startsWith('/api/v2/')) {
      const file = join(storage, path.slice('/api/v2/'.length))
      if (!existsSync(file)) return void response.writeHead(404).end()
      return void response.writeHead(200).end(readFileSync(file))
    }
    const parts: Buffer[] = []
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: Buffer.concat(parts) })
    const body = Buffer.from(await answer.arrayBuffer())
    if (rekor.deaf) return void response.destroy()
    const index = answer.headers.get('x-log-index')
    response.writeHead(answer.status, { ...headers, ...(index === null ? {} : { 'x-log-index': index }) }).end(body)
  }
  return rekor
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  for (let left = 200; left > 0; left--) {
    if (child.exitCode !== null) break
    const up = await fetch(`${url}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (up) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  child.kill('SIGKILL')
  throw new Error('rekor-tiles did not start')
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function freePort(): Promise<number> {
  const socket = createSocket().listen(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address() as AddressInfo
  socket.close()
  await once(socket, 'close')
  return port
}
