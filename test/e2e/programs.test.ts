import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { some, THOROUGH } from '../thorough.ts'

const ROOT = join(import.meta.dirname, '..')

test.each(some(2, ['bench', 'demo', 'fuzz', 'mutation']))(
  'npm run %s says what it takes, and what it does not',
  (program) => {
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [join(ROOT, program, 'main.ts'), ...args], { encoding: 'utf8' })
    const wrong = run('--nope')
    expect([wrong.status, wrong.stdout]).toEqual([2, ''])
    const [said, help] = wrong.stderr.split(/\n\n([^]*)/)
    expect(said).toBe("✗ usage: Unknown option '--nope'")
    expect(help).toMatch(new RegExp(`^Usage: npm run ${program} `))
    // Each loads all that it knows of, to name it.
    if (!THOROUGH && program === 'bench') return
    expect(run('--help')).toMatchObject({ status: 0, stdout: help, stderr: '' })
  },
)

test('what a command loads does not run the command line once more', () => {
  const dist = join(ROOT, '..', 'packages', 'cli', 'dist')
  const chunks = readdirSync(dist).filter((name) => name.endsWith('.js') && name !== 'countersign.js')
  expect(chunks.length).toBeGreaterThan(40)
  const loading = chunks.filter((name) => readFileSync(join(dist, name), 'utf8').includes('./countersign.js'))
  expect(loading).toEqual([])
})
