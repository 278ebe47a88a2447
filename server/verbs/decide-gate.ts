import { CodedError, type ErrorReport, type JsonValue, MAX_FINDINGS, reportOf } from '@countersign/core'
import type { Contract } from '@countersign/contract'
import { writeEnvelope } from '@countersign/formats'
import { signStatement } from '@countersign/sign'
import { type Decision, decisionOf, judge, unknownVerdict, type Verdict } from '@countersign/verify'
import { builderUri, slsaSummary } from '@countersign/verify/slsa'
import type { Deps } from './deps.ts'

/** Which contract a gate judges under: the one in force for a pipeline, or the one that the asker pins. */
export type NamedContract = { readonly pipeline: string } | { readonly digest: string }

export interface GateInput {
  readonly tenant: string
  /** Id of the token. */
  readonly by: string
  /** SHA-256, hex. */
  readonly artifact: string
  readonly contract: NamedContract
  readonly environment: string | null
  /** Who asks, as the asker says. */
  readonly requester: string | null
  /** What the artifact is called: a URI. Null: by its digest. */
  readonly resource: string | null
  /** True for what would be said: nothing is let out by it, and so nothing signed or recorded. */
  readonly dryRun: boolean
}

export interface GateReply {
  /** Null for a dry run. */
  readonly id: number | null
  readonly decision: Decision
  /** Null for `allow`. */
  readonly reason: ErrorReport | null
  /** Every reason. */
  readonly findings: readonly ErrorReport[]
  /** What did not verify and so counted neither way, the first hundred: often why something is missing. */
  readonly refused: readonly ErrorReport[]
  /** By which deviations it was let through; none where nothing was. */
  readonly deviations: readonly GateDeviation[]
  readonly artifact: string
  readonly pipeline: string | null
  /** SHA-256 of the contract that it was judged under; null where there is none. */
  readonly contract: string | null
  readonly revision: number | null
  readonly environment: string | null
  /** ISO time. */
  readonly decidedAt: string
  readonly ms: number
  /** A signed verification summary in a DSSE envelope; null where there was no contract to judge under, and for a dry run. */
  readonly vsa: JsonValue
}

/** What maintainers of the contract let through, and why. */
export interface GateDeviation {
  /** See `deviationId`. */
  readonly id: string
  readonly by: readonly string[]
  readonly reason: string
  /** ISO time. */
  readonly expiresAt: string
  readonly findings: readonly ErrorReport[]
}

/** Most decisions of a tenant that are kept. */
export const MAX_DECISIONS = 1_000_000

/**
 * The gate: whether what the store holds proves an artifact under a contract. Whatever fails on the way is no `allow`; one
 * that cannot be signed or recorded is not given (`sign-failed`, `store-failed`). `clock` is monotonic, milliseconds.
 */
export async function decideGate(deps: Deps, input: GateInput, clock: () => number): Promise<GateReply> {
  const begun = clock()
  const { artifact, tenant, by, environment, requester, dryRun } = input
  const { contract, verdict } = await judged(deps, input)
  const { decision, reason } = decisionOf(verdict)
  const at = deps.now()
  const pipeline = contract?.pipeline ?? ('pipeline' in input.contract ? input.contract.pipeline : null)
  const digest = contract?.digest ?? ('digest' in input.contract ? input.contract.digest : null)
  const vsa = contract === null || dryRun ? null : await summary(deps, input, contract, verdict, at)
  const ms = clock() - begun
  const deviated = verdict.deviations.length > 0
  const record = { at, decision, deviated, artifact, pipeline, contract: digest, environment, by, requester, ms }
  const kept = { ...record, code: reason?.code ?? null, what: reason?.what ?? letThrough(verdict) }
  const id = dryRun ? null : await deps.store.decisions.record(tenant, kept, MAX_DECISIONS)
  if (!dryRun) deps.metrics.decided(decision, (clock() - begun) / 1000)
  const refused = verdict.refused.slice(0, MAX_FINDINGS)
  const deviations = verdict.deviations.map(({ deviation: { id, by, deviation }, findings }) => {
    const { reason: why, expiresAt } = deviation
    return { id, by, reason: why, expiresAt, findings }
  })
  const facts = {
    id,
    decision,
    reason,
    findings: verdict.findings,
    refused,
    deviations,
    artifact,
    pipeline,
    contract: digest,
  }
  return { ...facts, revision: contract?.revision ?? null, environment, decidedAt: at, ms, vsa }
}

/** By which deviations it passed, in words; null where by none. */
function letThrough({ criteria, deviations }: Verdict): string | null {
  return deviations.length === 0 ? null : (criteria.find(({ name }) => name === 'deviations')?.detail ?? null)
}

/** The verdict, whatever happens: what could not be judged is unknown. */
async function judged(deps: Deps, input: GateInput): Promise<{ contract: Contract | null; verdict: Verdict }> {
  let contract: Contract | null = null
  try {
    contract = await contractFor(deps, input)
    const reading = await deps.gate.readings.of(input.tenant, input.artifact, contract)
    return { contract, verdict: judge({ artifact: input.artifact, ...reading, contract, now: deps.now() }) }
  } catch (error) {
    const report = reportOf(error)
    const verdict = unknownVerdict(input.artifact, report)
    // Nobody has said how it must be built: that does not change by itself.
    return { contract, verdict: SETTLED.has(report.code) ? { ...verdict, verdict: 'fail' } : verdict }
  }
}

const SETTLED: ReadonlySet<string> = new Set(['contract-unknown', 'contract-superseded'])

async function contractFor({ store, verified }: Deps, { tenant, contract: named }: GateInput): Promise<Contract> {
  const current = 'pipeline' in named ? await store.contract(tenant, named.pipeline) : null
  const digest = 'digest' in named ? named.digest : current?.digest
  const contract = digest === undefined ? null : await verified.contract(tenant, digest)
  if (contract !== null) {
    // Whoever names an older one may want what the newer one was made to stop (T-99).
    const later = await store.acts.successors(tenant, contract.pipeline, contract.revision)
    if (later.length === 0) return contract
    const what = `revision ${later.at(-1)!.revision} of ${contract.pipeline} is in force, and revision ${contract.revision} was named`
    throw new CodedError('contract-superseded', what)
  }
  const what = 'digest' in named ? `contract ${named.digest.slice(0, 12)} is not held` : `${named.pipeline} has none`
  throw new CodedError('contract-unknown', what, { fix: 'Publish it: countersign contract publish FILE' })
}

async function summary(
  { gate: { signer }, crypto, publicUrl, version }: Deps,
  { artifact, resource }: GateInput,
  contract: Contract,
  verdict: Verdict,
  now: string,
): Promise<JsonValue> {
  const name = `sha256:${artifact}`
  const payload = slsaSummary({
    verdict,
    contract: contract.digest,
    verifier: publicUrl ?? builderUri(null, signer.publicKey.keyId),
    resource: resource ?? `pkg:generic/${encodeURIComponent(name)}`,
    name,
    now,
    version,
  })
  const { envelope } = await signStatement(payload, signer, crypto)
  return writeEnvelope(envelope)
}
