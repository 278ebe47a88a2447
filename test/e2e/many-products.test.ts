import { appendFileSync, cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Bench } from './cli.ts'

/** So many that a chain beside each would be n times what names n. */
const COUNT = 800

const bench = new Bench()
const key = (name: string) => bench.path(`${name}.key`)
const trust = ['--trust', ...['build', 'test'].map((name) => `${name}=${key(name)}.pub`)]
afterAll(() => bench.remove())

const isChain = (name: string) => name.endsWith('.chain.jsonl')
const chainsIn = (cwd: string) => readdirSync(cwd, { recursive: true, encoding: 'utf8' }).filter(isChain).toSorted()
const step = (name: string, ...more: readonly string[]) => {
  const signer = key(name === 'build' ? 'build' : 'test')
  return ['--no-git', '--step', name, '--key', signer, ...more]
}

/** Writes the files, and records that they were made. */
function build(name: string): string {
  const cwd = bench.dir(name)
  for (let i = 0; i < COUNT; i++) bench.write(join(name, 'd', `f${i}`), `${name} ${i}`)
  const args = ['record', ...step('build', '--pipeline', 'p', '--contract', bench.path('contract.yaml'))]
  const ran = bench.cli(cwd, [...args, '--products', 'd/*', '--json'])
  expect(ran.code).toBe(0)
  expect(JSON.parse(ran.err)).toMatchObject({ chainFiles: ['d/directory.chain.jsonl'], warnings: [] })
  return cwd
}

beforeAll(() => {
  for (const name of ['build', 'test']) expect(bench.cli(bench.root, ['key', 'new', key(name)]).code).toBe(0)
  const pem = readFileSync(`${key('build')}.pub`, 'utf8')
    .trim()
    .replaceAll('\n', '\n    ')
  const steps = '  build: { signers: [build], products: ["d/*"] }\n'
  bench.write(
    'contract.yaml',
    `contract: v1\npipeline: p\nrevision: 1\nsigners:\n  build: |\n    ${pem}\nsteps:\n${steps}final: build\n`,
  )
})

test('many products have one chain file in their directory, which goes where they go', () => {
  const cwd = build('made')
  expect(chainsIn(cwd)).toEqual(['d/directory.chain.jsonl'])
  const next = bench.dir('next')
  cpSync(join(cwd, 'd'), join(next, 'd'), { recursive: true })
  expect(bench.cli(next, ['gate', 'd/f7', '--contract', bench.path('contract.yaml'), '--offline']).code).toBe(0)
  expect(bench.cli(join(next, 'd'), ['verify', 'f7', '--offline', ...trust]).out).toContain('VERIFIED')
  const ran = bench.cli(next, ['run', ...step('test', ...trust, '--materials', 'd/*', '--json'), '--', 'true'])
  expect(ran.code).toBe(0)
  const said = JSON.parse(ran.err) as { materials: number; previous: unknown[]; chainFiles: string[] }
  expect(said).toMatchObject({ materials: COUNT, chainFiles: ['d/directory.chain.jsonl'] })
  expect(said.previous).toHaveLength(1)
  expect(bench.cli(next, ['tree', 'd/f7', ...trust]).out).toMatch(/└─ ✓ build.*\n {3}└─ ✓ test/)
  // One of them alone has a file of its own, which says all.
  expect(bench.cli(next, ['run', ...step('scan', ...trust, '--materials', 'd/f7'), '--', 'true']).code).toBe(0)
  expect(chainsIn(next)).toEqual(['d/directory.chain.jsonl', 'd/f7.chain.jsonl'])
  expect(bench.cli(next, ['verify', 'd/f7', '--offline', ...trust]).out).toContain('VERIFIED')
  expect(bench.cli(next, ['run', ...step('pack', ...trust, '--materials', 'd/*'), '--', 'true']).code).toBe(0)
  expect(chainsIn(next)).toEqual(['d/directory.chain.jsonl'])
  expect(bench.cli(next, ['inspect', 'd/directory.chain.jsonl']).out).toContain('step scan, attempt 1')
})

test('one of many that was swapped stops the next step; of another file there the chain says nothing', () => {
  const cwd = build('swapped')
  appendFileSync(join(cwd, 'd', 'f7'), 'x')
  const ran = bench.cli(cwd, ['run', ...step('test', ...trust, '--materials', 'd/*', '--json'), '--', 'true'])
  expect(ran.code).toBe(1)
  expect((JSON.parse(ran.err) as { findings: { code: string }[] }).findings[0]!.code).toBe('material-swapped')
  expect(bench.cli(cwd, ['verify', 'd/f7', '--offline', ...trust]).code).toBe(1)
  writeFileSync(join(cwd, 'd', 'other'), 'x')
  expect(bench.cli(cwd, ['verify', 'd/other', '--offline', ...trust])).toMatchObject({ code: 2 })
})

test('the chain of products in as many directories is in the root alone, and is to be handed on by hand', () => {
  const cwd = bench.dir('scattered')
  for (let i = 0; i < COUNT; i++) bench.write(join('scattered', 'd', `${i}`, 'f'), `${i}`)
  const ran = bench.cli(cwd, ['record', ...step('build', '--pipeline', 'p', '--products', 'd/*/f')])
  expect(ran.code).toBe(0)
  expect(ran.err).toContain(
    '! the chain is too large for 800 copies: it is in directory.chain.jsonl alone. Hand that on',
  )
  expect(chainsIn(cwd)).toEqual(['directory.chain.jsonl'])
  const next = ['run', ...step('test', ...trust, '--materials', 'd/7/f', '--json')]
  const named = bench.cli(cwd, [...next, '--previous', 'directory.chain.jsonl', '--', 'true'])
  expect(named.code).toBe(0)
  expect((JSON.parse(named.err) as { previous: unknown[] }).previous).toHaveLength(1)
})
