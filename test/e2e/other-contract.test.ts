import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Bench } from './cli.ts'

const bench = new Bench()
const key = (name: string) => bench.path(`${name}.key`)
afterAll(() => bench.remove())

/** Writes a contract of one signer, and gives its digest as the linter shows it. */
function contract(name: string, steps: string): string {
  const pem = readFileSync(`${key(name)}.pub`, 'utf8')
    .trim()
    .split('\n')
  const signer = `  ${name}: |\n${pem.map((line) => `    ${line}`).join('\n')}`
  const file = bench.path(`${name}.yaml`)
  writeFileSync(
    file,
    `contract: v1\npipeline: ${name}\nrevision: 1\nsigners:\n${signer}\nsteps:\n${steps}final: build\n`,
  )
  const linted = bench.cli(bench.root, ['contract', 'lint', file])
  expect(linted).toMatchObject({ code: 0 })
  return /sha256\s+([0-9a-f]{64})/.exec(linted.out)![1]!
}

beforeAll(() => {
  for (const name of ['core', 'shop']) expect(bench.cli(bench.root, ['key', 'new', key(name)]).code).toBe(0)
})

test('what another pipeline made is let in where its own contract proves it', () => {
  const digest = contract('core', '  build: { signers: [core], products: [core.tgz] }\n')
  contract(
    'shop',
    `  build:\n    signers: [shop]\n    materials: [{ outside: core.tgz, contract: "${digest}" }]\n    products: [app]\n`,
  )
  const record = (by: string, ...more: readonly string[]) =>
    [
      'record',
      '--step',
      'build',
      '--contract',
      bench.path(`${by}.yaml`),
      '--key',
      key(by),
      '--no-git',
      ...more,
    ] as const
  const core = bench.dir('core')
  writeFileSync(join(core, 'core.tgz'), 'core')
  expect(bench.cli(core, record('core', '--products', 'core.tgz')).code).toBe(0)
  const shop = bench.dir('shop')
  cpSync(join(core, 'core.tgz'), join(shop, 'core.tgz'))
  writeFileSync(join(shop, 'app'), 'app')
  expect(bench.cli(shop, record('shop', '--materials', 'core.tgz', '--products', 'app')).code).toBe(0)
  const gate = (...more: readonly string[]) =>
    bench.cli(shop, ['gate', 'app', '--contract', bench.path('shop.yaml'), '--format', 'json', ...more])
  const other = ['--other-contract', bench.path('core.yaml')]
  const chains = ['--chain', 'app.chain.jsonl', join(core, 'core.tgz.chain.jsonl')]
  const proven = gate(...other, ...chains)
  expect(proven.out).toContain('"pass"')
  expect(proven.code).toBe(0)
  for (const less of [[], other, chains]) {
    const denied = gate(...less)
    expect(denied.code).toBe(1)
    expect(denied.out).toContain('material-unproven')
  }
})
