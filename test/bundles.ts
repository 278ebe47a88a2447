import { execFileSync } from 'node:child_process'
import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const SOURCES = [
  'package-lock.json',
  'packages/*/rolldown.config.ts',
  'packages/*/src/**/*.{ts,css}',
  'server/**/*.{ts,tsx,css,html,svg}',
]

/** Before all tests and measurements: what they start as processes and threads is built anew where a source of it is younger. */
export default function build(): void {
  const times = (patterns: readonly string[], exclude: readonly string[] = []) =>
    globSync(patterns, { cwd: ROOT, exclude }).map((file) => statSync(join(ROOT, file)).mtimeMs)
  const built = times([
    'packages/evidence-page/dist/bundle.js',
    'packages/cli/dist/*.js',
    'server/dist/*.js',
    'server/dashboard/dist/index.html',
  ])
  const newest = Math.max(...times(SOURCES, ['**/*.test.ts', '**/dist/**']))
  if (built.length > 0 && Math.min(...built) > newest) return
  execFileSync('npm', ['run', '--silent', 'prepare'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
}
