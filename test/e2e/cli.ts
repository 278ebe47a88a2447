import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { COMPILED } from '../compiled.ts'

/** The bundled command line. */
export const CLI = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'dist', 'countersign.js')

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A directory of its own for a story, and the bundled command line in it. */
export class Bench {
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
    const ran = spawnSync(process.execPath, [CLI, ...args], { cwd, env: this.env(env), encoding: 'utf8', input })
    return { code: ran.status, out: ran.stdout, err: ran.stderr }
  }

  /** The same, while this process goes on: it may be whom the command line asks. */
  async cliLater(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
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

  private env(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
    return { PATH: process.env['PATH'] ?? '', HOME: this.root, ...COMPILED, ...more }
  }
}
