import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Environment } from './environment.ts'

/** A directory of its own for one test. */
export interface Workspace {
  readonly root: string
  at(path: string): string
  write(path: string, content: string | Uint8Array, mode?: number): string
  read(path: string): string
  link(target: string, path: string): string
  directory(path: string): string
  fifo(path: string): string
  git(...args: string[]): string
}

export function workspace(): Workspace {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'countersign-')))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const at = (path: string) => join(root, path)
  const parent = (path: string) => {
    mkdirSync(dirname(at(path)), { recursive: true })
    return at(path)
  }
  return {
    root,
    at,
    write(path, content, mode = 0o644) {
      writeFileSync(parent(path), content)
      chmodSync(at(path), mode)
      return at(path)
    },
    read: (path) => readFileSync(at(path), 'utf8'),
    link(target, path) {
      symlinkSync(target, parent(path))
      return at(path)
    },
    directory(path) {
      mkdirSync(at(path), { recursive: true })
      return at(path)
    },
    fifo(path) {
      execFileSync('mkfifo', [parent(path)])
      return at(path)
    },
    git: (...args) => gitIn(root, ...args),
  }
}

const NO_SETTINGS = '/nonexistent/config'

/** What git is given in tests: nobody's settings. */
export const GIT_ENVIRONMENT: Environment = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  GIT_CONFIG_GLOBAL: NO_SETTINGS,
  GIT_CONFIG_SYSTEM: NO_SETTINGS,
}

const AUTHOR = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'init.defaultBranch=main']

export function gitIn(root: string, ...args: string[]): string {
  const env = { ...GIT_ENVIRONMENT, GIT_CONFIG_NOSYSTEM: '1' }
  return execFileSync('git', [...AUTHOR, '-c', 'protocol.file.allow=always', ...args], {
    cwd: root,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim()
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** The slow, obvious digest of a tree: all lines in memory, sorted by their bytes. */
export function naiveTree(entries: readonly { path: string; mode: string; content: string | Uint8Array }[]): string {
  const lines = entries
    .map(({ path, mode, content }) => ({ path: Buffer.from(path), line: `${mode} ${sha256(content)}  ${path}\n` }))
    .toSorted((a, b) => Buffer.compare(a.path, b.path))
  return sha256(lines.map(({ line }) => line).join(''))
}
