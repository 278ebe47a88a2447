import { CodedError, type JsonObject } from '@countersign/core'

/** What `issuer add` was told, as it came. */
export interface RuleOptions {
  readonly name?: string
  readonly issuer?: string
  readonly audience?: string
  readonly url?: string
  readonly claim?: readonly string[]
  readonly allow?: readonly string[]
  readonly refuse?: readonly string[]
  readonly session?: string
  readonly confirm?: string
  readonly repositoryId?: string
  readonly ownerId?: string
  readonly projectId?: string
  readonly namespaceId?: string
  readonly orgId?: string
  readonly pipelineId?: string
  readonly subject?: string
}

/** What is known of a system here: where its tokens come from, and which claim an option stands for. */
interface System {
  readonly name: string
  /** Null where each installation has its own. */
  readonly issuer: ((options: RuleOptions) => string | null) | null
  readonly claims: Readonly<Partial<Record<PinOption, string>>>
}

type PinOption = 'repositoryId' | 'ownerId' | 'projectId' | 'namespaceId' | 'orgId' | 'pipelineId' | 'subject'

const FLAGS: Readonly<Record<PinOption, string>> = {
  repositoryId: '--repository-id',
  ownerId: '--owner-id',
  projectId: '--project-id',
  namespaceId: '--namespace-id',
  orgId: '--org-id',
  pipelineId: '--pipeline-id',
  subject: '--subject',
}

const at = (url: string) => () => url
const bySubject = { subject: 'sub' }

/** By the name that is typed; the long names of `runner.system` are understood too. */
const SYSTEMS: Readonly<Record<string, System>> = {
  github: {
    name: 'github-actions',
    issuer: at('https://token.actions.githubusercontent.com'),
    claims: { repositoryId: 'repository_id', ownerId: 'repository_owner_id' },
  },
  gitlab: {
    name: 'gitlab-ci',
    issuer: at('https://gitlab.com'),
    claims: { projectId: 'project_id', namespaceId: 'namespace_id' },
  },
  circleci: {
    name: 'circleci',
    issuer: at('https://oidc.circleci.com'),
    claims: { orgId: 'oidc.circleci.com/org-id', projectId: 'oidc.circleci.com/project-id' },
  },
  buildkite: {
    name: 'buildkite',
    issuer: at('https://agent.buildkite.com'),
    claims: { orgId: 'organization_id', pipelineId: 'pipeline_id' },
  },
  'azure-pipelines': {
    name: 'azure-pipelines',
    issuer: ({ orgId }) => (orgId === undefined ? null : `https://vstoken.dev.azure.com/${orgId}`),
    claims: { orgId: 'org_id', projectId: 'prj_id', pipelineId: 'def_id', repositoryId: 'rpo_id' },
  },
  cloudbuild: { name: 'google-cloud-build', issuer: at('https://accounts.google.com'), claims: bySubject },
  codebuild: { name: 'aws-codebuild', issuer: null, claims: bySubject },
  jenkins: { name: 'jenkins', issuer: null, claims: bySubject },
  aws: { name: 'aws', issuer: null, claims: bySubject },
  gcp: { name: 'gcp', issuer: at('https://accounts.google.com'), claims: bySubject },
  azure: { name: 'azure', issuer: null, claims: bySubject },
  kubernetes: { name: 'kubernetes', issuer: null, claims: bySubject },
  spiffe: { name: 'spiffe', issuer: null, claims: bySubject },
  oidc: { name: 'oidc', issuer: null, claims: bySubject },
}

export const RULE_SYSTEMS: readonly string[] = Object.keys(SYSTEMS)

/** What may be allowed or refused, with the field of the rule. */
const SWITCHES: Readonly<Record<string, string>> = {
  'pull-requests': 'pullRequests',
  forks: 'forks',
  'self-hosted': 'selfHosted',
  'ssh-rerun': 'sshRerun',
}

