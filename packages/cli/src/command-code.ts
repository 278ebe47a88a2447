import { constants } from 'node:os'
import { CodedError, reportOf } from '@countersign/core'
import type { Outcome } from '@countersign/record'
import type { ExitCode } from './context.ts'

/** The exit code of a wrapped command, a signal as shells tell it; null where it was content, or none was wrapped. */
export function codeOfCommand(outcome: Outcome | null, error: CodedError | null): ExitCode | null {
  if (error?.code === 'command-unstartable') return 127
  if (outcome?.signal != null) return 128 + (constants.signals[outcome.signal as NodeJS.Signals] ?? 0)
  return outcome?.exitCode != null && outcome.exitCode !== 0 ? outcome.exitCode : null
}

/** A command failed, and that could not be recorded either. */
export class Unrecorded extends CodedError {
  /** The command's own. */
  readonly exitCode: ExitCode

  constructor(cause: unknown, exitCode: ExitCode) {
    const { code, what, fix } = reportOf(cause)
    super(code, what, { fix, cause })
    this.exitCode = exitCode
  }
}
