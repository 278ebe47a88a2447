import { type Code, type ErrorReport, Findings, type Glob, type PublicKey } from '@countersign/core'
import {
  isTree,
  type PreviousRef,
  type ReportRef,
  type Resource,
  type Runner,
  type StepRef,
} from '@countersign/formats'
import { type Grade, type Identity, isAtLeast } from '@countersign/formats/identity'
import { type Approval, checkOwnApproval, countPeople, nameOf } from './approvals.ts'
import { checkDemands, isNeeded } from './check-demands.ts'
import { matchesIdentity, mismatchOf } from './identity-pattern.ts'
import type { Contract, MovedRule, SignerRule, StepRule } from './model.ts'

/** Who signed a step, as it was verified. */
export interface SignerFacts {
  readonly keyId: string
  /** Null for a bare key. */
  readonly identity: Identity | null
  readonly grade: Grade
  /**
   * Ids of the authority that vouches for the identity: SHA-256, hex, of its root certificate, or of each trusted root of
   * Sigstore that it is in, and `PUBLIC_SIGSTORE` where that is the public one. None for a bare key.
   */
  readonly authorities: readonly string[]
  /** ISO time at which the signature is proven to have been there; null for a bare key. */
  readonly signedAt: string | null
}

/** What the contract judges of a step. */
export interface StepFacts {
  /** Null while it is not signed yet: who may sign is then not judged. */
  readonly signer: SignerFacts | null
  readonly step: StepRef
  readonly previous: readonly PreviousRef[]
  readonly materials: readonly Resource[]
  /** Null while nothing is made yet (products are then not judged). */
  readonly subject: readonly Resource[] | null
  /** False for a recorded failure, which may lack products. */
  readonly succeeded: boolean
  /** Links of predecessors that are not shown: what they were, and handed over, is taken on the step's word. */
  readonly withheld?: ReadonlySet<string>
  /** What it says of its run; null while it has not run. */
  readonly ran: RanFacts | null
  /** The reports of its predecessors of a name; of one that is sealed, or not known, there are none. */
  reportsBefore(name: string): readonly (readonly ReportRef[])[]
  /** Who signed a predecessor, each of them; none where it is not known. */
  signersOf(link: string): readonly SignerFacts[]
}

/** What a step says of its run: its signer's word. */
export interface RanFacts {
  /** Null where they are sealed, and not told. */
  readonly reports: readonly ReportRef[] | null
  readonly claimed: Pick<Runner, 'system' | 'os' | 'arch' | 'actions'> & {
    readonly exitCode: number | null
    readonly startedAt: string
    readonly finishedAt: string
  }
}

/** What the contract needs to know of a predecessor: its statement. */
export interface PreviousFacts {
  readonly statement: {
    readonly subject: readonly Resource[]
    readonly predicate: {
      readonly step: StepRef
      readonly previous: readonly PreviousRef[]
    }
  }
}

/**
 * Judges one step under its contract: name, signer, matrix key, order, materials, products. Pure; all
 * findings, none when it fits, after those that `findings` holds already. `previous` holds the predecessors of
 * `facts.previous` that are known.
 */
export function evaluate(
  contract: Contract,
  facts: StepFacts,
  previous: ReadonlyMap<string, PreviousFacts>,
  findings: Findings = new Findings(),
): ErrorReport[] {
  const { find } = findings
  const rule = contract.steps.get(facts.step.name)
  if (rule === undefined) find('step-unknown', `the contract has no step ${facts.step.name}`)
  else {
    checkSigner(contract, rule, facts, find)
    checkMatrix(rule, facts, find)
    checkOrder(contract, rule, facts, previous, find)
    checkMaterials(rule, facts, previous, find)
    checkProducts(rule, facts, find)
    checkDemands(rule, facts, find)
  }
  return findings.list
}

type Find = (code: Code, what: string) => void

/** The signers that are keys, by name. */
export function signingKeys({ signers }: Contract): ReadonlyMap<string, PublicKey> {
  return new Map([...signers].flatMap(([name, rule]) => (rule.kind === 'key' ? [[name, rule.key] as const] : [])))
}

