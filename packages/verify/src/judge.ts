import { type Code, CodedError, type ErrorReport, Findings } from '@countersign/core'
import { type Contract, maySign, required } from '@countersign/contract'
import { isTree, succeeded, type WitnessPolicy } from '@countersign/formats'
import type { Anchored } from './anchors/anchored.ts'
import { compare, heads, latestFinish } from './ancestry.ts'
import { type Chain, claimedIn, reportsIn } from './chain.ts'
import { factsOf } from './claims.ts'
import { checkCompleteness } from './completeness.ts'
import { cosignedFindings, witnessesCriterion } from './cosigned.ts'
import { type Criterion, criteriaOf, deviationsCriterion, dirtyCriterion } from './criteria.ts'
import { type Excused, Excusing, type FindAt } from './deviation.ts'
import { type AnchorDemand, anchorFindings, anchorsCriterion, demandsOf } from './demand.ts'
import { checkElsewhere, elsewhere, type Other } from './elsewhere.ts'
import { checkFreshness } from './freshness.ts'
import { type Find, handshake, whyWithheld } from './handshake.ts'
import { checkConflicts, checkSuperseded } from './run.ts'
import { attemptOf, wholeWay } from './way.ts'
import type {
  Edge,
  Signer,
  UnjudgedReceipt,
  VerifiedAttachment,
  VerifiedDisclosure,
  VerifiedStep,
  VerifiedWithheld,
} from './types.ts'

export interface JudgeInput {
  /** SHA-256 of the artifact, hex; of a directory, its tree's. */
  readonly artifact: string
  /** Whether it is a directory. Left out where only its digest is known: a file that holds a tree's manifest has the tree's digest. */
  readonly tree?: boolean
  readonly chain: Chain
  /** Null: only signatures and hand-overs are judged, not who should have done what. */
  readonly contract: Contract | null
  readonly now: string
  /**
   * Whether a step that is withheld may be taken on the word of the steps after it. Left out, it may not: the verdict
   * is then no better than `unknown`. No contract can say so.
   */
  readonly allowWithheld?: boolean
  /**
   * Whether an artifact may be judged as far as it has come, where the contract's final step does not vouch for it yet. The
   * verdict says so (`upTo`). Left out, it may not; a gate never asks for it.
   */
  readonly unfinished?: boolean
  /** What statements and anchors prove of the chain; left out where none were brought forward. */
  readonly anchored?: Anchored | null
  /** Anchors that the caller demands of every step on the way, beside what the contract demands. */
  readonly demands?: readonly AnchorDemand[]
  /** Other pipelines that materials come from, by the digests of their contracts; left out: none is shown. */
  readonly others?: ReadonlyMap<string, Other>
  /** Logs and witnesses that the caller demands of every step on the way. The trust must know their keys. */
  readonly witnessed?: WitnessPolicy | null
}

export interface JudgedStep {
  readonly step: VerifiedStep
  /** Names of the servers that countersigned it. */
  readonly countersigners: readonly string[]
  /** Origins of logs that nobody here trusts, with receipts of it: what those say was not judged. */
  readonly unjudged: readonly string[]
  /** What is told of its sealed fields; it was not asked for the verdict. */
  readonly disclosed: readonly VerifiedDisclosure[]
  /** Reports that lie beside it; they were not asked for the verdict. */
  readonly attached: readonly VerifiedAttachment[]
  readonly findings: readonly ErrorReport[]
}

/** What a verifier or gate returns: pass only when every criterion is met. */
export interface Verdict {
  readonly verdict: 'pass' | 'fail' | 'unknown'
  /** SHA-256 of the artifact, hex; null where a whole run was judged. */
  readonly artifact: string | null
  readonly criteria: readonly Criterion[]
  /** The path of the artifact, source first. */
  readonly steps: readonly JudgedStep[]
  readonly edges: readonly Edge[]
  /** Every reason against it. */
  readonly findings: readonly ErrorReport[]
  /** What did not verify and so counted neither way: often the reason why something is missing. */
  readonly refused: readonly ErrorReport[]
  /** What was proven by statements and anchors; null where none were brought forward. */
  readonly anchored: Anchored | null
  /** What the contract refuses and its maintainers let through, and by which deviations. */
  readonly deviations: readonly Excused[]
  /** The step that the path ends in, where that is not the contract's final one; else null. */
  readonly upTo: string | null
  /** Digest of the contract that the run is bound to, where it was judged by none; else null. */
  readonly unjudgedContract: string | null
}

