import { readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { Bench } from './cli.ts'

const bench = new Bench()
afterAll(() => bench.remove())

test('that the contract does not let this key sign is told before the command runs, which it may all the same', () => {
  const cwd = bench.checkout('shop', { 'main.js': 'console.log(1)\n' })
  for (const name of ['ci', 'mine']) expect(bench.cli(cwd, ['key', 'new', bench.path(`${name}.key`)]).code).toBe(0)
  const spki = readFileSync(`${bench.path('ci.key')}.pub`, 'utf8').replaceAll(/-----[^-]+-----|\n/g, '')
  const text = `contract: v1\npipeline: p\nrevision: 1\nsigners: { ci: ${spki} }\nsteps:\n  build: { signers: [ci], products: [app] }\nfinal: build\n`
  const contract = bench.write('c.yaml', text)
  const run = (key: string, ...more: readonly string[]) => {
    const options = ['--step', 'build', '--key', bench.path(key), '--contract', contract, '--products', 'app']
    // What the command says comes after it, on the same stream.
    return bench.cli(cwd, ['run', ...options, ...more, '--', 'sh', '-c', 'cp main.js app; echo running >&2'])
  }

  const told = /^! step build may be signed by ci, not by key [0-9a-f]{16}…: .*\(signer-not-allowed\)\n/
  const mine = run('mine.key')
  expect([mine.code, mine.err]).toEqual([0, expect.stringMatching(told)])
  expect(mine.err.indexOf('signer-not-allowed')).toBeLessThan(mine.err.indexOf('running'))
  expect(mine.err.match(/signer-not-allowed/g)).toHaveLength(1)

  const json = run('mine.key', '--json', '--attempt', '2')
  const document = JSON.parse(json.err.slice(json.err.indexOf('{'))) as { warnings: string[] }
  expect([json.code, document.warnings]).toEqual([0, [expect.stringContaining('signer-not-allowed')]])

  const own = run('ci.key', '--attempt', '3')
  expect([own.code, own.err.includes('signer-not-allowed')]).toEqual([0, false])
})
