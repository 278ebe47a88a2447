import { parseStep, writeStep } from '@countersign/formats'
import { describeRunner, Redactor } from '@countersign/record'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { claimedCi } from './ci-claimed.ts'

const SHA = 'a'.repeat(40)
const UUID = '2f6c9f3e-6d3a-4c58-9d0c-0b7a3c1d5e6f'

/** One environment a system, as its own documentation describes it, with the variables that matter here. */
const ENVIRONMENTS: Record<string, Record<string, string>> = {
  'github-actions': {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'acme/shop',
    GITHUB_REPOSITORY_ID: '42',
    GITHUB_SHA: SHA,
    GITHUB_REF: 'refs/heads/main',
    GITHUB_WORKFLOW_REF: 'acme/shop/.github/workflows/ci.yml@refs/heads/main',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_RUN_ID: '1001',
    GITHUB_RUN_ATTEMPT: '2',
    RUNNER_ENVIRONMENT: 'github-hosted',
  },
  'gitlab-ci': {
    CI: 'true',
    GITLAB_CI: 'true',
    CI_SERVER_URL: 'https://gitlab.com',
    CI_PROJECT_URL: 'https://gitlab.com/acme/shop',
    CI_PROJECT_ID: '7',
    CI_COMMIT_SHA: SHA,
    CI_COMMIT_BRANCH: 'main',
    CI_COMMIT_REF_NAME: 'main',
    CI_PIPELINE_ID: '900',
    CI_PIPELINE_SOURCE: 'push',
    CI_JOB_URL: 'https://gitlab.com/acme/shop/-/jobs/1',
  },
  'aws-codebuild': {
    CODEBUILD_BUILD_ID: `shop:${UUID}`,
    CODEBUILD_BUILD_ARN: `arn:aws:codebuild:eu-west-1:1:build/shop:${UUID}`,
    CODEBUILD_SOURCE_REPO_URL: 'https://github.com/acme/shop.git',
    CODEBUILD_RESOLVED_SOURCE_VERSION: SHA,
    CODEBUILD_WEBHOOK_HEAD_REF: 'refs/heads/main',
    CODEBUILD_WEBHOOK_EVENT: 'PUSH',
  },
  'azure-pipelines': {
    TF_BUILD: 'True',
    BUILD_BUILDURI: 'vstfs:///Build/Build/55',
    SYSTEM_COLLECTIONURI: 'https://dev.azure.com/acme/',
    SYSTEM_COLLECTIONID: UUID,
    SYSTEM_TEAMPROJECT: 'Web Shop',
    SYSTEM_DEFINITIONID: '3',
    SYSTEM_JOBATTEMPT: '1',
    BUILD_BUILDID: '55',
    BUILD_REPOSITORY_URI: 'https://acme@dev.azure.com/acme/shop/_git/shop',
    BUILD_REPOSITORY_ID: 'r-1',
    BUILD_SOURCEVERSION: SHA,
    BUILD_SOURCEBRANCH: 'refs/heads/main',
    BUILD_REASON: 'IndividualCI',
  },
  circleci: {
    CI: 'true',
    CIRCLECI: 'true',
    CIRCLE_ORGANIZATION_ID: 'org-1',
    CIRCLE_PROJECT_ID: 'project-1',
    CIRCLE_REPOSITORY_URL: 'git@github.com:acme/shop.git',
    CIRCLE_SHA1: SHA,
    CIRCLE_BRANCH: 'main',
    CIRCLE_BUILD_URL: 'https://circleci.com/gh/acme/shop/12',
    CIRCLE_WORKFLOW_ID: UUID,
  },
  buildkite: {
    CI: 'true',
    BUILDKITE: 'true',
    BUILDKITE_REPO: 'https://user:pw@github.com/acme/shop',
    BUILDKITE_COMMIT: SHA,
    BUILDKITE_BRANCH: 'main',
    BUILDKITE_TAG: 'v1.0',
    BUILDKITE_PIPELINE_ID: 'p-1',
    BUILDKITE_ORGANIZATION_SLUG: 'acme',
    BUILDKITE_PIPELINE_SLUG: 'shop',
    BUILDKITE_SOURCE: 'webhook',
    BUILDKITE_BUILD_URL: 'https://buildkite.com/acme/shop/builds/4',
    BUILDKITE_BUILD_ID: UUID,
    BUILDKITE_JOB_ID: 'job-1',
    BUILDKITE_RETRY_COUNT: '1',
    BUILDKITE_COMPUTE_TYPE: 'self-hosted',
  },
  jenkins: {
    JENKINS_URL: 'https://jenkins.example/',
    BUILD_URL: 'https://jenkins.example/job/shop/8/',
    BUILD_ID: '8',
    BUILD_NUMBER: '8',
    JOB_NAME: 'shop',
    JOB_URL: 'https://jenkins.example/job/shop/',
    GIT_URL: 'https://token@git.example/shop.git',
    GIT_COMMIT: SHA,
    GIT_BRANCH: 'origin/main',
  },
  'google-cloud-build': {
    PROJECT_ID: 'acme',
    BUILD_ID: UUID,
    COMMIT_SHA: SHA,
    REPO_FULL_NAME: 'acme/shop',
    BRANCH_NAME: 'main',
    TRIGGER_NAME: 'on-push',
    LOCATION: 'europe-west1',
  },
}

