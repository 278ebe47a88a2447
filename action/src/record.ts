import { join } from 'node:path'
import { type RecordedStep, recordStep, type RefusedStep } from '@countersign/cli/recording'
import { CodedError, type ErrorReport } from '@countersign/core'
import { recheckSource } from '@countersign/record'
import { annotateAll, setOutputs, writeSummary } from './tell.ts'
import { tellRunner } from './give.ts'
import { attestationUrl, type Job, stepOptions, temporaryOf } from './job.ts'
import { madeElsewhere } from './made.ts'
import { observeFound, observeOrNone, patternIn } from './paths.ts'
import { begin, merged, refusal } from './received.ts'
import { type Begun, loadBegun, saveBegun } from './state.ts'
import { shownStep, summaryOf } from './summary.ts'
import { verifyCommand } from './verify-command.ts'

/** The start of a job: what it received, checked. Gives what its end needs. Throws `handover-refused`. */
export async function recordStart(job: Job): Promise<{ readonly file: string; readonly sha256: string }> {
  const startedAt = job.context.now()
  const beginning = await begin(job)
  const { observed, facts, actions, options, received, findings } = beginning
  if (findings.length > 0) {
    await refused(job, options.step, findings)
    throw refusal(beginning)
  }
  const { source, materials } = observed
  setOutputs({ 'chain-id': received.handover.received.chain.id })
  job.context.stdout(
    `Countersign records ${options.step}: ${materials.length} received, ${received.handover.received.previous.length} before it\n`,
  )
  return saveBegun(temporaryOf(job), {
    startedAt,
    materials,
    source: source === null ? null : { resource: source.resource, changed: source.changed, saved: source.save() },
    facts,
    actions,
  })
}

/** The end of a job, however it ended: what it made, signed and sent. */
export async function recordEnd(job: Job, file: string, digest: string): Promise<ErrorReport | null> {
  const { inputs, environment, context } = job
  const begun = loadBegun(file, digest)
  const options = stepOptions(job)
  const failed = endedBadly(job, options.step)
  const root = context.cwd
  const found: string[] = []
  for (const path of begun.facts.uploads) {
    const pattern = patternIn(root, path)
    if (pattern !== null && (await observeOrNone(root, pattern)).length > 0) found.push(pattern)
  }
  const { source } = begun
  const link = join(temporaryOf(job), `${options.step.replaceAll('/', '-')}.chain.jsonl`)
  const done = await recordStep(context, {
    argv: null,
    options: { ...options, products: [...inputs.products, ...found], chainOut: link },
    observed: {
      materials: await withLate(job, begun),
      source:
        source === null ? null : { ...source, recheck: (exempt, watch) => recheckSource(source.saved, exempt, watch) },
    },
    startedAt: begun.startedAt,
    failed,
    made: failed === null ? await madeElsewhere(inputs, environment, root) : [],
    actions: begun.actions,
  })
  return tellRecorded(job, options.step, done, failed)
}

/** What was downloaded or restored after the record had begun. */
async function withLate({ context }: Job, { materials, facts }: Begun): Promise<Begun['materials']> {
  const root = context.cwd
  const patterns = facts.downloads.map((path) => patternIn(root, path)).filter((one) => one !== null)
  const late = await observeFound(root, patterns)
  const known = new Set(materials.map(({ name }) => name))
  // A cache that was not there before was missed, and is the job's own work.
  return merged(
    materials,
    late.filter(({ name }) => !known.has(name)),
  )
}

function endedBadly({ inputs }: Job, step: string): CodedError | null {
  if (inputs.jobStatus === 'success') return null
  if (inputs.jobStatus === 'cancelled') return new CodedError('job-cancelled', `the job of step ${step} was cancelled`)
  return new CodedError('job-failed', `the job of step ${step} failed`)
}

/** Says what became of a step; gives what the job has to fail for. */
export async function tellRecorded(
  job: Job,
  step: string,
  done: RecordedStep | RefusedStep,
  failed: CodedError | null,
): Promise<ErrorReport | null> {
  if (done.kind === 'refused') {
    await refused(job, step, done.findings)
    return refusal({ options: stepOptions(job) }).report()
  }
  const { recorded, handover, aftermath, outcome } = done
  const { predicate, subject } = recorded.statement
  const own = aftermath.error !== null && aftermath.error !== failed ? [aftermath.error.report()] : []
  const findings = [...own, ...(recorded.refused === null ? [] : [recorded.refused])]
  annotateAll(findings)
  if (recorded.chainFiles.length > 0) tellRunner(job, recorded.statement)
  const url = attestationUrl(job, recorded.link)
  setOutputs({
    'chain-id': predicate.chain.id,
    link: recorded.link,
    token: recorded.token,
    'bundle-path': recorded.chainFiles[0] ?? null,
    'attestation-url': recorded.appended === null ? null : url,
  })
  const exit = outcome === null || outcome.exitCode === 0 ? null : `exit ${outcome.exitCode ?? outcome.signal}`
  const how = failed?.code ?? exit
  const good = findings.length === 0 && how === null
  const before = [...handover.chain.steps.values()].filter(
    ({ statement }) => statement.predicate.chain.id === predicate.chain.id,
  )
  const certified = recorded.certified?.certified ?? null
  const state =
    recorded.refused !== null
      ? 'refused by the server'
      : recorded.appended !== null
        ? `countersigned, number ${recorded.appended.index}`
        : 'waits to be sent'
  const headline = `${step} ${how === null ? 'signed' : `recorded as failed (${how})`}, ${state}`
  job.context.stdout(`Countersign: ${headline}; link ${recorded.link}\n`)
  await writeSummary(
    job,
    summaryOf({
      headline,
      good,
      steps: [
        ...before.map((one) => shownStep(one, null)).map((one) => ({ ...one, good: true })),
        {
          link: recorded.link,
          name: predicate.step.name,
          previous: predicate.previous.map((one) => one.link),
          system: predicate.runner.system,
          signer: certified?.identity.subject.value ?? 'a key',
          grade: certified?.grade ?? 'D',
          made: subject.map(({ name }) => name),
          good,
        },
      ],
      findings,
      facts: [
        ['pipeline', predicate.chain.pipeline],
        ['chain', predicate.chain.id],
        ['link', recorded.link],
        ...Object.entries(predicate.runner.actions)
          .filter(([uses, commit]) => !uses.endsWith(commit))
          .slice(0, 20)
          .map(([uses, commit]) => [uses, commit] as const),
      ],
      command: verifyCommand(job, subject),
    }),
  )
  return findings[0] ?? null
}

async function refused(job: Job, step: string, findings: readonly ErrorReport[]): Promise<void> {
  annotateAll(findings)
  const headline = `${step} was refused: what was handed over does not fit`
  await writeSummary(job, summaryOf({ headline, good: false, steps: [], findings, facts: [], command: null }))
}