/**
 * Judges an artifact: does the contract's final step (without a contract, the last steps that vouch) vouch for
 * it, and does the whole way back to the source fit? Where several runs vouch for the same bytes, one that
 * wholly fits is enough. Only verified steps count, for it and against it; their order does not. A withheld step on
 * the way is judged by what the steps around it say: where nothing else speaks against the artifact, the verdict is
 * `unknown`, or `pass` where `allowWithheld` is set. Pure.
 */
export function judge(input: JudgeInput): Verdict {
  const ends = candidates(input)
  if (ends.length > 0) return judgeEach(input, ends)
  const { contract } = input
  const upTo = input.unfinished === true && contract !== null ? furthest(input, contract) : null
  if (upTo === null || contract === null) return unproven(input)
  const near = { ...input, contract: { ...contract, final: upTo }, upTo }
  return judgeEach(near, candidates(near))
}

/** The first of the candidates that wholly fits; else the latest. */
function judgeEach(input: PathInput, ends: readonly VerifiedStep[][]): Verdict {
  const around = surroundings(input.chain)
  let first: Verdict | null = null
  for (const end of ends) {
    const verdict = judgePath(input, end, around)
    if (verdict.verdict === 'pass') return verdict
    first ??= verdict
  }
  return first!
}

/** What a run is judged by: `JudgeInput` with a chain id in the artifact's place. */
export interface JudgeRunInput extends Omit<JudgeInput, 'artifact' | 'tree'> {
  /** Chain id. */
  readonly run: string
}

/**
 * Judges a whole run, whatever it made: did the contract's final step (without a contract, every last step) end it in
 * its latest attempt, and does the whole way back to the source fit?
 */
export function judgeRun({ run, ...input }: JudgeRunInput): Verdict {
  const { chain, contract } = input
  const own = [...chain.steps.values()].filter(({ statement }) => statement.predicate.chain.id === run)
  const last = own.filter(({ statement }) => contract === null || statement.predicate.step.name === contract.final)
  if (last.length > 0) return judgePath({ ...input, artifact: null }, endsOf(last, input), surroundings(chain))
  const report =
    contract !== null && own.length > 0
      ? finding('final-missing', `the run has no final step ${contract.final} that verifies`)
      : finding('artifact-unproven', `none of ${chain.steps.size} verified steps is of run ${run}`)
  return unfounded(null, 'run', report, input)
}

/** A verdict about an artifact whose evidence could not be reached; null where it is about a run. */
export function unknownVerdict(artifact: string | null, report: ErrorReport): Verdict {
  const criteria = [{ name: 'evidence', met: null, detail: report.what }]
  return {
    verdict: 'unknown',
    artifact,
    criteria,
    steps: [],
    edges: [],
    findings: [report],
    refused: [],
    anchored: null,
    deviations: [],
    upTo: null,
    unjudgedContract: null,
  }
}

/** The steps that the paths end in, a list a run, the latest run first. */
function candidates(input: JudgeInput): VerifiedStep[][] {
  const { chain, contract } = input
  const runs = new Map<string, VerifiedStep[]>()
  for (const step of chain.steps.values()) {
    const { predicate } = step.statement
    if (contract !== null && predicate.step.name !== contract.final) continue
    if (!vouches(step, input)) continue
    const ends = runs.get(predicate.chain.id)
    if (ends === undefined) runs.set(predicate.chain.id, [step])
    else ends.push(step)
  }
  return [...runs]
    .map(([id, ends]) => ({ id, ends: endsOf(ends, input), finished: latestFinish(ends) }))
    .toSorted((a, b) => compare(b.finished, a.finished) || compare(a.id, b.id))
    .map(({ ends }) => ends)
}

/** Of the steps that vouch the one that the contract puts last: that most steps must go before. */
function furthest(input: JudgeInput, { steps }: Contract): string | null {
  const vouching = [...input.chain.steps.values()].filter((step) => vouches(step, input))
  const names = new Set(vouching.map(({ statement }) => statement.predicate.step.name))
  const known = [...names]
    .filter((name) => steps.has(name))
    .map((name) => ({ name, before: required(steps, name).size }))
  return known.toSorted((a, b) => b.before - a.before || compare(a.name, b.name))[0]?.name ?? null
}

function vouches(step: VerifiedStep, { artifact, tree }: { artifact: string; tree?: boolean | undefined }): boolean {
  return step.statement.subject.some(
    (subject) => subject.digest.sha256 === artifact && (tree === undefined || isTree(subject) === tree),
  )
}