const RUNS: Record<string, { id: string; attempt: number }> = {
  'github-actions': { id: '1001', attempt: 2 },
  'gitlab-ci': { id: '900', attempt: 1 },
  'aws-codebuild': { id: `shop:${UUID}`, attempt: 1 },
  'azure-pipelines': { id: '55', attempt: 1 },
  circleci: { id: UUID, attempt: 1 },
  buildkite: { id: UUID, attempt: 2 },
  jenkins: { id: 'shop/8', attempt: 1 },
  'google-cloud-build': { id: UUID, attempt: 1 },
}

describe('the eight CI systems', () => {
  it.each(Object.entries(ENVIRONMENTS))('%s is recognised, with commit and run', (system, environment) => {
    const facts = claimedCi.detect(environment)!
    expect(facts.system).toBe(system)
    expect(facts.run).toEqual(RUNS[system])
    expect(facts.identity!.sourceRepositoryDigest).toBe(SHA)
    expect(facts.identity!.runInvocationURI).not.toBeNull()
    expect(Object.keys(facts.identity!)).toHaveLength(9)
  })

  it('say who they are by the names of Fulcio’s extensions', () => {
    expect(claimedCi.detect(ENVIRONMENTS['github-actions']!)!.identity).toEqual({
      issuer: 'https://token.actions.githubusercontent.com',
      sourceRepositoryURI: 'https://github.com/acme/shop',
      sourceRepositoryDigest: SHA,
      sourceRepositoryRef: 'refs/heads/main',
      sourceRepositoryIdentifier: '42',
      buildConfigURI: 'https://github.com/acme/shop/.github/workflows/ci.yml@refs/heads/main',
      buildTrigger: 'push',
      runInvocationURI: 'https://github.com/acme/shop/actions/runs/1001/attempts/2',
      runnerEnvironment: 'github-hosted',
    })
    expect(claimedCi.detect(ENVIRONMENTS['gitlab-ci']!)!.identity).toMatchObject({
      issuer: 'https://gitlab.com',
      sourceRepositoryRef: 'refs/heads/main',
      buildConfigURI: 'https://gitlab.com/acme/shop//.gitlab-ci.yml@refs/heads/main',
    })
    expect(claimedCi.detect(ENVIRONMENTS['azure-pipelines']!)!.identity).toMatchObject({
      issuer: `https://vstoken.dev.azure.com/${UUID}`,
      sourceRepositoryURI: 'https://dev.azure.com/acme/shop/_git/shop',
      runInvocationURI: 'https://dev.azure.com/acme/Web%20Shop/_build/results?buildId=55',
    })
  })

  it.each([
    ['https://github.acme.example', 'https://github.acme.example/_services/token'],
    ['https://acme.ghe.com', 'https://token.actions.acme.ghe.com'],
  ])('know the issuer of GitHub at %s', (server, issuer) => {
    const facts = claimedCi.detect({ ...ENVIRONMENTS['github-actions'], GITHUB_SERVER_URL: server })!
    expect(facts.identity!.issuer).toBe(issuer)
  })

  it('tell no credentials of repositories', () => {
    const uri = (system: string) => claimedCi.detect(ENVIRONMENTS[system]!)!.identity!.sourceRepositoryURI
    expect(uri('circleci')).toBe('ssh://github.com/acme/shop.git')
    expect(uri('buildkite')).toBe('https://github.com/acme/shop')
    expect(uri('jenkins')).toBe('https://git.example/shop.git')
  })

  it('are not mistaken for one another', () => {
    // CodeBuild and others host GitHub's runners: the workflow is GitHub's.
    const both = { ...ENVIRONMENTS['aws-codebuild'], ...ENVIRONMENTS['github-actions'] }
    expect(claimedCi.detect(both)!.system).toBe('github-actions')
    expect(claimedCi.detect({ ...ENVIRONMENTS['jenkins'], PROJECT_ID: 'x' })!.system).toBe('jenkins')
    expect(claimedCi.detect({ PROJECT_ID: 'x', BUILD_ID: '8' })).toBeNull()
    for (const environment of [{}, { CI: 'true' }, { GITHUB_ACTIONS: 'false' }, { JENKINS_URL: 'https://x' }]) {
      expect(claimedCi.detect(environment)).toBeNull()
    }
  })

  it('leave out what is not what it should be', () => {
    const broken = {
      ...ENVIRONMENTS['github-actions'],
      GITHUB_SHA: 'HEAD',
      GITHUB_REF: 'refs/heads/\u202eevil',
      GITHUB_RUN_ATTEMPT: '1e9',
      GITHUB_REPOSITORY_ID: 'x'.repeat(5000),
    }
    const facts = claimedCi.detect(broken)!
    expect(facts.identity).toMatchObject({
      sourceRepositoryDigest: null,
      sourceRepositoryRef: null,
      sourceRepositoryIdentifier: null,
    })
    expect(facts.run).toEqual({ id: '1001', attempt: 1 })
    const { GITHUB_RUN_ID: _, ...without } = ENVIRONMENTS['github-actions']!
    expect(claimedCi.detect(without)!.run).toBeNull()
    expect(claimedCi.detect(without)!.identity!.runInvocationURI).toBeNull()
  })
})

