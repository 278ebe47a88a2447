import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import type { CiSystem } from '../identity/jobs.ts'

export const ROOT = join(import.meta.dirname, '..', '..')
export const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8')
export const yamlOf = <T>(path: string) => parse(textOf(path)) as T

/** What somebody says who uses a template. */
export interface Given {
  readonly url: string
  readonly audience: string
  readonly version: string
  readonly sha256: string
  /** Where the release is fetched from. */
  readonly archive: string
  readonly pipeline: string
  readonly step: string
  readonly run: string
  readonly materials: readonly string[]
  readonly products: readonly string[]
  readonly subject: string
  readonly contract: string
}

/** What a system makes of a template: commands one after the other, as long as each succeeds, and their environment. */
export interface Job {
  readonly commands: readonly (readonly string[])[]
  readonly environment: Readonly<Record<string, string>>
}

export type Kind = 'record' | 'gate'
/** Systems whose templates are scripts. What GitHub runs is the action. */
export type Scripted = Exclude<CiSystem, 'github-actions'>

const DEPLOY = ['./deploy']
const lines = (names: readonly string[]) => names.join('\n')
const bash = (script: string, ...options: string[]) => ['bash', ...options, '-c', script]

/** Reads the job out of a system's template, as the system would. `place` is where the release lies in an image. */
export const JOBS: Readonly<Record<Scripted, (kind: Kind, given: Given, place: string) => Job>> = {
  'gitlab-ci': gitlabComponent,
  'aws-codebuild': codebuild,
  'google-cloud-build': cloudBuild,
  'azure-pipelines': azure,
  jenkins,
  circleci,
  buildkite,
}

interface GitlabJob {
  readonly extends?: string
  readonly id_tokens?: Readonly<Record<string, { readonly aud: string }>>
  readonly variables?: Readonly<Record<string, string | { readonly value: string; readonly expand: boolean }>>
  readonly script?: readonly string[]
  readonly before_script?: readonly string[]
}

/** GitLab, CI/CD components: the inputs of `spec` take the place of `$[[ inputs.… ]]` in every text of the second document. */
function gitlabComponent(kind: Kind, given: Given): Job {
  const [head, body] = parseAllDocuments(textOf(`workflows/gitlab/templates/${kind}.yml`)).map((one) => one.toJS()) as [
    { spec: { inputs: Record<string, { default?: string; regex?: string }> } },
    Record<string, GitlabJob>,
  ]
  const said: Record<string, string> = {
    'server-url': given.url,
    audience: given.audience,
    version: given.version,
    sha256: given.sha256,
    ...(kind === 'record'
      ? {
          run: given.run,
          step: given.step,
          pipeline: given.pipeline,
          materials: lines(given.materials),
          products: lines(given.products),
        }
      : { subject: given.subject, contract: given.contract }),
  }
  const inputs = Object.fromEntries(
    Object.entries(head.spec.inputs).map(([name, { default: otherwise, regex }]) => {
      const value = said[name] ?? otherwise
      if (value === undefined) throw new Error(`the input ${name} is required`)
      if (regex !== undefined && !new RegExp(regex).test(value)) throw new Error(`the input ${name} does not fit`)
      return [name, value]
    }),
  )
  if (Object.keys(said).some((name) => !(name in inputs))) throw new Error('there is no such input')
  const [job] = Object.values(replaced(body, /\$\[\[ inputs\.([a-z0-9-]+) \]\]/g, (name) => inputs[name]!))
  return gitlabJob(job!, given)
}

/** The plain template: jobs that another extends. */
export function gitlabPlain(kind: Kind, given: Given): Job {
  const file = yamlOf<Record<string, GitlabJob>>('workflows/gitlab/countersign.gitlab-ci.yml')
  const job = file[`.countersign-${kind}`]!
  const base = file[job.extends!]!
  const own = {
    COUNTERSIGN_URL: given.url,
    COUNTERSIGN_AUDIENCE: given.audience,
    COUNTERSIGN_VERSION: given.version,
    COUNTERSIGN_SHA256: given.sha256,
    CI_PROJECT_PATH: given.pipeline,
    CI_JOB_NAME: given.step,
    COUNTERSIGN_RUN: given.run,
    COUNTERSIGN_MATERIALS: lines(given.materials),
    COUNTERSIGN_PRODUCTS: lines(given.products),
    COUNTERSIGN_SUBJECT: given.subject,
    COUNTERSIGN_CONTRACT: given.contract,
  }
  const { environment, commands } = gitlabJob({ ...base, ...job }, given, own)
  return { commands, environment: { ...own, ...environment } }
}