/** Whether the rule lets this signer sign; of an approval this job of it. */
export function maySign(contract: Contract, rule: StepRule, signer: SignerFacts, job: string | null = null): boolean {
  return signerFault(contract, forJob(rule, job), signer) === null
}

/** Of an approval each job is for one person alone. */
function forJob(rule: StepRule, job: string | null): StepRule {
  return rule.approvals === null ? rule : { ...rule, signers: rule.approvals.people.get(job ?? '') ?? [] }
}

function checkSigner(contract: Contract, rule: StepRule, facts: StepFacts, find: Find): void {
  const { signer, step } = facts
  const fault = signer === null ? null : signerFault(contract, forJob(rule, step.matrix), signer)
  if (fault !== null) find(fault.code, fault.what)
  checkOwnApproval(rule, facts, find)
}

/** Why this signer may not sign; of several names that mean it, the one under which least is wrong counts. */
function signerFault(
  contract: Contract,
  rule: StepRule,
  signer: SignerFacts,
): { readonly code: Code; readonly what: string } | null {
  const { identity, keyId, grade } = signer
  let low: Grade | null = null
  let revokedAt: string | null = null
  for (const name of rule.signers) {
    const own = contract.signers.get(name)
    if (own === undefined) continue
    if (own.kind === 'key') {
      if (identity !== null || own.key.keyId !== keyId) continue
    } else {
      const since = believedUntil(contract, own, signer)
      if (since === undefined) continue
      if (since !== null && (signer.signedAt === null || signer.signedAt >= since)) {
        revokedAt = since
        continue
      }
    }
    const least = leastGrade(own, rule)
    if (least === null || isAtLeast(grade, least)) return null
    low = least
  }
  const who = nameOf(signer)
  if (low !== null) {
    return { code: 'grade-too-low', what: `step ${rule.name} needs a signer of grade ${low}; ${who} is of ${grade}` }
  }
  if (revokedAt !== null) {
    return {
      code: 'signer-revoked',
      what: `step ${rule.name} is signed by ${who}, which is revoked since ${revokedAt}`,
    }
  }
  const may = `step ${rule.name} may be signed by ${rule.signers.join(', ')}`
  return { code: 'signer-not-allowed', what: `${may}, not by ${who}${whyNot(contract, rule, signer)}` }
}

/** Where only one identity could have been meant: why it was not. */
function whyNot({ signers }: Contract, { signers: named }: StepRule, { identity }: SignerFacts): string {
  const [name, ...others] = named
  const own = name === undefined || others.length > 0 ? undefined : signers.get(name)
  if (identity === null || own?.kind !== 'identity') return ''
  return `: ${mismatchOf(own.pattern, identity) ?? 'another authority vouches for it'}`
}

/**
 * The time from which on this rule believes the identity no more; null where it names none, undefined where it does not
 * mean this identity at all, or another authority vouches for it.
 */
function believedUntil(
  { authorities }: Contract,
  rule: SignerRule & { readonly kind: 'identity' },
  { identity, authorities: ids }: SignerFacts,
): string | null | undefined {
  if (identity === null || !matchesIdentity(rule.pattern, identity)) return undefined
  const vouching = rule.authorities.flatMap((name) => authorities.get(name) ?? []).filter(({ id }) => ids.includes(id))
  if (vouching.length === 0) return undefined
  // Where the contract names one authority twice, the name that it believes for longer vouches.
  const last = vouching
    .map(({ revokedAt }) => revokedAt)
    .reduce((one, other) => (one === null || other === null ? null : one < other ? other : one))
  if (rule.revokedAt === null || last === null) return rule.revokedAt ?? last
  return rule.revokedAt < last ? rule.revokedAt : last
}

function leastGrade(signer: SignerRule, { minimumGrade }: StepRule): Grade | null {
  const own = signer.kind === 'identity' ? signer.grade : null
  if (own === null || minimumGrade === null) return own ?? minimumGrade
  return isAtLeast(own, minimumGrade) ? own : minimumGrade
}

