import type { JsonObject } from '@countersign/core'
import type { ProviderConfirmation } from '@countersign/identity'
import { gcpTokens } from './gcp-credentials.ts'
import { KmsFaults } from './kms-door.ts'
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

export interface CloudbuildConfirmOptions extends ConfirmOptions {
  /** An access token that may read builds (`cloudbuild.builds.get`), fetched each time. */
  readonly accessToken: () => Promise<string>
  /** `https`, or `http` to this machine; null for Google's own. */
  readonly endpoint: string | null
}

/** What may read builds, and far more: Cloud Build has no scope of its own. The service account's roles bound it. */
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'

/** Access tokens as Google's own tools find them. Throws `provider-unreachable`, never with a secret. */
export function cloudbuildAccess(
  env: Readonly<Record<string, string | undefined>>,
  now: () => number,
  timeoutMs: number,
): () => Promise<string> {
  const code = 'provider-unreachable'
  const codes = { unreachable: code, invalid: code, refused: code } as const
  const tokens = gcpTokens({ env, now, codes, timeoutMs }, new KmsFaults({ codes }), SCOPE)
  return () => tokens.current()
}

const BUILD = /^projects\/([a-z][a-z0-9:.-]{4,62})\/locations\/([a-z0-9-]{1,32})\/builds\/([0-9a-f-]{36})$/

/**
 * Google Cloud Build: the build that a job says it is of, since no token names one (REST v1, projects.locations.builds
 * get). Believed only where it runs as the service account that the token is of. Of its source counts what Cloud Build
 * resolved itself; substitutions are whoever's that began the build.
 */
export function cloudbuildConfirmation({
  accessToken,
  endpoint,
  ...options
}: CloudbuildConfirmOptions): ProviderConfirmation {
  const base = apiOf(endpoint ?? 'https://cloudbuild.googleapis.com')
  return {
    system: 'google-cloud-build',
    async ask(_, claimed) {
      const { host } = new URL(base)
      const parts = claimed === null ? null : BUILD.exec(claimed)
      if (claimed === null || parts === null) throw unknownRun(host)
      const headers = [['authorization', `Bearer ${await accessToken()}`]] as const
      const told = await askProvider(new URL(`${base}/v1/${claimed}`), { headers }, options)
      if (told === null) throw unknownRun(host)
      if (told['id'] !== parts[3]) nonsense(host)
      const account = /^projects\/[^/]+\/serviceAccounts\/([^/]+)$/.exec(textOf(told['serviceAccount']) ?? '')?.[1]
      const trigger = textOf(told['buildTriggerId'])
      return {
        run: { id: claimed, attempt: null, job: null },
        isRunning: told['status'] === 'WORKING',
        // Without one it runs as the default account, for which there are no identity tokens.
        subject: account ?? '',
        facts: {
          ...sourceOf(told),
          buildTrigger: trigger === null ? 'manual' : 'trigger',
          runInvocationURI: `https://cloudbuild.googleapis.com/v1/${claimed}`,
        },
        reasons: {},
      }
    },
  }
}

function sourceOf(told: JsonObject): { sourceRepositoryURI: string | null; sourceRepositoryDigest: string | null } {
  const [source, resolved] = [membersOf(told['source']), membersOf(told['sourceProvenance'])]
  const git = membersOf(resolved?.['resolvedGitSource'])
  if (git !== null) {
    return { sourceRepositoryURI: repositoryOf(git['url']), sourceRepositoryDigest: commitOf(git['revision']) }
  }
  const connected = membersOf(resolved?.['resolvedConnectedRepository'])
  const name = textOf(connected?.['repository'])
  if (connected !== null && name !== null && /^projects\/[\w./:-]+$/.test(name)) {
    const uri = `https://cloudbuild.googleapis.com/v2/${name}`
    return { sourceRepositoryURI: uri, sourceRepositoryDigest: commitOf(connected['revision']) }
  }
  const mirrored = membersOf(resolved?.['resolvedRepoSource'])
  const [project, repo] = [textOf(mirrored?.['projectId']), textOf(mirrored?.['repoName'])]
  if (source !== null && mirrored !== null && project !== null && repo !== null) {
    const uri = `https://source.developers.google.com/p/${encodeURIComponent(project)}/r/${encodeURIComponent(repo)}`
    return { sourceRepositoryURI: uri, sourceRepositoryDigest: commitOf(mirrored['commitSha']) }
  }
  return { sourceRepositoryURI: null, sourceRepositoryDigest: null }
}
