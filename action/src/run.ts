import { recordStep } from '@countersign/cli/recording'
import { constants } from 'node:os'
import type { Job } from './job.ts'
import { begin, refusal } from './received.ts'
import { madeElsewhere } from './made.ts'
import { tellRecorded } from './record.ts'
import { annotateAll } from './tell.ts'

/** As GitHub runs a `run:` in bash. The script is one argument: nothing is put together out of texts (T-05). */
const SHELL = ['bash', '--noprofile', '--norc', '-e', '-o', 'pipefail', '-c']

/**
 * Runs one command line as the step. Gives its exit code, or another than 0 where the step was refused. A runner that
 * cancels signals twice, some seconds apart: the command ends at the first, and is recorded before the runner kills.
 */
export async function runStep(job: Job, script: string): Promise<number> {
  const { signals } = job.context
  const stay = () => undefined
  for (const signal of CANCELLING) signals.on(signal, stay)
  try {
    return await runHeld(job, script)
  } finally {
    for (const signal of CANCELLING) signals.off(signal, stay)
  }
}

const CANCELLING = ['SIGINT', 'SIGTERM'] as const

async function runHeld(job: Job, script: string): Promise<number> {
  const beginning = await begin(job)
  if (beginning.findings.length > 0) {
    annotateAll(beginning.findings)
    throw refusal(beginning)
  }
  const { options, observed, actions } = beginning
  const { inputs, context } = job
  const made = await madeElsewhere({ ...inputs, checksums: null }, {}, context.cwd)
  const done = await recordStep(context, { argv: [...SHELL, script], options, observed, actions, made })
  const report = await tellRecorded(job, options.step, done, null)
  const outcome = done.kind === 'recorded' ? done.outcome : null
  if (outcome?.signal != null) return 128 + (constants.signals[outcome.signal as NodeJS.Signals] ?? 0)
  if (outcome?.exitCode != null && outcome.exitCode !== 0) return outcome.exitCode
  return report === null ? 0 : 1
}
