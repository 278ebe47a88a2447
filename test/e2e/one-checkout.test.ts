import { execFileSync } from 'node:child_process'
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Bench } from './cli.ts'

const bench = new Bench()
afterAll(() => bench.remove())

const git = (cwd: string, args: readonly string[]) => execFileSync('git', args, { cwd })

test('what steps before made in the same checkout is no source of the next, as long as it is as they made it', () => {
  const cwd = bench.checkout('shared', { 'main.js': 'console.log(1)\n' })
  const key = bench.path('a.key')
  expect(bench.cli(cwd, ['key', 'new', key]).code).toBe(0)
  const step = (name: string, names: readonly string[], command: string) =>
    bench.cli(cwd, ['run', '--step', name, '--pipeline', 'p', '--key', key, ...names, '--', 'sh', '-c', command])
  const made = ['--products', 'app', 'out/']
  expect(step('build', made, 'cp main.js app; mkdir out; cp main.js out/x').code).toBe(0)
  expect(step('pack', ['--materials', 'app', '--products', 'rel'], '(cat app; echo rel) > rel').code).toBe(0)
  expect(step('deploy', ['--materials', 'rel'], 'true')).toMatchObject({ code: 0 })
  expect(bench.cli(cwd, ['verify', 'rel', '--trust', `${key}.pub`]).code).toBe(0)

  const later = () => step('notify', ['--materials', 'rel'], 'true')
  // A tree is what is in it.
  appendFileSync(join(cwd, 'out', 'x'), 'more')
  expect(later()).toMatchObject({
    code: 1,
    err: expect.stringMatching(/changed in the checkout: out\/x\n.*its --products.*\.gitignore/) as string,
  })
  writeFileSync(join(cwd, 'out', 'x'), 'console.log(1)\n')
  // What nobody made is refused whatever lies beside it.
  writeFileSync(join(cwd, 'planted'), 'of nobody')
  expect(later()).toMatchObject({ code: 1, err: expect.stringContaining('planted') as string })
})

test('what a run before left in the checkout is told where a run begins, and where a step finds it gone', () => {
  const cwd = bench.checkout('again', { 'main.js': 'console.log(1)\n' })
  const key = bench.path('b.key')
  expect(bench.cli(cwd, ['key', 'new', key]).code).toBe(0)
  const step = (name: string, names: readonly string[], command: string) =>
    bench.cli(cwd, ['run', '--step', name, '--pipeline', 'p', '--key', key, ...names, '--', 'sh', '-c', command])
  const build = () => step('build', ['--products', 'app'], 'date +%N > app')
  const pack = () =>
    step('pack', ['--materials', 'app', '--products', 'out/rel'], 'mkdir -p out; (cat app; echo) > out/rel')
  const first = build()
  expect(first.code).toBe(0)
  expect(first.err).not.toContain('a run before')
  expect(pack().code).toBe(0)

  expect(build()).toMatchObject({
    code: 0,
    err: expect.stringMatching(/! out\/rel, left here by a run before, is of the source.*git clean -fdx/) as string,
  })
  expect(pack()).toMatchObject({
    code: 1,
    err: expect.stringMatching(
      /material-swapped: material source .*\n.*\n.*fix  Step build began in a checkout/,
    ) as string,
  })

  // As it says, so it works.
  git(cwd, ['clean', '-qfdx'])
  expect(build()).toMatchObject({ code: 0, err: expect.not.stringContaining('a run before') as string })
  expect(pack().code).toBe(0)
  writeFileSync(join(cwd, '.gitignore'), 'app\nout/\n*.chain.jsonl\n')
  git(cwd, ['add', '.gitignore'])
  git(cwd, ['-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '-qm', 'ignore'])
  expect([build(), pack(), build(), pack()].map(({ code }) => code)).toEqual([0, 0, 0, 0])
})
