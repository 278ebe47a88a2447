import { execFileSync } from 'node:child_process'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { rmSync } from 'node:fs'
import type { Bench } from '../e2e/cli.ts'
import { type Running, startServer } from '../e2e/server.ts'
import { Jobs } from '../identity/jobs.ts'
import { ActionJob, type JobWorld } from './runner.ts'

export interface JobOf extends Partial<JobWorld> {
  /** Repository to check out; null for a job without. */
  readonly origin: string | null
  readonly name: string
  /** Its id in the workflow. */
  readonly job: string
}

export interface Stored {
  readonly subject: readonly { readonly name: string; readonly digest: Readonly<Record<string, string>> }[]
  readonly predicate: {
    readonly materials: readonly { readonly name: string; readonly uri?: string }[]
    readonly invocation: object
    readonly runner: { readonly actions: Readonly<Record<string, string>> }
  }
}

/** GitHub as far as a job sees it: its issuer, its API, a server of ours that lets its jobs in, machines. */
export class World {
  readonly bench: Bench
  readonly server: Running
  readonly jobs: Jobs
  readonly audience: string
  readonly github: Server
  /** Commits by `owner/name@ref`, which GitHub's API tells. */
  readonly tags = new Map<string, string>()
  readonly made: ActionJob[] = []
  run = 1

  private constructor(bench: Bench, server: Running, jobs: Jobs, audience: string, github: Server) {
    this.bench = bench
    this.server = server
    this.jobs = jobs
    this.audience = audience
    this.github = github
    github.on('request', (request, reply) => {
      if (request.method === 'POST') return void this.#attested(request, reply)
      const [, repository, ref] = /^\/repos\/([^/]+\/[^/]+)\/commits\/(.+)$/.exec(request.url ?? '') ?? []
      const commit = this.tags.get(`${repository}@${decodeURIComponent(ref ?? '')}`)
      reply.writeHead(commit === undefined ? 404 : 200).end(commit ?? '')
    })
  }

  /** What jobs gave to their repositories. */
  readonly attestations: { readonly path: string; readonly token: string; readonly bundle: unknown }[] = []

  async #attested(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const token = request.headers.authorization ?? ''
    if (token !== 'token job-token') return void reply.writeHead(403).end('{}')
    const { bundle } = JSON.parse(Buffer.concat(chunks).toString())
    this.attestations.push({ path: request.url ?? '', token, bundle })
    reply
      .writeHead(201, { 'content-type': 'application/json' })
      .end(JSON.stringify({ id: 100 + this.attestations.length }))
  }

  static async start(bench: Bench): Promise<World> {
    const jobs = await Jobs.start(bench.path('bin'))
    const server = await startServer(bench.dir('server'))
    const { audience } = (await (await fetch(`${server.url}/v1/audience`)).json()) as { audience: string }
    const added = await server.ask('/v1/issuers', JSON.stringify(jobs.rule('github-actions')))
    if (added.status !== 201) throw new Error(await added.text())
    const github = createServer()
    await new Promise<void>((done) => github.listen(0, '127.0.0.1', done))
    return new World(bench, server, jobs, audience, github)
  }

  async stop(): Promise<void> {
    this.github.close()
    await this.server.end('SIGTERM')
    await this.jobs.stop()
  }

  /** A repository, with its files committed. */
  repository(name: string, files: Readonly<Record<string, string>>): string {
    return this.bench.checkout(`origin-${name}`, files)
  }

  job({ origin, name, job, environment = {}, ...more }: JobOf): ActionJob & { readonly workspace: string } {
    const workspace = this.bench.path(`machine-${name}`)
    rmSync(workspace, { recursive: true, force: true })
    if (origin === null) this.bench.dir(`machine-${name}`)
    else execFileSync('git', ['clone', '-q', '--depth=1', `file://${origin}`, workspace])
    const { port } = this.github.address() as AddressInfo
    const made = new ActionJob(
      {
        ...more,
        workspace,
        with: { 'server-url': this.server.url, ...more.with },
        environment: {
          ...this.jobs.environment('github-actions', { audience: this.audience, run: this.run }),
          GITHUB_JOB: job,
          GITHUB_WORKFLOW_REF: 'acme/widget/.github/workflows/ci.yml@refs/heads/main',
          GITHUB_API_URL: `http://127.0.0.1:${port}`,
          ...environment,
        },
      },
      this.bench.path('temp'),
    )
    this.made.push(made)
    return Object.assign(made, { workspace })
  }

  async stored(link: string): Promise<Stored> {
    const { bundle } = (await (await this.server.ask(`/v1/attestations/${link}`)).json()) as {
      bundle: { dsseEnvelope: { payload: string } }
    }
    return JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString()) as Stored
  }

  async publish(contract: string): Promise<void> {
    const env = { COUNTERSIGN_URL: this.server.url, COUNTERSIGN_TOKEN: this.server.token }
    const published = await this.bench.cliLater(this.bench.root, ['contract', 'publish', contract], env)
    if (published.code !== 0) throw new Error(published.out + published.err)
  }
}

/** A contract of steps in a row, each signed by the repository's own workflow. `more` are lines at its end. */
export async function contractFor(world: World, pipeline: string, steps: readonly string[]): Promise<string> {
  const { vkey } = (await (await world.server.ask('/v1/server')).json()) as { vkey: string }
  const bundle = (await (await world.server.ask('/api/v2/trustBundle')).json()) as {
    chains: { certificates: string[] }[]
  }
  const pem = bundle.chains[0]!.certificates.join('').trimEnd().split('\n')
  const token = world.jobs.token('github-actions', world.audience)
  const tried = await world.server.ask('/v1/issuers/test', JSON.stringify({ token }))
  const { token: known } = (await tried.json()) as {
    token: { identity: { issuer: string; subject: { value: string }; sourceRepositoryIdentifier: string } }
  }
  const { issuer, subject, sourceRepositoryIdentifier } = known.identity
  return [
    'contract: v1',
    `pipeline: ${pipeline}`,
    'revision: 1',
    'authorities:',
    '  ours:',
    '    certificates: |',
    ...pem.map((line) => `      ${line}`),
    `    log: ${vkey}`,
    `countersigners: ["${vkey}"]`,
    'signers:',
    '  ci:',
    `    issuer: ${issuer}`,
    `    subject: ${subject.value}`,
    `    sourceRepositoryIdentifier: "${sourceRepositoryIdentifier}"`,
    'steps:',
    ...steps.flatMap((step, i) => [
      `  ${step}:`,
      ...(i === 0 ? [] : [`    after: [${steps[i - 1]}]`]),
      '    signers: [ci]',
      ...(i === 0 ? ['    products: ["dist/**"]'] : []),
    ]),
    `final: ${steps.at(-1)}`,
    '',
  ].join('\n')
}