/** A runner's script: what comes before and the script in one shell. */
function gitlabJob(job: GitlabJob, given: Given, set: Readonly<Record<string, string>> = {}): Job {
  const expand = (text: string) =>
    text.replace(/\$([A-Z_]+)/g, (_, name: string) => set[name] ?? (name === 'CI_PROJECT_PATH' ? given.pipeline : ''))
  const variables = Object.entries(job.variables ?? {}).map(([name, value]) => [
    name,
    typeof value === 'string' ? expand(value) : value.expand ? expand(value.value) : value.value,
  ])
  const tokens = Object.entries(job.id_tokens ?? {}).map(([name, { aud }]) => [name, `token for ${expand(aud)}`])
  const script = [...(job.before_script ?? []), ...(job.script ?? DEPLOY)].join('\n')
  return {
    commands: [bash(`set -eo pipefail\n${script}`)],
    environment: Object.fromEntries([...variables, ...tokens]) as Record<string, string>,
  }
}

function codebuild(kind: Kind, given: Given): Job {
  const { env, phases } = yamlOf<{
    env: { shell: string; variables: Record<string, string> }
    phases: Record<string, { commands?: string[] }>
  }>(`workflows/codebuild/buildspec-${kind}.yml`)
  const project = plainVariables(kind, given)
  return {
    commands: ['install', 'pre_build', 'build', 'post_build']
      .flatMap((phase) => phases[phase]?.commands ?? [])
      .map((command) => [env.shell, '-c', command]),
    environment: { ...env.variables, ...project },
  }
}

function plainVariables(kind: Kind, given: Given): Record<string, string> {
  const common = {
    COUNTERSIGN_URL: given.url,
    COUNTERSIGN_VERSION: given.version,
    COUNTERSIGN_SHA256: given.sha256,
    COUNTERSIGN_PIPELINE: given.pipeline,
  }
  return kind === 'gate'
    ? { ...common, COUNTERSIGN_SUBJECT: given.subject, COUNTERSIGN_CONTRACT: given.contract }
    : {
        ...common,
        COUNTERSIGN_STEP: given.step,
        COUNTERSIGN_RUN: given.run,
        COUNTERSIGN_MATERIALS: lines(given.materials),
        COUNTERSIGN_PRODUCTS: lines(given.products),
      }
}

interface CloudBuild {
  readonly steps: readonly { readonly id: string; readonly script: string; readonly env: readonly string[] }[]
  readonly substitutions: Readonly<Record<string, string>>
}

/** Cloud Build puts substitutions into everything but scripts; what stands in the image is at `place`. */
function cloudBuild(kind: Kind, given: Given, place: string): Job {
  const { steps, substitutions } = yamlOf<CloudBuild>('workflows/cloud-build/cloudbuild.yaml')
  const values: Record<string, string> = {
    ...substitutions,
    _COUNTERSIGN_URL: given.url,
    _PIPELINE: given.pipeline,
    _STEP: given.step,
    _RUN: given.run,
    _MATERIALS: lines(given.materials),
    _PRODUCTS: lines(given.products),
    _SUBJECT: given.subject,
    _CONTRACT: given.contract,
    PROJECT_ID: 'acme-build',
    BUILD_ID: '0a1b2c3d-1111-4222-8333-444455556666',
    LOCATION: 'global',
    COMMIT_SHA: '',
  }
  const mine = steps.filter(({ id }) => (kind === 'record') === (id === 'record'))
  const environment = mine.flatMap(({ env }) =>
    env.map((text) => {
      const whole = text.replace(/\$\{?([A-Z_]+)\}?/g, (_, name: string) => {
        if (values[name] === undefined) throw new Error(`${name} is no substitution`)
        return values[name]
      })
      return [whole.slice(0, whole.indexOf('=')), whole.slice(whole.indexOf('=') + 1)] as const
    }),
  )
  return {
    commands: mine.map(({ script }) => ['sh', '-c', script.replaceAll('/opt/countersign', place)]),
    environment: Object.fromEntries(environment),
  }
}

function azure(kind: Kind, given: Given): Job {
  const { parameters, steps } = yamlOf<{
    parameters: { name: string; default?: string }[]
    steps: { bash: string; env: Record<string, string> }[]
  }>(`workflows/azure-pipelines/${kind}.yml`)
  const said: Record<string, string> = {
    serverUrl: given.url,
    version: given.version,
    sha256: given.sha256,
    pipeline: given.pipeline,
    step: given.step,
    run: given.run,
    materials: lines(given.materials),
    products: lines(given.products),
    subject: given.subject,
    contract: given.contract,
  }
  const values = Object.fromEntries(parameters.map(({ name, default: otherwise }) => [name, said[name] ?? otherwise]))
  const filled = replaced(steps, /\$\{\{ parameters\.([A-Za-z0-9]+) \}\}/g, (name) => values[name]!)
  const { SYSTEM_ACCESSTOKEN, ...environment } = filled[0]!.env
  if (SYSTEM_ACCESSTOKEN !== '$(System.AccessToken)') throw new Error('the job’s token is not mapped')
  const commands = filled.map((step) => bash(step.bash, '--noprofile', '--norc'))
  return { commands: kind === 'gate' ? [...commands, DEPLOY] : commands, environment }
}

