import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { World } from '../action/world.ts'
import { Bench } from '../e2e/cli.ts'

const [REVIEWED, EVIL, PIN, IMAGE] = ['a'.repeat(40), 'e'.repeat(40), 'b'.repeat(40), `sha256:${'d'.repeat(64)}`]
const WORKFLOW = `
on: push
jobs:
  build:
    steps:
      - uses: actions/checkout@${PIN} # v4
      - uses: tj/changed-files@v35
      - uses: ./tools/lint
      - uses: docker://alpine@${IMAGE}
  reuse:
    uses: ./.github/workflows/deploy.yml
`
const FILES = {
  '.github/workflows/ci.yml': WORKFLOW,
  '.github/workflows/deploy.yml': `jobs: { go: { uses: acme/flows/.github/workflows/go.yml@main } }\n`,
  'tools/lint/action.yml': `runs: { using: composite, steps: [{ uses: acme/lint@v2 }] }\n`,
}

const bench = new Bench()
let world: World
let origin: string
beforeAll(async () => {
  world = await World.start(bench)
  origin = world.repository('tags', FILES)
})
afterAll(async () => {
  await world.stop()
  bench.remove()
})

describe('T-01: the tag of an action is moved to other code', () => {
  const job = (run: number, name: string, more = {}) => {
    world.run = run
    world.tags.set('tj/changed-files@v35', REVIEWED).set('acme/flows@main', REVIEWED)
    return world.job({ origin, name: `${name}-${run}`, job: name, with: more })
  }

  test('every action is recorded by its commit, those that local files use too', async () => {
    const build = job(1, 'build')
    expect((await build.main()).code).toBe(0)
    const { outputs, code, log } = await build.post()
    expect(code, log).toBe(0)
    const { predicate } = await world.stored(outputs['link']!)
    expect(predicate.runner.actions).toEqual({
      [`actions/checkout@${PIN}`]: PIN,
      'tj/changed-files@v35': REVIEWED,
      [`docker://alpine@${IMAGE}`]: IMAGE,
      'acme/flows/.github/workflows/go.yml@main': REVIEWED,
      // GitHub did not tell, and that is said.
      'acme/lint@v2': 'unresolved',
    })
  })

  test.each([
    ['denied where it moved since the step before', EVIL, 1],
    // Red control: the same two jobs pass where it did not.
    ['let through where it did not', REVIEWED, 0],
  ])('a job is %s', async (_, now, code) => {
    const run = 10 + code
    const build = job(run, 'build')
    await build.main()
    expect((await build.post()).code).toBe(0)
    const deploy = job(run, 'deploy')
    world.tags.set('tj/changed-files@v35', now)
    const began = await deploy.main()
    expect(began.code, began.log).toBe(code)
    expect(began.annotations.join().includes('action-moved')).toBe(code === 1)
  })

  test.each([
    ['refuses names that can be moved', FILES, 'action-unpinned'],
    [
      'takes commits and digests',
      { '.github/workflows/ci.yml': `jobs: { build: { steps: [{ uses: a/b@${PIN} }] } }\n` },
      null,
    ],
  ])('require-pinned-actions %s', async (_, files, code) => {
    world.run = code === null ? 20 : 21
    const pinned = world.repository(`pinned-${world.run}`, files)
    const build = world.job({
      origin: pinned,
      name: `pinned-${world.run}`,
      job: 'build',
      with: { 'require-pinned-actions': 'true' },
    })
    const began = await build.main()
    expect(began.code, began.log).toBe(code === null ? 0 : 1)
    if (code !== null) expect(began.annotations.join()).toContain(code)
  })

  test('a workflow file of noise stops nothing and names nothing', async () => {
    for (const [i, noise] of ['', '[', 'a: &a [*a]', 'jobs: { x: { steps: 3 } }', '\0'].entries()) {
      const build = job(30 + i, 'build')
      writeFileSync(join(build.workspace, '.github', 'workflows', 'ci.yml'), noise)
      expect((await build.main()).code).toBe(0)
    }
  })
})
