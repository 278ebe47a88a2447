import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { publicKeyPem } from '@countersign/core'
import {
  parseCheckpoint,
  parseVkey,
  type VerifiedCheckpoint,
  verifyCheckpoint,
  writeBundle,
} from '@countersign/formats'
import { MAIN } from './demo/world.ts'
import { file, newChainId, party, signStep } from './pipeline.ts'

const CLI = join(import.meta.dirname, '..', 'packages', 'cli', 'dist', 'countersign.js')

export type Signal = 'SIGTERM' | 'SIGKILL' | 'SIGINT'

interface Process {
  /** All that it has said on stderr. */
  log(): string
  /** Sends the signal; the exit code, null for one that was killed. */
  end(signal: Signal): Promise<number | null>
}

/** Starts a program that says on its first line, in JSON, that it is ready. */
async function ready<T>(args: readonly string[]): Promise<Process & { readonly said: T }> {
  const child: ChildProcess = spawn(process.execPath, [...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  child.stderr!.on('data', (chunk) => (log += String(chunk)))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout!.once('data', (chunk) => resolve(String(chunk)))
    child.once('exit', () => reject(new Error(log)))
  })
  return { said: JSON.parse(line) as T, log: () => log, end: (signal) => (child.kill(signal), ended) }
}

export interface WitnessProcess extends Process {
  readonly vkey: string
  readonly url: string
}

/** `countersign witness` with its key and state in a directory, made where needed. */
export async function startWitness(dir: string, log: string, ...more: readonly string[]): Promise<WitnessProcess> {
  mkdirSync(dir, { recursive: true })
  const key = join(dir, 'witness.key')
  if (!existsSync(key)) spawnSync(process.execPath, [CLI, 'key', 'new', key, '--type', 'ed25519'])
  const args = ['witness', '--key', key, '--log', log, '--state', join(dir, 'state'), '--format', 'json', ...more]
  const listen = more.includes('--listen') ? [] : ['--listen', '127.0.0.1:0']
  const { said, ...running } = await ready<{ vkey: string; url: string }>([CLI, ...args, ...listen])
  return { ...running, ...said }
}

/** A policy file: so many of these witnesses, or `none`. */
export function writePolicy(path: string, witnesses: readonly WitnessProcess[], quorum: number | 'none'): string {
  const lines = witnesses.map(({ vkey, url }, i) => `witness w${i} ${vkey} ${url}\n`)
  const names = witnesses.map((_, i) => `w${i}`).join(' ')
  const rule = quorum === 'none' ? 'quorum none\n' : `group g ${quorum} ${names}\nquorum g\n`
  writeFileSync(path, lines.join('') + rule)
  return path
}

export interface ServerProcess extends Process {
  readonly url: string
  readonly token: string
}

export async function startLog(dir: string, ...more: readonly string[]): Promise<ServerProcess> {
  const { said, ...running } = await ready<{ url: string; token: string }>([
    MAIN,
    '--json',
    '--port',
    '0',
    '--data',
    dir,
    ...more,
  ])
  return { ...running, ...said }
}

/** Runs the server to its end: for those that do not start. */
export function runLog(dir: string, ...more: readonly string[]) {
  const args = [MAIN, '--port', '0', '--data', dir, ...more]
  return spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 20_000 })
}

export function ask({ url, token }: ServerProcess, path: string, body?: string | Uint8Array): Promise<Response> {
  const headers = { authorization: `Bearer ${token}` }
  return fetch(`${url}${path}`, body === undefined ? { headers } : { method: 'POST', headers, body: Buffer.from(body) })
}

const by = party('build', 'ed25519')

/** A log that has begun, with a key enrolled, and stopped again; its verifier key. */
export async function beginLog(dir: string): Promise<string> {
  const server = await startLog(dir)
  await ask(server, '/v1/keys', JSON.stringify({ name: 'build', publicKey: publicKeyPem(by.publicKey) }))
  const { vkey } = (await (await ask(server, '/v1/server')).json()) as { vkey: string }
  await server.end('SIGTERM')
  return vkey
}

/** Status of the answer to a new step. */
export async function append(server: ServerProcess, content: string): Promise<number> {
  const chain = { id: newChainId(), pipeline: 'p', contract: null }
  const { bundle } = signStep(by, { chain, name: 'build', subject: [file('a', content)] })
  return (await ask(server, '/v1/attestations', writeBundle(bundle))).status
}

/** What a verifier makes of the checkpoint that is served. */
export async function verified(
  server: ServerProcess,
  log: string,
  witnesses: readonly WitnessProcess[],
): Promise<VerifiedCheckpoint> {
  const bytes = new Uint8Array(await (await ask(server, '/checkpoint')).arrayBuffer())
  const key = parseVkey(log, nodeCrypto)
  const keys = witnesses.map(({ vkey }) => parseVkey(vkey, nodeCrypto))
  return verifyCheckpoint(parseCheckpoint(bytes), { origin: key.name, keys: [key], witnesses: keys }, nodeCrypto)
}

/** What a log tells before its first step: the first administrator, and the key. */
const TOLD = 2

/** How many steps it has, and how many of the witnesses are on it. */
export async function seen(
  server: ServerProcess,
  log: string,
  witnesses: readonly WitnessProcess[],
): Promise<readonly [steps: number, cosignatures: number]> {
  const { checkpoint, cosignedBy } = await verified(server, log, witnesses)
  return [checkpoint.size - TOLD, cosignedBy.length]
}
