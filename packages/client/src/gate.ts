import { canonicalJson, CodedError, type ErrorReport, type JsonValue } from '@countersign/core'
import { PAYLOAD_TYPE, readEnvelope, writeEnvelope } from '@countersign/formats'
import { Reading } from './answers.ts'
import { refusalOf } from './problem.ts'
import type { Transport } from './transport.ts'

/** What to judge under: the contract in force for a pipeline, or one that is pinned by its SHA-256, hex. */
export type AskedContract = { readonly pipeline: string } | { readonly digest: string }

export interface GateQuestion {
  /** SHA-256, hex. */
  readonly artifact: string
  readonly contract: AskedContract
  readonly environment?: string
  /** Who asks, for the record. */
  readonly requester?: string
  /** What the artifact is called: a URI. */
  readonly resource?: string
  /** Only what would be said: it is not recorded, and has no summary. */
  readonly dryRun?: boolean
}

/** What maintainers of the contract let through, in the server's words. */
export interface RemoteDeviation {
  /** SHA-256, hex. */
  readonly id: string
  readonly reason: string
  /** ISO time. */
  readonly expiresAt: string
  readonly findings: readonly { readonly code: string; readonly what: string }[]
}

/** What the server's gate says: its word, but for what its summary proves. */
export interface RemoteDecision {
  readonly decision: 'allow' | 'deny' | 'unknown'
  /** Null for `allow`. */
  readonly reason: ErrorReport | null
  /** By what it was let through; the summary has their ids. None where nothing was. */
  readonly deviations: readonly RemoteDeviation[]
  /** SHA-256 of the contract that it judged under, hex; null where it holds none. */
  readonly contract: string | null
  readonly revision: number | null
  /** Number of the decision in its record; null for a dry run, which is not recorded. */
  readonly id: number | null
  /** JSON of a DSSE envelope around a verification summary, unverified; null where there was no contract, and for a dry run. */
  readonly vsa: Uint8Array | null
}

/** What the server's gate is asked. */
export interface GateCalls {
  /** Whether the server lets an artifact out. Safe to repeat: it is recorded once more. */
  gate(question: GateQuestion): Promise<RemoteDecision>
}

const MAX_REPLY = 4 * 1024 * 1024
/** How a decision that is not `allow` is answered, so that who looks at the status alone lets nothing through. */
const NOT_ALLOWED = 403

export function gateCalls(transport: Transport): GateCalls {
  return {
    async gate({ contract, ...question }) {
      const named = 'pipeline' in contract ? { pipeline: contract.pipeline } : { contract: contract.digest }
      const bytes = new TextEncoder().encode(JSON.stringify({ ...question, ...named }))
      const { status, body } = await transport.json({
        method: 'POST',
        path: '/v1/gate',
        body: { type: 'application/json', bytes },
        maxBytes: MAX_REPLY,
        alsoAnswer: NOT_ALLOWED,
      })
      return decisionIn(status, body, question.artifact)
    },
  }
}

function decisionIn(status: number, body: JsonValue, artifact: string): RemoteDecision {
  const it = new Reading(body)
  const decision = it.text('decision')
  // What is said twice must be said alike.
  if (
    (decision !== 'allow' && decision !== 'deny' && decision !== 'unknown') ||
    (decision === 'allow') !== (status === 200)
  ) {
    throw new CodedError('server-answer', `the gate answered ${decision} with HTTP ${status}`)
  }
  if (it.hex('artifact', 64) !== artifact)
    throw new CodedError('server-answer', 'the decision is about another artifact')
  const { reason: told, vsa } = body as { readonly reason?: JsonValue; readonly vsa?: JsonValue }
  if (decision === 'allow' && !it.isMissing('reason')) {
    throw new CodedError('server-answer', 'the gate allows with a reason against it')
  }
  return {
    decision,
    reason: told === undefined || told === null ? null : refusalOf(status, told, 'POST /v1/gate').report(),
    deviations: it.isMissing('deviations') ? [] : it.list('deviations', deviationIn),
    contract: it.isMissing('contract') ? null : it.hex('contract', 64),
    revision: it.isMissing('revision') ? null : it.integer('revision'),
    id: it.isMissing('id') ? null : it.integer('id'),
    vsa: vsa === undefined || vsa === null ? null : envelopeIn(vsa),
  }
}

function deviationIn(it: Reading): RemoteDeviation {
  return {
    id: it.hex('id', 64),
    reason: it.text('reason'),
    expiresAt: it.text('expiresAt'),
    findings: it.list('findings', (one) => ({ code: one.text('code'), what: one.text('what') })),
  }
}

function envelopeIn(value: JsonValue): Uint8Array {
  try {
    return canonicalJson(writeEnvelope(readEnvelope(value, PAYLOAD_TYPE)))
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause
    throw new CodedError('server-answer', `its summary cannot be read: ${cause.what}`, { cause })
  }
}
