import { type JsonObject, utf8 } from '@countersign/core'
import type { ProviderConfirmation } from '@countersign/identity'
import { awsCredentials, type AwsCredentialSource, type AwsCredentialsProvider } from './aws-credentials.ts'
import { signAwsRequest } from './aws-sigv4.ts'
import {
  apiOf,
  askProvider,
  commitOf,
  type ConfirmOptions,
  membersOf,
  nonsense,
  repositoryOf,
  textOf,
  unknownRun,
} from './confirm-http.ts'

export interface CodebuildConfirmOptions extends ConfirmOptions {
  /** Those of the account whose builds are asked for: `codebuild:BatchGetBuilds`. */
  readonly credentials: AwsCredentialsProvider
  /** `https`, or `http` to this machine; null for AWS's own in the region of the build. */
  readonly endpoint: string | null
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Credentials out of a source. Throws `provider-unreachable`, never with a secret. */
export function codebuildCredentials(
  source: AwsCredentialSource,
  now: () => number,
  timeoutMs: number,
): AwsCredentialsProvider {
  const code = 'provider-unreachable'
  return awsCredentials({ source, now, timeoutMs, codes: { unreachable: code, invalid: code, refused: code } })
}

const BUILD =
  /^arn:(aws(?:-[a-z]+)*):codebuild:([a-z0-9-]{1,32}):([0-9]{12}):build\/([A-Za-z0-9_-]{1,255}):[0-9a-f-]{36}$/
/** Kinds of sources whose location is a repository; in the others it is a bucket, a pipeline or nothing. */
const REPOSITORIES = ['BITBUCKET', 'CODECOMMIT', 'GITHUB', 'GITHUB_ENTERPRISE', 'GITLAB', 'GITLAB_SELF_MANAGED']

/**
 * AWS CodeBuild: the build that a token names in a tag, or that its job does (BatchGetBuilds). Believed only where the
 * build runs with the role that the token is of.
 */
export function codebuildConfirmation({
  credentials,
  endpoint,
  now,
  ...options
}: CodebuildConfirmOptions): ProviderConfirmation {
  const at = endpoint === null ? null : apiOf(endpoint)
  return {
    system: 'aws-codebuild',
    async ask({ run }, claimed) {
      const arn = run?.id ?? claimed
      const parts = arn === null ? null : BUILD.exec(arn)
      if (arn === null || parts === null) throw unknownRun('CodeBuild')
      const [, partition, region, account, project] = parts as unknown as [string, string, string, string, string]
      const domain = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'
      const url = new URL(`${at ?? `https://codebuild.${region}.${domain}`}/`)
      const body = utf8(JSON.stringify({ ids: [arn] }))
      const headers: [string, string][] = [
        ['host', url.host],
        ['content-type', 'application/x-amz-json-1.1'],
        ['x-amz-target', 'CodeBuild_20161006.BatchGetBuilds'],
      ]
      const scope = { region, service: 'codebuild', credentials: await credentials.current(), at: now() }
      const signature = signAwsRequest({ method: 'POST', headers, body }, scope)
      const told = await askProvider(url, { method: 'POST', headers: [...headers, ...signature], body }, options)
      const build = buildIn(told, arn, url.host)
      const source = membersOf(build['source']) ?? nonsense(url.host)
      const version = textOf(build['sourceVersion'])
      const isRepository = REPOSITORIES.includes(textOf(source['type']) ?? '')
      const definition = `arn:${partition}:codebuild:${region}:${account}:project/${project}`
      return {
        run: { id: arn, attempt: null, job: null },
        isRunning: build['buildStatus'] === 'IN_PROGRESS',
        subject: textOf(build['serviceRole']) ?? nonsense(url.host),
        facts: {
          buildSignerURI: definition,
          buildConfigURI: definition,
          sourceRepositoryURI: isRepository ? repositoryOf(source['location']) : null,
          sourceRepositoryDigest: commitOf(build['resolvedSourceVersion']),
          sourceRepositoryRef: /^(refs\/[^^]+)(?:\^\{|$)/.exec(version ?? '')?.[1] ?? null,
          buildTrigger: textOf(build['initiator']),
          runInvocationURI: arn,
        },
        reasons: {
          pullRequests: /^(?:pr\/|refs\/pull\/|refs\/merge-requests\/)/.test(version ?? '')
            ? `the build is of ${version}`
            : null,
        },
      }
    },
  }
}

function buildIn(told: JsonObject | null, arn: string, host: string): JsonObject {
  const builds = told?.['builds']
  if (!Array.isArray(builds) || builds.length > 1) return nonsense(host)
  const build = membersOf(builds[0])
  // What is not found is left out, and named beside.
  if (build === null) throw unknownRun(host)
  return build['arn'] === arn ? build : nonsense(host)
}
