import { delimiter } from 'node:path'
import type { JsonValue } from '@countersign/core'
import type { SystemName } from '@countersign/identity'
import { RECORDED, ruleFor } from './claims.ts'
import { type LocalIssuer, startIssuer } from './local-issuer.ts'
import { TokenEndpoints } from './token-endpoints.ts'

/** The eight, in the order in which a build goes through them here. */
export const CI_SYSTEMS = [
  'github-actions',
  'gitlab-ci',
  'circleci',
  'buildkite',
  'azure-pipelines',
  'google-cloud-build',
  'aws-codebuild',
  'jenkins',
] as const satisfies readonly SystemName[]

export type CiSystem = (typeof CI_SYSTEMS)[number]

/** What a job is given beside the variables that say where it runs. */
export interface JobOptions {
  /** Claims in the place of its own. */
  readonly claims?: Readonly<Record<string, JsonValue | undefined>>
  /** Whom the tokens are for that a job is given without being asked; the server's audience. */
  readonly audience: string
  /** Number of another run than the usual one, in GitHub, GitLab and Jenkins. */
  readonly run?: number
}

/** Where a system tells its run: in a claim, and in a variable. */
const RUNS: Readonly<Partial<Record<CiSystem, readonly [claim: string, variable: string]>>> = {
  'github-actions': ['run_id', 'GITHUB_RUN_ID'],
  'gitlab-ci': ['pipeline_id', 'CI_PIPELINE_ID'],
  jenkins: ['build_number', 'BUILD_NUMBER'],
}

/**
 * Jobs of the eight systems on this machine: each with an issuer of its own and with the places where its system hands
 * out tokens, in the variables that its system sets.
 */
export class Jobs {
  readonly endpoints: TokenEndpoints
  readonly issuers: ReadonlyMap<CiSystem, LocalIssuer>
  readonly #programs: Record<string, string>
  readonly #path: string
  #claims: JobOptions['claims']

  private constructor(endpoints: TokenEndpoints, issuers: ReadonlyMap<CiSystem, LocalIssuer>, bin: string) {
    this.endpoints = endpoints
    this.issuers = issuers
    this.#programs = endpoints.programs(bin)
    this.#path = [bin, process.env['PATH'] ?? ''].join(delimiter)
    for (const system of CI_SYSTEMS) endpoints.mint(system, (audience) => this.token(system, audience))
    // CodeBuild lets its role say which build it is.
    endpoints.mint('aws-tags', (audience) => this.token('aws-codebuild', audience))
  }

  /** `bin` is where the programs of the systems are put. */
  static async start(bin: string): Promise<Jobs> {
    const endpoints = await new TokenEndpoints().start()
    const started = await Promise.all(CI_SYSTEMS.map(async (system) => [system, await startIssuer()] as const))
    return new Jobs(endpoints, new Map(started), bin)
  }

  async stop(): Promise<void> {
    this.endpoints.stop()
    for (const issuer of this.issuers.values()) await issuer.close()
  }

  /** A rule that lets the jobs of a system in, as the server's API takes it. */
  rule(system: CiSystem): object {
    const { id, issuer: _, ...rule } = ruleFor(system)
    return {
      ...rule,
      id,
      issuer: this.issuers.get(system)!.url,
      ...(PAGES[system] === null ? {} : { url: PAGES[system] }),
    }
  }

  token(system: CiSystem, audience: string): string {
    const issuer = this.issuers.get(system)!
    const { audience: fixed } = RECORDED[system]
    return issuer.token(system, { aud: fixed ?? audience, ...this.#claims })
  }

  /** Environment of a job: what tells the system, and its own secrets; nothing that anybody stored. */
  environment(system: CiSystem, { claims, audience, run }: JobOptions): Record<string, string> {
    const [claim, variable] = run === undefined ? [] : (RUNS[system] ?? [])
    const number = system === 'jenkins' ? run : String(run)
    this.#claims = { ...claims, ...(claim === undefined ? {} : { [claim]: number }) }
    const variables = this.#variables(system, audience)
    return { PATH: this.#path, ...variables, ...(variable === undefined ? {} : { [variable]: String(run) }) }
  }

  #variables(system: CiSystem, audience: string): Record<string, string> {
    const { endpoints } = this
    switch (system) {
      case 'github-actions':
        return {
          ...endpoints.github(),
          GITHUB_REPOSITORY: 'acme/widget',
          GITHUB_REPOSITORY_ID: '74123456',
          GITHUB_RUN_ID: '9876543210',
          GITHUB_RUN_ATTEMPT: '1',
          GITHUB_SHA: COMMIT,
          GITHUB_REF: 'refs/heads/main',
          GITHUB_EVENT_NAME: 'push',
        }
      case 'gitlab-ci':
        return {
          GITLAB_CI: 'true',
          CI_PIPELINE_ID: '574',
          CI_PROJECT_URL: 'https://gitlab.com/acme/widget',
          CI_PROJECT_ID: '20',
          CI_COMMIT_SHA: COMMIT,
          CI_COMMIT_BRANCH: 'main',
          COUNTERSIGN_ID_TOKEN: this.token(system, audience),
        }
      case 'circleci':
        return { CIRCLECI: 'true', CIRCLE_WORKFLOW_ID: '33333333-3333-4333-8333-333333333333', ...this.#programs }
      case 'buildkite':
        return { BUILDKITE: 'true', BUILDKITE_BUILD_ID: '77777777-7777-4777-8777-777777777777', ...this.#programs }
      case 'azure-pipelines':
        return { ...endpoints.azurePipelines(), BUILD_BUILDID: '4711', BUILD_SOURCEVERSION: COMMIT }
      case 'google-cloud-build':
        return {
          ...endpoints.google(),
          PROJECT_ID: 'acme-build',
          BUILD_ID: '0a1b2c3d-1111-4222-8333-444455556666',
          COMMIT_SHA: COMMIT,
        }
      case 'aws-codebuild':
        return { ...endpoints.aws(), CODEBUILD_BUILD_ID: `widget:${BUILD}`, CODEBUILD_BUILD_ARN: BUILD_ARN }
      case 'jenkins':
        return {
          JENKINS_URL: 'https://jenkins.example/',
          BUILD_URL: 'https://jenkins.example/job/widget/41/',
          JOB_URL: 'https://jenkins.example/job/widget/',
          JOB_NAME: 'widget',
          BUILD_NUMBER: '41',
          COUNTERSIGN_ID_TOKEN: this.token(system, audience),
        }
    }
  }
}

const COMMIT = '7a3f0e5c1b2d4f6a8c9e0b1d2f3a4c5e6f708192'
const BUILD = '99999999-9999-4999-8999-999999999999'
const BUILD_ARN = `arn:aws:codebuild:eu-central-1:123456789012:build/widget:${BUILD}`

/** Where the systems' own pages are, which an issuer on this machine does not imply. */
const PAGES: Readonly<Record<CiSystem, string | null>> = {
  'github-actions': 'https://github.com',
  'gitlab-ci': 'https://gitlab.com',
  circleci: null,
  buildkite: null,
  'azure-pipelines': null,
  'google-cloud-build': null,
  'aws-codebuild': null,
  jenkins: null,
}
