import { randomBytes } from 'node:crypto'
import { isAbsolute, relative, resolve } from 'node:path'
import { claimedCi } from '@countersign/adapters/ci-claimed'
import type { Client } from '@countersign/client'
import { CodedError, type ErrorReport, sha256 } from '@countersign/core'
import { chainOfRun, isMatrixKey, isName, linkDigest, type Resource, type StepRef } from '@countersign/formats'
import {
  type Aftermath,
  describeRunner,
  draftStep,
  type FinishedStep,
  type FinishInput,
  finishStep,
  observe,
  observeAfter,
  type Outcome,
  recordedEnvironment,
  Redactor,
  runCommand,
  sealStep,
  type Source,
  sourceOf,
  type StepDraft,
  toolVersions,
  type Watch,
} from '@countersign/record'
import { signStatement } from '@countersign/sign'
import { factsOf, gradeD } from '@countersign/verify'
import { checkArguments, checkNamed } from './check-named.ts'
import { codeOfCommand, Unrecorded } from './command-code.ts'
import { clientOrNull } from './connection.ts'
import type { Context } from './context.ts'
import { deliver, waitingInPlace } from './delivery.ts'
import { nativeCrypto } from './evidence.ts'
import { refusedLater, unheard } from './foreseen.ts'
import { type Handover, type HandoverInput, takeOver } from './handover.ts'
import { madeBefore } from './made-before.ts'
import { leftBehind, withLeftBehind } from './left-behind.ts'
import { ofAnotherRun, ofEarlierAttempt, ofSeveralPipelines, withMakers } from './other-run.ts'
import { paintFor, plain } from './output.ts'
import { progressBar } from './progress.ts'
import type { Recorded } from './recorded.ts'
import { type NamedReport, type ReadReport, readReports, reportsNamed, withoutSecrets } from './reports.ts'
import { fieldsNamed } from './sealed.ts'
import { asCertified, openSigning, type Signing, type SigningOptions } from './signing.ts'

export interface RunOptions extends SigningOptions {
  readonly step: string
  readonly materials?: readonly string[]
  readonly products?: readonly string[]
  readonly lockfile?: readonly string[]
  readonly pipeline?: string
  /** Chain id of the run to go on with; left out: the token's, or the one that is found. */
  readonly chain?: string
  readonly contract?: string
  readonly matrix?: string
  readonly attempt?: string
  readonly previous?: readonly string[]
  readonly trust?: readonly string[]
  readonly chainOut?: string
  readonly env?: readonly string[]
  readonly evidence?: readonly string[]
  readonly tools?: readonly string[]
  readonly seal?: readonly string[]
  readonly git: boolean
  readonly json?: boolean
}

/** What a step received, before anything ran; plain data, so that another process can go on with it. */
export interface Observed {
  readonly materials: readonly Resource[]
  readonly source: ObservedSource | null
}

/** The checkout as it was; `recheck` names the files of it that are not as they were. */
export type ObservedSource = Pick<Source, 'resource' | 'changed' | 'recheck'>

/** What is recorded of a step, beside what its options say. */
export interface RecordInput {
  /** Null where no command is wrapped. */
  readonly argv: readonly string[] | null
  readonly options: RunOptions
  /** What was observed by a process before this one; null to observe it now. */
  readonly observed?: Observed | null
  readonly startedAt?: string | null
  /** How that ended which this is recorded of, where that was no success and nothing is wrapped. */
  readonly failed?: CodedError | null
  /** What was made where no file shows it: images, and what checksums name. */
  readonly made?: readonly Resource[]
  /** Commit by `uses:` reference. */
  readonly actions?: { readonly [uses: string]: string }
  /** Reports that were read and judged already. */
  readonly reports?: readonly ReadReport[]
}

/** The step was not run: what was handed over does not fit. */
export interface RefusedStep {
  readonly kind: 'refused'
  readonly findings: readonly ErrorReport[]
  /** Paths of the checkout that differ from its commit. */
  readonly changed: readonly string[]
}

export interface RecordedStep {
  readonly kind: 'recorded'
  readonly recorded: Recorded
  readonly handover: Handover
  readonly outcome: Outcome | null
  readonly aftermath: Aftermath
}

/** What was handed over, and what is known of where it came from. */
export interface ReceivedStep {
  readonly observed: Observed
  readonly handover: Handover
  readonly signing: Signing
}

