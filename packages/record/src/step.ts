import { randomBytes } from 'node:crypto'
import { CodedError } from '@countersign/core'
import {
  asSubject,
  type ChainRef,
  type PreviousRef,
  type ReportRef,
  type Resource,
  type Runner,
  type StepStatement,
  writeStep,
} from '@countersign/formats'
import type { Aftermath } from './after.ts'
import type { Outcome } from './command.ts'
import type { Redactor } from './redact.ts'

export interface DraftInput {
  readonly chain: ChainRef
  readonly step: { readonly name: string; readonly attempt: number; readonly matrix: string | null }
  /** Empty for the first step of a run. */
  readonly previous: readonly PreviousRef[]
  /** Each with `annotations.from`; in a checkout, the source among them. */
  readonly materials: readonly Resource[]
  /** The checkout's resource, null outside of one: the first step of a run vouches for it. */
  readonly source: Resource | null
  /** The command line as it is; null when no command is wrapped. */
  readonly argv: readonly string[] | null
  /** Relative to the root, so that nobody's home directory is told; null when there is none. */
  readonly workingDirectory: string | null
  /** From `recordedEnvironment`. */
  readonly environment: { readonly [name: string]: string }
  readonly runner: Runner
  readonly startedAt: string
  readonly redactor: Redactor
}

/** A step before its command has run: everything it received, nothing it made. */
export interface StepDraft {
  readonly statement: StepStatement
  /** Subjects that the step vouches for whatever it makes: the source, for the first step of a run. */
  readonly vouched: readonly Resource[]
}

/** Puts together what is known before the command runs. The nonce is fresh, secrets are taken out. */
export function draftStep(input: DraftInput): StepDraft {
  const first = input.previous.length === 0 && input.source !== null
  const materials = input.materials
    .filter((material) => !(first && isSame(material, input.source!)))
    .map((material) => ({
      ...material,
      annotations: { ...material.annotations, from: material.annotations?.from ?? null },
    }))
  return {
    vouched: first ? [asSubject(input.source!)] : [],
    statement: {
      subject: [],
      predicate: {
        chain: input.chain,
        step: { ...input.step, nonce: randomBytes(16).toString('hex') },
        previous: input.previous,
        materials,
        invocation: {
          argv: input.argv === null ? null : input.redactor.argv(input.argv),
          exitCode: null,
          signal: null,
          error: null,
          startedAt: input.startedAt,
          finishedAt: input.startedAt,
          workingDirectory: input.workingDirectory === null ? null : input.redactor.text(input.workingDirectory),
          environment: input.environment,
        },
        runner: input.runner,
        evidence: [],
      },
    },
  }
}

export interface FinishInput {
  /** Null when no command was wrapped. */
  readonly outcome: Outcome | null
  readonly aftermath: Aftermath
  readonly finishedAt: string
  /** Reports by digest: test results, SBOMs, scans. */
  readonly evidence?: readonly ReportRef[]
}

export interface FinishedStep {
  readonly statement: StepStatement
  /** What is signed. */
  readonly payload: Uint8Array
}

/**
 * The finished statement. Its subjects are the products; of a step that makes nothing, or that failed, its materials;
 * of the first step of a run, its source besides. Throws `nothing-recorded` where all of these are empty, and what
 * `writeStep` throws.
 */
export function finishStep(draft: StepDraft, input: FinishInput): FinishedStep {
  const { predicate } = draft.statement
  const { outcome, aftermath } = input
  const made = aftermath.products.length > 0 ? aftermath.products : predicate.materials.map(asSubject)
  const subject = [...draft.vouched, ...made]
  if (subject.length === 0) throw nothingRecorded(predicate.step.name, input)
  const statement: StepStatement = {
    subject,
    predicate: {
      ...predicate,
      materials: [...predicate.materials, ...fetched(aftermath.dependencies, predicate.materials)],
      invocation: {
        ...predicate.invocation,
        exitCode: outcome?.exitCode ?? null,
        signal: outcome?.signal ?? null,
        error: aftermath.error?.code ?? null,
        startedAt: outcome?.startedAt ?? predicate.invocation.startedAt,
        finishedAt: outcome?.finishedAt ?? input.finishedAt,
      },
      evidence: input.evidence ?? [],
    },
  }
  return { statement, payload: writeStep(statement) }
}

function nothingRecorded(step: string, { outcome, aftermath }: FinishInput): CodedError {
  const cause = aftermath.error ?? undefined
  if (outcome === null || (outcome.exitCode === 0 && cause === undefined)) {
    return new CodedError('nothing-recorded', `step ${step} received nothing and made nothing`, { cause })
  }
  // What a step makes that fails is handed on to nobody.
  const fix = 'Run it inside a git checkout, or name --materials: a failure is recorded of what the step received.'
  return new CodedError('nothing-recorded', `step ${step} failed, and had received nothing`, { fix, cause })
}

/** What came in while the step ran, from outside, beside what it had received. */
function fetched(dependencies: readonly Resource[], materials: readonly Resource[]): Resource[] {
  const known = new Set(materials.filter(({ uri }) => uri === undefined).map(({ name }) => name))
  return dependencies
    .filter(({ name }) => !known.has(name))
    .map((one) => ({ ...one, annotations: { ...one.annotations, from: null } }))
}

function isSame(a: Resource, b: Resource): boolean {
  return a.name === b.name && a.uri === b.uri && a.digest.sha256 === b.digest.sha256
}
