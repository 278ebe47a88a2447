import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contractFor, World } from '../action/world.ts'
import { Bench } from '../e2e/cli.ts'

const WORKFLOW = `
on: push
jobs:
  build:
    steps:
      - uses: actions/checkout@v4
      - uses: actions/cache@v4
        with:
          path: |
            deps
            ~/.npm
          key: deps
      - uses: countersign/countersign@v1
`

const bench = new Bench()
let world: World
let origin: string
beforeAll(async () => {
  world = await World.start(bench)
  origin = world.repository('cached', {
    'main.js': 'ship()\n',
    '.gitignore': 'deps\ndist\n',
    '.github/workflows/ci.yml': WORKFLOW,
  })
})
afterAll(async () => {
  await world.stop()
  bench.remove()
})

/** A job that finds a cache in its workspace and in its home, as `actions/cache` leaves them. */
function restored(run: number) {
  world.run = run
  const job = world.job({ origin, name: `build-${run}`, job: 'build' })
  for (const place of [join(job.workspace, 'deps'), join(job.temp, '.npm')]) {
    mkdirSync(place, { recursive: true })
    writeFileSync(join(place, 'left-pad.js'), 'steal()\n')
  }
  return job
}

describe('T-02: a cache that somebody else filled', () => {
  test('is a material of the step, in the workspace and outside of it', async () => {
    const job = restored(1)
    expect((await job.main()).code).toBe(0)
    // A cache grows while it is used: that is no fault.
    writeFileSync(join(job.workspace, 'deps', 'more.js'), 'x')
    const ended = await job.post()
    expect(ended.code, ended.log).toBe(0)
    const { predicate } = await world.stored(ended.outputs['link']!)
    expect(predicate.materials).toMatchObject([
      { name: 'deps/', uri: 'actions-cache:deps', annotations: { from: null } },
      { name: 'cache/.npm/', uri: 'actions-cache:~%2F.npm', annotations: { from: null } },
    ])
  })

  test('is refused under a contract that does not name it; the same job without it is not', async () => {
    await world.publish(bench.write('contract.yaml', await contractFor(world, 'acme/widget', ['build'])))
    const poisoned = await restored(2).main()
    expect(poisoned.code).toBe(1)
    expect(poisoned.annotations.join()).toContain('material-unexplained')
    world.run = 3
    const clean = await world.job({ origin, name: 'clean', job: 'build' }).main()
    expect(clean.code, clean.log).toBe(0)
  })

  test('nor may anything else lie in the checkout that nobody committed', async () => {
    world.run = 4
    const job = world.job({ origin, name: 'planted', job: 'build' })
    writeFileSync(join(job.workspace, 'planted.js'), 'steal()\n')
    const began = await job.main()
    expect(began.code).toBe(1)
    expect(began.annotations.join()).toContain('planted.js')
  })
})