/** Of each run the latest attempt, or of each job where attempts are carried: an earlier one is superseded. */
function endsOf(
  vouching: readonly VerifiedStep[],
  { chain, contract }: Pick<JudgeInput, 'chain' | 'contract'>,
): VerifiedStep[] {
  const jobOf = (step: VerifiedStep) => (contract?.attempts === 'carry' ? step.statement.predicate.step.matrix : null)
  const latest = new Map<string | null, number>()
  for (const step of vouching) {
    const { attempt } = step.statement.predicate.step
    latest.set(jobOf(step), Math.max(attempt, latest.get(jobOf(step)) ?? 0))
  }
  const ends = vouching
    .filter((step) => step.statement.predicate.step.attempt === latest.get(jobOf(step)))
    .toSorted((a, b) => compare(a.link, b.link))
  return contract === null ? heads(ends, chain.steps) : ends
}

/** What a path is held against beside itself. */
interface Surroundings {
  /** Every verified step by chain id. */
  readonly runs: ReadonlyMap<string, readonly VerifiedStep[]>
  /** Nonces that more than one attestation holds, in whatever run. */
  readonly reused: ReadonlySet<string>
  /** What is not shown, by chain id. */
  readonly withheld: ReadonlyMap<string, readonly VerifiedWithheld[]>
}

function surroundings(chain: Chain): Surroundings {
  const runs = new Map<string, VerifiedStep[]>()
  const nonces = new Set<string>()
  const reused = new Set<string>()
  for (const step of chain.steps.values()) {
    const { chain: ref, step: own } = step.statement.predicate
    const run = runs.get(ref.id)
    if (run === undefined) runs.set(ref.id, [step])
    else run.push(step)
    if (nonces.has(own.nonce)) reused.add(own.nonce)
    else nonces.add(own.nonce)
  }
  const withheld = Map.groupBy(chain.withheld.values(), (one) => one.withheld.unopened.chain)
  return { runs, reused, withheld }
}

/** A {@link JudgeInput} in which a whole run may stand in the artifact's place, and a step in that of the final one. */
interface PathInput extends Omit<JudgeInput, 'artifact'> {
  readonly artifact: string | null
  readonly upTo?: string
}

