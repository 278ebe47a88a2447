import { createHash } from 'node:crypto'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { chainOfRun, type Resource, type StepStatement } from '@countersign/formats'
import { type CloudName, GITHUB, type Job, OWNER, shaOf, uuidOf } from './clouds.ts'
import { built, type Doing, type Done, junit, type Recorder, sbom, scan } from './recording.ts'
import { type Contracts, type Keys, REPOSITORIES, type RepositoryName } from './repositories.ts'
import { type Party } from '../../pipeline.ts'

/** What one run of a repository is to be. */
export interface Plan {
  readonly repository: RepositoryName
  /** Counts up within the repository. */
  readonly number: number
  readonly testsFail?: boolean
  readonly late?: boolean
  /** Some step is never sent. */
  readonly breaksOff?: boolean
  readonly commit?: string
}

/** What came of it. */
export interface Outcome {
  readonly chain: string
  readonly commit: string
  /** SHA-256 of what its final step made; null where it did not come to that. */
  readonly artifact: string | null
  readonly steps: readonly Done[]
}

/** The same each time, and without a pattern that an eye would see. */
export function chance(of: string, most: number): number {
  return Number.parseInt(shaOf(of).slice(0, 8), 16) % most
}

/** What all runs are made with. */
export interface Floor {
  readonly recorder: Recorder
  readonly contracts: Contracts
  /** As they are now. */
  keys: Keys
  together<T>(doing: readonly (() => Promise<T>)[]): Promise<T[]>
}

const FIRST_RUN: Readonly<Record<RepositoryName, number>> = {
  'checkout-web': 8_204_100_000,
  'orders-api': 8_204_200_000,
  'payments-ledger': 8_204_300_000,
  'catalog-search': 8_204_400_000,
  'edge-infra': 8_204_500_000,
}
const CHECKOUT = { 'actions/checkout@v5': '08c6903cd8c0fde910a37f88322edcfb5dd907a8' }
const NODE = { ...CHECKOUT, 'actions/setup-node@v6': '2028fbc5c25fe9cf00d9f06a71cc4710d4507903' }

/** A run that has begun: its chain, and its steps one after the other. */
class Run {
  readonly chain: StepStatement['predicate']['chain']
  readonly commit: string
  readonly plan: Plan
  /** Of the contract that it began under; 0 where there is none. */
  readonly revision: number
  readonly steps: Done[] = []
  readonly #floor: Floor
  readonly #id: string

