import { type Code, CodedError } from '@countersign/core'
import { fullDisk } from './full-disk.ts'

/** An error as it crosses the boundary. */
export type Failure =
  | { readonly code: Code; readonly what: string; readonly fix: string }
  | { readonly message: string }

export function failureOf(thrown: unknown): Failure {
  const error = fullDisk(thrown) ?? thrown
  if (error instanceof CodedError) return { code: error.code, what: error.what, fix: error.fix }
  return { message: error instanceof Error ? error.message : String(error) }
}

export function errorOf(failure: Failure): CodedError {
  if ('code' in failure) return new CodedError(failure.code, failure.what, { fix: failure.fix })
  return new CodedError('store-failed', 'the database did not do as it was asked', {
    cause: new Error(failure.message),
  })
}