it('whatever the environment holds, what is claimed of it can be signed', () => {
  const names = [...new Set(Object.values(ENVIRONMENTS).flatMap((environment) => Object.keys(environment)))]
  const value = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.constantFrom('true', 'True', UUID, SHA, '1'))
  const environments = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 30 })
  const chosen = fc.constantFrom(...Object.values(ENVIRONMENTS))
  fc.assert(
    fc.property(chosen, environments, (base, noise) => {
      const environment = { ...base, ...noise }
      const ci = claimedCi.detect(environment)
      const runner = describeRunner({ ci, os: 'linux', arch: 'x64', tools: {} }, new Redactor(environment))
      const payload = writeStep({
        subject: [{ name: 'a', digest: { sha256: 'a'.repeat(64) } }],
        predicate: {
          chain: { id: 'a'.repeat(32), pipeline: 'p', contract: null },
          step: { name: 'build', attempt: ci?.run?.attempt ?? 1, matrix: null, nonce: 'a'.repeat(32) },
          previous: [],
          materials: [],
          invocation: {
            argv: null,
            exitCode: null,
            signal: null,
            error: null,
            startedAt: '2026-11-01T12:00:00.000Z',
            finishedAt: '2026-11-01T12:00:00.000Z',
            workingDirectory: null,
            environment: {},
          },
          runner,
          evidence: [],
        },
      })
      expect(parseStep(payload).predicate.runner).toEqual(runner)
    }),
    { numRuns: 300 },
  )
})
