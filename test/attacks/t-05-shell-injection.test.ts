import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { World } from '../action/world.ts'
import { Bench } from '../e2e/cli.ts'

const bench = new Bench()
let world: World
let origin: string
beforeAll(async () => {
  world = await World.start(bench)
  origin = world.repository('shell', { 'main.js': 'ship()\n' })
})
afterAll(async () => {
  await world.stop()
  bench.remove()
})

const HOSTILE = [
  '$(touch pwned)',
  '`touch pwned`',
  '"; touch pwned; "',
  "'; touch pwned; '",
  'x\ntouch pwned',
  '| touch pwned',
  '&& touch pwned',
]
const INPUTS = [
  'step',
  'matrix',
  'pipeline',
  'materials',
  'products',
  'subject-name',
  'contract',
  'chain',
  'working-directory',
] as const

/** All of them: where one were run, it would leave a file. */
const ALL = HOSTILE.join(' ')

describe('T-05: texts that a shell would run', () => {
  const untouched = (workspace: string) => expect(existsSync(join(workspace, 'pwned'))).toBe(false)

  test.each(INPUTS)('as %s are never run', async (name) => {
    world.run++
    const job = world.job({ origin, name: `in-${name}`, job: 'build', with: { [name]: ALL } })
    if ((await job.main()).code === 0) await job.post()
    untouched(job.workspace)
  })

  test('nor as branch, workflow, job or actor', async () => {
    world.run++
    const names = ['REF', 'HEAD_REF', 'WORKFLOW_REF', 'JOB', 'ACTOR', 'EVENT_NAME', 'REF_NAME', 'WORKFLOW']
    const environment = Object.fromEntries(names.map((name) => [`GITHUB_${name}`, ALL]))
    const job = world.job({ origin, name: 'around', job: 'build', environment, with: { step: 'build' } })
    const began = await job.main()
    expect(began.code, began.log).toBe(0)
    expect((await job.post()).code).toBe(0)
    untouched(job.workspace)
  })

  test('a command line that reads them from its environment has them as they are', async () => {
    world.run++
    const more = { run: 'printf %s "$TITLE" > title.txt', products: 'title.txt' }
    const job = world.job({ origin, name: 'title', job: 'build', environment: { TITLE: ALL }, with: more })
    const ran = await job.main()
    expect(ran.code, ran.log).toBe(0)
    expect(readFileSync(join(job.workspace, 'title.txt'), 'utf8')).toBe(ALL)
    untouched(job.workspace)
  })

  test('red control: put into a script as workflows do it, each of them runs', () => {
    for (const [i, hostile] of HOSTILE.entries()) {
      const cwd = bench.dir(`control-${i}`)
      const quote = hostile.startsWith("'") ? "'" : '"'
      const text = hostile.startsWith('|') || hostile.startsWith('&') ? hostile : `${quote}${hostile}${quote}`
      spawnSync('sh', ['-c', `echo ${hostile.includes('\n') ? hostile : text}`], { cwd })
      expect(existsSync(join(cwd, 'pwned')), hostile).toBe(true)
    }
  })
})
