import { createHash, randomBytes } from 'node:crypto'
import { constants } from 'node:os'
import { isAbsolute, relative, resolve } from 'node:path'
import { claimedCi } from '@countersign/adapters/ci-claimed'
import { CodedError, type ErrorReport } from '@countersign/core'
import { isMatrixKey, isName, linkDigest, type Resource, type StepRef } from '@countersign/formats'
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
  sourceOf,
  type StepDraft,
  toolVersions,
} from '@countersign/record'
import { signStatement } from '@countersign/sign'
import { clientOrNull } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { deliver } from '../delivery.ts'
import { nativeCrypto } from '../evidence.ts'
import { takeOver } from '../handover.ts'
import { errorText, paintFor, plain } from '../output.ts'
import { progressBar } from '../progress.ts'
import { recordedJson, recordedText } from '../recorded.ts'
import { fieldsNamed } from '../sealed.ts'
import { asCertified, openSigning, type Signing, type SigningOptions } from '../signing.ts'

export interface RunOptions extends SigningOptions {
  readonly step: string
  readonly materials?: readonly string[]
  readonly products?: readonly string[]
  readonly pipeline?: string
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

/**
 * Records a step: hashes what was handed over, holds it against the steps before, runs the command (none when
 * `argv` is null), hashes what it made, signs, hands on. Returns the command's own exit code where it ran.
 */
export async function run(context: Context, argv: readonly string[] | null, options: RunOptions): Promise<ExitCode> {
  const step = stepOf(context, options)
  const sealed = fieldsNamed('--seal', options.seal)
  // Before anything is run: a step that cannot be signed would be lost.
  const signing = await openSigning(context, options)
  const client = options.offline === true ? null : await clientOrNull(context, signing.access ?? undefined)
  const root = context.cwd
  const { environment } = context
  const redactor = new Redactor(environment)
  const materialPatterns = options.materials ?? []
  const products = options.products ?? []
  const bar = progressBar(context, 'hashing')
  const watch = { progress: context.interactive ? bar.update : undefined }

  const [materials, source] = await Promise.all([
    observe({ root, patterns: materialPatterns, ...watch }),
    options.git
      ? sourceOf({
          root,
          exclude: [...materialPatterns, ...products, ...keyFiles(context, signing)],
          environment,
          ...watch,
        })
      : null,
  ])
  bar.clear()

  const handover = await takeOver(
    context,
    {
      step: { ...step, nonce: '0'.repeat(32) },
      pipeline: options.pipeline ?? context.settings.pipeline,
      contractFile: options.contract ?? context.settings.contract,
      trustFiles: options.trust ?? [],
      previousFiles: options.previous ?? [],
      materials,
      source: source?.resource ?? null,
      newChain: newChainOf(context),
      ownKey: signing.first.publicKey,
    },
    client,
  )
  const { received } = handover
  if (received.findings.length > 0) return refuse(context, options, received.findings, source?.changed ?? [])

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
        },
        redactor,
      ),
      signing.certified,
    ),
    startedAt: context.now(),
    redactor,
  })
  const { outcome, unstartable } =
    argv === null ? { outcome: null, unstartable: null } : await runWrapped(context, argv)
  const succeeded = unstartable === null && (outcome === null || outcome.exitCode === 0)
  const observed = await observeAfter({ root, materials, source, products, succeeded, ...watch })
  bar.clear()
  const aftermath: Aftermath = unstartable === null ? observed : { ...observed, error: unstartable }
  const finished = finish(draft, {
    outcome,
    aftermath,
    finishedAt: context.now(),
    evidence: succeeded ? await readEvidence(context, options.evidence ?? []) : [],
  })
  const crypto = await nativeCrypto()
  const { statement, payload, disclosed } = sealStep(finished, sealed, crypto)
  const { signer, certified, fault } = await signing.signer()
  const bundle = await signStatement(payload, signer, crypto)
  const link = linkDigest(bundle.envelope, crypto)
  const recorded = await deliver(context, {
    bundle,
    statement,
    disclosures: disclosed.map((one) => ({ ...one, link })),
    handover,
    client,
    chainOut: options.chainOut ?? null,
    certified,
    fault,
  })
  if (options.json === true) context.stderr(`${JSON.stringify(recordedJson(recorded))}\n`)
  else context.stderr(recordedText(context, recorded))
  if (aftermath.error !== null && options.json !== true)
    context.stderr(errorText(aftermath.error.report(), paintFor(context)))
  return exitCodeOf(outcome, aftermath, recorded.refused)
}

