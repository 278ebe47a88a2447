import { canonicalJson, CodedError, hasControl, type JsonValue } from '@countersign/core'
import { MAX_ARGUMENTS, MAX_PREVIOUS, STATEMENT_TYPE, STEP_PREDICATE } from './constants.ts'
import { readReportRefs, type ReportRef } from './report-ref.ts'
import { isSealed, readSealed, type Sealed } from './sealed.ts'
import { Shape } from './shape.ts'
import { parseStatement, readResources, type Resource, type Statement } from './statement.ts'

export interface ChainRef {
  /** 32 lower-case hex digits; opaque. */
  readonly id: string
  /** For example `shop/web`. */
  readonly pipeline: string
  /** SHA-256 of the contract's bytes, hex; null for a run without contract. */
  readonly contract: string | null
}

export interface StepRef {
  readonly name: string
  /** 1 for the first try of the run. */
  readonly attempt: number
  /** Which job of a matrix; null outside one. */
  readonly matrix: string | null
  /** 32 lower-case hex digits, fresh for each recording. */
  readonly nonce: string
}

/** A predecessor, by its link digest. */
export interface PreviousRef {
  readonly link: string
  readonly step: string
}

export interface Invocation {
  /** The command, redacted; null when the step was recorded without wrapping one, which is never sealed. */
  readonly argv: readonly string[] | Sealed | null
  /** 0 to 255; null when no command ran or a signal ended it. */
  readonly exitCode: number | null
  /** For example `SIGTERM`; null when none. */
  readonly signal: string | null
  /** A code of the recorder's own refusal (such as `material-changed`), null when it had none. */
  readonly error: string | null
  readonly startedAt: string
  readonly finishedAt: string
  readonly workingDirectory: string | Sealed | null
  /** Allow-listed names only, values redacted. */
  readonly environment: { readonly [name: string]: string } | Sealed
}

/**
 * Who ran the step, as the recorder saw it: facts from the environment, always *claimed*. Names follow
 * Fulcio's certificate extensions (1.3.6.1.4.1.57264.1.8 to .24).
 */
export interface ClaimedIdentity {
  readonly issuer: string | null
  readonly sourceRepositoryURI: string | null
  readonly sourceRepositoryDigest: string | null
  readonly sourceRepositoryRef: string | null
  readonly sourceRepositoryIdentifier: string | null
  readonly buildConfigURI: string | null
  readonly buildTrigger: string | null
  readonly runInvocationURI: string | null
  readonly runnerEnvironment: string | null
}

/** Nothing claimed. */
export const UNCLAIMED: ClaimedIdentity = {
  issuer: null,
  sourceRepositoryURI: null,
  sourceRepositoryDigest: null,
  sourceRepositoryRef: null,
  sourceRepositoryIdentifier: null,
  buildConfigURI: null,
  buildTrigger: null,
  runInvocationURI: null,
  runnerEnvironment: null,
}

export interface Runner {
  /** `github-actions`, `gitlab-ci`, …, or `local`. */
  readonly system: string
  readonly identity: ClaimedIdentity | Sealed | null
  readonly os: string
  readonly arch: string
  /** Version by tool name. */
  readonly tools: { readonly [name: string]: string } | Sealed
  /** Commit, or digest of an image, by `uses:` reference; `unresolved` where nobody told. */
  readonly actions: { readonly [uses: string]: string }
}

/** The predicate of a step attestation; every field present, absent facts null. */
export interface StepPredicate {
  readonly chain: ChainRef
  readonly step: StepRef
  readonly previous: readonly PreviousRef[]
  /** Each with `annotations.from`: the link digest it came from, null when from outside. */
  readonly materials: readonly Resource[]
  readonly invocation: Invocation
  readonly runner: Runner
  readonly evidence: readonly ReportRef[] | Sealed
}

/** A step attestation's statement: subjects and predicate. */
export interface StepStatement {
  readonly subject: readonly Resource[]
  readonly predicate: StepPredicate
}

