import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Bench } from './cli.ts'

const bench = new Bench()
const key = (name: string) => bench.path(`${name}.key`)
const trust = ['--trust', `build=${key('build')}.pub`]

beforeAll(() => {
  expect(bench.cli(bench.root, ['key', 'new', key('build')]).code).toBe(0)
})
afterAll(() => bench.remove())

describe('bad input ends in a coded error', () => {
  const cases: [string, readonly string[], number][] = [
    ['no command', ['run', '--step', 'x', '--key', 'K'], 2],
    ['no step', ['run', '--', 'true'], 2],
    ['a step that is no name', ['run', '--step', '../x', '--key', 'K', '--', 'true'], 2],
    ['an attempt that is no number', ['run', '--step', 'x', '--attempt', '0', '--key', 'K', '--', 'true'], 2],
    ['no key', ['run', '--step', 'x', '--', 'true'], 2],
    ['a key that is not there', ['run', '--step', 'x', '--key', 'nokey', '--', 'true'], 1],
    ['a material that is not there', ['run', '--step', 'x', '--key', 'K', '--materials', 'nothing', '--', 'true'], 1],
    [
      'a path out of the directory',
      ['run', '--step', 'x', '--key', 'K', '--materials', '../build.key', '--', 'true'],
      1,
    ],
    ['nothing to record', ['record', '--step', 'x', '--key', 'K', '--pipeline', 'p'], 1],
    ['a chain file of noise', ['verify', 'noise', '--chain', 'noise', '--trust', 'K.pub'], 1],
    ['a contract of noise', ['gate', 'noise', '--contract', 'noise'], 1],
    ['a trusted key of noise', ['verify', 'noise', '--chain', 'K', '--trust', 'noise'], 1],
    [
      'a hand-over token of noise',
      ['record', '--step', 'x', '--key', 'K', '--materials', 'noise', '--pipeline', 'p'],
      1,
    ],
    ['an artifact that is not there', ['verify', 'nothing'], 2],
    ['a contract that is not there', ['gate', 'noise', '--contract', 'nope.yaml'], 2],
    ['a contract to lint that is not there', ['contract', 'lint', 'nope.yaml'], 2],
    ['a contract to compare that is not there', ['contract', 'diff', 'nope.yaml', 'noise'], 2],
    ['a contract to replay that is not there', ['contract', 'replay', 'nope.yaml'], 2],
    [
      'an attestation that is not there',
      ['import', 'noise', '--step', 'x', '--from', 'nope.json', '--attester-key', 'K.pub'],
      2,
    ],
    ['inspecting noise', ['inspect', 'noise'], 1],
    ['a gate on an empty name', ['gate', ''], 2],
    ['verifying an empty name', ['verify', '', '--trust', 'K.pub'], 2],
    ['a tree of an empty name', ['tree', '', '--trust', 'K.pub'], 2],
    ['an unknown code', ['explain', 'nonsense'], 2],
    ['an unknown command', ['frobnicate'], 2],
    ['no server', ['upload'], 2],
  ]
  test.each(cases)('%s', (_what, args, code) => {
    const cwd = bench.dir('bad')
    if (!existsSync(join(cwd, 'K'))) bench.cli(cwd, ['key', 'new', 'K'])
    writeFileSync(join(cwd, 'noise'), '{"a":1,"a":2}\u0000\n')
    const env = args.includes('noise') && args[0] === 'record' ? { COUNTERSIGN_CHAIN: 'cs1.zzz' } : {}
    const ran = bench.cli(cwd, args, env)
    expect({ code: ran.code, said: ran.err }).toEqual({ code, said: expect.stringMatching(/\S/) as string })
    if (args[1] === '') expect(ran.err).toContain('usage: the name of the artifact is empty')
    if (args[0] === 'inspect') expect(ran.err).toContain('chain-file-invalid: noise: line 1: ')
    expect(ran.out + ran.err).not.toMatch(/\n\s+at .*[:(]\d+|node:internal|TypeError|undefined/)
  })

  test('a server that is not there: the step waits in the spool, nothing is lost', () => {
    const cwd = bench.checkout('down', { 'a.txt': 'a\n' })
    const env = {
      COUNTERSIGN_URL: 'http://127.0.0.1:9',
      COUNTERSIGN_TOKEN: 'cst_a_b',
      COUNTERSIGN_SPOOL: bench.path('spool'),
    }
    const ran = bench.cli(
      cwd,
      ['run', '--step', 'build', '--pipeline', 'p', '--key', key('build'), '--products', 'a.txt', '--', 'true'],
      env,
    )
    expect(ran.code).toBe(0)
    expect(ran.err).toContain('spool')
    expect(readdirSync(bench.path('spool')).filter((name) => name.endsWith('.json'))).toHaveLength(1)
    expect(bench.cli(cwd, ['verify', 'a.txt'], { ...env, COUNTERSIGN_SPOOL: '' }).code).toBe(2)
  })

  test('a spool that cannot be written: the step is not lost without a word, nor the time', () => {
    const cwd = bench.checkout('spoolless', { 'a.txt': 'a\n' })
    writeFileSync(join(cwd, 'file'), '')
    const args = ['run', '--step', 'build', '--pipeline', 'p', '--key', key('build'), '--products', 'b.txt', '--']
    const homes = existsSync('/proc/1') ? ['/proc/1/nope', join(cwd, 'file')] : [join(cwd, 'file')]
    for (const HOME of homes) {
      rmSync(join(cwd, 'b.txt.chain.jsonl'), { force: true })
      const env = { COUNTERSIGN_URL: 'http://127.0.0.1:9', COUNTERSIGN_TOKEN: 'cst_a_b', HOME }
      const ran = bench.cli(cwd, [...args, 'touch', 'b.txt'], env)
      expect(ran.code).toBe(1)
      expect(ran.err).toMatch(/file-write-failed: .*server-unreachable.*it is in b\.txt\.chain\.jsonl alone/)
      expect(ran.err).toMatch(/fix .*COUNTERSIGN_SPOOL/)
      expect(bench.cli(cwd, ['verify', 'b.txt', ...trust]).code).toBe(0)
      const failed = bench.cli(cwd, [...args, 'sh', '-c', 'exit 5'], env)
      expect(failed.code).toBe(5)
      expect(failed.err).toMatch(/file-write-failed: .*it is lost\n[^]*COUNTERSIGN_SPOOL/)
      // Nor can its chain be written, beside one of its products or beside all.
      mkdirSync(join(cwd, 'c.txt.chain.jsonl'), { recursive: true })
      const both = bench.cli(cwd, [...args.slice(0, -1), 'c.txt', '--', 'touch', 'b.txt', 'c.txt'], env)
      expect(both.code).toBe(1)
      expect(both.err).toMatch(
        /server-unreachable.*nor could its chain be written .*it is in b\.txt\.chain\.jsonl alone/,
      )
      const lost = bench.cli(cwd, [...args.map((one) => (one === 'b.txt' ? 'c.txt' : one)), 'touch', 'c.txt'], env)
      expect(lost.err).toMatch(/server-unreachable.*nor could its chain be written .*it is lost/)
    }
  })
})

test.each([
  ['a contract', ['gate', 'f', '--contract', 'cut'], /^✗ contract-empty: cut: line 1: /],
  ['evidence', ['verify', '--evidence', 'cut'], /^✗ json-invalid: cut: /],
])('what cannot be read as %s is named', (_what, args, said) => {
  const cwd = bench.dir('cut')
  writeFileSync(join(cwd, 'f'), 'f')
  writeFileSync(join(cwd, 'cut'), '')
  expect(bench.cli(cwd, args)).toMatchObject({ code: 1, err: expect.stringMatching(said) as string })
})

test('a chain file that cannot be written: where the step is, is said', () => {
  const cwd = bench.checkout('unwritable', { 'a.txt': 'a\n' })
  mkdirSync(join(cwd, 'b.txt.chain.jsonl'))
  const args = ['run', '--step', 'build', '--pipeline', 'p', '--key', key('build'), '--products', 'b.txt', '--']
  const spool = bench.path('other-spool')
  const run = (env: Readonly<Record<string, string>>) => bench.cli(cwd, [...args, 'touch', 'b.txt'], env)
  const ran = run({ COUNTERSIGN_SPOOL: spool })
  expect(ran).toMatchObject({ code: 1, err: expect.stringMatching(/file-write-failed: .*; the step is in /) as string })
  expect(ran.err).toContain(`the step is in ${spool}`)
  expect(readdirSync(spool)).toHaveLength(1)
  writeFileSync(join(cwd, 'file'), '')
  const lost = run({ COUNTERSIGN_SPOOL: join(cwd, 'file') })
  expect(lost).toMatchObject({
    code: 1,
    err: expect.stringMatching(/nor could its chain be written .*; it is lost/) as string,
  })
})

describe('what is named wrongly is refused before the command runs', () => {
  const long = 'p'.repeat(129)
  beforeAll(() => void bench.checkout('named-git', { f: 'f' }))
  test.each<[string, readonly string[], Readonly<Record<string, string>>, RegExp]>([
    ['a pipeline of the environment', [], { COUNTERSIGN_PIPELINE: 'My Project' }, /COUNTERSIGN_PIPELINE My Project is/],
    ['a long one', [], { COUNTERSIGN_PIPELINE: long }, /COUNTERSIGN_PIPELINE p+… is not a name/],
    ['a pipeline', ['--pipeline', 'My Project'], {}, /--pipeline My Project is not a name \(1 to 128 /],
    ['a long one as an option', ['--pipeline', long], {}, /--pipeline p+… is not a name/],
    ['no pipeline', ['--pipeline', ''], { COUNTERSIGN_PIPELINE: 'p' }, /--pipeline {2}is not a name/],
    [
      'an attempt beyond all',
      ['--attempt', '1000001'],
      { COUNTERSIGN_PIPELINE: 'p' },
      /--attempt is not a number from/,
    ],
    ['no chain file', ['--chain-out', ''], { COUNTERSIGN_PIPELINE: 'p' }, /--chain-out names no file/],
    [
      'a directory for its chain file',
      ['--chain-out', '.'],
      { COUNTERSIGN_PIPELINE: 'p' },
      /--chain-out \. is a directory/,
    ],
    ...['/abs/path', '../x', 'a\\b', '', 'C:x', 'a\nb', '/abs/*'].flatMap((name) =>
      ['products', 'evidence'].map((kind): [string, readonly string[], Readonly<Record<string, string>>, RegExp] => [
        `the ${kind} ${JSON.stringify(name)}`,
        [`--${kind}`, 'fine', name],
        { COUNTERSIGN_PIPELINE: 'p' },
        new RegExp(`--${kind}: pa`),
      ]),
    ),
  ])('%s', (_what, args, env, said) => {
    for (const cwd of [bench.dir('named'), bench.path('named-git')]) {
      writeFileSync(join(cwd, 'f'), 'f')
      const git = existsSync(join(cwd, '.git')) ? [] : ['--no-git']
      const step = ['run', '--step', 'd', ...git, '--key', key('build'), '--materials', 'f', ...args]
      const ran = bench.cli(cwd, [...step, '--', 'touch', 'ran'], env)
      expect(ran).toMatchObject({ code: 2, err: expect.stringMatching(/^✗ usage: /) as string })
      expect(ran.err).toMatch(said)
      expect(existsSync(join(cwd, 'ran'))).toBe(false)
    }
  })

  test('more arguments than are recorded', () => {
    const cwd = bench.dir('named')
    const step = ['run', '--step', 'd', '--pipeline', 'p', '--no-git', '--key', key('build'), '--materials', 'f', '--']
    const words = (count: number) => ['touch', 'ran', ...Array.from({ length: count - 2 }, () => 'ran')]
    const ran = bench.cli(cwd, [...step, ...words(10_001)])
    expect(ran).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^✗ usage: the command has 10001 words/) as string,
    })
    expect(existsSync(join(cwd, 'ran'))).toBe(false)
    expect(bench.cli(cwd, [...step, ...words(10_000)]).code).toBe(0)
  })
})
