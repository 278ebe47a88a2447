import { CodedError } from '@countersign/core'
import type { Environment } from './environment.ts'
import type { Redactor } from './redact.ts'
import { looksSecret } from './secrets.ts'

/** What is recorded of an environment when it is set: what says where a step ran, and what steers a build. */
export const RECORDED_NAMES: readonly string[] = [
  // Builds
  'CI LANG LC_ALL TZ SOURCE_DATE_EPOCH NODE_ENV NODE_OPTIONS CC CXX CFLAGS CXXFLAGS LDFLAGS CGO_ENABLED',
  'GOOS GOARCH GOFLAGS RUSTFLAGS MAKEFLAGS JAVA_TOOL_OPTIONS LD_PRELOAD LD_LIBRARY_PATH PYTHONPATH',
  'DOCKER_HOST',
  // GitHub Actions
  'GITHUB_ACTIONS GITHUB_REPOSITORY GITHUB_REPOSITORY_ID GITHUB_REPOSITORY_OWNER_ID GITHUB_SERVER_URL',
  'GITHUB_REF GITHUB_SHA GITHUB_BASE_REF GITHUB_HEAD_REF GITHUB_EVENT_NAME GITHUB_WORKFLOW_REF',
  'GITHUB_WORKFLOW_SHA GITHUB_JOB GITHUB_RUN_ID GITHUB_RUN_NUMBER GITHUB_RUN_ATTEMPT GITHUB_ACTOR_ID',
  'RUNNER_ENVIRONMENT RUNNER_OS RUNNER_ARCH ImageOS ImageVersion',
  // GitLab
  'GITLAB_CI CI_SERVER_URL CI_PROJECT_ID CI_PROJECT_PATH CI_COMMIT_SHA CI_COMMIT_REF_NAME',
  'CI_COMMIT_REF_PROTECTED CI_PIPELINE_ID CI_PIPELINE_SOURCE CI_JOB_ID CI_JOB_NAME CI_JOB_IMAGE',
  'CI_RUNNER_ID CI_RUNNER_VERSION CI_CONFIG_PATH',
  // AWS CodeBuild
  'CODEBUILD_BUILD_ID CODEBUILD_BUILD_ARN CODEBUILD_BUILD_IMAGE CODEBUILD_BUILD_NUMBER',
  'CODEBUILD_INITIATOR CODEBUILD_RESOLVED_SOURCE_VERSION CODEBUILD_SOURCE_VERSION AWS_REGION',
  // Google Cloud Build, where a step maps its substitutions
  'PROJECT_ID BUILD_ID COMMIT_SHA REPO_FULL_NAME REF_NAME TRIGGER_NAME',
  // Azure Pipelines
  'TF_BUILD SYSTEM_COLLECTIONURI SYSTEM_TEAMPROJECT SYSTEM_DEFINITIONID SYSTEM_JOBATTEMPT SYSTEM_JOBID',
  'BUILD_BUILDID BUILD_BUILDNUMBER BUILD_REASON BUILD_REPOSITORY_ID BUILD_SOURCEBRANCH',
  'BUILD_SOURCEVERSION AGENT_OS AGENT_VERSION',
  // Jenkins
  'JENKINS_URL JOB_NAME BUILD_NUMBER BUILD_TAG NODE_NAME GIT_COMMIT GIT_BRANCH',
  // CircleCI
  'CIRCLECI CIRCLE_SHA1 CIRCLE_BRANCH CIRCLE_TAG CIRCLE_JOB CIRCLE_BUILD_NUM CIRCLE_WORKFLOW_ID',
  'CIRCLE_PIPELINE_ID CIRCLE_PROJECT_ID CIRCLE_ORGANIZATION_ID',
  // Buildkite
  'BUILDKITE BUILDKITE_COMMIT BUILDKITE_BRANCH BUILDKITE_TAG BUILDKITE_BUILD_ID BUILDKITE_BUILD_NUMBER',
  'BUILDKITE_JOB_ID BUILDKITE_PIPELINE_SLUG BUILDKITE_ORGANIZATION_SLUG BUILDKITE_SOURCE',
  'BUILDKITE_RETRY_COUNT BUILDKITE_STEP_KEY',
].flatMap((line) => line.split(' '))

/** Longest recorded value; what is longer says little and could hold anything. */
const MAX_VALUE = 4096

/**
 * The part of the environment that is recorded: the allow-list and `extra` names, values redacted. An extra name
 * that looks like a secret's is refused with `usage`: it would only ever be recorded as redacted.
 */
export function recordedEnvironment(
  environment: Environment,
  redactor: Redactor,
  extra: readonly string[] = [],
): { readonly [name: string]: string } {
  for (const name of extra) {
    if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name)) {
      throw new CodedError('usage', `${JSON.stringify(name.slice(0, 60))} is not the name of a variable`)
    }
    // Alone it would be read as a commitment (SPEC.md §6).
    if (name === 'sealed') throw new CodedError('usage', 'a variable named sealed cannot be recorded')
    if (looksSecret(name)) {
      throw new CodedError('usage', `${name} looks like a secret, and secrets are never recorded`, {
        fix: 'Leave it out, or give the harmless part a name of its own.',
      })
    }
  }
  const recorded: Record<string, string> = {}
  for (const name of new Set([...RECORDED_NAMES, ...extra])) {
    const value = environment[name]
    if (value === undefined) continue
    const clean = redactor.text(value)
    recorded[name] = clean.length > MAX_VALUE ? `${clean.slice(0, MAX_VALUE).toWellFormed()}…` : clean
  }
  return recorded
}