function judgePath(input: PathInput, ends: readonly VerifiedStep[], { runs, reused, withheld }: Surroundings): Verdict {
  const { chain, contract, now } = input
  const run = runs.get(ends[0]!.statement.predicate.chain.id)!
  const { path, hidden } = wholeWay(input, ends, run)
  const edges: Edge[] = []
  const closed: ErrorReport[] = []
  const anchored = input.anchored ?? null
  const demands = demandsOf(contract, input.demands)
  const facts = { chain, anchored, now }
  const policy = input.witnessed ?? null
  const allowed = input.allowWithheld === true
  const id = ends[0]!.statement.predicate.chain.id
  const excusing = new Excusing(chain.deviations, { contract, chain: id, artifact: input.artifact, now })
  const reportsOf = (step: VerifiedStep) => reportsIn(chain, step)
  const steps: JudgedStep[] = path.map((step) => {
    const claimed = claimedIn(chain, step.link)
    const outcome = handshake({
      step,
      previous: chain.steps,
      withheld: chain.withheld,
      contract,
      now,
      claimed,
      reportsOf,
    })
    edges.push(...outcome.edges)
    const countersigners = countersignersOf(step, chain, contract)
    const disclosed = [...(chain.disclosed.get(step.link)?.values() ?? [])]
    const told = {
      step,
      countersigners: namesOf(countersigners),
      unjudged: originsOf(chain.unjudged.get(step.link) ?? []),
      disclosed,
      attached: chain.attached.get(step.link) ?? [],
    }
    const own = stepFindings(step, countersigners, contract, reused)
    if (demands.length > 0) {
      own.push(...anchorFindings(step.link, step.statement.predicate.step.name, demands, facts))
    }
    if (policy !== null) own.push(...cosignedFindings(step.link, step.statement.predicate.step.name, policy, chain))
    const found = own.length === 0 ? outcome.findings : outcome.findings.concat(own)
    const all = excusing.left(step.statement.predicate.step.name, found)
    if (chain.withheld.size === 0) return { ...told, findings: all }
    closed.push(...all.filter(({ code }) => code === 'step-withheld'))
    const findings = allowed ? all.filter(({ code }) => code !== 'step-withheld') : all
    return { ...told, findings }
  })
  const whole = new Findings()
  checkConflicts(run, whole.find)
  checkSuperseded(path, attemptOf(ends), run, contract, whole.find)
  const findAt: FindAt = (code, what, step) => {
    for (const left of excusing.left(step, [finding(code, what)])) whole.find(left.code, left.what)
  }
  checkCompleteness({ path, hidden, ends, unfinished: input.upTo !== undefined }, contract, findAt)
  checkFreshness(path, input, findAt)
  checkElsewhere(path, contract, elsewhere(input.others ?? NOBODY, proves(input)), whole.find)
  checkOrigin(input, path, hidden, whole.find)
  for (const { code, what } of anchored?.forked ?? []) whole.find(code, what)
  for (const [link, name] of hidden) {
    for (const { code, what } of excusing.left(name, anchorFindings(link, name, demands, facts))) whole.find(code, what)
    for (const { code, what } of policy === null ? [] : cosignedFindings(link, name, policy, chain))
      whole.find(code, what)
  }
  const beside = besideTheWay(withheld.get(ends[0]!.statement.predicate.chain.id) ?? [], hidden)
  closed.push(...beside)
  const findings = [...steps.flatMap((step) => step.findings), ...whole.list, ...(allowed ? [] : beside)]
  const criteria = criteriaOf(input, { path, edges, ends }, findings)
  const dirty = dirtyCriterion(path)
  if (dirty !== null) criteria.push(dirty)
  if (closed.length > 0) criteria.push(withheldCriterion(closed, allowed))
  if (demands.length > 0) criteria.push(anchorsCriterion(demands, findings, path.length + hidden.size))
  if (policy !== null) criteria.push(witnessesCriterion(policy, findings))
  const deviations = excusing.used
  if (deviations.length > 0) criteria.push(deviationsCriterion(deviations))
  // A finding that no criterion speaks for must still deny; one that only says what is not there yet leaves it open.
  const against = findings.some(({ code }) => !OPEN.has(code))
  const pass = findings.length === 0 && criteria.every((criterion) => criterion.met === true)
  return {
    verdict: pass ? 'pass' : against ? 'fail' : 'unknown',
    artifact: input.artifact,
    criteria,
    steps,
    edges,
    findings,
    refused: [...refusedOf(input), ...excusing.refused],
    anchored,
    deviations,
    upTo: input.upTo ?? null,
    unjudgedContract: contract === null ? ends[0]!.statement.predicate.chain.contract : null,
  }
}

const NOBODY: ReadonlyMap<string, Other> = new Map()

/** Whether another pipeline proves an artifact of its own, under its own contract. */
function proves({ now, others }: Pick<JudgeInput, 'now' | 'others'>) {
  return ({ chain, contract }: Other, artifact: string, tree: boolean): boolean =>
    judge({ artifact, tree, chain, contract, now, ...(others === undefined ? {} : { others }) }).verdict === 'pass'
}

/** What says that something is not shown, or not there yet, and nothing against it. */
const OPEN: ReadonlySet<Code> = new Set<Code>(['step-withheld', 'anchor-pending'])

function refusedOf({ chain, anchored }: Pick<JudgeInput, 'chain' | 'anchored'>): ErrorReport[] {
  return [...chain.refused, ...(anchored?.refused ?? [])].map(({ report }) => report)
}

/** What is withheld of the run and is not on the way: it may be the other version of a step that is. */
function besideTheWay(run: readonly VerifiedWithheld[], hidden: ReadonlyMap<string, string>): ErrorReport[] {
  return run
    .filter(({ withheld }) => !hidden.has(withheld.unopened.link))
    .toSorted((a, b) => compare(a.withheld.unopened.link, b.withheld.unopened.link))
    .map((one) => finding('step-withheld', `attestation ${whyWithheld(one)}`))
}

function withheldCriterion(closed: readonly ErrorReport[], allowed: boolean): Criterion {
  // Several steps may follow one.
  const what = [...new Set(closed.map((report) => report.what))].toSorted(compare)
  const taken = allowed ? 'taken on the word of the steps after it' : 'so nobody can say whether it fits'
  const detail = `${what.length === 1 ? 'a step is' : 'steps are'} withheld, ${taken}: ${what.join('; ')}`
  return { name: 'withheld', met: allowed ? true : null, detail }
}

function finding(code: Code, what: string): ErrorReport {
  return new CodedError(code, what).report()
}

function namesOf(countersigners: readonly Signer[]): readonly string[] {
  return sorted(countersigners.map(({ name }) => name))
}

