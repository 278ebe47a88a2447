import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { ethereumSigner } from '@countersign/adapters/anchor-ethereum'
import type { JsonObject, JsonValue } from '@countersign/core'
import { COMPILED } from './compile-contract.ts'

/** A real node of an EVM chain of its own, on this machine: anvil, out of the npm package of its platform. */
export interface LocalEvm {
  /** The node itself, and the same through a proxy on another port: two, as the anchor wants. */
  readonly urls: readonly [string, string]
  readonly chainId: number
  /** Private key of an account with 10,000 ether on this chain, and on no other. */
  readonly key: string
  readonly address: string
  readonly proxy: RpcProxy
  call(method: string, ...params: readonly unknown[]): Promise<JsonValue>
  /** Mines that many blocks, with what is waiting in the first. */
  mine(blocks?: number): Promise<void>
  /** Deploys the contract `StatementAnchor`; its address. */
  deploy(): Promise<string>
  close(): Promise<void>
}

export interface LocalEvmOptions {
  /** 31337 by default. */
  readonly chainId?: number
  /** Blocks until one is safe; twice as many until it is final. 2 by default. */
  readonly slotsInAnEpoch?: number
  /** Time of its first block, seconds since 1970; null, the default, is now. */
  readonly timestamp?: number | null
  /** Seconds between blocks; null, the default, mines only when told to. */
  readonly blockTime?: number | null
}

/** Where anvil is: in the npm package of this platform, else on the path; null for nowhere. */
export function anvilPath(): string | null {
  try {
    const manifest = createRequire(import.meta.url).resolve('@foundry-rs/anvil-linux-amd64/package.json')
    return join(manifest, '../bin/anvil')
  } catch {
    // Of another platform: Foundry may be installed there.
    const folders = (process.env['PATH'] ?? '').split(delimiter)
    return folders.map((folder) => join(folder, 'anvil')).find((path) => existsSync(path)) ?? null
  }
}

export async function startLocalEvm(options: LocalEvmOptions = {}): Promise<LocalEvm> {
  const { chainId = 31337, slotsInAnEpoch = 2, blockTime = null, timestamp = null } = options
  const path = anvilPath()
  if (path === null) throw new Error('anvil is not installed: npm brings it on Linux, elsewhere install Foundry')
  const key = createHash('sha256').update(`an account of chain ${chainId}`).digest('hex')
  const { address } = ethereumSigner(key)
  const mining = blockTime === null ? ['--no-mining'] : ['--block-time', String(blockTime)]
  const begun = timestamp === null ? [] : ['--timestamp', timestamp]
  const settings = ['--host', '127.0.0.1', '--port', '0', '--chain-id', chainId, '--slots-in-an-epoch', slotsInAnEpoch]
  const child = spawn(path, [...settings, '--accounts', '1', '--threads', '1', ...mining, ...begun].map(String), {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  // Whoever ends without closing it leaves no node behind.
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  const url = await new Promise<string>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`anvil ended with ${code}`)))
    createInterface(child.stdout).on('line', (line) => {
      const host = /^Listening on (127\.0\.0\.1:\d+)$/.exec(line)?.[1]
      if (host !== undefined) resolve(`http://${host}`)
    })
  })
  const call = (method: string, ...params: readonly unknown[]) => ask(url, method, params)
  const mine = async (blocks = 1) => {
    for (let i = 0; i < blocks; i++) await call('evm_mine')
  }
  const proxy = await startRpcProxy(url)
  await call('anvil_setBalance', address, `0x${(10_000n * 10n ** 18n).toString(16)}`)
  return {
    urls: [url, proxy.url],
    chainId,
    key,
    address,
    proxy,
    call,
    mine,
    async deploy() {
      const { bytecode } = JSON.parse(readFileSync(COMPILED, 'utf8')) as { bytecode: string }
      const [from] = (await call('eth_accounts')) as [string]
      const hash = await call('eth_sendTransaction', { from, data: bytecode })
      await mine()
      const receipt = (await call('eth_getTransactionReceipt', hash)) as { contractAddress: string }
      return receipt.contractAddress.toLowerCase()
    },
    async close() {
      await proxy.close()
      kill()
      process.off('exit', kill)
      await ended
    },
  }
}

/** JSON-RPC, for tests: throws for an error. */
export async function ask(url: string, method: string, params: readonly unknown[]): Promise<JsonValue> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  const answer = (await response.json()) as { result?: JsonValue; error?: { message: string } }
  if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`)
  return answer.result ?? null
}

/** What stands between an anchor and a node. `pass` asks the node. A promise that never ends stalls. */
export type Between = (
  method: string,
  params: readonly JsonValue[],
  pass: () => Promise<JsonValue>,
) => Promise<JsonValue>

/** A node that says what it is told to. */
export interface RpcProxy {
  readonly url: string
  /** Methods that it was asked, oldest first. */
  readonly asked: string[]
  /** From now on; null passes everything on. */
  tell(between: Between | null): void
  close(): Promise<void>
}

export async function startRpcProxy(target: string): Promise<RpcProxy> {
  let between: Between | null = null
  const asked: string[] = []
  const server: Server = createServer((request, response) => {
    void (async () => {
      const { method, params } = JSON.parse(await textOf(request)) as { method: string; params: JsonValue[] }
      asked.push(method)
      const pass = () => ask(target, method, params)
      let answer: JsonObject
      try {
        answer = { result: await (between === null ? pass() : between(method, params, pass)) }
      } catch (error) {
        answer = { error: { code: -32000, message: (error as Error).message } }
      }
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, ...answer }))
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    tell(next) {
      between = next
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}