function circleci(kind: Kind, given: Given): Job {
  const { commands } = yamlOf<{
    commands: Record<
      Kind,
      {
        parameters: Record<string, { default?: string }>
        steps: { run: { shell: string; environment: Record<string, string>; command: string } }[]
      }
    >
  }>('workflows/circleci/orb.yml')
  const { parameters, steps } = commands[kind]
  const said: Record<string, string> = {
    'server-url': given.url,
    ...given,
    materials: lines(given.materials),
    products: lines(given.products),
  }
  const values = Object.fromEntries(
    Object.entries(parameters).map(([name, { default: otherwise }]) => [name, said[name] ?? otherwise]),
  )
  const filled = replaced(steps, /<< parameters\.([a-z0-9-]+) >>/g, (name) => values[name]!)
  const runs = filled.map(({ run }) => [...run.shell.split(' '), '-c', run.command])
  return { commands: kind === 'gate' ? [...runs, DEPLOY] : runs, environment: filled[0]!.run.environment }
}

/** Buildkite, Plugins: the configuration as variables, the items of a list numbered. */
function buildkite(kind: Kind, given: Given): Job {
  const of = { 'server-url': given.url, version: given.version, sha256: given.sha256, archive: given.archive }
  const config: Record<string, string | readonly string[]> =
    kind === 'record'
      ? {
          ...of,
          pipeline: given.pipeline,
          step: given.step,
          materials: given.materials.length === 1 ? given.materials[0]! : given.materials,
          products: given.products,
        }
      : { ...of, subject: given.subject, contract: given.contract }
  const { configuration } = yamlOf<{ configuration: { properties: object; required: string[] } }>(
    'workflows/buildkite/plugin.yml',
  )
  for (const name of Object.keys(config)) {
    if (!(name in configuration.properties)) throw new Error(`the plugin has no ${name}`)
  }
  const variable = (name: string) => `BUILDKITE_PLUGIN_COUNTERSIGN_${name.toUpperCase().replaceAll('-', '_')}`
  const environment = Object.entries(config).flatMap(([name, value]) =>
    typeof value === 'string'
      ? [[variable(name), value] as const]
      : value.map((item, i) => [`${variable(name)}_${i}`, item] as const),
  )
  return {
    commands: [[join(ROOT, 'workflows', 'buildkite', 'hooks', 'command')]],
    environment: {
      ...Object.fromEntries(environment),
      BUILDKITE_COMMAND: kind === 'record' ? given.run : DEPLOY[0]!,
      BUILDKITE_ORGANIZATION_SLUG: 'acme',
      BUILDKITE_PIPELINE_SLUG: 'widget',
    },
  }
}

/** What `withEnv` is given, by the settings of the call, and the script of `sh`. */
function jenkins(kind: Kind, given: Given): Job {
  const groovy = textOf(`workflows/jenkins/vars/countersign${kind === 'record' ? 'Record' : 'Gate'}.groovy`)
  const script = /script: '''(#!\/bin\/bash\n[\s\S]*?)'''/.exec(groovy)![1]!
  const said: Record<string, string> = {
    ...given,
    materials: lines(given.materials),
    products: lines(given.products),
  }
  const set = [...groovy.matchAll(/'(COUNTERSIGN_[A-Z0-9]+)=' \+ [^\n]*?settings\.([a-z]+)/g)].map((match) => [
    match[1]!,
    said[match[2]!]!,
  ])
  const environment = {
    COUNTERSIGN_URL: given.url,
    COUNTERSIGN_VERSION: given.version,
    COUNTERSIGN_SHA256: given.sha256,
    ...(Object.fromEntries(set) as Record<string, string>),
  }
  const commands = [bash(script)]
  return { commands: kind === 'gate' ? [...commands, DEPLOY] : commands, environment }
}

/** Every text below a value, with what the pattern finds in it replaced. */
export function replaced<T>(value: T, pattern: RegExp, by: (name: string) => string): T {
  if (typeof value === 'string') return value.replace(pattern, (_, name: string) => by(name)) as T
  if (Array.isArray(value)) return value.map((one: unknown) => replaced(one, pattern, by)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [replaced(name, pattern, by), replaced(one as unknown, pattern, by)]),
  ) as T
}