function originsOf(receipts: readonly UnjudgedReceipt[]): readonly string[] {
  return sorted(receipts.map(({ receipt }) => receipt.proof.checkpoint.origin))
}

/** Each once. */
function sorted(names: readonly string[]): readonly string[] {
  return names.length < 2 ? names : [...new Set(names)].toSorted(compare)
}

/**
 * The servers that countersigned a step, by the keys of their logs. Of several who signed it, as one of those did who
 * may: what a log took from somebody else says nothing of their signatures.
 */
function countersignersOf(step: VerifiedStep, chain: Chain, contract: Contract | null): readonly Signer[] {
  const receipts = chain.receipts.get(step.link) ?? []
  const rule = contract?.steps.get(step.statement.predicate.step.name)
  const good =
    contract === null || rule === undefined || step.cosigners.length === 0
      ? receipts
      : receipts.filter((one) =>
          maySign(contract, rule, factsOf(one.step.signer), step.statement.predicate.step.matrix),
        )
  return good.map(({ countersigner }) => countersigner)
}

function stepFindings(
  step: VerifiedStep,
  countersigners: readonly Signer[],
  contract: Contract | null,
  reused: ReadonlySet<string>,
): ErrorReport[] {
  const { predicate } = step.statement
  const findings: ErrorReport[] = []
  if (reused.has(predicate.step.nonce)) {
    findings.push(finding('nonce-reused', `another attestation has the nonce of step ${predicate.step.name}`))
  }
  if (!succeeded(predicate)) findings.push(finding('step-failed', `step ${predicate.step.name} ${failureOf(step)}`))
  if (contract !== null && contract.countersigners.length > 0) {
    const demanded = ({ name, keyId }: Signer) =>
      contract.countersigners.some((key) => key.name === name && key.publicKey.keyId === keyId)
    if (!countersigners.some(demanded)) {
      const names = [...new Set(contract.countersigners.map(({ name }) => name))].join(' or ')
      findings.push(finding('receipt-missing', `step ${predicate.step.name} has no receipt of ${names}`))
    }
  }
  return findings
}

function failureOf(step: VerifiedStep): string {
  const { exitCode, signal, error } = step.statement.predicate.invocation
  if (error !== null) return `failed with ${error}`
  return signal === null ? `exited with ${exitCode ?? 'no code'}` : `was ended by ${signal}`
}

/**
 * Under a contract an artifact is made on its way, or is what the way began with. A step that vouches for all that it
 * received vouches also for what came in from outside, and that was built by nobody known. What came from a withheld
 * step is of the way.
 */
function checkOrigin(
  { artifact, tree, contract }: PathInput,
  path: readonly VerifiedStep[],
  hidden: ReadonlyMap<string, string>,
  find: Find,
): void {
  if (contract === null || artifact === null) return
  const made = path.some((step) => {
    const { previous, materials } = step.statement.predicate
    if (!vouches(step, { artifact, tree })) return false
    const received = materials.filter(({ digest }) => digest.sha256 === artifact)
    const onWord = received.some(({ annotations }) => hidden.has(annotations?.from ?? ''))
    return previous.length === 0 || received.length === 0 || onWord
  })
  if (!made) find('artifact-unproven', 'no step on its way made it: it came in from outside')
}

/** No step vouches as it would have to: says how near the chain came. */
function unproven(input: JudgeInput): Verdict {
  const { artifact, chain, contract } = input
  const vouching = [...chain.steps.values()].filter((step) => vouches(step, input))
  const names = [...new Set(vouching.map((s) => s.statement.predicate.step.name))].toSorted(compare)
  const own =
    contract !== null && vouching.length > 0
      ? finding('final-missing', `the final step ${contract.final} does not vouch for it; ${names.join(', ')} does`)
      : finding('artifact-unproven', `none of ${chain.steps.size} verified steps vouches for sha256 ${artifact}`)
  return unfounded(artifact, 'artifact', own, input)
}

/** No step that verified bears on it. */
function unfounded(
  artifact: string | null,
  name: string,
  report: ErrorReport,
  input: Pick<JudgeInput, 'chain' | 'anchored'>,
): Verdict {
  return {
    verdict: 'fail',
    artifact,
    criteria: [{ name, met: false, detail: report.what }],
    steps: [],
    edges: [],
    findings: [report],
    refused: refusedOf(input),
    anchored: input.anchored ?? null,
    deviations: [],
    upTo: null,
    unjudgedContract: null,
  }
}
