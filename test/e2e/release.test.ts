import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { contractFor, World } from '../action/world.ts'
import { Bench } from './cli.ts'

const bench = new Bench()
const RELEASE = readFileSync(join(import.meta.dirname, '..', '..', '.github', 'workflows', 'release.yml'), 'utf8')
const PIPELINE = 'countersign/release'
let world: World
beforeAll(async () => {
  world = await World.start(bench)
})
afterAll(async () => {
  await world.stop()
  bench.remove()
})

/** What a job of our release gives the action. */
function given(name: string): Record<string, string> {
  const { jobs } = parse(RELEASE) as { jobs: Record<string, { steps: { uses?: string; with?: object }[] }> }
  const { with: inputs = {} } = jobs[name]!.steps.find(({ uses }) => uses === './')!
  return Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, String(value)]))
}

test('our own release is a chain: tested, built of what was tested, and verified before it is published', async () => {
  const origin = world.repository('countersign', {
    'package.json': '{}\n',
    '.gitignore': 'node_modules\nout\n',
    '.github/workflows/release.yml': RELEASE,
  })
  const lines = await contractFor(world, PIPELINE, ['test', 'build'])
  // The first step makes nothing; the second what is released.
  const made = lines
    .replace('    products: ["dist/**"]\n', '')
    .replace('[test]\n', '[test]\n    products: [out/countersign.tgz]\n')
  const contract = bench.write('contract.yaml', made)
  await world.publish(contract)
  const environment = { GITHUB_WORKFLOW_REF: 'acme/widget/.github/workflows/release.yml@refs/tags/v1.0.0' }
  const job = (name: string, more: Record<string, string> = {}) =>
    world.job({ origin, name, job: name, environment, with: { ...given(name), ...more } })

  const tested = job('test')
  const begun = await tested.main()
  expect(begun.code, begun.log).toBe(0)
  mkdirSync(join(tested.workspace, 'node_modules'))
  const end = await tested.post()
  expect(end.code, end.log).toBe(0)

  const built = job('build')
  expect((await built.main()).code).toBe(0)
  const archive = join(built.workspace, 'out', 'countersign.tgz')
  mkdirSync(join(built.workspace, 'out'))
  writeFileSync(archive, 'the release')
  const ended = await built.post()
  expect(ended.code, ended.log).toBe(0)
  const { predicate } = await world.stored(ended.outputs['link']!)
  expect(Object.values(predicate.runner.actions).every((commit) => /^[0-9a-f]{40}$/.test(commit))).toBe(true)

  const verified = job('verify', { contract })
  mkdirSync(join(verified.workspace, 'out'))
  cpSync(archive, join(verified.workspace, 'out', 'countersign.tgz'))
  const handed = await verified.main()
  expect(handed.code, handed.log + handed.summary).toBe(0)
  expect(handed.outputs['verdict']).toBe('pass')
  writeFileSync(join(verified.workspace, 'out', 'countersign.tgz'), 'another release')
  expect((await verified.main()).code).toBe(1)
})
