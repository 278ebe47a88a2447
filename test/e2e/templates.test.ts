import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ActionJob } from '../action/runner.ts'
import { contractOfJobs } from '../identity/contract-of-jobs.ts'
import { CI_SYSTEMS, type CiSystem, Jobs } from '../identity/jobs.ts'
import { Bench, type Ran } from './cli.ts'
import { type Running, startServer } from './server.ts'
import {
  type Given,
  gitlabPlain,
  type Job,
  JOBS,
  type Kind,
  ROOT,
  type Scripted,
  yamlOf,
} from '../workflows/templates.ts'

// The templates as they are in workflows/ and .github/workflows, each read as its system reads it and run in an environment
// of that system's shape, against one server.

const PIPELINE = 'acme/widget'
const LAST = CI_SYSTEMS.at(-1)!
const SIGNER = `countersign/countersign/.github/workflows/record-build.yml@${'c'.repeat(40)}`

const bench = new Bench()
let server: Running
let jobs: Jobs
let audience: string
let mirror: Server
let sha256: string
let origin: string
const archive = () => `http://127.0.0.1:${(mirror.address() as AddressInfo).port}/countersign.tgz`

beforeAll(async () => {
  jobs = await Jobs.start(bench.path('bin'))
  server = await startServer(bench.dir('server'))
  audience = ((await (await fetch(`${server.url}/v1/audience`)).json()) as { audience: string }).audience
  for (const system of CI_SYSTEMS) {
    const added = await server.ask('/v1/issuers', JSON.stringify(jobs.rule(system)))
    expect(added.status, await added.clone().text()).toBe(201)
  }
  // What a release is made of, served as a release is.
  const made = bench.path('countersign.tgz')
  execFileSync('bash', [join(ROOT, '.ci', 'archive'), made])
  const bytes = readFileSync(made)
  sha256 = createHash('sha256').update(bytes).digest('hex')
  mirror = createServer((_, reply) => reply.end(bytes))
  await new Promise<void>((done) => mirror.listen(0, '127.0.0.1', done))
  // As the Dockerfile of the builder image has it.
  const [run] = /^RUN ([\s\S]*?[^\\])\n/m
    .exec(readFileSync(join(ROOT, 'workflows/cloud-build/Dockerfile'), 'utf8'))!
    .slice(1)
  const inImage = run!.replaceAll('/tmp/', `${bench.dir('layer')}/`).replaceAll('/opt/countersign', bench.path('image'))
  cpSync(made, bench.path('layer', 'countersign.tgz'))
  execFileSync('sh', ['-ec', inImage], { env: { ...process.env, COUNTERSIGN_SHA256: sha256 }, stdio: 'ignore' })

  environment('github-actions')
  const contract = await contractOfJobs(server, jobs, {
    pipeline: PIPELINE,
    systems: CI_SYSTEMS,
    audience,
    more: { 'github-actions': `buildSignerURI: https://github.com/${SIGNER}` },
    products: productOf,
    checkouts: true,
  })
  origin = bench.checkout('origin', {
    'main.js': 'ship()\n',
    '.gitignore': 'dist\nin\ndeployed\n',
    'contract.yaml': contract,
    deploy: '#!/bin/sh\ntouch deployed\n',
  })
  execFileSync('git', ['update-index', '--chmod=+x', 'deploy'], { cwd: origin })
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.example', 'commit', '-qm', 'mode'], { cwd: origin })
  const admin = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token }
  const published = bench.cli(origin, ['contract', 'publish', 'contract.yaml'], admin)
  expect(published.code, published.out + published.err).toBe(0)
})
afterAll(async () => {
  await server.end('SIGTERM')
  await jobs.stop()
  mirror.close()
  bench.remove()
})

/** Nothing is stored: what the system sets, and the mirror that an administrator named. */
function environment(system: CiSystem): Record<string, string> {
  const claims = system === 'github-actions' ? { job_workflow_ref: SIGNER, job_workflow_sha: 'c'.repeat(40) } : {}
  const env = jobs.environment(system, { audience, claims })
  return {
    ...env,
    PATH: [dirname(process.execPath), env['PATH']].join(delimiter),
    HOME: bench.root,
    COUNTERSIGN_ARCHIVE: archive(),
  }
}