const IDENTITY_FIELDS = [
  'issuer',
  'sourceRepositoryURI',
  'sourceRepositoryDigest',
  'sourceRepositoryRef',
  'sourceRepositoryIdentifier',
  'buildConfigURI',
  'buildTrigger',
  'runInvocationURI',
  'runnerEnvironment',
] as const satisfies readonly (keyof ClaimedIdentity)[]

const PREDICATE = ['chain', 'step', 'previous', 'materials', 'invocation', 'runner', 'evidence'] as const
const CHAIN = ['id', 'pipeline', 'contract'] as const satisfies readonly (keyof ChainRef)[]
const STEP = ['name', 'attempt', 'matrix', 'nonce'] as const satisfies readonly (keyof StepRef)[]
const PREVIOUS = ['link', 'step'] as const satisfies readonly (keyof PreviousRef)[]
const INVOCATION = [
  'argv',
  'exitCode',
  'signal',
  'error',
  'startedAt',
  'finishedAt',
  'workingDirectory',
  'environment',
] as const satisfies readonly (keyof Invocation)[]
const RUNNER = ['system', 'identity', 'os', 'arch', 'tools', 'actions'] as const satisfies readonly (keyof Runner)[]

/** Payload bytes of a step statement: canonical JSON, checked by reading it back. */
export function writeStep(step: StepStatement): Uint8Array {
  const bytes = canonicalJson({
    _type: STATEMENT_TYPE,
    subject: step.subject as unknown as JsonValue,
    predicateType: STEP_PREDICATE,
    predicate: step.predicate as unknown as JsonValue,
  })
  parseStep(bytes)
  return bytes
}

/** Step statement from payload bytes; throws `predicate-type`, `step-invalid` and what `parseStatement` throws. */
export function parseStep(payload: Uint8Array): StepStatement {
  return readStep(parseStatement(payload))
}

export function readStep(statement: Statement): StepStatement {
  if (statement.predicateType !== STEP_PREDICATE) {
    throw new CodedError(
      'predicate-type',
      `predicate type ${JSON.stringify(statement.predicateType.slice(0, 120))} is not ${STEP_PREDICATE}`,
    )
  }
  const predicate = new Shape('step-invalid', statement.predicate, 'predicate').object(PREDICATE)
  const previous = predicate.get('previous').array(MAX_PREVIOUS).map(readPrevious)
  const links = new Set(previous.map((p) => p.link))
  if (links.size !== previous.length) {
    throw new CodedError('step-invalid', 'predicate.previous names a predecessor twice')
  }
  const materials = readResources(predicate.get('materials'), ['mode', 'from', 'dirty'])
  for (const material of materials) {
    const from = material.annotations?.from
    if (from === undefined)
      throw new CodedError('step-invalid', `material ${material.name} does not say where it is from`)
    if (from !== null && !links.has(from)) {
      throw new CodedError('step-invalid', `material ${material.name} is from a step that is not in previous`)
    }
  }
  readSealable(predicate.get('evidence'), readReportRefs)
  const { evidence } = predicate.as<Pick<StepPredicate, 'evidence'>>()
  if (!isSealed(evidence)) checkReports(evidence, [...statement.subject, ...materials])
  return {
    subject: statement.subject,
    predicate: {
      chain: readChain(predicate.get('chain')),
      step: readStepRef(predicate.get('step')),
      previous,
      materials,
      invocation: readInvocation(predicate.get('invocation')),
      runner: readRunner(predicate.get('runner')),
      evidence,
    },
  }
}

/** A report is about what the step received or made, or about the step; never about something else. */
function checkReports(reports: readonly ReportRef[], resources: readonly Resource[]): void {
  if (reports.every(({ annotations }) => annotations === undefined || annotations.about.length === 0)) return
  const known = new Set(resources.map(({ digest }) => digest.sha256))
  for (const { name, annotations } of reports) {
    if (annotations?.about.every((digest) => known.has(digest)) === false) {
      throw new CodedError('step-invalid', `report ${name} is about what the step neither received nor made`)
    }
  }
}

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,126}[A-Za-z0-9])?$/

