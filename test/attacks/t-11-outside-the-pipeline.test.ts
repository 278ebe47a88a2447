import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Bench } from '../e2e/cli.ts'
import { HARMLESS, runCommands, Stub } from '../workflows/stub.ts'
import { gitlabPlain, JOBS, ROOT, type Scripted } from '../workflows/templates.ts'

// T-11: an artifact that was published outside of the pipeline has no chain (axios, chalk and debug). Nothing may come of it.

const bench = new Bench()
afterAll(() => bench.remove())

const GATES = [
  ...(Object.keys(JOBS) as Scripted[]).map((system) => [system, JOBS[system]] as const),
  ['gitlab-ci (plain)', gitlabPlain] as const,
]

describe('T-11: what a gate does not let pass', () => {
  const verdict = (code: number) =>
    new Stub(bench, `gate-${code}`, { 'workflows/gate.sh': `#!/bin/sh\nexit ${code}\n` })
  const stubs = [0, 1, 2].map((code) => [code, verdict(code)] as const)

  test.each(GATES)('is not deployed by the template of %s', (name, read) => {
    for (const [code, stub] of stubs) {
      const cwd = bench.dir(`${name}-${code}`)
      writeFileSync(join(cwd, 'deploy'), '#!/bin/sh\ntouch deployed\n', { mode: 0o755 })
      const given = { ...HARMLESS, sha256: stub.sha256, archive: `file://${stub.file}` }
      const ran = runCommands(read('gate', given, stub.directory), cwd, { COUNTERSIGN_ARCHIVE: given.archive })
      // 0 is the positive control.
      expect([ran.code === 0, existsSync(join(cwd, 'deployed'))], `exit ${code}`).toEqual([code === 0, code === 0])
    }
  })
})

describe('T-11: an artifact that no step made', () => {
  const key = bench.path('build.key')
  const cwd = bench.checkout('shop', { 'main.js': 'ship()\n' })
  const gate = (COUNTERSIGN_SUBJECT: string, COUNTERSIGN_CONTRACT = 'contract.yaml') =>
    runCommands(
      {
        commands: [[join(ROOT, 'workflows', 'gate.sh')]],
        environment: { COUNTERSIGN_SUBJECT, COUNTERSIGN_CONTRACT },
      },
      cwd,
    )

  test('does not pass the gate, whatever stands beside it', () => {
    expect(bench.cli(cwd, ['key', 'new', key]).code).toBe(0)
    const publicKey = bench.cli(cwd, ['key', 'show', key]).out
    const pem = /-----BEGIN[\s\S]*?-----END PUBLIC KEY-----/.exec(publicKey)![0]
    bench.write(
      'shop/contract.yaml',
      `contract: v1\npipeline: shop/web\nrevision: 1\nsigners:\n  ci: |\n${pem.replaceAll(/^/gm, '    ')}\nsteps:\n  build: { signers: [ci], products: [app.tgz] }\nfinal: build\n`,
    )
    const step = ['run', '--step', 'build', '--pipeline', 'shop/web', '--key', key, '--no-git', '--products', 'app.tgz']
    const built = bench.cli(cwd, [...step, '--contract', 'contract.yaml', '--', 'cp', 'main.js', 'app.tgz'])
    expect(built.code, built.err).toBe(0)
    // Positive control: what the step made passes.
    const passed = gate('app.tgz')
    expect(passed.code, passed.text).toBe(0)

    writeFileSync(join(cwd, 'bare.tgz'), 'published by hand')
    const bare = gate('bare.tgz')
    expect(bare.code).not.toBe(0)
    // The chain of another artifact beside it is not its own.
    writeFileSync(join(cwd, 'app.tgz'), 'published by hand')
    const swapped = gate('app.tgz')
    expect(swapped.code).toBe(1)
    expect(swapped.text).toContain('artifact-unproven')
    for (const subject of ['gone.tgz', '', ' ', '\n']) expect(gate(subject).code, JSON.stringify(subject)).not.toBe(0)
    expect(gate('app.tgz', '').code).not.toBe(0)
  })
})