const stepOn = (system: CiSystem) => `on-${system}`
const productOf = (system: CiSystem) => `dist/${system}.txt`
const given = (system: CiSystem, before: CiSystem | null): Given => ({
  url: server.url,
  audience,
  version: '0.1.0',
  sha256,
  archive: archive(),
  pipeline: PIPELINE,
  step: stepOn(system),
  run: `mkdir -p dist\ncat ${before === null ? '' : `in/${before}.txt`} main.js > ${productOf(system)}\necho ${system} >> ${productOf(system)}`,
  materials: before === null ? [] : [`in/${before}.txt`],
  products: [productOf(system)],
  subject: productOf(LAST),
  contract: 'contract.yaml',
})

/** A machine of its own, with a checkout. */
function machine(name: string): string {
  const path = bench.path(`machine-${name}`)
  rmSync(path, { recursive: true, force: true })
  execFileSync('git', ['clone', '-q', '--depth=1', `file://${origin}`, path])
  return path
}

async function start(command: readonly string[], cwd: string, env: Readonly<Record<string, string>>): Promise<Ran> {
  const child = spawn(command[0]!, command.slice(1), { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  child.stderr.on('data', (chunk) => (err += String(chunk)))
  const code = await new Promise<number | null>((done) => child.once('close', done))
  return { code, out, err }
}

/** The commands of a job in a machine, as far as they go. */
async function runJob(system: Scripted, job: Job, cwd: string): Promise<Ran> {
  const set = { ...environment(system), ...job.environment }
  // GitLab mints what the template asks for.
  if (system === 'gitlab-ci') {
    expect(set['COUNTERSIGN_ID_TOKEN']).toBe(`token for ${audience}`)
    set['COUNTERSIGN_ID_TOKEN'] = jobs.token(system, audience)
  }
  let [code, out, err]: [number | null, string, string] = [0, '', '']
  for (const command of job.commands) {
    const ran = await start(command, cwd, set)
    ;[code, out, err] = [ran.code, out + ran.out, err + ran.err]
    if (code !== 0) break
  }
  return { code, out, err }
}

const jobOf = (system: Scripted, kind: Kind, what: Given): Job => JOBS[system](kind, what, bench.path('image'))

interface Step {
  readonly id?: string
  readonly name?: string
  readonly uses?: string
  readonly run?: string
  readonly env?: Readonly<Record<string, string>>
  readonly with?: Readonly<Record<string, string>>
  readonly 'working-directory'?: string
}
interface Workflow {
  readonly on: { readonly workflow_call: { readonly inputs: Record<string, { readonly default?: string }> } }
  readonly jobs: Record<string, { readonly permissions: object; readonly steps: readonly Step[] }>
}

/** A reusable workflow, called with `said`: its expressions are evaluated. */
function called(file: string, said: Readonly<Record<string, string>>, workspace: string): Workflow['jobs'] {
  const { on, jobs: written } = yamlOf<Workflow>(`.github/workflows/${file}`)
  const inputs = Object.fromEntries(
    Object.entries(on.workflow_call.inputs).map(([name, { default: otherwise }]) => [name, said[name] ?? otherwise]),
  )
  const value = (expression: string): string => {
    const [first, second] = expression.split(' || ')
    const input = /^inputs\.([a-z-]+)$/.exec(first!)?.[1]
    if (input !== undefined && inputs[input] !== '') return inputs[input]!
    if (second !== undefined)
      return /^format\('\{0\}\/\*\*', inputs\.directory\)$/.test(second) ? `${inputs['directory']}/**` : '?'
    if (expression === 'github.workspace') return workspace
    if (expression === 'job.workflow_sha') return 'c'.repeat(40)
    return input === undefined ? `\${{ ${expression} }}` : ''
  }
  return JSON.parse(JSON.stringify(written), (_, one: unknown) =>
    typeof one === 'string' ? one.replace(/\$\{\{ (.*?) \}\}/g, (__, expression: string) => value(expression)) : one,
  ) as Workflow['jobs']
}

const stepOf = (steps: readonly Step[], name: string) => steps.find((step) => step.id === name || step.name === name)!

/** The build job with no identity, then the signing job with another checkout, what was uploaded, and the action. */
async function onGitHub(before: CiSystem | null): Promise<Ran & { readonly workspace: string }> {
  const what = given('github-actions', before)
  const workspace = machine('github-build')
  const said = { 'server-url': what.url, run: what.run, step: what.step, products: what.products.join('\n') }
  const { build, sign } = called('record-build.yml', said, workspace)
  const bare = { PATH: process.env['PATH']!, HOME: bench.root }
  const { run, env } = stepOf(build!.steps, 'build')
  const built = await start(['bash', '-e', '-c', run!], workspace, { ...bare, ...env })
  expect(built.code, built.err).toBe(0)

  const signing = bench.dir('machine-github-sign')
  execFileSync('git', ['clone', '-q', '--depth=1', `file://${origin}`, join(signing, 'source')])
  const place = stepOf(sign!.steps, 'place')
  const placed = await start(['bash', '-e', '-c', place.run!], signing, { ...bare, ...place.env })
  expect(placed.code, placed.out).toBe(0)
  cpSync(
    join(workspace, 'dist'),
    join(signing, sign!.steps.find(({ uses }) => uses?.includes('download'))!.with!['path']!),
    {
      recursive: true,
    },
  )
  const job = action(signing, stepOf(sign!.steps, 'countersign'), 'sign')
  const began = await job.main()
  if (began.code !== 0) return { code: began.code, out: began.log, err: '', workspace: join(signing, 'source') }
  const ended = await job.post()
  return { code: ended.code, out: began.log + ended.log, err: '', workspace: join(signing, 'source') }
}

function action(workspace: string, step: Step, job: string): ActionJob {
  expect(step.uses).toBe('./countersign')
  const more = { GITHUB_JOB: job, GITHUB_WORKFLOW_REF: 'acme/widget/.github/workflows/ci.yml@refs/heads/main' }
  const env = { ...environment('github-actions'), ...more }
  return new ActionJob({ workspace, environment: env, with: step.with! }, bench.path('temp'))
}

async function gateOnGitHub(artifact: string): Promise<Ran & { readonly cwd: string }> {
  const workspace = bench.dir(`machine-github-gate-${++machines}`)
  execFileSync('git', ['clone', '-q', '--depth=1', `file://${origin}`, join(workspace, 'source')])
  mkdirSync(join(workspace, 'handed'))
  cpSync(artifact, join(workspace, 'handed', 'app.txt'))
  const { url, contract } = given('github-actions', null)
  const said = { 'server-url': url, subject: 'app.txt', contract, deploy: './deploy "$SUBJECT"' }
  const { steps } = called('gate-deploy.yml', said, workspace)['deploy']!
  const cwd = join(workspace, 'source')
  const judged = await action(workspace, stepOf(steps, 'gate'), 'deploy').main()
  if (judged.code !== 0) return { code: judged.code, out: judged.log, err: '', cwd }
  const { run, env } = stepOf(steps, 'deploy')
  return { ...(await start(['bash', '-e', '-c', run!], cwd, { ...environment('github-actions'), ...env })), cwd }
}
let machines = 0

const workspaces = new Map<CiSystem, string>()
const madeOn = (system: CiSystem) => join(workspaces.get(system)!, productOf(system))

/** A machine that was handed what the system before made, `changed` by a byte or as it is. */
function receiving(name: string, before: CiSystem | null, changed: boolean): string {
  const cwd = machine(name)
  if (before === null) return cwd
  mkdirSync(join(cwd, 'in'))
  const bytes = readFileSync(madeOn(before))
  if (changed) bytes[0]! ^= 1
  writeFileSync(join(cwd, 'in', `${before}.txt`), bytes)
  return cwd
}

describe('one chain over the templates of eight CI systems', () => {
  test.each(CI_SYSTEMS.map((system, i) => [system, CI_SYSTEMS[i - 1] ?? null] as const))(
    '%s records its step, after %s',
    async (system, before) => {
      if (system === 'github-actions') {
        const { code, out, workspace } = await onGitHub(before)
        expect(code, out).toBe(0)
        workspaces.set(system, workspace)
        return
      }
      const cwd = receiving(system, before, false)
      const ran = await runJob(system, jobOf(system, 'record', given(system, before)), cwd)
      expect(ran.code, ran.out + ran.err).toBe(0)
      expect(ran.err).toContain('countersigned')
      workspaces.set(system, cwd)
    },
  )

  test('it is one, and each step of it is signed by the system that it ran on', async () => {
    const found = await server.ask(`/v1/attestations?pipeline=${encodeURIComponent(PIPELINE)}`)
    const { items } = (await found.json()) as { items: { step: string; chain: string }[] }
    expect(items.map(({ step }) => step).toSorted()).toEqual(CI_SYSTEMS.map(stepOn).toSorted())
    expect(new Set(items.map(({ chain }) => chain)).size).toBe(1)
  })

  // Of the others the fetching and the order is tested with a release that is a stub (T-11).
  test('a gate lets the last one be deployed, and with one changed byte nothing is', async () => {
    const asked = [false, true].flatMap((changed) =>
      (['github-actions', LAST] as const).map((one) => [one, changed] as const),
    )
    const told = await pooled(asked, async ([system, changed]) => {
      const { ran, cwd } = await gated(system, changed)
      const said = changed ? '' : ran.out + ran.err
      return { changed, passed: ran.code === 0, deployed: existsSync(join(cwd, 'deployed')), said }
    })
    for (const one of told) expect(one).toMatchObject({ passed: !one.changed, deployed: !one.changed })
    expect(told).toHaveLength(4)
  })

  test('one byte changed between any two is refused before anything runs', async () => {
    const edges = CI_SYSTEMS.slice(1).map((system, i) => [CI_SYSTEMS[i]!, system as Scripted] as const)
    const told = await pooled(edges, async ([before, system]) => {
      const cwd = receiving(`changed-${system}`, before, true)
      const what = given(system, before)
      // The other one of GitLab's two templates.
      const job = system === 'gitlab-ci' ? gitlabPlain('record', what) : jobOf(system, 'record', what)
      const { code, err } = await runJob(system, job, cwd)
      return { system, code, refused: /handover-refused/.test(err), began: existsSync(join(cwd, 'dist')) }
    })
    expect(told).toEqual(edges.map(([, system]) => ({ system, code: 1, refused: true, began: false })))
  })
})

async function gated(system: CiSystem, changed: boolean): Promise<{ readonly ran: Ran; readonly cwd: string }> {
  const artifact = join(bench.dir(`artifact-${system}-${changed}`), `${LAST}.txt`)
  const bytes = readFileSync(madeOn(LAST))
  if (changed) bytes[0]! ^= 1
  writeFileSync(artifact, bytes)
  if (system === 'github-actions') {
    const judged = await gateOnGitHub(artifact)
    return { ran: judged, cwd: judged.cwd }
  }
  const cwd = machine(`gate-${system}-${changed}`)
  mkdirSync(join(cwd, 'dist'))
  cpSync(artifact, join(cwd, productOf(LAST)))
  return { ran: await runJob(system, jobOf(system, 'gate', given(system, null)), cwd), cwd }
}

/** Some at a time: each is a process that waits for another. */
async function pooled<T, U>(items: readonly T[], work: (item: T) => Promise<U>): Promise<U[]> {
  const done: U[] = []
  const left = [...items.entries()]
  const worker = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) done[next[0]] = await work(next[1])
  }
  await Promise.all([worker(), worker(), worker()])
  return done
}