function checkMatrix(rule: StepRule, { step: { matrix } }: StepFacts, find: Find): void {
  if (rule.approvals !== null) {
    const { people } = rule.approvals
    if (matrix !== null && people.has(matrix)) return
    find(
      'step-unknown',
      `step ${rule.name} is done as one of ${[...people.keys()].join(', ')}, not as ${matrix ?? 'nobody'}`,
    )
    return
  }
  if (rule.matrix === null) {
    if (matrix !== null) find('step-unknown', `step ${rule.name} has no matrix, so no job ${matrix}`)
  } else if (matrix === null) {
    find('step-unknown', `step ${rule.name} is a matrix; which job this is, is missing`)
  } else if (!rule.matrix.includes(matrix)) {
    find('step-unknown', `the matrix of step ${rule.name} has no job ${matrix}`)
  }
}

/** The matrix keys of `before` that a job of `rule` with key `matrix` must follow; [null] outside a matrix. */
export function requiredJobs(before: StepRule, rule: StepRule, matrix: string | null): readonly (string | null)[] {
  if (before.approvals !== null) return [...before.approvals.people.keys()]
  if (before.matrix === null) return [null]
  // Two matrices that share the key go pairwise; otherwise the step fans in over the whole matrix.
  if (rule.matrix !== null && matrix !== null && before.matrix.includes(matrix)) return [matrix]
  return before.matrix
}

function checkOrder(
  contract: Contract,
  rule: StepRule,
  facts: StepFacts,
  previous: ReadonlyMap<string, PreviousFacts>,
  find: Find,
): void {
  for (const { step } of facts.previous) {
    if (!rule.after.includes(step)) {
      find('step-order', `step ${rule.name} follows ${rule.after.join(', ') || 'nothing'}, not ${step}`)
    }
  }
  for (const name of rule.after) {
    const before = contract.steps.get(name)!
    const present = facts.previous.filter((p) => p.step === name)
    if (present.length === 0) {
      if (isNeeded(before, facts.signer)) find('step-skipped', `step ${rule.name} does not follow step ${name}`)
      continue
    }
    const shown = present.filter((p) => facts.withheld?.has(p.link) !== true)
    // What an unknown predecessor was, nobody can say; that it is missing is found by who looked for it.
    if (shown.some((p) => !previous.has(p.link))) continue
    if (before.approvals !== null) {
      checkApproved(before, shown, present.length - shown.length, facts, previous, find)
      continue
    }
    const jobs = new Set(shown.map((p) => previous.get(p.link)!.statement.predicate.step.matrix))
    const wanted = requiredJobs(before, rule, facts.step.matrix)
    const absent = wanted.filter((job) => !jobs.has(job))
    // Each that is not shown may be one of those that are missing, and no more than one.
    const hidden = present.length - shown.length
    if (absent.length > hidden) {
      find('matrix-incomplete', `step ${rule.name} lacks ${jobsOf(absent)} of step ${name}`)
    } else if (absent.length < hidden) {
      find('step-order', `step ${rule.name} follows step ${name} more often than it has jobs`)
    } else if (jobs.size + hidden > wanted.length) {
      const strange = [...jobs].filter((job) => !wanted.includes(job))
      const follower = facts.step.matrix === null ? '' : ` (${facts.step.matrix})`
      find('step-order', `step ${rule.name}${follower} follows ${jobsOf(strange)} of step ${name}`)
    }
  }
}

/**
 * So many people, and each of them approved what this step goes on with: of a step that it follows itself the very
 * attestations that it follows, all of them and no others, so that what was approved is not another attempt at it, and
 * nothing came after. `hidden` more are not shown.
 */
function checkApproved(
  before: StepRule,
  shown: readonly PreviousRef[],
  hidden: number,
  facts: StepFacts,
  previous: ReadonlyMap<string, PreviousFacts>,
  find: Find,
): void {
  const own = new Set(facts.previous.map(({ link }) => link))
  const followed = new Set(facts.previous.map(({ step }) => step))
  const approvals: Approval[] = []
  for (const { link } of shown) {
    const { predicate } = previous.get(link)!.statement
    const seen = new Set(predicate.previous.map((one) => one.link))
    const other =
      predicate.previous.find((one) => followed.has(one.step) && !own.has(one.link)) ??
      facts.previous.find((one) => before.after.includes(one.step) && !seen.has(one.link))
    if (other === undefined) approvals.push({ job: predicate.step.matrix, signers: facts.signersOf(link) })
    else
      find(
        'approval-missing',
        `step ${before.name} approved another attestation of step ${other.step} than ${facts.step.name} follows`,
      )
  }
  const { atLeast } = before.approvals!
  const count = countPeople(before, approvals)
  if (count + hidden < atLeast) {
    find(
      'approval-missing',
      `step ${before.name} has the approval of ${count === 1 ? '1 person' : `${count} people`}, and ${atLeast} must approve`,
    )
  }
}

