import { CodedError, type ErrorReport } from '@countersign/core'
import { codeOfCommand, Unrecorded } from '../command-code.ts'
import type { Context, ExitCode } from '../context.ts'
import { errorText, errorsText, paintFor, plain } from '../output.ts'
import { recordedJson, recordedText } from '../recorded.ts'
import { type RecordedStep, recordStep, type RefusedStep, type RunOptions } from '../recording.ts'

/** Records a step, and shows it. Returns the command's own exit code where it ran. */
export async function run(context: Context, argv: readonly string[] | null, options: RunOptions): Promise<ExitCode> {
  let done: RefusedStep | RecordedStep
  try {
    done = await recordStep(context, { argv, options })
  } catch (error) {
    if (!(error instanceof Unrecorded)) throw error
    // Standard output is the command's.
    if (options.json === true) context.stderr(`${JSON.stringify({ error: error.report() })}\n`)
    else context.stderr(errorText(error.report(), paintFor(context)))
    return error.exitCode
  }
  if (done.kind === 'refused') return refuse(context, options, done.findings, done.changed)
  const { recorded, outcome, aftermath } = done
  if (options.json === true) context.stderr(`${JSON.stringify(recordedJson(recorded))}\n`)
  else context.stderr(recordedText(context, recorded))
  if (aftermath.error !== null && options.json !== true)
    context.stderr(errorText(aftermath.error.report(), paintFor(context)))
  // What went wrong around the command only where the command itself was content.
  return codeOfCommand(outcome, aftermath.error) ?? (aftermath.error !== null || recorded.refused !== null ? 1 : 0)
}

/** What is there to be done where nobody swapped anything. */
const MEANT = 'What a step makes there belongs in its --products, and what is no source in .gitignore.'

/** The command is not run; everything that speaks against it is said. */
function refuse(
  context: Context,
  options: RunOptions,
  findings: readonly ErrorReport[],
  changed: readonly string[],
): ExitCode {
  const refusal = new CodedError('handover-refused', `step ${options.step} was not run`)
  if (options.json === true) context.stderr(`${JSON.stringify({ error: refusal.report(), findings, changed })}\n`)
  else {
    const paint = paintFor(context)
    context.stderr(errorsText(findings, paint))
    if (changed.length > 0)
      context.stderr(
        `  changed in the checkout: ${changed
          .slice(0, 8)
          .map((name) => plain(name, 80))
          .join(', ')}\n  ${paint.dim(MEANT)}\n`,
      )
    context.stderr(errorText(refusal.report(), paint))
  }
  return 1
}
