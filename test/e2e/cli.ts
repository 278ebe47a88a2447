import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { COMPILED } from '../compiled.ts'
import { THOROUGH } from '../thorough.ts'
import { type Call, type Ran, runInThread, runInThreadLater } from './cli-thread.ts'

/** The bundled command line. */
export const CLI = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'dist', 'countersign.js')

export type { Ran } from './cli-thread.ts'

/**
 * A directory of its own for a story, and the bundled command line in it: each command as a process for the first time,
 * then in a thread where that makes no difference to it. Where tests are thorough all are processes.
 */
export class Bench {
  readonly #seen = new Set<string>()
  readonly root = mkdtempSync(join(tmpdir(), 'countersign-cli-'))

  path(...parts: readonly string[]): string {
    return join(this.root, ...parts)
  }

  dir(name: string): string {
    const path = this.path(name)
    mkdirSync(path, { recursive: true })
    return path
  }

  write(name: string, content: string | Uint8Array): string {
    const path = this.path(name)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, content)
    return path
  }

  /** A git checkout with the files committed. */
  checkout(name: string, files: Readonly<Record<string, string>>): string {
    const path = this.dir(name)
    for (const [file, content] of Object.entries(files)) this.write(join(name, file), content)
    execFileSync('git', ['init', '-q', '-b', 'main'], { cwd: path })
    execFileSync('git', ['add', '-A'], { cwd: path })
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.example', 'commit', '-qm', 'first'], { cwd: path })
    return path
  }

  cli(
    cwd: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    input?: string | Uint8Array,
  ): Ran {
    const call = { cli: CLI, cwd, args, env: this.env(env) }
    if (input === undefined && !this.#mustBeProcess(call)) return runInThread(call)
    const ran = spawnSync(process.execPath, [CLI, ...args], { cwd, env: this.env(env), encoding: 'utf8', input })
    return { code: ran.status, out: ran.stdout, err: ran.stderr }
  }

  /** The same, while this process goes on: it may be whom the command line asks. */
  async cliLater(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const call = { cli: CLI, cwd, args, env: this.env(env) }
    if (!this.#mustBeProcess(call)) return runInThreadLater(call)
    const child = this.start(cwd, args, env)
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk) => (out += String(chunk)))
    child.stderr.on('data', (chunk) => (err += String(chunk)))
    const code = await new Promise<number | null>((done) => child.once('close', done))
    return { code, out, err }
  }

  /** The same, running, for signals. */
  start(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    return spawn(process.execPath, [CLI, ...args], { cwd, env: this.env(env), stdio: ['ignore', 'pipe', 'pipe'] })
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }

  #mustBeProcess({ args: [command = ''], env }: Call): boolean {
    // What is said to Node is read when a process starts.
    const own = Object.keys(env).some((name) => name.startsWith('NODE_') && !(name in COMPILED))
    const first = !this.#seen.has(command)
    this.#seen.add(command)
    return THOROUGH || own || first
  }

  private env(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
    return { PATH: process.env['PATH'] ?? '', HOME: this.root, ...COMPILED, ...more }
  }
}
