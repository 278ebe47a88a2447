import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { ConfirmedSystem } from '@countersign/identity'
import { signAwsRequest } from '../../packages/adapters/src/aws-sigv4.ts'
import { RECORDED_COMMIT as HEAD } from './claims.ts'

const UUID = '99999999-9999-4999-8999-999999999999'
export const BUILD_ARN = `arn:aws:codebuild:eu-central-1:123456789012:build/widget:${UUID}`
export const BUILD_NAME = 'projects/acme-build/locations/global/builds/0a1b2c3d-1111-4222-8333-444455556666'
const ROLE = 'arn:aws:iam::123456789012:role/codebuild-widget'
const ACCOUNT = 'projects/acme-build/serviceAccounts/builder@acme-build.iam.gserviceaccount.com'

/** What the providers know of the recorded runs: by the path, or the build, that is asked for. */
const RUNS = {
  'github-actions': {
    '/repos/acme/widget/actions/runs/9876543210/attempts/1': {
      id: 9876543210,
      run_attempt: 1,
      status: 'in_progress',
      event: 'push',
      head_sha: HEAD,
      repository: { id: 74123456, html_url: 'https://github.com/acme/widget' },
      head_repository: { id: 74123456 },
    },
  },
  'gitlab-ci': {
    '/api/v4/projects/20/jobs/302': {
      id: 302,
      status: 'running',
      commit: { id: HEAD },
      pipeline: { id: 574, project_id: 20 },
      web_url: 'https://gitlab.com/acme/widget/-/jobs/302',
    },
  },
  'aws-codebuild': {
    [BUILD_ARN]: {
      arn: BUILD_ARN,
      startTime: 1795176000.123,
      buildStatus: 'IN_PROGRESS',
      serviceRole: ROLE,
      source: { type: 'GITHUB', location: 'https://github.com/acme/widget.git' },
      sourceVersion: `refs/heads/main^{${HEAD}}`,
      resolvedSourceVersion: HEAD,
      initiator: 'GitHub-Hookshot/1',
    },
  },
  'google-cloud-build': {
    [`/v1/${BUILD_NAME}`]: {
      id: BUILD_NAME.split('/').at(-1)!,
      status: 'WORKING',
      serviceAccount: ACCOUNT,
      buildTriggerId: '7',
      sourceProvenance: { resolvedGitSource: { url: 'https://github.com/acme/widget.git', revision: HEAD } },
    },
  },
} as const satisfies Readonly<Record<ConfirmedSystem, object>>

type Answer = (response: ServerResponse) => unknown

/** The APIs of the four providers on this machine: each asks for its own credentials, and knows the recorded runs. */
export class LocalProviders {
  /** What they ask for. */
  readonly secrets = { github: 'gh-canary-1', gitlab: 'gl-canary-2', aws: 'aws/canary+3', google: 'gc-canary-4' }
  /** What was asked: a path, or a build. */
  readonly asked: string[] = []
  /** What they know; to be changed. */
  readonly runs = structuredClone(RUNS) as unknown as Record<ConfirmedSystem, Record<string, Record<string, unknown>>>
  /** Answers in the place of all of them. */
  answer: Answer | null = null
  readonly #server = createServer((request, response) => void this.#serve(request, response))
  url = ''

  static async start(): Promise<LocalProviders> {
    const providers = new LocalProviders()
    providers.#server.listen(0, '127.0.0.1')
    await once(providers.#server, 'listening')
    providers.url = `http://127.0.0.1:${(providers.#server.address() as AddressInfo).port}`
    return providers
  }

  /** The one run that a provider knows by itself. */
  run(system: ConfirmedSystem): Record<string, unknown> {
    return Object.values(this.runs[system])[0]!
  }

  /** Everything as it was. */
  reset(): void {
    Object.assign(this.runs, structuredClone(RUNS))
    this.answer = null
    this.asked.length = 0
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  /** Writes settings that name them, and their secrets beside; gives the file. */
  write(directory: string, issuers: (system: ConfirmedSystem) => string, more: object = {}): string {
    const of = (system: ConfirmedSystem) => ({ system, issuer: issuers(system), ...more })
    const secret = (name: keyof LocalProviders['secrets'] | 'id') => {
      writeFileSync(join(directory, `${name}.secret`), `${name === 'id' ? 'AKIALOCAL' : this.secrets[name]}\n`)
      return { file: `${name}.secret` }
    }
    const providers = [
      { ...of('github-actions'), api: `${this.url}/github`, token: secret('github') },
      { ...of('gitlab-ci'), url: `${this.url}/gitlab`, token: secret('gitlab') },
      {
        ...of('aws-codebuild'),
        endpoint: this.url,
        credentials: { accessKeyId: secret('id'), secretAccessKey: secret('aws') },
      },
      { ...of('google-cloud-build'), endpoint: `${this.url}/google`, token: secret('google') },
    ]
    const file = join(directory, 'providers.json')
    writeFileSync(file, JSON.stringify({ providers }))
    return file
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const body = Buffer.concat(parts)
    const [system, name] = this.#questionIn(request, body)
    this.asked.push(name)
    if (this.answer !== null) return void this.answer(response)
    if (!this.#mayAsk(system, request, body)) return send(response, 403, { message: 'Forbidden' })
    const run = this.runs[system][name]
    if (system === 'aws-codebuild') {
      return send(response, 200, run === undefined ? { builds: [], buildsNotFound: [name] } : { builds: [run] })
    }
    return run === undefined ? send(response, 404, { message: 'Not Found' }) : send(response, 200, run)
  }

  #questionIn({ url = '', method }: IncomingMessage, body: Buffer): [system: ConfirmedSystem, name: string] {
    const [, place, path] = /^\/(github|gitlab|google)(\/.*)$/.exec(url) ?? []
    if (place === 'github') return ['github-actions', path!]
    if (place === 'gitlab') return ['gitlab-ci', path!]
    if (place === 'google') return ['google-cloud-build', path!]
    const { ids } = method === 'POST' ? (JSON.parse(String(body)) as { ids: string[] }) : { ids: ['nothing'] }
    return ['aws-codebuild', ids.join()]
  }

  #mayAsk(system: ConfirmedSystem, { headers, method }: IncomingMessage, body: Buffer): boolean {
    const { github, gitlab, aws, google } = this.secrets
    if (system === 'github-actions') return headers.authorization === `Bearer ${github}` && method === 'GET'
    if (system === 'gitlab-ci') return headers['private-token'] === gitlab && method === 'GET'
    if (system === 'google-cloud-build') return headers.authorization === `Bearer ${google}` && method === 'GET'
    const names = ['host', 'content-type', 'x-amz-target']
    const date = String(headers['x-amz-date'])
    const at = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
    const credentials = { accessKeyId: 'AKIALOCAL', secretAccessKey: aws, sessionToken: null }
    const signed = signAwsRequest(
      { method: 'POST', headers: names.map((name) => [name, String(headers[name])] as const), body },
      { region: 'eu-central-1', service: 'codebuild', credentials, at },
    )
    const expected = signed.find(([name]) => name === 'authorization')?.[1]
    return (
      headers['x-amz-target'] === 'CodeBuild_20161006.BatchGetBuilds' &&
      Math.abs(at - Date.now()) < 300_000 &&
      headers.authorization === expected
    )
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
