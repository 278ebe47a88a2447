import { canonicalJson, CodedError, type JsonObject, type JsonValue } from '@countersign/core'
import { type DigestSet, isSealed, type Resource, STATEMENT_TYPE } from '@countersign/formats'
import type { Identity } from '@countersign/formats/identity'
import type { JudgedStep, Verdict } from '../judge.ts'
import type { VerifiedStep } from '../types.ts'

/** Predicate type of SLSA provenance (slsa.dev/spec/v1.2/build-provenance). */
export const SLSA_PROVENANCE = 'https://slsa.dev/provenance/v1'
/** How our chains are built: SPEC.md §16. */
export const CHAIN_BUILD_TYPE = 'https://countersign.dev/buildtypes/chain/v1'
const WHO = 'https://countersign.dev/keys/'
const CHAIN = 'https://countersign.dev/chains/'
/** Most inputs and steps that are named one by one. */
const MAX_NAMED = 10_000

export interface ProvenanceInput {
  /** One that passed. */
  readonly verdict: Verdict
  /** Version of whoever writes it. */
  readonly version: string
}

/**
 * What a chain says of its artifact, in the words of SLSA: payload bytes of a statement, to be signed. All of it comes from
 * steps that verified; who built is whom the signature of the step that made the artifact names, and nothing that a step
 * alone claims. Throws `artifact-unproven` for a verdict that is no pass, and
 * where no step made the artifact.
 */
export function slsaProvenance({ verdict, version }: ProvenanceInput): Uint8Array {
  const { made, subject } = madeBy(verdict)
  const steps = verdict.steps.map(({ step }) => step)
  const { chain } = made.statement.predicate
  const times = steps.map(({ statement }) => statement.predicate.invocation)
  const [started] = times.map(({ startedAt }) => startedAt).toSorted()
  const finished = times
    .map(({ finishedAt }) => finishedAt)
    .toSorted()
    .at(-1)
  return canonicalJson({
    _type: STATEMENT_TYPE,
    subject: [subject],
    predicateType: SLSA_PROVENANCE,
    predicate: {
      buildDefinition: {
        buildType: CHAIN_BUILD_TYPE,
        externalParameters: {
          pipeline: chain.pipeline,
          contract: chain.contract,
          ...workflowOf(made),
        },
        internalParameters: { chain: chain.id, steps: steps.slice(0, MAX_NAMED).map(parametersOf) },
        resolvedDependencies: dependenciesOf(steps),
      },
      runDetails: {
        builder: { id: builderUri(made.signer.identity, made.signer.keyId), version: { countersign: version } },
        metadata: {
          invocationId: made.signer.identity?.runInvocationURI ?? `${CHAIN}${chain.id}`,
          startedOn: started!,
          finishedOn: finished!,
        },
        byproducts: steps.slice(0, MAX_NAMED).map(attestationOf),
      },
    },
  })
}

/** The last step that made the artifact, and the artifact as that names it. Whoever only handed it on did not build it. */
function madeBy({ verdict, artifact, steps }: Verdict): { readonly made: VerifiedStep; readonly subject: JsonValue } {
  if (verdict !== 'pass' || artifact === null) {
    throw new CodedError('artifact-unproven', 'what is not verified has no provenance')
  }
  const vouching = steps.filter(({ step }) => step.statement.subject.some(({ digest }) => digest.sha256 === artifact))
  const judged: JudgedStep | undefined = vouching.findLast(({ step }) => !received(step, artifact))
  if (judged === undefined) throw new CodedError('artifact-unproven', 'no step of the chain made the artifact')
  const { name, digest } = judged.step.statement.subject.find((one) => one.digest.sha256 === artifact)!
  return { made: judged.step, subject: { name, digest: { ...digest } } }
}

function received({ statement }: VerifiedStep, artifact: string): boolean {
  return statement.predicate.materials.some(({ digest }) => digest.sha256 === artifact)
}

/** A URI for whoever signed: the build definition of a CI system, else what the certificate is for, else the key. */
export function builderUri(identity: Identity | null, keyId: string): string {
  if (identity === null) return `${WHO}${keyId}`
  return (
    identity.buildSignerURI ??
    (identity.subject.kind === 'uri' ? identity.subject.value : `mailto:${identity.subject.value}`)
  )
}

/** As GitHub's own provenance has it, of what the certificate says. */
function workflowOf({ signer }: VerifiedStep): JsonObject {
  const { identity } = signer
  const repository = identity?.sourceRepositoryURI ?? null
  const config = identity?.buildConfigURI ?? null
  const ref = identity?.sourceRepositoryRef ?? null
  if (repository === null || config === null || ref === null || !config.startsWith(`${repository}/`)) return {}
  const path = config.slice(repository.length + 1).split('@')[0]!
  return { workflow: { ref, repository, path } }
}

function parametersOf({ statement, signer }: VerifiedStep): JsonObject {
  const { step, runner } = statement.predicate
  return { name: step.name, attempt: step.attempt, matrix: step.matrix, system: runner.system, grade: signer.grade }
}

/** What came in from outside, each once: sources, files that no step made, actions at their commits. */
function dependenciesOf(steps: readonly VerifiedStep[]): JsonValue[] {
  const found = new Map<string, JsonValue>()
  const add = (name: string, uri: string | undefined, digest: DigestSet) => {
    const key = JSON.stringify([uri ?? name, digest])
    if (found.size < MAX_NAMED && !found.has(key)) {
      found.set(key, { ...(uri === undefined ? { name } : { name, uri }), digest: { ...digest } })
    }
  }
  const known = (one: Resource) => add(one.name, one.uri, one.digest)
  for (const { statement } of steps) {
    const { materials, runner } = statement.predicate
    for (const one of statement.subject) if (Object.hasOwn(one.digest, 'gitCommit')) known(one)
    for (const one of materials) if (one.annotations?.from === null) known(one)
    for (const [uses, commit] of Object.entries(runner.actions)) {
      if (/^[0-9a-f]{40}$/.test(commit)) add(uses, actionUri(uses), { gitCommit: commit })
    }
  }
  return [...found.values()]
}

function actionUri(uses: string): string | undefined {
  const [, repository, ref] = /^([A-Za-z0-9-]+\/[A-Za-z0-9._-]+)[^@]*@([A-Za-z0-9._/-]+)$/.exec(uses) ?? []
  return repository === undefined ? undefined : `git+https://github.com/${repository}@${ref}`
}

/** A step by its link digest; its reports are known by it. */
function attestationOf({ statement, link }: VerifiedStep): JsonValue {
  const { evidence, step } = statement.predicate
  const reports = isSealed(evidence) ? 0 : evidence.length
  return {
    name: `${step.name}.intoto`,
    uri: `${CHAIN}${statement.predicate.chain.id}/${link}`,
    digest: { sha256: link },
    annotations: { reports },
  }
}