function jobsOf(jobs: readonly (string | null)[]): string {
  return `the jobs ${jobs.map((job) => job ?? '(none)').join(', ')}`
}

/**
 * How a material that no step made may come in: null not at all, `bytes` where the contract names its very
 * digest, `name` where any bytes of that name will do.
 */
export function outsideOf(rule: StepRule, { name, digest }: Resource): 'bytes' | 'name' | null {
  let found: 'name' | null = null
  for (const { match, sha256 } of rule.outside) {
    if ((sha256 !== null && sha256 !== digest.sha256) || !match.matches(plain(name))) continue
    if (sha256 !== null) return 'bytes'
    found = 'name'
  }
  return found
}

/**
 * The contracts of other pipelines, one of which must prove a material; null where it may come in without, or not at all.
 */
export function otherContractsOf(rule: StepRule, { name, digest }: Resource): readonly string[] | null {
  const contracts: string[] = []
  for (const { match, sha256, contract } of rule.outside) {
    if ((sha256 !== null && sha256 !== digest.sha256) || !match.matches(plain(name))) continue
    if (contract === null) return null
    contracts.push(contract)
  }
  return contracts.length === 0 ? null : contracts
}

function checkMaterials(
  rule: StepRule,
  facts: StepFacts,
  previous: ReadonlyMap<string, PreviousFacts>,
  find: Find,
): void {
  const { isExpected, met } = matchHandOvers(rule, facts, previous)
  let makers: ReadonlyMap<string, string> | null = null
  const hidden = facts.previous.filter((p) => facts.withheld?.has(p.link) === true)
  const onWord = ({ annotations }: Resource) =>
    hidden.some((p) => p.link === annotations?.from && rule.materials.some(({ from }) => from === p.step))
  for (const material of facts.materials) {
    if (isExpected(material) || outsideOf(rule, material) !== null || onWord(material)) continue
    makers ??= makersOf(facts, previous)
    const maker = makers.get(material.digest.sha256)
    const why = maker === undefined ? 'was made by no step that' : `of step ${maker} is not among what`
    find('material-unexplained', `material ${material.name} ${why} step ${rule.name} receives`)
  }
  for (const wanted of rule.materials) {
    const links = facts.previous.filter((p) => p.step === wanted.from && previous.has(p.link)).map((p) => p.link)
    for (const link of links) {
      if (!met.has(link)) {
        find('edge-empty', `step ${rule.name} received nothing from step ${wanted.from}`)
      }
    }
    // Under which names a step made what it handed over, only that step says.
    if (hidden.some((p) => p.step === wanted.from)) continue
    for (const glob of wanted.match) {
      if (links.length > 0 && !met.has(glob)) {
        find('edge-empty', `step ${rule.name} received no ${glob.pattern} from step ${wanted.from}`)
      }
    }
  }
}

/**
 * What was handed over: whether a material is something that the rule expects; the links and patterns that each handed
 * something over. Each product of a predecessor is looked at once, by the name its maker gave it, however many materials
 * share its bytes.
 */
