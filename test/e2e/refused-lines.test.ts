import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Bench } from './cli.ts'

const bench = new Bench()
const cwd = bench.dir('work')
const chain = bench.path('work', 'app.chain.jsonl')
const trust = ['--trust', `build=${bench.path('build.key')}.pub`]
const contract = ['--contract', 'contract.yaml']
const WARNING = /\n! (.*) of what was handed over (?:is|are) not believed: (.*)\n/

function record(key: string, ...more: readonly string[]): void {
  const step = ['record', '--step', 'build', '--no-git', '--key', bench.path(`${key}.key`), '--products', 'app']
  expect(bench.cli(cwd, [...step, ...more]).code).toBe(0)
}

/** The line of a step, with another signature of the same form. */
function forged(line: string): string {
  const bundle = JSON.parse(line) as { dsseEnvelope: { signatures: { sig: string }[] } }
  const [signature] = bundle.dsseEnvelope.signatures
  const bytes = Buffer.from(signature!.sig, 'base64')
  bytes[9]! ^= 1
  signature!.sig = bytes.toString('base64')
  return JSON.stringify(bundle)
}

beforeAll(() => {
  for (const name of ['build', 'stranger'])
    expect(bench.cli(cwd, ['key', 'new', bench.path(`${name}.key`), '--type', 'ed25519']).code).toBe(0)
  const pem = readFileSync(`${bench.path('build.key')}.pub`, 'utf8')
    .trim()
    .replaceAll('\n', '\n    ')
  const head = `contract: v1\npipeline: p\nrevision: 1\nsigners:\n  build: |\n    ${pem}\n`
  writeFileSync(`${cwd}/contract.yaml`, `${head}steps:\n  build: { signers: [build], products: [app] }\nfinal: build\n`)
  writeFileSync(`${cwd}/app`, 'app\n')
  record('build', ...contract)
})
afterAll(() => bench.remove())

test('a line that was changed is told beside a verdict that stays; one of a stranger is not', () => {
  const commands = [
    ['verify', 'app', ...trust],
    ['verify', 'app', ...contract],
    ['gate', 'app', ...contract],
    ['tree', 'app', ...trust],
    ['tree', 'app', ...contract],
  ]
  const good = readFileSync(chain, 'utf8')
  const strange = bench.path('strange.jsonl')
  record('stranger', '--pipeline', 'other', '--chain-out', strange)
  appendFileSync(chain, readFileSync(strange, 'utf8'))
  for (const command of commands) {
    const { code, out } = bench.cli(cwd, command)
    expect(code).toBe(0)
    expect(out).not.toMatch(WARNING)
  }
  const changed = forged(good.split('\n')[0]!)
  appendFileSync(chain, `${changed}\n`)
  for (const command of commands) {
    const { code, out } = bench.cli(cwd, command)
    expect(code).toBe(0)
    const [, count, why] = WARNING.exec(out) ?? []
    expect([command[0], count, why]).toEqual([
      command[0],
      '1 line',
      "signature-invalid: the signature named as build's does not verify",
    ])
  }
  writeFileSync(chain, `${changed}\n`)
  const failed = bench.cli(cwd, ['verify', 'app', ...trust])
  expect(failed.code).toBe(1)
  expect(failed.out).not.toMatch(WARNING)
  expect(failed.out).toContain('Did not verify, and so did not count:\n  signature-invalid: ')
})
