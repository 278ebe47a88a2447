import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import type { Bench } from '../e2e/cli.ts'
import type { Given, Job } from './templates.ts'

/** A release that somebody else made: the same files, with what the test puts in their place. */
export class Stub {
  readonly directory: string
  readonly file: string
  readonly sha256: string

  constructor(bench: Bench, name: string, files: Readonly<Record<string, string | { readonly copyOf: string }>>) {
    this.directory = bench.dir(name)
    this.file = bench.path(`${name}.tgz`)
    for (const [path, content] of Object.entries(files)) {
      const at = join(this.directory, path)
      mkdirSync(dirname(at), { recursive: true })
      if (typeof content === 'string') writeFileSync(at, content)
      else cpSync(content.copyOf, at)
      chmodSync(at, 0o755)
    }
    execFileSync('tar', ['-czf', this.file, '-C', this.directory, '.'])
    this.sha256 = createHash('sha256').update(readFileSync(this.file)).digest('hex')
  }
}

export const HARMLESS: Given = {
  url: 'https://countersign.example',
  audience: 'countersign:log.example.com',
  version: '0.1.0',
  sha256: 'a'.repeat(64),
  archive: '',
  pipeline: 'shop/web',
  step: 'build',
  run: 'make',
  materials: ['in/a'],
  products: ['dist/app.tgz'],
  subject: 'dist/app.tgz',
  contract: 'contract.yaml',
}

export interface Ended {
  readonly code: number | null
  readonly text: string
}

/** Runs the commands of a job one after the other, as long as each succeeds, with no more around them than a shell has. */
export function runCommands(job: Job, cwd: string, more: Readonly<Record<string, string>> = {}): Ended {
  const env = {
    PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
    HOME: cwd,
    ...job.environment,
    ...more,
  }
  let text = ''
  for (const [program, ...args] of job.commands) {
    const ran = spawnSync(program!, args, { cwd, env, encoding: 'utf8' })
    text += ran.stdout + ran.stderr
    if (ran.status !== 0) return { code: ran.status, text }
  }
  return { code: 0, text }
}
