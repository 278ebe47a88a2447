import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JobWorld } from '../action/runner.ts'
import { contractFor, World } from '../action/world.ts'
import { Bench } from './cli.ts'

const bench = new Bench()
let world: World
beforeAll(async () => {
  world = await World.start(bench)
})
afterAll(async () => {
  await world.stop()
  bench.remove()
})

/** What a stranger has, and the three lines that were added: permissions, uses, the server. */
const WORKFLOW = `
on: push
permissions: { contents: read, id-token: write }
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: countersign/countersign@${'c'.repeat(40)}
        with: { server-url: 'https://countersign.example' }
      - run: make
      - uses: actions/upload-artifact@v4
        with: { name: app, path: dist }
  deploy:
    needs: build
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/download-artifact@v4
        with: { name: app, path: incoming }
      - uses: countersign/countersign@${'c'.repeat(40)}
        with: { server-url: 'https://countersign.example' }
      - run: ./deploy incoming/app.tgz
`

describe('a stranger’s workflow of three added lines', () => {
  let origin: string
  let contract: string

  beforeAll(async () => {
    origin = world.repository('shop', {
      'main.js': 'ship()\n',
      '.gitignore': 'dist\n',
      '.github/workflows/ci.yml': WORKFLOW,
    })
    contract = bench.write('contract.yaml', await contractFor(world, 'acme/widget', ['build', 'deploy']))
    await world.publish(contract)
  })

  /** A machine of its own: a checkout, and an environment of this run. */
  const machine = (name: string, job: string, more: Partial<JobWorld> = {}) => world.job({ origin, name, job, ...more })

  test('two jobs on separate checkouts make a chain that the gate accepts', async () => {
    world.run = 7001
    const build = machine('build-1', 'build')
    expect((await build.pre()).log).not.toContain('::error')
    const began = await build.main()
    expect(began.code, began.log).toBe(0)
    mkdirSync(join(build.workspace, 'dist'))
    writeFileSync(join(build.workspace, 'dist', 'app.tgz'), 'the app of 7001')
    const built = await build.post()
    expect(built.code, built.log).toBe(0)
    expect(built.outputs['chain-id']).toBe(began.outputs['chain-id'])
    expect(built.summary).toContain('✅ Countersign')

    const deploy = machine('deploy-1', 'deploy')
    mkdirSync(join(deploy.workspace, 'incoming'))
    cpSync(join(build.workspace, 'dist', 'app.tgz'), join(deploy.workspace, 'incoming', 'app.tgz'))
    expect((await deploy.main()).log).not.toContain('::error')
    const deployed = await deploy.post()
    expect(deployed.code, deployed.log).toBe(0)
    expect(deployed.outputs['chain-id']).toBe(built.outputs['chain-id'])
    expect(deployed.summary).toContain('mermaid')

    const gate = machine('gate-1', 'gate', { with: { mode: 'gate', 'subject-path': 'app.tgz', contract } })
    cpSync(join(deploy.workspace, 'incoming', 'app.tgz'), join(gate.workspace, 'app.tgz'))
    const judged = await gate.main()
    expect(judged.code, judged.log + judged.summary).toBe(0)
    expect(judged.outputs).toMatchObject({ verdict: 'pass' })
    writeFileSync(join(gate.workspace, 'app.tgz'), 'another app')
    const denied = await gate.main()
    expect(denied.code).toBe(1)
    expect(denied.outputs).toMatchObject({ verdict: 'fail' })
    expect(denied.annotations.length).toBeGreaterThan(0)

    const away = machine('handoff-1', 'handoff', { with: { mode: 'handoff', 'subject-path': 'app.tgz', contract } })
    cpSync(join(deploy.workspace, 'incoming', 'app.tgz'), join(away.workspace, 'app.tgz'))
    const handed = await away.main()
    expect(handed.code, handed.log).toBe(0)
    expect(handed.exported['COUNTERSIGN_CHAIN']).toBe(handed.outputs['token'])
    const checked = bench.cli(away.workspace, [
      'verify',
      'app.tgz',
      '--contract',
      contract,
      '--evidence',
      handed.outputs['evidence-path']!,
    ])
    expect(checked.code, checked.out + checked.err).toBe(0)

    const asked = { mode: 'handoff', 'subject-path': 'app.tgz', contract, 'github-attestation': 'true' }
    const given = machine('handoff-github-1', 'handoff', { with: { ...asked, 'github-token': 'job-token' } })
    cpSync(join(deploy.workspace, 'incoming', 'app.tgz'), join(given.workspace, 'app.tgz'))
    const told = await given.main()
    expect(told.code, told.log).toBe(0)
    expect(told.outputs['attestation-url']).toMatch(/\/acme\/widget\/attestations\/101$/)
    expect(world.attestations).toMatchObject([{ path: '/repos/acme/widget/attestations' }])
    expect(world.attestations[0]!.bundle).toEqual(JSON.parse(readFileSync(told.outputs['provenance-path']!, 'utf8')))
    const forbidden = machine('handoff-github-2', 'handoff', { with: { ...asked, 'github-token': 'other' } })
    cpSync(join(deploy.workspace, 'incoming', 'app.tgz'), join(forbidden.workspace, 'app.tgz'))
    const denied2 = await forbidden.main()
    expect(denied2.code).toBe(1)
    expect(denied2.log).toContain('attestations: write')
  })

  test('one changed byte between the jobs stops the second before anything of it runs', async () => {
    world.run = 7002
    const build = machine('build-2', 'build')
    await build.main()
    mkdirSync(join(build.workspace, 'dist'))
    writeFileSync(join(build.workspace, 'dist', 'app.tgz'), 'the app of 7002')
    expect((await build.post()).code).toBe(0)
    const deploy = machine('deploy-2', 'deploy')
    mkdirSync(join(deploy.workspace, 'incoming'))
    writeFileSync(join(deploy.workspace, 'incoming', 'app.tgz'), 'the app of 7002 and more')
    const refused = await deploy.main()
    expect(refused.code).toBe(1)
    expect(refused.log).toContain('material-swapped')
    expect(refused.summary).toContain('❌')
    expect((await deploy.post('failure')).code).toBe(0)
  })

  test.each([
    ['failure', 'job-failed', 7003],
    ['cancelled', 'job-cancelled', 7004],
  ])('a job that ends with %s is recorded, and hands nothing on', async (status, code, run) => {
    world.run = run
    const build = machine(`build-${status}`, 'build')
    expect((await build.main()).code).toBe(0)
    mkdirSync(join(build.workspace, 'dist'))
    writeFileSync(join(build.workspace, 'dist', 'app.tgz'), `half of ${status}`)
    const ended = await build.post(status)
    expect(ended.code, ended.log).toBe(0)
    expect(ended.summary).toContain(code)
    const step = await world.stored(ended.outputs['link']!)
    expect(step.predicate.invocation).toMatchObject({ error: code, argv: null })
    expect(JSON.stringify(step.subject)).not.toContain('app.tgz')
  })

  test('a checkout that is changed while the job runs fails the job (T-08)', async () => {
    world.run = 7005
    const build = machine('build-swapped', 'build')
    expect((await build.main()).code).toBe(0)
    writeFileSync(join(build.workspace, 'main.js'), 'steal()\n')
    const ended = await build.post()
    expect(ended.code).toBe(1)
    expect(ended.annotations.join()).toContain('material-changed')
  })

  test('run wraps one command and gives its exit code', async () => {
    world.run = 7006
    const with_ = {
      step: 'build',
      products: 'dist/app.tgz',
      run: 'mkdir -p dist\nprintf %s "$GITHUB_REF" > dist/app.tgz\nfalse | true',
    }
    const failed = await machine('run-fails', 'build', { with: with_ }).main()
    expect(failed.code, failed.log).toBe(1)
    world.run = 7007
    const good = machine('run-good', 'build', { with: { ...with_, run: with_.run.replace('false | ', '') } })
    const ran = await good.main()
    expect(ran.code, ran.log).toBe(0)
    expect(
      readFileSync(
        ran.outputs['bundle-path']!.startsWith('/')
          ? ran.outputs['bundle-path']!
          : join(good.workspace, ran.outputs['bundle-path']!),
        'utf8',
      ),
    ).toContain('dsseEnvelope')
    expect((await world.stored(ran.outputs['link']!)).predicate.invocation).toMatchObject({ exitCode: 0 })
    // Recorded, and so nothing is left for the end of the job.
    expect((await good.post()).log).toBe('')
  })

  test('a command that is cancelled while it runs is recorded with its signal', async () => {
    world.run = 7009
    const run = 'echo it has begun\nexec sleep 60'
    const job = machine('run-cancelled', 'build', { with: { run, products: 'dist/app.tgz' } })
    const ended = await job.phase('main', 'success', 'it has begun')
    expect(ended.code, ended.log).toBe(130)
    expect((await world.stored(ended.outputs['link']!)).predicate.invocation).toMatchObject({ signal: 'SIGINT' })
  })

  test('another pipeline of the same commit begins a chain of its own', async () => {
    const ends = []
    for (const [i, pipeline] of ['acme/one', 'acme/two'].entries()) {
      world.run = 7100 + i
      const job = machine(`beside-${i}`, `job-${i}`, { with: { pipeline } })
      expect((await job.main()).annotations).toEqual([])
      ends.push(await job.post())
    }
    expect(ends.map(({ code }) => code)).toEqual([0, 0])
    expect(ends[0]!.outputs['chain-id']).not.toBe(ends[1]!.outputs['chain-id'])
  })

  test.each(['pre', 'main'] as const)('%s says which permission is missing, before anything runs', async (phase) => {
    world.run = 7008
    const build = machine(`forbidden-${phase}`, 'build', {
      environment: { ACTIONS_ID_TOKEN_REQUEST_URL: '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' },
    })
    const said = await build.phase(phase)
    expect(said.code).toBe(1)
    expect(said.annotations.join()).toContain('permissions: { id-token: write, contents: read }')
  })

  test('a pull request of a fork, which can have no identity, is let run and is nobody’s step', async () => {
    const event = (fork: boolean) =>
      bench.write(`event-${fork}.json`, JSON.stringify({ pull_request: { head: { repo: { fork } } } }))
    for (const fork of [true, false]) {
      const environment = {
        GITHUB_EVENT_NAME: 'pull_request',
        GITHUB_EVENT_PATH: event(fork),
        ACTIONS_ID_TOKEN_REQUEST_URL: '',
      }
      const job = machine(`fork-${fork}`, 'build', { environment })
      const phases = [await job.pre(), await job.main(), await job.post()]
      // Red control: the same from the repository itself lacks its permission.
      expect(phases.map(({ code }) => code)).toEqual(fork ? [0, 0, 0] : [1, 1, 0])
      expect(phases.flatMap(({ outputs }) => Object.keys(outputs))).toEqual([])
    }
  })

  test('without a server it says where to name one', async () => {
    const said = await machine('serverless', 'build', { with: { 'server-url': '' } }).pre()
    expect(said.code).toBe(1)
    expect(said.annotations.join()).toContain('server-url')
  })
})