/** Where nothing is left to sign, what went wrong with the products is the reason to tell. */
function finish(draft: StepDraft, input: FinishInput): FinishedStep {
  try {
    return finishStep(draft, input)
  } catch (error) {
    throw error instanceof CodedError && error.code === 'nothing-recorded' ? (input.aftermath.error ?? error) : error
  }
}

/** The command's own code; what went wrong around it only where the command itself was content. */
function exitCodeOf(outcome: Outcome | null, aftermath: Aftermath, refused: ErrorReport | null): ExitCode {
  if (aftermath.error?.code === 'command-unstartable') return 127
  // A signal is told as shells tell it.
  if (outcome?.signal != null) return 128 + (constants.signals[outcome.signal as NodeJS.Signals] ?? 0)
  if (outcome?.exitCode != null && outcome.exitCode !== 0) return outcome.exitCode
  return aftermath.error !== null || refused !== null ? 1 : 0
}

function stepOf(context: Context, options: RunOptions): Omit<StepRef, 'nonce'> {
  const { step, matrix = null } = options
  if (!isName(step)) throw new CodedError('usage', `--step ${plain(step, 60)} is not a name (letters, digits, . _ - /)`)
  if (matrix !== null && !isMatrixKey(matrix)) throw new CodedError('usage', '--matrix is not printable ASCII')
  const attempt =
    options.attempt === undefined ? (claimedCi.detect(context.environment)?.run?.attempt ?? 1) : Number(options.attempt)
  if (!Number.isSafeInteger(attempt) || attempt < 1) throw new CodedError('usage', '--attempt is not a number from 1')
  return { name: step, attempt, matrix }
}

/** The key to sign with, where it lies in the checkout: it is no source, and other checkouts do not have it. */
function keyFiles(context: Context, { file }: Signing): string[] {
  const path = relative(context.cwd, resolve(context.cwd, file ?? ''))
  return path === '' || path.startsWith('..') || isAbsolute(path) ? [] : [path, `${path}.pub`]
}

/** One chain id for all steps of a CI system's run, so that they find one another; outside of one, a fresh id. */
function newChainOf(context: Context): string {
  const ci = claimedCi.detect(context.environment)
  if (ci?.run == null) return randomBytes(16).toString('hex')
  const name = JSON.stringify(['countersign/chain/v1', ci.system, ci.identity?.sourceRepositoryURI ?? null, ci.run.id])
  return createHash('sha256').update(name).digest('hex').slice(0, 32)
}

/** The command is not run; everything that speaks against it is said. */
function refuse(
  context: Context,
  options: RunOptions,
  findings: readonly ErrorReport[],
  changed: readonly string[],
): ExitCode {
  const refusal = new CodedError('handover-refused', `step ${options.step} was not run`)
  if (options.json === true) context.stderr(`${JSON.stringify({ error: refusal.report(), findings })}\n`)
  else {
    const paint = paintFor(context)
    context.stderr(findings.map((finding) => errorText(finding, paint)).join(''))
    if (changed.length > 0)
      context.stderr(
        `  changed in the checkout: ${changed
          .slice(0, 8)
          .map((name) => plain(name, 80))
          .join(', ')}\n`,
      )
    context.stderr(errorText(refusal.report(), paint))
  }
  return 1
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

/** `TYPE=FILE` reports, by digest. */
async function readEvidence(context: Context, given: readonly string[]): Promise<Resource[]> {
  const reports: Resource[] = []
  for (const text of given) {
    const [type, file] = [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]
    if (!/^[a-z0-9][a-z0-9.-]{0,40}$/.test(type) || file === '') {
      throw new CodedError('usage', `--evidence ${plain(text, 60)} is not TYPE=FILE`, {
        fix: 'For example: --evidence sbom=sbom.json',
      })
    }
    for (const { name, digest } of await observe({ root: context.cwd, patterns: [file] })) {
      reports.push({ name, digest, mediaType: `application/vnd.countersign.evidence.${type}` })
    }
  }
  return reports
}
