import { createHash, randomUUID } from 'node:crypto'
import type { JsonObject } from '@countersign/core'
import { readIssuerKeys } from '@countersign/identity'
import type { IssuerKeySource } from '../../../server/verbs/admit-token.ts'
import type { AskedProvider } from '../../../server/verbs/confirm-token.ts'
import { claimsOf } from '../../identity/claims.ts'
import { type IssuerPair, makePair, signToken } from '../../identity/local-issuer.ts'

export const GITHUB = 'https://github.example'
export const OWNER = 'orchard'
const OWNER_ID = '4200117'
const ACCOUNT = '111122223333'
const REGION = 'eu-central-1'
const LOCATION = 'europe-west3'
export const AUDIENCE = 'countersign:countersign.local'

/** A repository as its host knows it. */
export interface Repository {
  readonly name: string
  readonly id: string
}

export type CloudName = 'github-actions' | 'aws-codebuild' | 'google-cloud-build'

/** A job that runs somewhere, as far as its cloud vouches for it. */
export interface Job {
  readonly cloud: CloudName
  readonly repository: Repository
  readonly commit: string
  /** Number of its run on GitHub; id of its build elsewhere. */
  readonly run: string
  readonly attempt: number
  /** What set it off, where the cloud says so; `push` unless it is given. */
  readonly event?: string
}

/** `iss` of each cloud's tokens. */
export const ISSUERS: Readonly<Record<CloudName, string>> = {
  'github-actions': `${GITHUB}/_services/token`,
  'aws-codebuild': 'https://4f0d2c5e-8b1a-4c57-9d3e-6a7b8c9d0e1f.tokens.sts.global.api.aws',
  'google-cloud-build': 'https://accounts.google.com',
}

export const CODEBUILD_ROLE = `arn:aws:iam::${ACCOUNT}:role/codebuild-orchard`
export const CLOUDBUILD_ACCOUNT = 'builder@orchard-build.iam.gserviceaccount.com'
const CLOUDBUILD_ID = '104892000000000004200'

/** Rules that let in what these clouds vouch for, as administrators add them. */
export const RULES: readonly JsonObject[] = [
  {
    id: 'github',
    system: 'github-actions',
    issuer: ISSUERS['github-actions'],
    url: GITHUB,
    claims: [{ name: 'repository_owner_id', value: OWNER_ID }],
  },
  {
    id: 'codebuild',
    system: 'aws-codebuild',
    issuer: ISSUERS['aws-codebuild'],
    claims: [{ name: 'sub', value: CODEBUILD_ROLE }],
    confirm: 'demand',
  },
  {
    id: 'cloud-build',
    system: 'google-cloud-build',
    issuer: ISSUERS['google-cloud-build'],
    claims: [{ name: 'sub', value: CLOUDBUILD_ID }],
    confirm: 'demand',
  },
]

/**
 * The three clouds: keys of issuers that nobody else has, the tokens that they give their jobs, and what they answer
 * when they are asked about a run.
 */
export class Clouds {
  readonly #pairs = new Map<CloudName, IssuerPair>(
    (Object.keys(ISSUERS) as CloudName[]).map((cloud) => [cloud, makePair('RS256', `${cloud}-1`)]),
  )
  readonly #runs = new Map<string, Job>()

  readonly keys: IssuerKeySource = {
    keysOf: (issuer) => {
      const cloud = (Object.keys(ISSUERS) as CloudName[]).find((one) => ISSUERS[one] === issuer)!
      return Promise.resolve(readIssuerKeys(JSON.stringify({ keys: [this.#pairs.get(cloud)!.jwk] })))
    },
  }

  readonly providers: readonly AskedProvider[] = (['aws-codebuild', 'google-cloud-build'] as const).map((system) => ({
    issuer: ISSUERS[system],
    tenant: null,
    rule: null,
    timeoutMs: 5_000,
    provider: {
      system,
      ask: (token, claimed) => {
        const id = token.run?.id ?? claimed!
        const job = this.#runs.get(id)!
        const facts = {
          sourceRepositoryURI: `${GITHUB}/${OWNER}/${job.repository.name}`,
          sourceRepositoryDigest: job.commit,
          sourceRepositoryRef: 'refs/heads/main',
          runInvocationURI: addressOf(job),
        }
        const run = { id, attempt: null, job: null }
        return Promise.resolve({ run, isRunning: true, subject: token.identity.subject.value, facts, reasons: {} })
      },
    },
  }))

  /** A token for a job, made at a time. */
  token(job: Job, now: number): string {
    const run = runIdOf(job)
    this.#runs.set(run, job)
    const made = { issuer: ISSUERS[job.cloud], audience: AUDIENCE, now, id: randomUUID() }
    const claims = claimsOf(job.cloud, { ...made, overrides: OVERRIDES[job.cloud](job) })
    return signToken(this.#pairs.get(job.cloud)!, claims)
  }
}

const OVERRIDES: Readonly<Record<CloudName, (job: Job) => JsonObject>> = {
  'github-actions': ({ repository, commit, run, attempt, event = 'push' }) => {
    const name = `${OWNER}/${repository.name}`
    const ref = event === 'pull_request' ? 'refs/pull/118/merge' : 'refs/heads/main'
    const workflow = `${name}/.github/workflows/release.yml@${ref}`
    return {
      sub: `repo:${name}:ref:${ref}`,
      ref,
      sha: commit,
      repository: name,
      repository_owner: OWNER,
      repository_owner_id: OWNER_ID,
      repository_id: repository.id,
      repository_visibility: 'internal',
      run_id: run,
      run_number: String(Number(run) % 10_000),
      run_attempt: String(attempt),
      actor: 'orchard-merge',
      actor_id: '310442',
      event_name: event,
      ...(event === 'pull_request' ? { head_ref: 'docs-typo', base_ref: 'main' } : {}),
      workflow_ref: workflow,
      workflow_sha: commit,
      job_workflow_ref: workflow,
      job_workflow_sha: commit,
      check_run_id: String(Number.parseInt(shaOf(randomUUID()).slice(0, 9), 16)),
    }
  },
  'aws-codebuild': (job) => ({
    sub: CODEBUILD_ROLE,
    'https://sts.amazonaws.com/': {
      aws_account: ACCOUNT,
      source_region: REGION,
      org_id: 'o-orchard0001',
      principal_tags: { team: 'platform' },
      request_tags: { 'codebuild-build-arn': runIdOf(job) },
    },
  }),
  'google-cloud-build': () => ({
    azp: CLOUDBUILD_ID,
    sub: CLOUDBUILD_ID,
    email: CLOUDBUILD_ACCOUNT,
    // One token a job: two of one second would be the same.
    jti: randomUUID(),
  }),
}

/** What a job calls its run, to the server. */
export function runIdOf({ cloud, repository, run }: Job): string {
  if (cloud === 'google-cloud-build') return `projects/orchard-build/locations/${LOCATION}/builds/${run}`
  return cloud === 'github-actions' ? run : `arn:aws:codebuild:${REGION}:${ACCOUNT}:build/${repository.name}:${run}`
}

/** What the cloud calls it in a certificate. */
function addressOf(job: Job): string {
  return job.cloud === 'google-cloud-build' ? `https://cloudbuild.googleapis.com/v1/${runIdOf(job)}` : runIdOf(job)
}

/** An id as builds have them, from a text. */
export function uuidOf(text: string): string {
  const it = shaOf(text)
  return `${it.slice(0, 8)}-${it.slice(8, 12)}-4${it.slice(13, 16)}-8${it.slice(17, 20)}-${it.slice(20, 32)}`
}

export function shaOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
