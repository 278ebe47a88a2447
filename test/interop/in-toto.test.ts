import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Bench } from '../e2e/cli.ts'

const VERSION = '3.0.0'
const home = join(tmpdir(), 'countersign-interop', `in-toto-${VERSION}`)
const run = join(home, 'bin', 'in-toto-run')
const bench = new Bench()
const PYTHON_MISSING = spawnSync('python3', ['-m', 'venv', '--help']).status !== 0

describe.skipIf(PYTHON_MISSING)('what in-toto’s own tools write is taken in', () => {
  beforeAll(() => {
    if (!existsSync(run)) {
      execFileSync('python3', ['-m', 'venv', home])
      execFileSync(join(home, 'bin', 'pip'), ['-q', 'install', `in-toto==${VERSION}`], { stdio: 'ignore' })
    }
    expect(bench.cli(bench.root, ['key', 'new', 'step.key']).code).toBe(0)
    const kinds = { ed25519: ['ed25519'], p256: ['EC', '-pkeyopt', 'ec_paramgen_curve:P-256'] }
    for (const [name, algorithm] of Object.entries(kinds)) {
      execFileSync('openssl', ['genpkey', '-algorithm', ...algorithm, '-out', `${name}.pem`], {
        cwd: bench.root,
        stdio: 'ignore',
      })
      execFileSync('openssl', ['pkey', '-in', `${name}.pem`, '-pubout', '-out', `${name}.pub`], { cwd: bench.root })
    }
    bench.write('source', 'a "quoted" \\ text\n')
  })
  afterAll(() => bench.remove())

  test.each([
    ['ed25519', []],
    ['ed25519', ['--use-dsse']],
    ['p256', []],
    ['p256', ['--use-dsse']],
  ] as const)('links under %s %j', (key, flags) => {
    const name = `${key}${flags.length}`
    const args = ['--signing-key', `${key}.pem`, '-n', name, '-m', 'source', '-p', name, ...flags]
    execFileSync(run, [...args, '--', 'sh', '-c', `cat source source | tee ${name}`], {
      cwd: bench.root,
      stdio: 'ignore',
    })
    const link = readdirSync(bench.root).find((file) => file.startsWith(`${name}.`) && file.endsWith('.link'))!
    const importing = (by: string, artifact = name) => {
      const more = ['--from', link, '--attester-key', `${by}.pub`, '--min-logs', '0', '--key', 'step.key']
      return bench.cli(bench.root, ['import', artifact, '--pipeline', 'shop/web', '--format', 'json', ...more])
    }
    const ran = importing(key)
    expect(ran.code, ran.out + ran.err).toBe(0)
    expect(JSON.parse(ran.out).imported).toMatchObject([
      { annotations: { type: 'link', facts: { step: name, materials: 1, products: 1, exitCode: 0 } } },
    ])
    expect(importing(key === 'p256' ? 'ed25519' : 'p256').code).toBe(1)
    expect(importing(key, 'source').code).toBe(1)
  })
})