function matchHandOvers(
  rule: StepRule,
  facts: StepFacts,
  previous: ReadonlyMap<string, PreviousFacts>,
): { isExpected: (material: Resource) => boolean; met: ReadonlySet<string | Glob> } {
  /** Digests; where names are said, each with a name that it may have. */
  const expected = new Set<string>()
  const met = new Set<string | Glob>()
  const isExpected = ({ name, digest: { sha256 } }: Resource) =>
    expected.has(sha256) || expected.has(`${sha256} ${plain(name)}`)
  if (facts.materials.length === 0) return { isExpected, met }
  const received = new Set<string>()
  for (const { digest } of facts.materials) received.add(digest.sha256)
  const named = rule.materials.some(({ moved }) => moved !== null) ? namesOf(facts.materials) : null
  for (const { link } of facts.previous) {
    const before = previous.get(link)
    const wanted = before && rule.materials.find(({ from }) => from === before.statement.predicate.step.name)
    if (wanted === undefined) continue
    for (const { name, digest } of before!.statement.subject) {
      const { sha256 } = digest
      if (!received.has(sha256)) continue
      const here = wanted.moved === null ? null : movedName(wanted.moved, plain(name))
      if (wanted.moved !== null && (here === null || !named!.has(`${sha256} ${here}`))) continue
      const known = met.has(link) && here === null && expected.has(sha256)
      for (const glob of wanted.match) {
        if ((known && met.has(glob)) || !glob.matches(plain(name))) continue
        expected.add(here === null ? sha256 : `${sha256} ${here}`)
        met.add(link)
        met.add(glob)
      }
    }
  }
  return { isExpected, met }
}

function namesOf(materials: readonly Resource[]): ReadonlySet<string> {
  return new Set(materials.map(({ name, digest }) => `${digest.sha256} ${plain(name)}`))
}

/** What a file of the maker is called here; null where it is not in the directory that is handed over. */
function movedName({ of, to }: MovedRule, name: string): string | null {
  const within = of === '' ? name : name === of ? '' : name.startsWith(`${of}/`) ? name.slice(of.length + 1) : null
  if (within === null) return null
  return to === '' ? within : within === '' ? to : `${to}/${within}`
}

/** For each digest, a predecessor that made or vouched for it. */
function makersOf(facts: StepFacts, previous: ReadonlyMap<string, PreviousFacts>): ReadonlyMap<string, string> {
  const makers = new Map<string, string>()
  for (const { link } of facts.previous) {
    const before = previous.get(link)
    for (const { digest } of before?.statement.subject ?? []) {
      if (!makers.has(digest.sha256)) makers.set(digest.sha256, before!.statement.predicate.step.name)
    }
  }
  return makers
}

/** The name under which a run's first step vouches for the commit it ran on. */
const SOURCE = 'source'

function checkProducts(rule: StepRule, { subject, materials, succeeded }: StepFacts, find: Find): void {
  if (subject === null) return
  const { name } = rule
  const products = rule.products ?? []
  // Where a run begins, the commit itself is vouched for beside what is made of it.
  const isSource = ({ name, digest }: Resource) =>
    rule.after.length === 0 && name === SOURCE && digest['gitCommit'] !== undefined
  let received: ReadonlyMap<string, Resource> | null = null
  for (const made of subject) {
    if (products.some((glob) => glob.matches(plain(made.name))) || isSource(made)) continue
    received ??= new Map(materials.map((material) => [material.name, material]))
    const material = received.get(made.name)
    if (material !== undefined && isVouched(made, material)) continue
    const did = material === undefined ? 'made' : 'changed'
    find('product-unexpected', `step ${name} ${did} ${made.name}, which the contract does not name`)
  }
  if (!succeeded) return
  for (const glob of products) {
    if (!subject.some((made) => glob.matches(plain(made.name)))) {
      find('product-missing', `step ${name} did not make ${glob.pattern}`)
    }
  }
}

/**
 * Whether a subject is the very thing that was received. Under another name, of another kind, with another mode or
 * with a digest that was not handed over it is something new: a step that may make nothing could else rename one file
 * into another, or pass a file off as a directory.
 */
function isVouched(subject: Resource, material: Resource): boolean {
  if ((subject.annotations?.mode ?? null) !== (material.annotations?.mode ?? null)) return false
  if (isTree(subject) !== isTree(material)) return false
  return Object.keys(subject.digest).every((algorithm) => subject.digest[algorithm] === material.digest[algorithm])
}

/** A tree `dist/` is matched as `dist`. */
function plain(name: string): string {
  return name.endsWith('/') ? name.slice(0, -1) : name
}
