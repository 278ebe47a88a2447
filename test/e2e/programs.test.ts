import { spawnSync } from 'node:child_process'
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
