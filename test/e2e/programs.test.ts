import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

test.each(['bench', 'demo', 'fuzz'])('npm run %s says what it takes, and what it does not', (program) => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(ROOT, program, 'main.ts'), ...args], { encoding: 'utf8' })
  const help = run('--help')
  expect([help.status, help.stderr]).toEqual([0, ''])
  expect(help.stdout).toMatch(new RegExp(`^Usage: npm run ${program} `))
  const wrong = run('--nope')
  expect([wrong.status, wrong.stdout]).toEqual([2, ''])
  expect(wrong.stderr).toBe(`✗ usage: Unknown option '--nope'\n\n${help.stdout}`)
})