/** The half of a recording that comes before anything runs: hashes what was handed over, and holds it against the steps before. */
export async function receiveStep(
  context: Context,
  { options, observed = null }: Pick<RecordInput, 'options' | 'observed'>,
): Promise<ReceivedStep & { readonly client: Client | null }> {
  const step = stepOf(context, options)
  // Before anything is run: a step that cannot be signed would be lost.
  const signing = await openSigning(context, options)
  const client = options.offline === true ? null : await clientOrNull(context, signing.access ?? undefined)
  const asked = {
    step: { ...step, nonce: '0'.repeat(32) },
    pipeline: options.pipeline ?? context.settings.pipeline,
    run: options.chain ?? null,
    contractFile: options.contract ?? context.settings.contract,
    trustFiles: options.trust ?? [],
    previousFiles: options.previous ?? [],
    ...newRunOf(context),
    ownKey: signing.first.publicKey,
    // Who a certificate will say it is, only that says.
    signer: signing.certified === null ? factsOf(gradeD('own key', signing.first.publicKey)) : null,
  }
  const receive = async (seen: Observed) => {
    const source = seen.source?.resource ?? null
    const handover = await takeOver(context, { ...asked, materials: seen.materials, source }, client)
    const findings = withMakers(withLeftBehind(handover), handover, step)
    const received = { ...handover.received, findings }
    return { observed: seen, handover: { ...handover, received }, signing, client }
  }
  if (observed !== null) return await receive(observed)
  const { materials, source } = await observeBefore(context, options, signing)
  const first = await receive({ materials, source })
  if (source === null || first.handover.received.findings.length === 0) return first
  const made = await madeBefore(context.cwd, source, first.handover)
  if (made.length === 0) return first
  return await receive({
    materials,
    source: await observeSource(context, [...ownNames(context, options, signing), ...made]),
  })
}

function tell(context: Context, what: string): void {
  context.stderr(`${paintFor(context).yellow('!')} ${plain(what, 600)}\n`)
}

async function observeBefore(
  context: Context,
  options: RunOptions,
  signing: Signing,
): Promise<Observed & { readonly source: Source | null }> {
  const bar = progressBar(context, 'hashing')
  const watch = { progress: context.interactive ? bar.update : undefined }
  const [materials, source] = await Promise.all([
    // A lock file is of the source as well: that it differs from the commit is told all the same.
    observe({ root: context.cwd, patterns: [...(options.materials ?? []), ...(options.lockfile ?? [])], ...watch }),
    options.git ? observeSource(context, ownNames(context, options, signing), watch) : null,
  ])
  bar.clear()
  return { materials, source }
}

/** What the step names itself, and the key that it signs with: no source, where git does not track it. */
function ownNames(context: Context, { materials = [], products = [] }: RunOptions, signing: Signing): string[] {
  return [...materials, ...products, ...keyFiles(context, signing)]
}

function observeSource(context: Context, exclude: readonly string[], watch: Watch = {}): Promise<Source | null> {
  return sourceOf({ root: context.cwd, exclude, environment: context.environment, ...watch })
}

/**
 * Records a step: hashes what was handed over, holds it against the steps before, runs the command (none when
 * `argv` is null), hashes what it made, signs, hands on. Throws `Unrecorded` where the command failed and what it did could
 * not be recorded.
 */
export async function recordStep(context: Context, input: RecordInput): Promise<RefusedStep | RecordedStep> {
  const { argv, options } = input
  checkArguments(argv)
  const step = stepOf(context, options)
  const sealed = fieldsNamed('--seal', options.seal)
  const named = reportsNamed(options.evidence)
  const { observed, handover, signing, client } = await receiveStep(context, input)
  const { received } = handover
  const { materials, source } = observed
  if (received.findings.length > 0)
    return { kind: 'refused', findings: received.findings, changed: source?.changed ?? [] }
  // Told before the command runs: that may take hours, or deploy.
  const doubts = [
    ...unheard(handover),
    ...ofAnotherRun(handover),
    ...ofSeveralPipelines(handover),
    ...ofEarlierAttempt(handover, step),
    ...(await waitingInPlace(context, received.chain.id, step)),
    ...leftBehind(context.cwd, handover, source),
    ...received.doubts.map(refusedLater),
  ]
  if (options.json !== true) doubts.forEach((one) => tell(context, one))

  const root = context.cwd
  const { environment } = context
  const redactor = new Redactor(environment)
  const products = options.products ?? []
  const bar = progressBar(context, 'hashing')
  const watch = { progress: context.interactive ? bar.update : undefined }
  const draft = draftStep({
    chain: received.chain,
    step,
    previous: received.previous,
    materials: received.materials,
    source: source?.resource ?? null,
    argv,
    workingDirectory: '.',
    environment: recordedEnvironment(environment, redactor, options.env ?? []),
    runner: asCertified(
      describeRunner(
        {
          ci: claimedCi.detect(environment),
          os: process.platform,
          arch: process.arch,
          tools: {
            node: process.version,
            ...(await toolVersions({ names: options.tools ?? [], root, environment, redactor })),
          },
          actions: input.actions ?? {},
        },
        redactor,
      ),
      signing.certified,
    ),
    startedAt: input.startedAt ?? context.now(),
    redactor,
  })
  const { outcome, unstartable } =
    argv === null ? { outcome: null, unstartable: null } : await runWrapped(context, argv)
  try {
    const failed = unstartable ?? input.failed ?? null
    const succeeded = failed === null && (outcome === null || outcome.exitCode === 0)
    const lockfiles = options.lockfile ?? []
    const after = await observeAfter({ root, materials, source, products, lockfiles, succeeded, ...watch })
    bar.clear()
    const made = succeeded ? [...after.products, ...(input.made ?? [])] : after.products
    const spoken = [...materials, ...(source === null ? [] : [source.resource]), ...made]
    const own = succeeded ? await reportsOrFault(context, named, spoken) : { reports: [], fault: null }
    const aftermath: Aftermath = { ...after, products: made, error: failed ?? after.error ?? own.fault }
    const reports = [...own.reports, ...(input.reports ?? [])].map((one) =>
      withoutSecrets(options.json === true ? null : context, redactor, one),
    )
    const evidence = reports.map(({ ref }) => ref)
    const finished = finish(draft, { outcome, aftermath, finishedAt: context.now(), evidence })
    const crypto = await nativeCrypto()
    const { statement, payload, disclosed } = sealStep(finished, sealed, crypto)
    const { signer, certified, fault } = await signing.signer()
    const bundle = await signStatement(payload, signer, crypto)
    const link = linkDigest(bundle.envelope, crypto)
    const recorded = await deliver(context, {
      bundle,
      statement,
      trust: options.trust ?? [],
      disclosures: disclosed.map((one) => ({ ...one, link })),
      attachments: reports.flatMap(({ content }) => (content === null ? [] : [{ link, content }])),
      handover,
      client,
      chainOut: options.chainOut ?? null,
      signer: signer.publicKey,
      certified,
      fault,
      warnings: options.json === true ? [...signing.warnings, ...doubts] : signing.warnings,
    })
    return { kind: 'recorded', recorded, handover, outcome, aftermath }
  } catch (error) {
    const code = codeOfCommand(outcome, unstartable)
    throw code === null ? error : new Unrecorded(error, code)
  }
}

