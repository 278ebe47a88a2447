import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { COMPILED } from '../compiled.ts'

export const ROOT = join(import.meta.dirname, '..', '..')
const CLI = join(ROOT, 'packages', 'cli', 'dist', 'countersign.js')
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { start: string } }
/** The server as `npm start` runs it: Node's arguments. */
export const SERVER: readonly string[] = scripts.start
  .split(' ')
  .slice(1)
  .map((argument) => (argument.startsWith('--') ? argument : join(ROOT, argument)))
export const MAIN = SERVER.at(-1)!

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs the command line as its users do: a process, its own directory, its own environment. */
export async function countersign(
  args: readonly string[],
  options: { cwd: string; env?: Readonly<Record<string, string>> },
): Promise<Ran> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: options.cwd, NO_COLOR: '1', ...COMPILED, ...options.env }
  const child = spawn(process.execPath, [CLI, ...args], { cwd: options.cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err, code] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise<number>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (exit) => resolve(exit ?? -1))
    }),
  ])
  return { code, out, err }
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  return text
}

export interface Server {
  readonly url: string
  readonly token: string
  stop(): Promise<void>
}

/** Starts the embedded server on a free loopback port, with its data below `directory`. */
export async function startServer(directory: string, args: readonly string[] = []): Promise<Server> {
  mkdirSync(directory, { recursive: true })
  const child = spawn(
    process.execPath,
    [...SERVER, '--json', '--port', '0', '--data', join(directory, 'data'), ...args],
    {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let log = ''
  child.stderr.on('data', (chunk) => (log = (log + String(chunk)).slice(-4000)))
  const ready = await firstLine(child)
  if (ready === null) throw new Error(`the server did not start:\n${log}`)
  const { url, token } = JSON.parse(ready) as { url: string; token: string }
  return {
    url,
    token,
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve()
        child.once('exit', () => resolve())
        child.kill('SIGTERM')
      }),
  }
}

async function firstLine(child: ChildProcess): Promise<string | null> {
  const lines = createInterface({ input: child.stdout! })
  return new Promise((resolve) => {
    lines.once('line', resolve)
    child.once('exit', () => resolve(null))
  })
}
