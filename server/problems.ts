import { type Code, CodedError, type ErrorReport, reportOf } from '@countersign/core'
import { Refused } from './verbs/append-attestation.ts'

/** HTTP statuses that a problem may have. */
export type ProblemStatus = 400 | 401 | 403 | 404 | 405 | 409 | 410 | 413 | 415 | 422 | 500 | 503

/**
 * Every code with its status, also those that no handler throws today: one that has none does not compile, so that no
 * fault of ours is blamed on the caller, nor the other way round, because nobody thought of it.
 */
const STATUS: Record<Code, ProblemStatus> = statuses({
  400: ['request-invalid', 'usage'],
  401: [
    'token-missing',
    'identity-token-invalid',
    'identity-token-expired',
    'identity-token-used',
    'enrolment-invalid',
    'sign-in-invalid',
  ],
  403: ['token-scope', 'identity-refused', 'issuer-unknown', 'request-forged', 'sign-in-refused'],
  404: ['not-found', 'method-unknown'],
  409: [
    'idempotency-conflict',
    'tenant-exists',
    'place-taken',
    'nonce-reused',
    'material-swapped',
    'pack-busy',
    'pack-stopped',
    'remark-supersedes',
  ],
  410: ['erased'],
  413: ['input-too-large'],
  // What was sent cannot be read, is not signed by whom it should be, or does not fit.
  // biome-ignore format: a list of names
  422: [
    'utf8-invalid', 'hex-invalid', 'base64-invalid', 'json-invalid', 'json-duplicate-key', 'json-number', 'json-string',
    'json-depth', 'path-invalid', 'pattern-invalid', 'key-invalid', 'issuer-invalid', 'bundle-invalid', 'bundle-version',
    'envelope-invalid', 'signature-missing', 'signature-count', 'payload-type', 'statement-invalid', 'predicate-type',
    'subject-missing', 'digest-invalid', 'step-invalid', 'receipt-invalid', 'withheld-invalid', 'token-invalid', 'chain-file-invalid',
    'disclosure-invalid', 'disclosure-mismatch', 'attachment-invalid', 'report-unknown', 'report-invalid', 'report-type',
    'report-subject', 'report-mismatch', 'report-signer',
    'leaf-invalid', 'note-invalid', 'checkpoint-invalid', 'cosignature-invalid', 'tlog-proof-invalid',
    'log-statement-invalid', 'head-proof-invalid', 'head-contradicted', 'witness-message-invalid', 'policy-invalid', 'origin-mismatch', 'proof-invalid', 'proof-range', 'tile-invalid', 'tree-invalid',
    'map-invalid',
    'signature-invalid', 'signer-unknown', 'signer-revoked', 'signer-not-allowed', 'trust-missing',
    'previous-missing', 'previous-mismatch', 'chain-mismatch', 'pipeline-mismatch', 'contract-mismatch',
    'attempt-mixed', 'predecessor-failed', 'edge-empty', 'material-unexplained', 'digest-conflict', 'step-unknown',
    'step-order', 'step-skipped', 'matrix-incomplete', 'product-missing', 'product-unexpected', 'time-order',
    'time-future', 'step-withheld', 'artifact-unproven', 'step-failed', 'final-missing', 'receipt-missing', 'cosignature-missing', 'contract-invalid',
    'evidence-missing', 'tests-failed', 'vulnerability-found', 'approval-missing', 'approval-own', 'step-stale',
    'runner-not-allowed', 'name-disallowed', 'condition-unmet', 'baseline-unmet', 'material-unproven',
    'contract-empty', 'contract-missing', 'contract-unknown', 'contract-unsigned', 'contract-superseded',
    'deviation-invalid', 'deviation-unsigned', 'deviation-expired', 'runs-differ', 'name-collision', 'too-many-files', 'evidence-invalid',
    'trust-root-mismatch', 'anchor-invalid', 'anchor-mismatch', 'anchor-unproven', 'anchor-untrusted', 'anchor-missing',
    'anchor-refused', 'anchor-pending', 'anchor-late', 'anchor-setup-invalid',
    'certificate-invalid', 'certificate-untrusted', 'certificate-expired', 'time-untrusted', 'issuance-unproven',
    'identity-mismatch', 'grade-too-low', 'trust-root-invalid', 'revocations-invalid', 'trust-root-refused',
    'trust-root-expired',
    'artifact-mismatch', 'summary-refused', 'summary-expired', 'image-unpinned', 'image-unruled', 'admission-invalid',
    'act-invalid', 'audit-broken', 'environment-unruled', 'webhook-unsigned', 'webhook-invalid', 'address-refused', 'entry-mismatch', 'entry-missing', 'entry-unproven', 'entry-untrusted',
    'pack-invalid', 'pack-altered', 'pack-outside', 'pack-report', 'pack-untrusted',
    'remark-invalid', 'remark-elsewhere',
  ],
  // Codes of the machine that a command runs on; from a server they are its own fault.
  // biome-ignore format: a list of names
  500: [
    'internal', 'file-missing', 'file-unreadable', 'file-special', 'file-changed', 'symlink-escapes', 'symlink-broken',
    'material-changed', 'lockfile-invalid', 'dependency-unlocked', 'nothing-recorded', 'command-unstartable', 'job-failed', 'job-cancelled', 'action-moved', 'action-unpinned', 'git-failed', 'handover-refused', 'key-unreadable',
    'key-passphrase', 'key-exists', 'file-write-failed', 'server-unreachable', 'server-answer', 'identity-unavailable',
    'data-in-use', 'signer-setup-invalid', 'provider-setup-invalid', 'sign-in-setup-invalid', 'service-unreachable', 'service-answer', 'service-refused',
  ],
  // The log refuses to sign until somebody has looked; nothing is wrong with what was sent.
  // biome-ignore format: a list of names
  503: [
    'server-busy', 'server-stopping', 'store-failed', 'storage-full', 'keys-missing', 'sign-failed', 'evidence-unavailable', 'log-behind',
    'log-forked', 'log-corrupt', 'log-lock-missing', 'checkpoint-conflict', 'statement-forked', 'witness-conflict',
    'witness-quorum', 'anchor-unreachable', 'trust-root-unreachable', 'issuer-unreachable', 'provider-unreachable', 'signer-unreachable',
  ],
})

function statuses<const T extends Partial<Record<ProblemStatus, readonly Code[]>>>(
  codes: T,
): Record<NonNullable<T[keyof T]> extends readonly (infer C extends Code)[] ? C : never, ProblemStatus> {
  const entries = Object.entries(codes).flatMap(([status, list]) => list.map((code) => [code, Number(status)]))
  return Object.fromEntries(entries) as Record<Code, ProblemStatus>
}

/** Status of a code. */
export function statusOf(code: Code): ProblemStatus {
  return STATUS[code]
}

/** Seconds after which to ask again (RFC 9110 §10.2.3); null for what only another request, or nobody, can mend. */
export function retryAfter(code: Code): number | null {
  if (statusOf(code) !== 503) return null
  // Room is made by people.
  return code === 'storage-full' ? 60 : 1
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
