import { cpSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rounds, THOROUGH } from '../thorough.ts'
import { Bench, type Ran } from './cli.ts'
import { type Running, startServer } from './server.ts'

// A DAG as CI runs it: each job in a directory of its own that holds what it was handed, those of a matrix at once, all
// recorded by the command line at a server that has the contract.

const bench = new Bench()
const key = (name: string) => bench.path(`${name}.key`)
let server: Running
let env: Record<string, string>

const publicKey = (name: string) =>
  readFileSync(`${key(name)}.pub`, 'utf8')
    .replace(/-----[^-]+-----/g, '')
    .replaceAll('\n', '')

/** source → build → tests + lint → pack → scan on two systems, the final step. */
const contract = (pipeline: string, attempts: string, jobs: readonly string[]) => `contract: v1
pipeline: ${pipeline}
revision: 1
attempts: ${attempts}
signers: { ci: ${publicKey('ci')} }
maintainers: { threshold: 1, of: { ann: ${publicKey('ann')} } }
steps:
  source: { signers: [ci] }
  build: { signers: [ci], after: [source], products: [app] }
  test: { signers: [ci], after: [build], materials: [{ from: build }], products: ["report-*"], matrix: [${jobs.join(', ')}] }
  lint: { signers: [ci], after: [build] }
  pack:
    signers: [ci]
    after: [build, test, lint]
    materials: [{ from: build }, { from: test }]
    products: [app.tgz]
  scan: { signers: [ci], after: [pack], materials: [{ from: pack }], matrix: [east, west] }
final: scan
`

beforeAll(async () => {
  server = await startServer(bench.dir('server'))
  env = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token, COUNTERSIGN_SPOOL: bench.path('spool') }
  for (const name of ['ci', 'ann']) expect(bench.cli(bench.root, ['key', 'new', key(name)]).code).toBe(0)
  expect(bench.cli(bench.root, ['key', 'enroll', `${key('ci')}.pub`, '--name', 'ci'], env).code).toBe(0)
})
afterAll(async () => {
  await server.end('SIGTERM')
  bench.remove()
})

interface Job {
  readonly matrix?: string
  readonly attempt?: number
  /** What it is handed, as `<directory>/<file>`. */
  readonly from?: readonly string[]
  readonly products?: string
  readonly script: string
}

/** A run of a pipeline of its own, and so of files that no other run has. */
class Run {
  /** Of the matrix. */
  readonly jobs: readonly string[]
  readonly #name: string

  private constructor(name: string, jobs: number) {
    this.#name = name
    this.jobs = Array.from({ length: jobs }, (_, i) => `job-${i}`)
  }

  /** With its contract published, its source vouched for, and its build made. */
  static async begin(name: string, attempts: 'same' | 'carry', jobs: number): Promise<Run> {
    const run = new Run(name, jobs)
    const file = bench.write(`${name}.yaml`, contract(name, attempts, run.jobs))
    expect(bench.cli(bench.root, ['contract', 'sign', file, '--key', key('ann')], env).code).toBe(0)
    const published = bench.cli(bench.root, ['contract', 'publish', file.replace('.yaml', '.signed.json')], env)
    expect(published.code, published.err).toBe(0)
    const source = bench.checkout(join(name, 'source'), { 'main.js': name })
    const vouched = ['record', '--step', 'source', '--pipeline', name, '--key', key('ci')]
    expect(bench.cli(source, vouched, env).code).toBe(0)
    cpSync(source, bench.path(name, 'build'), { recursive: true })
    passed(await run.job('build', { products: 'app', script: 'cat main.js > app' }))
    return run
  }

