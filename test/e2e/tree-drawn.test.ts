import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { Bench } from './cli.ts'

const bench = new Bench()
afterAll(() => bench.remove())
const cwd = bench.dir('shop')
const key = bench.path('ci.key')
const spool = bench.path('spool')
const step = (name: string, more: readonly string[], command: string) => {
  const args = ['run', '--json', '--step', name, '--pipeline', 'p', '--no-git', '--key', key, ...more]
  return bench.cli(cwd, [...args, '--', 'sh', '-c', command], { COUNTERSIGN_SPOOL: spool })
}

test('a tree shows a step that failed as one, and jobs by their keys; a chain id is named whole', () => {
  expect(bench.cli(cwd, ['key', 'new', key]).code).toBe(0)
  expect(step('source', ['--products', 's'], 'echo s > s').code).toBe(0)
  const jobs = ['linux', 'mac'].map((job) => {
    expect(step('test', ['--matrix', job, '--materials', 's', '--products', job], `echo ${job} > ${job}`).code).toBe(0)
    return readFileSync(bench.path('shop', `${job}.chain.jsonl`), 'utf8')
  })
  expect(step('pack', ['--materials', 'linux', 'mac'], 'exit 9').code).toBe(9)
  const [failed] = readdirSync(spool).map((name) => readFileSync(bench.path('spool', name), 'utf8'))
  bench.write('shop/all.chain.jsonl', `${jobs.join('')}${failed}\n`)

  const tree = (...more: readonly string[]) =>
    bench.cli(cwd, ['tree', 'all.chain.jsonl', '--trust', `${key}.pub`, ...more])
  const drawn = tree()
  expect(drawn).toMatchObject({ code: 0, out: expect.stringMatching(/✗ pack {2}failed \(exit 9\) /) as string })
  expect(drawn.out).toMatch(/✗ pack.* joins test \(linux\), test \(mac\)\n/)
  expect(drawn.out).toMatch(/✓ test \(linux\) {2}[^f]/)
  const steps = JSON.parse(tree('--format', 'json').out) as { name: string; chain: string; failed: string | null }[]
  expect(Object.fromEntries(steps.map(({ name, failed: how }) => [name, how]))).toEqual({
    source: null,
    'test (linux)': null,
    'test (mac)': null,
    pack: 'exit 9',
  })

  const short = bench.cli(cwd, ['tree', steps[0]!.chain.slice(0, 12)])
  expect(short).toMatchObject({ code: 2, err: expect.stringMatching(/usage: .*too short for a chain id/) as string })
})