/**
 * True for names of steps and pipelines: 1 to 128 of `A–Z a–z 0–9 . _ - /`, letters or digits at the ends,
 * no empty or dotted segment, so that a name in a URL or path is no other name.
 */
export function isName(text: string): boolean {
  return NAME.test(text) && !text.includes('//') && !text.includes('..') && !text.includes('/./')
}

/** True for a matrix key: 1 to 256 printable characters. */
export function isMatrixKey(text: string): boolean {
  return text.length >= 1 && text.length <= 256 && /^[\x20-\x7e]+$/.test(text)
}

export function readName(shape: Shape): string {
  const name = shape.text(128)
  if (!isName(name)) shape.fail('is not a name (letters, digits, . _ - /)')
  return name
}

// Each reader gives the parsed object itself, once every member of it is checked.

function readChain(shape: Shape): ChainRef {
  const chain = shape.object(CHAIN)
  chain.hex('id', 32)
  readName(chain.get('pipeline'))
  if (!chain.isNull('contract')) chain.hex('contract', 64)
  return chain.as<ChainRef>()
}

function readStepRef(shape: Shape): StepRef {
  const step = shape.object(STEP)
  readName(step.get('name'))
  step.integer('attempt', 1, 1_000_000)
  if (!step.isNull('matrix') && !isMatrixKey(step.text('matrix', 256)))
    step.get('matrix').fail('is not printable ASCII')
  step.hex('nonce', 32)
  return step.as<StepRef>()
}

function readPrevious(shape: Shape): PreviousRef {
  const previous = shape.object(PREVIOUS)
  previous.hex('link', 64)
  readName(previous.get('step'))
  return previous.as<PreviousRef>()
}

function readInvocation(shape: Shape): Invocation {
  const it = shape.object(INVOCATION)
  if (!it.isNull('argv')) readSealable(it.get('argv'), readWords)
  if (!it.isNull('exitCode')) it.integer('exitCode', 0, 255)
  if (!it.isNull('signal')) it.text('signal', 20)
  if (!it.isNull('error')) it.text('error', 60)
  it.time('startedAt')
  it.time('finishedAt')
  if (!it.isNull('workingDirectory')) readSealable(it.get('workingDirectory'), (shape) => void shape.text())
  readSealable(it.get('environment'), readStrings)
  return it.as<Invocation>()
}

function readRunner(shape: Shape): Runner {
  const runner = shape.object(RUNNER)
  runner.text('system', 64)
  if (!runner.isNull('identity')) readSealable(runner.get('identity'), readIdentity)
  runner.text('os', 64)
  runner.text('arch', 64)
  readSealable(runner.get('tools'), readStrings)
  readStrings(runner.get('actions'))
  return runner.as<Runner>()
}

/** A value, or the commitment that stands in its place. */
function readSealable(shape: Shape, read: (shape: Shape) => void): void {
  if (!readSealed(shape)) read(shape)
}

/** The arguments of a command. */
export function readWords(shape: Shape): void {
  for (const argument of shape.array(MAX_ARGUMENTS)) argument.string()
}

export function readIdentity(shape: Shape): void {
  const identity = shape.object(IDENTITY_FIELDS)
  for (const key of IDENTITY_FIELDS) if (!identity.isNull(key)) identity.text(key)
}

/** An object of strings. */
export function readStrings(shape: Shape): void {
  const members = shape.members()
  const names = Object.keys(members)
  if (names.length > 1000) shape.fail('has more than 1000 members')
  for (const name of names) {
    if (typeof members[name] !== 'string') shape.fail('is not an object of strings')
    if (name === '' || name.length > 256 || hasControl(name)) {
      shape.fail('has a name that is not 1 to 256 printable characters')
    }
  }
}

/** True when the step ran to its end without a failure of its command or of its recorder. */
export function succeeded(predicate: Pick<StepPredicate, 'invocation'>): boolean {
  const { argv, exitCode, signal, error } = predicate.invocation
  return error === null && signal === null && (exitCode === 0 || (argv === null && exitCode === null))
}
