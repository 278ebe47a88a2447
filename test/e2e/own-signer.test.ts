import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { Bench } from './cli.ts'

const bench = new Bench()
afterAll(() => bench.remove())

const cwd = bench.checkout('shop', { 'main.js': 'console.log(1)\n' })
for (const name of ['ci', 'mine']) bench.cli(cwd, ['key', 'new', bench.path(`${name}.key`)])
const spki = readFileSync(`${bench.path('ci.key')}.pub`, 'utf8').replaceAll(/-----[^-]+-----|\n/g, '')
const contract = bench.write(
  'c.yaml',
  `contract: v1\npipeline: p\nrevision: 1\nsigners: { ci: ${spki} }\nsteps:\n  build: { signers: [ci], products: [app, "out-*"] }\nfinal: build\n`,
)
let attempt = 0
const run = (key: string, command: string, ...more: readonly string[]) => {
  const options = ['--step', 'build', '--key', bench.path(key), '--contract', contract, '--attempt', `${++attempt}`]
  return bench.cli(cwd, ['run', ...options, '--products', 'app', 'out*', ...more, '--', 'sh', '-c', command])
}
const warningsIn = (err: string) => (JSON.parse(err.slice(err.indexOf('{'))) as { warnings: string[] }).warnings
const GOOD = 'rm -f out*; cp main.js app; cp main.js out-1'
const OTHER = `${GOOD}; mv out-1 out1`

describe('a contract at hand', () => {
  test('that does not let this key sign: told before the command runs, which it may all the same', () => {
    const told = /^! step build may be signed by ci, not by key [0-9a-f]{16}…: .*\(signer-not-allowed\)\n/
    // What the command says comes after it, on the same stream.
    const mine = run('mine.key', `${GOOD}; echo running >&2`)
    expect([mine.code, mine.err]).toEqual([0, expect.stringMatching(told)])
    expect(mine.err.indexOf('signer-not-allowed')).toBeLessThan(mine.err.indexOf('running'))
    expect(mine.err.match(/signer-not-allowed/g)).toHaveLength(1)

    const json = run('mine.key', GOOD, '--json')
    expect([json.code, warningsIn(json.err)]).toEqual([0, [expect.stringContaining('signer-not-allowed')]])
    const own = run('ci.key', GOOD)
    expect([own.code, own.err.includes('!')]).toEqual([0, false])
  })

  test('that will refuse what was made: told with the record, where no server says so', () => {
    const lacking = run('ci.key', OTHER)
    expect(lacking).toMatchObject({
      code: 0,
      err: expect.stringMatching(/! .* did not make out-\*: .*\(product-missing\)\n/),
    })
    const many = 'for i in 1 2 3 4 5 6 7 8 9; do echo $i > out$i; done'
    const strange = warningsIn(run('ci.key', `${GOOD}; ${many}`, '--json').err)
    expect(strange).toHaveLength(9)
    expect(strange[0]).toMatch(/^step build made out1, .*\(product-unexpected\)$/)
    expect(strange.at(-1)).toBe('and 1 more')
    // Of a command that failed nobody expects anything.
    expect(run('ci.key', 'exit 7')).toMatchObject({ code: 7, err: expect.not.stringContaining('!') as string })
  })

  test('says nothing of evidence that is sealed: whoever is told it judges it', () => {
    expect(run('ci.key', OTHER, '--seal', 'evidence')).toMatchObject({
      code: 0,
      err: expect.not.stringContaining('!') as string,
    })
  })
})