export const RULE_SWITCHES: readonly string[] = Object.keys(SWITCHES)

/** The rule that the options describe, as the server reads it. Throws `usage`; whether the rule is a good one, the server says. */
export function ruleOf(system: string, options: RuleOptions): JsonObject {
  const known = systemOf(system)
  const issuer = options.issuer ?? known.issuer?.(options) ?? null
  if (issuer === null) {
    throw new CodedError('usage', `${system} has no issuer of its own`, {
      fix:
        known.issuer === null
          ? 'Name the one of your installation: --issuer https://…, exactly as it stands in its tokens.'
          : 'Name the organization: --org-id ID.',
    })
  }
  const claims = [...pinsOf(system, known, options), ...(options.claim ?? []).map(claimOf)]
  const switches = { ...switchesOf(options.allow, 'allow'), ...switchesOf(options.refuse, 'refuse') }
  for (const name of options.allow ?? []) {
    if (options.refuse?.includes(name) === true) throw new CodedError('usage', `${name} cannot be allowed and refused`)
  }
  return {
    id: options.name ?? nameFor(system, claims),
    system: known.name,
    issuer,
    ...(options.audience === undefined ? {} : { audience: options.audience }),
    ...(options.url === undefined ? {} : { url: options.url }),
    claims,
    ...switches,
    ...(options.confirm === undefined ? {} : { confirm: options.confirm }),
    ...(options.session === undefined ? {} : { session: secondsOf(options.session) }),
  }
}

function systemOf(name: string): System {
  const known = Object.hasOwn(SYSTEMS, name)
    ? SYSTEMS[name]
    : Object.values(SYSTEMS).find((system) => system.name === name)
  if (known !== undefined) return known
  throw new CodedError('usage', `${JSON.stringify(name.slice(0, 60))} is none of ${RULE_SYSTEMS.join(', ')}`)
}

interface Claim {
  readonly [key: string]: string
  readonly name: string
  readonly value: string
}

function pinsOf(system: string, { claims }: System, options: RuleOptions): Claim[] {
  return (Object.keys(FLAGS) as PinOption[]).flatMap((option) => {
    const value = options[option]
    if (value === undefined) return []
    const name = claims[option]
    if (name !== undefined) return [{ name, value }]
    const own = (Object.keys(claims) as PinOption[]).map((one) => FLAGS[one]).join(', ')
    throw new CodedError('usage', `${FLAGS[option]} says nothing of ${system}`, {
      fix: `It has ${own}; any claim of its tokens can be named by --claim NAME=VALUE.`,
    })
  })
}

function claimOf(text: string): Claim {
  const [, name, value] = /^([^=]+)=([\s\S]+)$/.exec(text) ?? []
  if (name === undefined || value === undefined) {
    throw new CodedError('usage', `${JSON.stringify(text.slice(0, 60))} is not NAME=VALUE`)
  }
  return { name, value }
}

function switchesOf(names: readonly string[] | undefined, value: 'allow' | 'refuse'): JsonObject {
  return Object.fromEntries(
    (names ?? []).map((name) => {
      if (!Object.hasOwn(SWITCHES, name)) {
        throw new CodedError('usage', `${JSON.stringify(name.slice(0, 60))} is none of ${RULE_SWITCHES.join(', ')}`)
      }
      return [SWITCHES[name]!, value]
    }),
  )
}

function secondsOf(text: string): number {
  if (!/^[1-9][0-9]{0,5}$/.test(text)) throw new CodedError('usage', '--session is not a number of seconds')
  return Number(text)
}

/** `github-123`: the system and what tells its runs apart. */
function nameFor(system: string, [first]: readonly Claim[]): string {
  const name = `${system}-${first?.value ?? 'all'}`.toLowerCase().replace(/[^a-z0-9._-]+/g, '-')
  return name.slice(0, 64).replace(/[^a-z0-9]+$/, '')
}
