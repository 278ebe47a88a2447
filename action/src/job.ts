import { appendFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Context, contextOf, type World } from '@countersign/cli/context'
import { CodedError, isHex } from '@countersign/core'
import type { RunOptions } from '@countersign/cli/recording'
import { isName } from '@countersign/formats'
import type { Environment } from '@countersign/record'
import type { GithubApi } from './github.ts'
import { type Inputs, readInputs } from './inputs.ts'
import { safeForLog } from './log.ts'

/** One phase of the action in a job. */
export interface Job {
  readonly inputs: Inputs
  readonly environment: Environment
  readonly context: Context
}

/** Puts together what a door read. Throws `usage`. */
export function jobOf(world: World, phase: 'pre' | 'main' | 'post'): Job {
  const environment = world.env
  const status = environment['INPUT_JOB-STATUS']
  const recording = ['', 'record'].includes(environment['INPUT_MODE']?.trim() ?? '')
  const inputs = readInputs(environment, phase === 'post' ? status === 'success' : phase === 'main' && !recording)
  const settings: Record<string, string> = {}
  if (inputs.serverUrl !== null) settings['COUNTERSIGN_URL'] = inputs.serverUrl
  if (inputs.audience !== null) settings['COUNTERSIGN_AUDIENCE'] = inputs.audience
  const workspace = environment['GITHUB_WORKSPACE'] ?? world.cwd()
  const cwd = inputs.workingDirectory === null ? workspace : resolve(workspace, inputs.workingDirectory)
  const context = contextOf({
    ...streams(world),
    argv: world.argv,
    env: { ...environment, ...settings },
    cwd: () => cwd,
  })
  return {
    inputs,
    environment,
    context: {
      ...context,
      stdout: (text) => context.stdout(safeForLog(text)),
      stderr: (text) => context.stdout(safeForLog(text)),
      interactive: false,
      ask: null,
      colour: false,
    },
  }
}

function streams({ stdin, stdout, stderr, on, off }: World): Omit<World, 'argv' | 'env' | 'cwd'> {
  return { stdin, stdout, stderr, on: on.bind(process), off: off.bind(process) }
}

/** How the step of this job is recorded. */
export function stepOptions({ inputs, environment }: Job): RunOptions {
  const step = inputs.step ?? environment['GITHUB_JOB'] ?? ''
  if (!isName(step)) {
    throw new CodedError('usage', 'the step has no name', { fix: 'Name it: with: { step: build }' })
  }
  const pipeline = inputs.pipeline ?? environment['COUNTERSIGN_PIPELINE'] ?? environment['GITHUB_REPOSITORY'] ?? ''
  return {
    step,
    products: inputs.products,
    lockfile: inputs.lockfile,
    previous: inputs.chain,
    evidence: inputs.evidence,
    git: true,
    ...(pipeline === '' ? {} : { pipeline }),
    ...(inputs.contract === null ? {} : { contract: inputs.contract }),
    ...(inputs.matrix === null ? {} : { matrix: inputs.matrix }),
  }
}

/** GitHub's API, as the job may ask it. */
export function githubOf({ inputs, environment }: Job): GithubApi {
  return { url: environment['GITHUB_API_URL'] ?? 'https://api.github.com', token: inputs.githubToken }
}

/** Where files of this job that are nobody's source are put; null outside of a runner. */
export function temporaryOf({ environment, context }: Job): string {
  return resolve(environment['RUNNER_TEMP'] ?? context.cwd)
}

/** Tells the steps of the job after this one, or whoever reads its summary. */
export function appendTo(file: string | undefined, text: string): void {
  if (file !== undefined && file !== '') appendFileSync(file, text)
}

/** Address of an attestation, where the server is one that people may know of. */
export function attestationUrl({ context }: Job, link: string): string | null {
  const { url } = context.settings
  if (url === null || !isHex(link, 64) || !URL.canParse(url)) return null
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname.replace(/\/+$/, '')}/v1/attestations/${link}`
}