  constructor(floor: Floor, plan: Plan) {
    const { repository, number } = plan
    this.#floor = floor
    this.plan = plan
    this.#id = String(FIRST_RUN[repository] + number * 37)
    this.commit = plan.commit ?? createHash('sha1').update(`${repository} ${number}`).digest('hex')
    const address = `${GITHUB}/${OWNER}/${repository}`
    const id = chainOfRun({ system: 'github-actions', repository: address, id: this.#id }, nodeCrypto)
    const contract = floor.contracts.current(repository)
    this.revision = contract?.revision ?? 0
    this.chain = { id, pipeline: repository, contract: contract?.digest ?? null }
  }

  job(cloud: CloudName, name: string): { readonly job: Job } {
    const { repository, number } = this.plan
    const run = cloud === 'github-actions' ? this.#id : uuidOf(`${repository} ${number} ${name}`)
    return { job: { cloud, repository: REPOSITORIES[repository], commit: this.commit, run, attempt: 1 } }
  }

  async step(doing: Doing): Promise<Done> {
    const done = await this.#floor.recorder.step(this.chain, doing)
    this.steps.push(done)
    return done
  }

  source(): Promise<Done> {
    const { repository } = this.plan
    const code: Resource = {
      name: 'source',
      uri: `git+${GITHUB}/${OWNER}/${repository}@${this.commit}`,
      digest: {
        sha256: shaOf(this.commit),
        gitCommit: this.commit,
        gitTree: createHash('sha1').update(`tree ${this.commit}`).digest('hex'),
      },
    }
    return this.step({
      name: 'source',
      by: this.job('github-actions', 'source'),
      makes: [code],
      argv: ['git', 'checkout', this.commit],
      actions: CHECKOUT,
      minutes: 1,
    })
  }

  minutes(name: string, least: number, most: number): number {
    return least + chance(`${this.plan.repository} ${this.plan.number} ${name}`, (most - least) * 10) / 10
  }

  outcome(last: Done | null): Outcome {
    const made = last === null || last.refused !== null ? null : (last.made[0]?.digest.sha256 ?? null)
    return { chain: this.chain.id, commit: this.commit, artifact: made, steps: this.steps }
  }
}

const good = (...steps: readonly Done[]) => steps.every(({ refused, failed }) => refused === null && !failed)

/** One run of a repository, as far as it comes. */
export function runOf(floor: Floor, plan: Plan): Promise<Outcome> {
  return PIPELINES[plan.repository](floor, new Run(floor, plan))
}

const PIPELINES: Readonly<Record<RepositoryName, (floor: Floor, run: Run) => Promise<Outcome>>> = {
  async 'checkout-web'(floor, run) {
    const { testsFail = false, breaksOff = false, number } = run.plan
    const tools = { node: number < 60 ? '24.10.0' : '24.11.1', npm: number < 60 ? '11.6.1' : '11.6.2' }
    const source = await run.source()
    const bundle = built('dist/checkout-web.tar', `checkout-web ${run.commit}`)
    const build = await run.step({
      name: 'build',
      by: run.job('github-actions', 'build'),
      after: [source],
      takes: [[source, source.made]],
      makes: [bundle],
      argv: ['npm', 'run', 'build'],
      tools,
      actions: NODE,
      reports: [
        sbom('checkout-web', bundle, ['preact@10.27.2', 'zod@4.1.12', number < 60 ? 'undici@7.16.0' : 'undici@7.16.1']),
      ],
      minutes: run.minutes('build', 3, 6),
    })
    if (!good(source, build)) return run.outcome(null)
    const browsers = ['chromium', 'firefox', 'webkit']
    const jobs = browsers.map(
      (matrix, i) => () =>
        run.step({
          name: 'test',
          matrix,
          by: run.job('github-actions', `test ${matrix}`),
          after: [build],
          takes: [[build, build.made]],
          argv: ['npx', 'playwright', 'test', `--project=${matrix}`],
          tools: { ...tools, playwright: '1.56.1' },
          actions: NODE,
          exitCode: testsFail && i === 1 ? 1 : 0,
          reports: [junit(`checkout-web ${matrix}`, 12, testsFail && i === 1 ? 2 : 0)],
          minutes: run.minutes(matrix, 4, 9),
        }),
    )
    const scanning = () =>
      run.step({
        name: 'scan',
        by: run.job('aws-codebuild', 'scan'),
        after: [build],
        takes: [[build, build.made]],
        argv: ['trivy', 'fs', '--format', 'sarif', '.'],
        tools: { trivy: '0.69.1' },
        reports: [scan(number % 3 === 0 ? ['warning', 'note'] : ['note'])],
        minutes: run.minutes('scan', 2, 5),
      })
    const checks = await floor.together(run.revision > 1 ? [...jobs, scanning] : jobs)
    if (!good(...checks) || breaksOff) return run.outcome(null)
    const name = `checkout-web-${1 + Math.floor(number / 100)}.${number % 100}.0.oci.tar`
    const image = await run.step({
      name: 'package',
      by: run.job('google-cloud-build', 'package'),
      after: [build, ...checks],
      takes: [[build, build.made]],
      makes: [built(name, `image of checkout-web ${run.commit}`)],
      argv: ['docker', 'buildx', 'build', '--output', `type=oci,dest=${name}`, '.'],
      tools: { docker: '28.5.1' },
      minutes: run.minutes('package', 2, 4),
    })
    if (!good(image)) return run.outcome(null)
    await run.step({
      name: 'deploy',
      by: run.job('google-cloud-build', 'deploy'),
      after: [image],
      takes: [[image, image.made]],
      argv: ['gcloud', 'run', 'deploy', 'checkout-web-staging', '--image', name],
      minutes: 2,
    })
    return run.outcome(image)
  },

  async 'orders-api'(floor, run) {
    const { testsFail = false, breaksOff = false } = run.plan
    const source = await run.source()
    const build = await ordersBuild(floor, run, source)
    if (!good(source, build)) return run.outcome(null)
    const test = await ordersTest(run, build, testsFail)
    if (!good(test) || breaksOff) return run.outcome(null)
    return run.outcome(await ordersImage(run, build, test))
  },

  async 'payments-ledger'(floor, run) {
    const { testsFail = false, breaksOff = false, number } = run.plan
    const source = await run.source()
    const build = await ledgerBuild(run, source)
    if (!good(source, build)) return run.outcome(null)
    const [test, approve] = await floor.together([
      () => ledgerTest(run, build, testsFail ? 3 : 0),
      () => ledgerApproval(floor, run, build, number % 3 === 0 ? 1 : 0),
    ])
    if (!good(test!, approve!) || breaksOff) return run.outcome(null)
    return run.outcome(await ledgerImage(run, build, test!, approve!))
  },

  async 'catalog-search'(floor, run) {
    const { testsFail = false, breaksOff = false, commit = run.commit } = run.plan
    const source = await run.source()
    if (!good(source)) return run.outcome(null)
    const platforms = ['x64', 'arm64']
    const tools = { go: '1.25.3' }
    const pairs = await floor.together(
      platforms.map((matrix) => async () => {
        const indexer = built(`out/indexer-${matrix}`, `indexer ${matrix} ${commit}`)
        const build = await run.step({
          name: 'build',
          matrix,
          by: run.job('github-actions', `build ${matrix}`),
          after: [source],
          takes: [[source, source.made]],
          makes: [indexer],
          argv: ['go', 'build', '-trimpath', '-o', `out/indexer-${matrix}`, './cmd/indexer'],
          tools,
          actions: CHECKOUT,
          minutes: run.minutes(matrix, 2, 5),
        })
        if (!good(build)) return [build, build] as const
        const fails = testsFail && matrix === 'arm64'
        const test = await run.step({
          name: 'test',
          matrix,
          by: run.job('github-actions', `test ${matrix}`),
          after: [build],
          takes: [[build, build.made]],
          argv: ['go', 'test', './...'],
          tools,
          actions: CHECKOUT,
          exitCode: fails ? 1 : 0,
          reports: [junit(`catalog-search ${matrix}`, 24, fails ? 1 : 0)],
          minutes: run.minutes(`test ${matrix}`, 3, 8),
        })
        return [build, test] as const
      }),
    )
    if (!good(...pairs.flat()) || breaksOff) return run.outcome(null)
    const release = await run.step({
      name: 'release',
      by: run.job('google-cloud-build', 'release'),
      after: [...pairs.map(([build]) => build), ...pairs.map(([, test]) => test)],
      takes: pairs.map(([build]) => [build, build.made] as const),
      makes: [built('catalog-search.oci.tar', `image of catalog-search ${commit}`)],
      argv: ['ko', 'build', '--oci-layout-path', 'catalog-search.oci.tar', './cmd/indexer'],
      tools: { ko: '0.18.0' },
      minutes: run.minutes('release', 2, 4),
    })
    return run.outcome(release)
  },

  async 'edge-infra'(floor, run) {
    const plan = await run.step({
      name: 'plan',
      by: { key: floor.keys.infra, system: 'local' },
      makes: [built('tfplan', `plan ${run.commit}`)],
      argv: ['terraform', 'plan', '-out', 'tfplan'],
      tools: { terraform: '1.13.4' },
      minutes: 3,
      late: run.plan.late === true,
    })
    if (!good(plan)) return run.outcome(null)
    await run.step({
      name: 'apply',
      by: { key: floor.keys.infra, system: 'local' },
      after: [plan],
      takes: [[plan, plan.made]],
      argv: ['terraform', 'apply', 'tfplan'],
      tools: { terraform: '1.13.4' },
      minutes: 4,
      late: run.plan.late === true,
    })
    return run.outcome(plan)
  },
}

/** On the team's own host, until nobody trusted that any longer. */
function ordersBuild(floor: Floor, run: Run, source: Done, what = run.commit): Promise<Done> {
  const own = run.revision === 1
  return run.step({
    name: 'build',
    by: own ? { key: floor.keys.host, system: 'jenkins' } : run.job('aws-codebuild', 'build'),
    after: [source],
    takes: [[source, source.made]],
    makes: [built('target/orders-api.jar', `orders-api ${what}`)],
    argv: ['mvn', '--batch-mode', 'package'],
    tools: { java: own ? '21.0.4' : '25.0.1', mvn: '3.9.11' },
    minutes: run.minutes('build', 4, 8),
  })
}

function ordersTest(run: Run, build: Done, fails: boolean): Promise<Done> {
  return run.step({
    name: 'test',
    by: run.job('aws-codebuild', 'test'),
    after: [build],
    takes: [[build, build.made]],
    argv: ['mvn', '--batch-mode', 'verify'],
    tools: { java: '25.0.1' },
    exitCode: fails ? 1 : 0,
    reports: [junit('orders-api', 18, fails ? 1 : 0)],
    minutes: run.minutes('test', 4, 8),
  })
}

function ordersImage(run: Run, build: Done, test: Done, jar = build.made): Promise<Done> {
  const image = built('orders-api.oci.tar', `image of orders-api ${run.commit} ${jar[0]!.digest.sha256}`)
  return run.step({
    name: 'image',
    by: run.job('google-cloud-build', 'image'),
    after: [build, test],
    takes: [[build, jar]],
    makes: [image],
    argv: ['jib', 'build', '--target', 'orders-api.oci.tar', 'target/orders-api.jar'],
    tools: { jib: '0.13.0' },
    reports: [sbom('orders-api', image, ['spring-boot@4.0.0', 'jackson@3.0.1'])],
    minutes: run.minutes('image', 2, 4),
  })
}

/** The jar that the host hands over is another than the one that it signed. */
export async function swappedRun(floor: Floor, plan: Plan): Promise<Outcome & { readonly swapped: string }> {
  const run = new Run(floor, plan)
  const source = await run.source()
  const build = await ordersBuild(floor, run, source)
  const test = await ordersTest(run, build, false)
  const other = [built('target/orders-api.jar', `orders-api ${run.commit}, and something else`)]
  const image = await ordersImage(run, build, test, other)
  // It then signs the other one in the place of the first.
  await ordersBuild(floor, run, source, `${run.commit}, and something else`)
  return { ...run.outcome(image), swapped: shaOf(`image of orders-api ${run.commit} ${other[0]!.digest.sha256}`) }
}

function ledgerBuild(run: Run, source: Done): Promise<Done> {
  const binary = built('bin/ledger', `ledger ${run.commit}`)
  return run.step({
    name: 'build',
    by: run.job('aws-codebuild', 'build'),
    after: [source],
    takes: [[source, source.made]],
    makes: [binary],
    argv: ['cargo', 'build', '--release', '--locked'],
    tools: { rustc: '1.91.0' },
    reports: [sbom('payments-ledger', binary, ['tokio@1.48.0', 'rustls@0.23.35'])],
    minutes: run.minutes('build', 5, 9),
  })
}

function ledgerTest(run: Run, build: Done, failures: number): Promise<Done> {
  return run.step({
    name: 'test',
    by: run.job('aws-codebuild', 'test'),
    after: [build],
    takes: [[build, build.made]],
    argv: ['cargo', 'nextest', 'run'],
    tools: { rustc: '1.91.0' },
    exitCode: failures > 0 ? 1 : 0,
    reports: [junit('payments-ledger', 48, failures)],
    minutes: run.minutes('test', 5, 9),
  })
}

function ledgerApproval(floor: Floor, run: Run, build: Done, who: 0 | 1): Promise<Done> {
  const key: Party = floor.keys.approvers[who]
  return run.step({
    name: 'approve',
    matrix: key.name,
    by: { key, system: 'local' },
    after: [build],
    takes: [[build, build.made]],
    argv: ['countersign', 'approve', 'bin/ledger'],
    minutes: run.minutes('approve', 10, 25),
  })
}

function ledgerImage(run: Run, build: Done, test: Done, approve: Done): Promise<Done> {
  return run.step({
    name: 'image',
    by: run.job('google-cloud-build', 'image'),
    after: [build, test, approve],
    takes: [[build, build.made]],
    makes: [built('ledger.oci.tar', `image of ledger ${run.commit}`)],
    argv: ['buildah', 'bud', '--output', 'type=oci,dest=ledger.oci.tar', '.'],
    tools: { buildah: '1.41.5' },
    minutes: run.minutes('image', 2, 4),
  })
}

/** At night, with tests that fail: `excuse` is asked when what follows was refused, and then the run goes on. */
export async function hastyRun(floor: Floor, plan: Plan, excuse: (chain: string) => Promise<void>): Promise<Outcome> {
  const run = new Run(floor, plan)
  const source = await run.source()
  const build = await ledgerBuild(run, source)
  const test = await ledgerTest(run, build, 2)
  const approve = await ledgerApproval(floor, run, build, 0)
  const refused = await ledgerImage(run, build, test, approve)
  if (refused.refused === null) throw new Error('what follows tests that failed was accepted')
  await excuse(run.chain.id)
  return run.outcome(await ledgerImage(run, build, test, approve))
}