/** A step whose reports are not what they should be is recorded all the same, as one that failed. */
async function reportsOrFault(
  context: Context,
  given: readonly NamedReport[],
  resources: readonly Resource[],
): Promise<{ readonly reports: readonly ReadReport[]; readonly fault: CodedError | null }> {
  try {
    return { reports: await readReports(context, given, resources), fault: null }
  } catch (fault) {
    if (!(fault instanceof CodedError)) throw fault
    return { reports: [], fault }
  }
}

/** Where nothing is left to sign, what went wrong with the products is the reason to tell. */
function finish(draft: StepDraft, input: FinishInput): FinishedStep {
  try {
    return finishStep(draft, input)
  } catch (error) {
    throw error instanceof CodedError && error.code === 'nothing-recorded' ? (input.aftermath.error ?? error) : error
  }
}

function stepOf(context: Context, options: RunOptions): Omit<StepRef, 'nonce'> {
  checkNamed(context, options)
  const { step, matrix = null } = options
  if (!isName(step)) throw new CodedError('usage', `--step ${plain(step, 60)} is not a name (letters, digits, . _ - /)`)
  if (matrix !== null && !isMatrixKey(matrix)) throw new CodedError('usage', '--matrix is not printable ASCII')
  const attempt =
    options.attempt === undefined ? (claimedCi.detect(context.environment)?.run?.attempt ?? 1) : Number(options.attempt)
  if (!Number.isSafeInteger(attempt) || attempt < 1 || attempt > 1_000_000)
    throw new CodedError('usage', '--attempt is not a number from 1 to 1000000')
  return { name: step, attempt, matrix }
}

/** The key to sign with, where it lies in the checkout: it is no source, and other checkouts do not have it. */
function keyFiles(context: Context, { file }: Signing): string[] {
  const path = relative(context.cwd, resolve(context.cwd, file ?? ''))
  return path === '' || path.startsWith('..') || isAbsolute(path) ? [] : [path, `${path}.pub`]
}

/** One chain id for all steps of a CI system's run, so that they find one another; outside of one, a fresh id. */
function newRunOf(context: Context): Pick<HandoverInput, 'newChain' | 'isUnnamed'> {
  const ci = claimedCi.detect(context.environment)
  if (ci?.run == null) return { newChain: randomBytes(16).toString('hex'), isUnnamed: true }
  const repository = ci.identity?.sourceRepositoryURI ?? null
  return { newChain: chainOfRun({ system: ci.system, repository, id: ci.run.id }, { sha256 }), isUnnamed: false }
}

async function runWrapped(
  context: Context,
  argv: readonly string[],
): Promise<{ outcome: Outcome | null; unstartable: CodedError | null }> {
  try {
    const outcome = await runCommand({
      argv,
      cwd: context.cwd,
      environment: context.environment,
      signals: context.signals,
      terminal: context.interactive,
      now: () => new Date(context.now()),
    })
    return { outcome, unstartable: null }
  } catch (error) {
    if (error instanceof CodedError && error.code === 'command-unstartable')
      return { outcome: null, unstartable: error }
    throw error
  }
}
