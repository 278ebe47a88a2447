import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { COMPILED } from '../compiled.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const MANIFEST = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as {
  inputs: Record<string, { default?: string }>
  runs: { pre: string; main: string; post: string }
}

export interface JobWorld {
  /** The checkout. */
  readonly workspace: string
  /** What the system sets; PATH among it. */
  readonly environment: Readonly<Record<string, string>>
  readonly with?: Readonly<Record<string, string>>
  /** Values of `${{ … }}` in the defaults of action.yml. */
  readonly expressions?: Readonly<Record<string, string>>
  /** Where the built action lies; default: the committed one. */
  readonly dist?: string
}

export interface Phase {
  readonly code: number | null
  readonly log: string
  readonly outputs: Readonly<Record<string, string>>
  readonly exported: Readonly<Record<string, string>>
  readonly summary: string
  /** `::error title=…::…` commands. */
  readonly annotations: readonly string[]
}

/**
 * One use of the action in one job, as a runner has it: a process a phase, inputs in `INPUT_*`, files for what it tells,
 * state from one phase to the next.
 */
export class ActionJob {
  readonly #world: JobWorld
  readonly #temp: string
  readonly state: Record<string, string> = {}
  readonly seen: string[] = []

  constructor(world: JobWorld, temp: string) {
    this.#world = world
    this.#temp = join(temp, randomUUID())
    mkdirSync(this.#temp, { recursive: true })
  }

  get temp(): string {
    return this.#temp
  }

  pre = () => this.phase('pre')
  main = () => this.phase('main')
  post = (status = 'success') => this.phase('post', status)

  /** With `cancel`, the runner's signal comes when the log says that. */
  async phase(name: 'pre' | 'main' | 'post', status = 'success', cancel: string | null = null): Promise<Phase> {
    const files = Object.fromEntries(
      ['OUTPUT', 'ENV', 'STATE', 'PATH', 'STEP_SUMMARY'].map((file) => {
        const path = join(this.#temp, `${name}-${file}-${randomUUID()}`)
        writeFileSync(path, '')
        return [`GITHUB_${file}`, path]
      }),
    )
    const { workspace, environment, dist } = this.#world
    const program = dist === undefined ? join(ROOT, MANIFEST.runs[name]) : join(dist, `${name}.js`)
    const child = spawn(process.execPath, [program], {
      cwd: workspace,
      env: {
        GITHUB_WORKSPACE: workspace,
        RUNNER_TEMP: this.#temp,
        HOME: this.#temp,
        ...COMPILED,
        ...environment,
        ...this.#inputs(status),
        ...Object.fromEntries(Object.entries(this.state).map(([key, value]) => [`STATE_${key}`, value])),
        ...files,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let log = ''
    let cancelled = false
    child.stdout.on('data', (chunk) => {
      log += String(chunk)
      if (cancel === null || cancelled || !log.includes(cancel)) return
      // Once, as a runner does: who has recorded it, and only ends, is ended by the next.
      cancelled = child.kill('SIGINT')
    })
    child.stderr.on('data', (chunk) => (log += String(chunk)))
    const code = await new Promise<number | null>((done) => child.once('close', done))
    const text = (file: string) => readFileSync(files[`GITHUB_${file}`]!, 'utf8')
    Object.assign(this.state, commandFile(text('STATE')))
    this.seen.push(log, text('OUTPUT'), text('ENV'), text('STATE'), text('STEP_SUMMARY'))
    return {
      code,
      log,
      outputs: commandFile(text('OUTPUT')),
      exported: commandFile(text('ENV')),
      summary: text('STEP_SUMMARY'),
      annotations: log.split('\n').filter((line) => line.trimStart().startsWith('::error')),
    }
  }

  /** Inputs, with the defaults of action.yml, its expressions evaluated. */
  #inputs(status: string): Record<string, string> {
    const values: Record<string, string> = {
      'toJSON(matrix)': 'null',
      'github.token': '',
      'job.status': status,
      ...this.#world.expressions,
    }
    return Object.fromEntries(
      Object.entries(MANIFEST.inputs).map(([name, { default: given = '' }]) => {
        const text = this.#world.with?.[name] ?? given.replace(/\$\{\{ (.*?) \}\}/g, (_, what: string) => values[what]!)
        return [`INPUT_${name.toUpperCase()}`, text]
      }),
    )
  }
}

/** What a runner reads from `GITHUB_OUTPUT` and its like: `name=value`, or `name<<DELIMITER` and lines until it. */
export function commandFile(text: string): Record<string, string> {
  const found: Record<string, string> = {}
  const lines = text.split('\n')
  for (let i = 0; i < lines.length; i++) {
    const [, name, delimiter] = /^([^=]+?)<<(.+)$/.exec(lines[i]!) ?? []
    if (name !== undefined) {
      const value: string[] = []
      while (++i < lines.length && lines[i] !== delimiter) value.push(lines[i]!)
      found[name] = value.join('\n')
    } else if (lines[i]!.includes('=')) {
      const at = lines[i]!.indexOf('=')
      found[lines[i]!.slice(0, at)] = lines[i]!.slice(at + 1)
    }
  }
  return found
}
