import { CodedError, hex, isHex, sha256, utf8 } from '@countersign/core'
import { isMatrixKey } from '@countersign/formats'
import type { Environment } from '@countersign/record'

export const MODES = ['record', 'run', 'gate', 'handoff'] as const
export type Mode = (typeof MODES)[number]

/** What the workflow says in `with:`, as `action.yml` describes it. */
export interface Inputs {
  readonly mode: Mode
  readonly serverUrl: string | null
  readonly audience: string | null
  readonly pipeline: string | null
  readonly step: string | null
  readonly matrix: string | null
  readonly run: string | null
  readonly workingDirectory: string | null
  readonly materials: readonly string[]
  /** Lock files of npm. */
  readonly lockfile: readonly string[]
  /** `products` and `subject-path`. */
  readonly products: readonly string[]
  readonly subject: { readonly name: string | null; readonly sha256: string } | null
  readonly checksums: string | null
  readonly contract: string | null
  readonly chain: readonly string[]
  /** Reports of the step. */
  readonly evidence: readonly string[]
  /** Whether GitHub is given what is handed on. */
  readonly githubAttestation: boolean
  readonly requirePinned: boolean
  readonly summary: boolean
  readonly githubToken: string | null
  readonly jobStatus: 'success' | 'failure' | 'cancelled'
}

/**
 * Reads `INPUT_*`. A runner gives what is left out as an empty text, and what is not known yet too: `final` is whether all
 * that the job says is known. Throws `usage`.
 */
export function readInputs(environment: Environment, final: boolean): Inputs {
  const text = (name: string): string | null => {
    const value = environment[`INPUT_${name.toUpperCase()}`]?.trim()
    return value === undefined || value === '' ? null : value
  }
  const lines = (name: string) =>
    (text(name) ?? '')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
  const flag = (name: string, otherwise: boolean) => {
    const value = text(name)?.toLowerCase() ?? String(otherwise)
    if (value !== 'true' && value !== 'false') throw wrong(`${name} is true or false`)
    return value === 'true'
  }
  const run = text('run')
  const mode = text('mode') ?? (run === null ? 'record' : 'run')
  if (!isMode(mode)) throw wrong(`mode is one of ${MODES.join(', ')}`)
  if (mode === 'run' && run === null) throw wrong('mode run needs run: the command line')
  if (mode !== 'run' && run !== null) throw wrong(`mode ${mode} runs nothing, and run is given`)
  const status = text('job-status') ?? 'success'
  return {
    mode,
    serverUrl: text('server-url'),
    audience: text('audience'),
    pipeline: text('pipeline'),
    step: text('step'),
    matrix: matrixKey(text('matrix')),
    run,
    workingDirectory: text('working-directory'),
    materials: lines('materials'),
    lockfile: lines('lockfile'),
    products: [...lines('products'), ...lines('subject-path')],
    subject: subjectIn(text('subject-name'), text('subject-digest'), mode, final),
    checksums: text('subject-checksums'),
    contract: text('contract'),
    chain: lines('chain'),
    evidence: lines('evidence'),
    githubAttestation: flag('github-attestation', false),
    requirePinned: flag('require-pinned-actions', false),
    summary: flag('show-summary', true),
    githubToken: text('github-token'),
    // Whatever is no success is none: what a runner may call it one day, too.
    jobStatus: status === 'success' || status === 'cancelled' ? status : 'failure',
  }
}

function subjectIn(name: string | null, digest: string | null, mode: Mode, final: boolean): Inputs['subject'] {
  if (digest === null) {
    if (name !== null && final) throw wrong('subject-name needs subject-digest')
    return null
  }
  const sha256Hex = digest.replace(/^sha256:/, '')
  if (!isHex(sha256Hex, 64)) throw wrong('subject-digest is sha256: and 64 hex digits')
  if (name === null && (mode === 'record' || mode === 'run')) throw wrong('subject-digest needs subject-name')
  return { name, sha256: sha256Hex }
}

/**
 * The key of a job of a matrix, as GitHub shows it: the values, in the order of the workflow. `given` is that key, or
 * `toJSON(matrix)`, which is `null` outside of one.
 */
export function matrixKey(given: string | null): string | null {
  if (given === null || given === 'null') return null
  const values = given.startsWith('{') ? valuesIn(given) : [given]
  if (values.length === 0) return null
  const key = values.join(', ')
  // What the wire format would refuse still tells one job from another.
  return isMatrixKey(key) ? key : `sha256:${hex(sha256(utf8(key))).slice(0, 32)}`
}

function valuesIn(json: string): string[] {
  try {
    const matrix = JSON.parse(json) as Record<string, unknown>
    return Object.values(matrix).map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
  } catch {
    throw wrong('matrix is neither a name nor toJSON(matrix)')
  }
}

function isMode(text: string): text is Mode {
  return (MODES as readonly string[]).includes(text)
}

function wrong(what: string): CodedError {
  return new CodedError('usage', `with: ${what}`, { fix: 'See the inputs in action.yml.' })
}
