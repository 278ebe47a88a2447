import type { Client } from '@countersign/client'
import { CodedError, type Crypto, type ErrorReport, type PublicKey, reportOf } from '@countersign/core'
import { isBundle, linkDigest, parseStep, type StepStatement } from '@countersign/formats'
import { type LetThrough, letThrough } from '../let-through.ts'
import { passedSummary } from '@countersign/verify/slsa'
import type { EnvironmentRule } from './app-policy.ts'
import type { ProtectionEvent } from './protection-event.ts'

/** What is said of a run that waits. */
export interface RunOutcome {
  readonly decision: 'allow' | 'deny' | 'unknown'
  readonly reason: ErrorReport | null
  /** SHA-256 of what was judged, hex. */
  readonly artifacts: readonly string[]
  /** By what they are allowed; left out where by none. */
  readonly deviations?: readonly LetThrough[]
}

/** Most artifacts of one run that are judged. */
const MAX_ARTIFACTS = 64
const MAX_PAGES = 20

export interface DecideRunDeps {
  readonly client: Pick<Client, 'search' | 'chain' | 'gate'>
  /** Keys of the log of the server, whose word is taken: never none. */
  readonly keys: readonly PublicKey[]
  readonly crypto: Pick<Crypto, 'sha256' | 'verify'>
  /** ISO time. */
  readonly now: () => string
}

const FRESH_MS = 5 * 60_000

/**
 * Whether all that the pipeline made of the commit, in its newest run, is allowed by the server's gate, and was proven by
 * that very run, which began with it: else something older that is proven could stand for a commit of today. Which artifact a deployment takes,
 * its job alone says: what is judged here is what it can have from there. Never throws: what fails is `unknown`.
 */
export async function decideRun(
  deps: DecideRunDeps,
  event: ProtectionEvent,
  rule: EnvironmentRule,
): Promise<RunOutcome> {
  try {
    const run = await newestRun(deps, event.sha, rule)
    const artifacts = lastProducts(run)
    if (artifacts.length === 0) {
      const what = `no run of ${rule.pipeline} has made anything of commit ${event.sha.slice(0, 12)}`
      return { decision: 'deny', reason: new CodedError('artifact-unproven', what).report(), artifacts }
    }
    const judged = await Promise.all(artifacts.map((artifact) => judge(deps, event, rule, run, artifact)))
    const against =
      judged.find(({ decision }) => decision === 'deny') ?? judged.find(({ decision }) => decision !== 'allow')
    if (against !== undefined) return { decision: against.decision, reason: against.reason, artifacts }
    const all = new Map(judged.flatMap(({ deviations = [] }) => deviations.map((one) => [one.id, one] as const)))
    return { decision: 'allow', reason: null, artifacts, deviations: [...all.values()] }
  } catch (error) {
    const { code, what } = reportOf(error)
    const reason = new CodedError('evidence-unavailable', `${code}: ${what}`).report()
    return { decision: 'unknown', reason, artifacts: [] }
  }
}

async function judge(
  { client, keys, crypto, now }: DecideRunDeps,
  { sha, repository, run: id, environment }: ProtectionEvent,
  rule: EnvironmentRule,
  run: Run,
  artifact: string,
): Promise<Pick<RunOutcome, 'decision' | 'reason' | 'deviations'>> {
  const requester = `github ${repository} run ${id}`.slice(0, 256)
  const question = { artifact, contract: rule.contract, environment: environment.slice(0, 256), requester }
  const { decision, reason, vsa, contract, deviations } = await client.gate(question)
  if (decision !== 'allow') return { decision, reason }
  if (vsa === null) throw new CodedError('signature-missing', 'the gate allows without a summary')
  const pinned = 'digest' in rule.contract ? rule.contract.digest : contract
  const demand = { keys, artifact, contract: pinned, now: now(), maxAge: FRESH_MS, clockTolerance: FRESH_MS }
  const passed = passedSummary(vsa, demand, crypto)
  const { inputs } = passed
  const own = inputs.flatMap((link) => run.get(link) ?? [])
  if (own.length === inputs.length && own.some((step) => begins(step, sha))) {
    return { decision, reason: null, deviations: letThrough(passed, deviations) }
  }
  const what = `sha256 ${artifact.slice(0, 12)} is proven, and not by the run of commit ${sha.slice(0, 12)}`
  return { decision: 'deny', reason: new CodedError('artifact-unproven', what).report() }
}

/** The steps of a run by their link digests, which are the digests of what is read here. */
type Run = ReadonlyMap<string, StepStatement>

/** The newest run of the pipeline that names the commit; empty where there is none. Nothing of it is verified yet. */
async function newestRun(
  { client, crypto }: Pick<DecideRunDeps, 'client' | 'crypto'>,
  commit: string,
  { pipeline }: EnvironmentRule,
): Promise<Run> {
  let cursor: string | null = null
  for (let page = 0; page < MAX_PAGES; page++) {
    const more = cursor === null ? {} : { cursor }
    const found: Awaited<ReturnType<Client['search']>> = await client.search({ commit, limit: 50, ...more })
    const own = found.items.find((item) => item.pipeline === pipeline)
    if (own !== undefined) {
      const bundles = (await client.chain(own.chain)).filter(isBundle)
      return new Map(
        bundles.map(({ envelope }) => [linkDigest(envelope, crypto), parseStep(envelope.payload)] as const),
      )
    }
    if (found.next === null) break
    cursor = found.next
  }
  return new Map()
}

/** What nothing goes on from vouches for; a step may have several jobs. */
function lastProducts(run: Run): readonly string[] {
  const steps = [...run.values()]
  const before = new Set(steps.flatMap(({ predicate }) => predicate.previous.map(({ step }) => step)))
  const last = steps.filter(({ predicate }) => !before.has(predicate.step.name))
  const files = last.flatMap(({ subject }) => subject.filter(({ digest }) => !Object.hasOwn(digest, 'gitCommit')))
  const digests = new Set(files.map(({ digest }) => digest.sha256))
  if (digests.size > MAX_ARTIFACTS) throw new CodedError('input-too-large', `the run made ${digests.size} artifacts`)
  return [...digests]
}

/** That it is where the run began, and of the commit: a later step has nobody before it to speak against what it names. */
function begins({ subject, predicate }: StepStatement, commit: string): boolean {
  if (predicate.previous.length > 0) return false
  return [...subject, ...predicate.materials].some(({ digest }) => digest['gitCommit'] === commit)
}
