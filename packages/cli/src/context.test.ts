import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { contextOf } from './context.ts'

const CLI = join(import.meta.dirname, '..', 'dist', 'countersign.js')

describe('a home that is not there', () => {
  let root = ''
  let home = ''
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'countersign-home-'))
    home = join(root, 'nowhere')
    vi.stubEnv('HOME', home)
    vi.stubEnv('XDG_STATE_HOME', '')
  })
  afterAll(() => {
    vi.unstubAllEnvs()
    rmSync(root, { recursive: true, force: true })
  })
  const places = (env: Record<string, string> = {}) =>
    contextOf({ ...process, stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, env }).settings
      .sessions
  /** Whether a command has made the directory. */
  const makes = (directory: string) => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: home }
    expect(spawnSync(process.execPath, [CLI, 'explain', 'usage'], { env }).status).toBe(0)
    return existsSync(directory)
  }

  test('is not made, for sessions or for compiled code; one that is there is used', () => {
    expect(places()).toEqual([tmpdir()])
    expect(makes(home)).toBe(false)
    // Named for this, it is made.
    expect(places({ XDG_STATE_HOME: join(root, 'state') })).toEqual([join(root, 'state', 'countersign'), tmpdir()])
    mkdirSync(home)
    expect(places()).toEqual([join(home, '.local', 'state', 'countersign'), tmpdir()])
    expect(makes(join(home, '.cache', 'countersign'))).toBe(true)
  })
})

test('a working directory that is gone is told, and asked of nobody who can do without', () => {
  const gone = mkdtempSync(join(tmpdir(), 'countersign-gone-'))
  const run = (args: string) =>
    spawnSync('sh', ['-c', `rmdir '${gone}'; exec '${process.execPath}' '${CLI}' ${args}`], {
      cwd: gone,
      encoding: 'utf8',
    })
  const verified = run('verify app.tgz')
  expect([verified.status, verified.stdout]).toEqual([2, ''])
  expect(verified.stderr).toMatch(/^✗ usage: the working directory is not there any more\n {2}why .*\n {2}fix .*\n$/)
  mkdirSync(gone)
  expect(run('explain usage').status).toBe(0)
})