  path(...parts: readonly string[]): string {
    return bench.path(this.#name, ...parts)
  }

  job(step: string, job: Job): Promise<Ran> {
    const { matrix, attempt = 1, from = [], products, script } = job
    const cwd = bench.dir(join(this.#name, nameOf(step, job)))
    for (const file of from) cpSync(this.path(file), join(cwd, file.split('/').at(-1)!))
    const args = ['run', '--json', '--step', step, '--key', key('ci'), '--attempt', String(attempt)]
    if (matrix !== undefined) args.push('--matrix', matrix)
    if (from.length > 0) args.push('--no-git', '--materials', ...from.map((file) => file.split('/').at(-1)!))
    if (products !== undefined) args.push('--products', products)
    return bench.cliLater(cwd, [...args, '--', 'sh', '-c', script], env)
  }

  /** One job of the matrix. */
  test(matrix: string, more: Partial<Job> = {}): Promise<Ran> {
    const products = `report-${matrix}`
    return this.job('test', { matrix, from: ['build/app'], products, script: `echo ${matrix} > ${products}`, ...more })
  }

  lint(): Promise<Ran> {
    return this.job('lint', { from: ['build/app'], script: 'true' })
  }

  /** Of the build, and of the reports there are: where a job was run again, of its second attempt. */
  pack(attempt = 1): Promise<Ran> {
    const reports = this.jobs.flatMap((matrix) => {
      const places = [2, 1].map((at) => `${nameOf('test', { matrix, attempt: at })}/report-${matrix}`)
      return places.find((place) => existsSync(this.path(place))) ?? []
    })
    const script = 'cat app report-* > app.tgz'
    return this.job('pack', { attempt, from: ['build/app', ...reports], products: 'app.tgz', script })
  }

  async scan(systems: readonly string[], attempt = 1): Promise<void> {
    const job = { attempt, from: [`${nameOf('pack', { attempt })}/app.tgz`], products: 'app.tgz', script: 'true' }
    const scans = systems.map((matrix) => this.job('scan', { matrix, ...job }))
    for (const ran of await Promise.all(scans)) passed(ran)
  }

  /** The verdict, and what is against it. */
  gate(artifact: string): readonly string[] {
    const cwd = bench.dir(join(this.#name, 'deploy'))
    cpSync(this.path(artifact), join(cwd, 'app.tgz'))
    const file = bench.path(`${this.#name}.signed.json`)
    const { out } = bench.cli(cwd, ['gate', 'app.tgz', '--contract', file, '--format', 'json'], env)
    const { verdict, findings } = JSON.parse(out) as { verdict: string; findings: readonly { code: string }[] }
    return [verdict, ...findings.map(({ code }) => code)]
  }
}

/** The directory of a job. */
function nameOf(step: string, { matrix, attempt = 1 }: Pick<Job, 'matrix' | 'attempt'>): string {
  return [step, ...(matrix === undefined ? [] : [matrix]), ...(attempt > 1 ? [attempt] : [])].join('-')
}

function passed(ran: Ran): { previous: readonly { step: string }[]; receipt: { late: boolean } } {
  expect(ran.code, ran.err).toBe(0)
  return JSON.parse(ran.err) as never
}
const refused = (ran: Ran, code: string) => expect([ran.code, ran.err]).toEqual([1, expect.stringContaining(code)])
const counts = (previous: readonly { step: string }[]) =>
  Object.fromEntries([...Map.groupBy(previous, ({ step }) => step)].map(([step, all]) => [step, all.length]))

const FAILS = 'echo no > report-job-1; exit 3'
/** Every job of the matrix once, of which job-1 fails, and what goes beside it. */
async function failing(run: Run): Promise<void> {
  const jobs = run.jobs.map((job) => run.test(job, job === 'job-1' ? { script: FAILS } : {}))
  const [lint, ...tests] = await Promise.all([run.lint(), ...jobs])
  passed(lint)
  for (const [i, ran] of tests.entries()) {
    expect(ran.code, ran.err).toBe(i === 1 ? 3 : 0)
    expect(JSON.parse(ran.err)).toMatchObject({ receipt: { late: false } })
  }
}

describe('a DAG that is recorded at a server', () => {
  test('fans out into a matrix, whose jobs run at once, and in again, and passes its gate', async () => {
    const run = await Run.begin('whole', 'same', rounds(4, 20))
    const [late = '', ...others] = run.jobs
    for (const ran of await Promise.all([...others.map((job) => run.test(job)), run.lint()])) {
      expect(passed(ran)).toMatchObject({ previous: [{ step: 'build' }], receipt: { late: false } })
    }
    refused(await run.pack(), 'matrix-incomplete')
    passed(await run.test(late))
    expect(counts(passed(await run.pack()).previous)).toEqual({ build: 1, test: run.jobs.length, lint: 1 })
    await run.scan(['east'])
    expect(run.gate('pack/app.tgz')).toEqual(['fail', 'matrix-incomplete'])
    await run.scan(['west'])
    expect(run.gate('pack/app.tgz')).toEqual(['pass'])
  })

  test.runIf(THOROUGH)('does not go on from a job that failed, and runs nothing of the step after it', async () => {
    const run = await Run.begin('failed', 'same', 3)
    await failing(run)
    refused(await run.pack(), 'predecessor-failed')
    expect(existsSync(run.path('pack', 'report-job-1'))).toBe(true)
    expect(existsSync(run.path('pack', 'app.tgz'))).toBe(false)
    // A second go at the job alone is of another attempt, and its run began in the first.
    refused(await run.test('job-1', { attempt: 2 }), 'attempt-mixed')
    expect(existsSync(run.path('test-job-1-2', 'report-job-1'))).toBe(false)
  })

  test('goes on from a second attempt at that job where the contract carries the first over', async () => {
    const run = await Run.begin('carried', 'carry', 3)
    await failing(run)
    refused(await run.pack(), 'predecessor-failed')
    expect(passed(await run.test('job-1', { attempt: 2 }))).toMatchObject({ previous: [{ step: 'build' }] })
    // The first attempt at the step after it is of a time when the job had failed.
    refused(await run.pack(), 'predecessor-failed')
    expect(counts(passed(await run.pack(2)).previous)).toEqual({ build: 1, test: 3, lint: 1 })
    await run.scan(['east', 'west'], 2)
    expect(run.gate('pack-2/app.tgz')).toEqual(['pass'])
  })

  test.runIf(THOROUGH)('but not where the second attempt failed, whatever the first one did', async () => {
    const run = await Run.begin('worse', 'carry', 3)
    for (const ran of await Promise.all([...run.jobs.map((job) => run.test(job)), run.lint()])) passed(ran)
    expect((await run.test('job-1', { attempt: 2, script: FAILS })).code).toBe(3)
    refused(await run.pack(2), 'predecessor-failed')
  })
})
