import { constants } from 'node:os'
import { CodedError, type ErrorReport } from '@countersign/core'
import type { Aftermath, Outcome } from '@countersign/record'
import type { Context, ExitCode } from '../context.ts'
import { errorText, paintFor, plain } from '../output.ts'
import { recordedJson, recordedText } from '../recorded.ts'
import { recordStep, type RunOptions } from '../recording.ts'

/** Records a step, and shows it. Returns the command's own exit code where it ran. */
export async function run(context: Context, argv: readonly string[] | null, options: RunOptions): Promise<ExitCode> {
  const done = await recordStep(context, { argv, options })
  if (done.kind === 'refused') return refuse(context, options, done.findings, done.changed)
  const { recorded, outcome, aftermath } = done
  if (options.json === true) context.stderr(`${JSON.stringify(recordedJson(recorded))}\n`)
  else context.stderr(recordedText(context, recorded))
  if (aftermath.error !== null && options.json !== true)
    context.stderr(errorText(aftermath.error.report(), paintFor(context)))
  return exitCodeOf(outcome, aftermath, recorded.refused)
}

/** The command's own code; what went wrong around it only where the command itself was content. */
function exitCodeOf(outcome: Outcome | null, aftermath: Aftermath, refused: ErrorReport | null): ExitCode {
  if (aftermath.error?.code === 'command-unstartable') return 127
  // A signal is told as shells tell it.
  if (outcome?.signal != null) return 128 + (constants.signals[outcome.signal as NodeJS.Signals] ?? 0)
  if (outcome?.exitCode != null && outcome.exitCode !== 0) return outcome.exitCode
  return aftermath.error !== null || refused !== null ? 1 : 0
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
