import { type Code, CodedError, type ErrorReport, reportOf } from '@countersign/core'
import { Refused } from './verbs/append-attestation.ts'

/** HTTP statuses that a problem may have. */
export type ProblemStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 422 | 500 | 503

const STATUS: Partial<Record<Code, ProblemStatus>> = {
  'token-missing': 401,
  'token-scope': 403,
  'not-found': 404,
  'method-unknown': 404,
  'request-invalid': 400,
  usage: 400,
  'idempotency-conflict': 409,
  'place-taken': 409,
  'nonce-reused': 409,
  'material-swapped': 409,
  'input-too-large': 413,
  'server-busy': 503,
  'server-stopping': 503,
  'store-failed': 503,
  'sign-failed': 503,
  internal: 500,
}

/** Status of a code: what a caller sent and what does not fit is 422, unless the table says otherwise. */
export function statusOf(code: Code): ProblemStatus {
  return STATUS[code] ?? 422
}

/** Problem details (RFC 9457). */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: ProblemStatus
  readonly detail: string
  readonly code: Code
  readonly why: string
  readonly fix: string
  readonly requestId: string
  /** Every reason, where there are several. */
  readonly findings?: readonly ErrorReport[]
}

/** Whatever was thrown, as callers may see it: internals stay inside. */
export function problemOf(error: unknown, requestId: string): Problem {
  const { code, what, why, fix } = reportOf(error)
  const problem = {
    type: `https://countersign.dev/problems/${code}`,
    title: why,
    status: statusOf(code),
    detail: what,
    code,
    why,
    fix,
    requestId,
  }
  return error instanceof Refused ? { ...problem, findings: error.findings } : problem
}

export function isOurFault(error: unknown): boolean {
  return !(error instanceof CodedError) || statusOf(error.code) >= 500
}
