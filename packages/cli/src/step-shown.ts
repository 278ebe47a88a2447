import type { StepStatement } from '@countersign/formats'

/** `build`, `test (linux)`, `build #2`. */
export function stepName({ statement }: { readonly statement: StepStatement }): string {
  const { name, attempt, matrix } = statement.predicate.step
  return `${name}${matrix === null ? '' : ` (${matrix})`}${attempt === 1 ? '' : ` #${attempt}`}`
}

/** How a step failed, in a word or two; null where it did not. */
export function failureOf({ statement }: { readonly statement: StepStatement }): string | null {
  const { exitCode, signal, error } = statement.predicate.invocation
  if (error !== null) return error
  if (signal !== null) return signal
  return exitCode === null || exitCode === 0 ? null : `exit ${exitCode}`
}
