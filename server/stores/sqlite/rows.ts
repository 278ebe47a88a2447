import { fromHex, hex } from '@countersign/core'
import { type StepStatement, succeeded } from '@countersign/formats'
import type { SignedUnder } from '@countersign/verify'
import type { Append } from '../../store.ts'
import { vouchedFacts } from './signed-by.ts'
import { threadHashes } from './thread-crypto.ts'

/** An append as the writing thread needs it: plain values, copied between threads. */
export interface AppendRow {
  readonly tenant: string
  readonly link: string
  readonly chain: string
  readonly pipeline: string
  readonly contract: string | null
  readonly step: string
  readonly attempt: number
  readonly matrix: string | null
  /** One spelling of (chain, step, attempt, matrix): NULLs would not be unique. */
  readonly place: string
  /** SHA-256 of the nonce. */
  readonly nonce: string
  readonly signer: string
  readonly keyId: string
  readonly system: string
  readonly grade: string
  readonly succeeded: boolean
  readonly startedAt: string
  readonly finishedAt: string
  readonly acceptedAt: string
  readonly late: boolean
  /** SHA-256 of each subject. */
  readonly subjects: readonly string[]
  /** Commits and tags. */
  readonly revisions: readonly string[]
  readonly edges: readonly { readonly from: string; readonly found: string; readonly strength: string }[]
  readonly bundle: Uint8Array
  /** What is signed: the statement's bytes. */
  readonly payload: Uint8Array
  /** Under what it is signed: its leaf commits to it. */
  readonly under: SignedUnder
  /** What it is found by beside its key: who vouched for the signer, and for whom. */
  readonly facts: readonly string[]
  readonly idempotency: { readonly key: string; readonly body: string } | null
}

export function rowOf(append: Append): AppendRow {
  const { tenant, step, edges, bundle, acceptedAt, late, idempotency } = append
  const { predicate } = step.statement
  const { chain, step: ref } = predicate
  return {
    tenant,
    link: step.link,
    chain: chain.id,
    pipeline: chain.pipeline,
    contract: chain.contract,
    step: ref.name,
    attempt: ref.attempt,
    matrix: ref.matrix,
    place: JSON.stringify([chain.id, ref.name, ref.attempt, ref.matrix]),
    nonce: hex(threadHashes.sha256.hash(fromHex(ref.nonce))),
    signer: step.signer.name,
    keyId: step.signer.keyId,
    system: predicate.runner.system,
    grade: step.signer.grade,
    succeeded: succeeded(predicate),
    startedAt: predicate.invocation.startedAt,
    finishedAt: predicate.invocation.finishedAt,
    acceptedAt,
    late,
    subjects: subjectsOf(step.statement),
    revisions: revisionsOf(step.statement),
    edges: edges.map(({ from, found, strength }) => ({ from, found, strength })),
    bundle,
    payload: step.bundle.envelope.payload,
    under: step.under,
    facts: vouchedFacts(step.signer),
    idempotency,
  }
}

/** SHA-256 of each subject. */
export function subjectsOf({ subject }: StepStatement): string[] {
  return [...new Set(subject.map(({ digest }) => digest.sha256))]
}

/** Tags of one attestation that are kept: who makes more is found by the others. */
const MAX_TAGS = 64

/** Git commits of subjects and materials, and the tags by which somebody would look for the run. */
export function revisionsOf(statement: StepStatement): string[] {
  const { subject, predicate } = statement
  const commits = [...subject, ...predicate.materials].flatMap(({ digest }) => digest['gitCommit'] ?? [])
  return [...new Set([...commits, ...[...tagsOf(statement)].slice(0, MAX_TAGS).map(revisionOfTag)])]
}

/** A tag among commits: never the same as one. */
export function revisionOfTag(tag: string): string {
  return `tag ${tag}`
}

/**
 * Tags of Git that the run was begun by or that name a source, and tags of images that it made, with and without the image's
 * name. What a run received has tags of others.
 */
function tagsOf({ subject, predicate }: StepStatement): Set<string> {
  const { identity } = predicate.runner
  const ref = identity !== null && 'sourceRepositoryRef' in identity ? identity.sourceRepositoryRef : null
  const named = [...subject, ...predicate.materials].flatMap(
    ({ uri }) => uri?.match(/^git\+.*@(refs\/tags\/[^@?#]+)$/)?.[1] ?? [],
  )
  const ofGit = [ref ?? '', ...named].flatMap((one) => one.match(/^refs\/tags\/(.+)$/)?.[1] ?? [])
  const ofImages = subject.flatMap(({ name }) => {
    const tag = name.match(/[^/:]:([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})$/)?.[1]
    return tag === undefined ? [] : [tag, name]
  })
  return new Set([...ofGit, ...ofImages])
}

/** An attestation that a digest was found in. */
export interface LookupRow {
  readonly chain: string
  readonly pipeline: string
  readonly index: number
  readonly link: string
}

/** An attestation of a chain as it is stored. */
export interface ChainRow {
  readonly index: number
  readonly link: string
  /** Null, as the bundle, where it was erased. */
  readonly key: number | null
  readonly bundle: Buffer | null
}
