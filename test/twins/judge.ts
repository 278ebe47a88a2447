import { type Contract, signingKeys } from '@countersign/contract'
import type { PreviousRef, Resource, StepStatement } from '@countersign/formats'

/**
 * The slow twin of `judge`: the rules of SPEC.md and CONTRACT.md one by one, each asked of every pair it could be
 * about. It knows nothing of how the fast one looks things up, and is as slow as that sounds.
 */

/** A step that somebody who is trusted signed. */
export interface Said extends StepStatement {
  readonly link: string
  /** Of all who signed it. */
  readonly keyIds: readonly string[]
}

/** That a trusted server countersigned a step. */
export interface Countersigned {
  readonly link: string
  readonly origin: string
  readonly keyId: string
  /** Of its leaf. */
  readonly index: number
}

/** That a trusted log holds a leaf of this chain for a step that is not shown. */
export type Closed = Pick<Countersigned, 'link' | 'origin' | 'index'> & { readonly chain: string }

export interface Evidence {
  readonly steps: readonly Said[]
  readonly receipts: readonly Countersigned[]
  readonly withheld: readonly Closed[]
  readonly allowWithheld: boolean
  readonly contract: Contract | null
  readonly artifact: string
  readonly tree?: boolean | undefined
  /** ISO time. */
  readonly now: string
}

export interface Opinion {
  readonly verdict: 'pass' | 'fail' | 'unknown'
  /** The codes against it, sorted; of several runs that fail, those against the one that finished last. */
  readonly codes: readonly string[]
}

export function judgeSlowly(evidence: Evidence): Opinion {
  const { steps, contract } = evidence
  const vouching = steps.filter((step) => step.subject.some((subject) => isArtifact(subject, evidence)))
  const final = vouching.filter((step) => contract === null || nameOf(step) === contract.final)
  if (vouching.length === 0) return { verdict: 'fail', codes: ['artifact-unproven'] }
  if (final.length === 0) return { verdict: 'fail', codes: ['final-missing'] }
  const runs = [...new Set(final.map(runOf))].toSorted()
  const opinions = runs.map((id) => {
    const ends = final.filter((step) => runOf(step) === id)
    return { codes: codesAgainst(ends, evidence), finished: ends.map(finishedAt).toSorted().at(-1)! }
  })
  if (opinions.some(({ codes }) => codes.length === 0)) return { verdict: 'pass', codes: [] }
  const last = opinions
    .map(({ finished }) => finished)
    .toSorted()
    .at(-1)
  const { codes } = opinions.find(({ finished }) => finished === last)!
  // SPEC §8: what is withheld leaves it open, where nothing else is wrong.
  return { verdict: codes.every((code) => code === 'step-withheld') ? 'unknown' : 'fail', codes }
}

function isArtifact(subject: Resource, { artifact, tree }: Evidence): boolean {
  return subject.digest.sha256 === artifact && (tree === undefined || isDirectory(subject) === tree)
}

/** SPEC §5: the digest of a tree or a source is that of a manifest, not of bytes. */
function isDirectory({ mediaType, digest }: Resource): boolean {
  return mediaType === 'application/vnd.countersign.tree.v1' || 'gitCommit' in digest || 'gitTree' in digest
}

const runOf = ({ predicate }: StepStatement) => predicate.chain.id
const nameOf = ({ predicate }: StepStatement) => predicate.step.name
const attemptOf = ({ predicate }: StepStatement) => predicate.step.attempt
const finishedAt = ({ predicate }: StepStatement) => predicate.invocation.finishedAt
const sameJob = (a: StepStatement, b: StepStatement) =>
  nameOf(a) === nameOf(b) && a.predicate.step.matrix === b.predicate.step.matrix
const samePlace = (a: StepStatement, b: StepStatement) =>
  runOf(a) === runOf(b) && sameJob(a, b) && attemptOf(a) === attemptOf(b)

/** SPEC §6. */
function didSucceed({ predicate: { invocation } }: StepStatement): boolean {
  const { argv, exitCode, signal, error } = invocation
  if (signal !== null || error !== null) return false
  return exitCode === 0 || (argv === null && exitCode === null)
}

/** The steps that `step` names as its predecessors, as far as they are there. */
function predecessors(step: Said, all: readonly Said[]): Said[] {
  return all.filter(({ link }) => step.predicate.previous.some((before) => before.link === link))
}

/** `ends` and all before them in their run, by adding predecessors until nothing is added. */
function wayBack(ends: readonly Said[], all: readonly Said[]): Said[] {
  const before = ends
    .flatMap((end) => predecessors(end, all).filter((step) => runOf(step) === runOf(end)))
    .filter((step) => !ends.includes(step))
  return before.length === 0 ? [...ends] : wayBack([...new Set([...ends, ...before])], all)
}

/** All reasons against the run in which these steps vouch, without repetition. */
function codesAgainst(vouching: readonly Said[], evidence: Evidence): string[] {
  const { steps, contract } = evidence
  const carry = contract?.attempts === 'carry'
  // The latest try counts: of the whole, or of each job where attempts are carried.
  const latest = vouching.filter((step) =>
    vouching.every((other) => (carry && !sameJob(step, other)) || attemptOf(other) <= attemptOf(step)),
  )
  // Without a contract nothing says which step is the last: those are that no other of them goes back to.
  const ends = latest.filter(
    (step) => contract !== null || latest.every((other) => other === step || !wayBack([other], steps).includes(step)),
  )
  const run = steps.filter((step) => runOf(step) === runOf(ends[0]!))
  const own = Math.max(...ends.map(attemptOf))
  const path = wholeWayBack(ends, own, run, evidence)
  const hidden = path.flatMap((step) => notShown(step, evidence))
  const beside = evidence.withheld.some(
    ({ link, chain }) => chain === runOf(ends[0]!) && !steps.some((step) => step.link === link),
  )
  const codes: (string | false)[] = [
    // Beside the way too: it may be the other version of a step that is on it.
    beside && !evidence.allowWithheld && 'step-withheld',
    ...path
      .flatMap((step) => [...handshakeCodes(step, predecessors(step, steps), evidence)])
      .filter((code) => code !== 'step-withheld' || !evidence.allowWithheld),
    // Design §4: one winner a place, in the whole run; a nonce is fresh, wherever else it stands.
    run.some((a) => run.some((b) => a !== b && samePlace(a, b))) && 'place-taken',
    path.some((a) => steps.some((b) => a !== b && a.predicate.step.nonce === b.predicate.step.nonce)) && 'nonce-reused',
    path.some((step) => !didSucceed(step)) && 'step-failed',
    path.some((step) => !isCountersigned(step, evidence)) && 'receipt-missing',
    carry &&
      path.some((step) =>
        run.some((later) => sameJob(later, step) && attemptOf(later) > attemptOf(step) && attemptOf(later) <= own),
      ) &&
      'attempt-mixed',
  ]
  if (contract !== null) {
    const jobs = contract.steps.get(contract.final)!.matrix ?? []
    codes.push(
      neededBy(contract.final, contract).some(
        (name) => !path.some((step) => nameOf(step) === name) && !hidden.some(({ step }) => step === name),
      ) && 'step-skipped',
      jobs.some((job) => !ends.some((end) => end.predicate.step.matrix === job)) && 'matrix-incomplete',
      // CONTRACT.md, "What passes": made on the way, not only let in from outside and vouched for.
      !path.some((step) => isMadeBy(step, evidence)) && 'artifact-unproven',
    )
  }
  return [...new Set(codes.filter((code) => code !== false))].toSorted()
}

/** Whether the artifact is what this step made, or what the run began with. */
function isMadeBy({ subject, predicate }: Said, evidence: Evidence): boolean {
  if (!subject.some((made) => isArtifact(made, evidence))) return false
  const received = predicate.materials.filter(({ digest }) => digest.sha256 === evidence.artifact)
  const hidden = notShown({ predicate }, evidence)
  const fromHidden = received.some(({ annotations }) => hidden.some(({ link }) => link === annotations?.from))
  return predicate.previous.length === 0 || received.length === 0 || fromHidden
}

/** The predecessors of a step that are withheld, as it names them. */
function notShown({ predicate }: Pick<Said, 'predicate'>, { steps, withheld }: Pick<Evidence, 'steps' | 'withheld'>) {
  return predicate.previous.filter(
    ({ link }) => withheld.some((closed) => closed.link === link) && !steps.some((step) => step.link === link),
  )
}

/** SPEC §8: before a withheld step go those that the contract puts before its name, as far as the log had them then. */
function wholeWayBack(ends: readonly Said[], own: number, run: readonly Said[], evidence: Evidence): Said[] {
  const { steps, receipts, withheld, contract } = evidence
  const fits = (step: Said) =>
    contract?.attempts === 'carry'
      ? attemptOf(step) <= own &&
        run.every((other) => !sameJob(step, other) || attemptOf(other) <= attemptOf(step) || attemptOf(other) > own)
      : attemptOf(step) === own
  const path = wayBack(ends, steps)
  const refs = path.flatMap((step) => notShown(step, evidence))
  const before = run.filter((step) =>
    refs.some(
      (ref) =>
        contract?.steps.get(ref.step)?.after.includes(nameOf(step)) === true &&
        withheld.some(
          ({ link, origin, index }) =>
            link === ref.link &&
            receipts.some((one) => one.link === step.link && one.origin === origin && one.index < index),
        ),
    ),
  )
  const more = before.filter((step) => fits(step) && !path.includes(step))
  return more.length === 0 ? path : wholeWayBack([...ends, ...more], own, run, evidence)
}

function neededBy(name: string, contract: Contract): string[] {
  return [name, ...contract.steps.get(name)!.after.flatMap((before) => neededBy(before, contract))]
}

function isCountersigned(step: Said, { contract, receipts }: Evidence): boolean {
  if (contract === null || contract.countersigners.length === 0) return true
  return receipts.some(
    ({ link, origin, keyId }) =>
      link === step.link &&
      contract.countersigners.some(({ name, publicKey }) => name === origin && publicKey.keyId === keyId),
  )
}

/** What one step does wrong towards those before it and towards its contract, sorted. */
export function handshakeSlowly(
  step: Said,
  asked: Pick<Evidence, 'steps' | 'withheld' | 'contract' | 'now'>,
): string[] {
  return [...handshakeCodes(step, predecessors(step, asked.steps), asked)].toSorted()
}

function handshakeCodes(
  step: Said,
  before: readonly Said[],
  { steps, withheld, contract, now }: Pick<Evidence, 'steps' | 'withheld' | 'contract' | 'now'>,
): Set<string> {
  const { chain, previous, invocation } = step.predicate
  const tolerance = contract?.clockTolerance ?? 300_000
  const time = (text: string) => Date.parse(text)
  const known = previous.filter(({ link }) => before.some((other) => other.link === link))
  const told = (other: Said) => previous.find(({ link }) => link === other.link)!.step
  const hidden = notShown(step, { steps, withheld })
  const codes: (string | false)[] = [
    known.length + hidden.length < previous.length && 'previous-missing',
    hidden.length > 0 && 'step-withheld',
    withheld.some((closed) => hidden.some(({ link }) => link === closed.link) && closed.chain !== chain.id) &&
      'chain-mismatch',
    time(invocation.finishedAt) + tolerance < time(invocation.startedAt) && 'time-order',
    [invocation.startedAt, invocation.finishedAt].some((at) => time(at) > time(now) + tolerance) && 'time-future',
    before.some((other) => time(finishedAt(other)) - tolerance > time(invocation.startedAt)) && 'time-order',
    before.some((other) => nameOf(other) !== told(other)) && 'previous-mismatch',
    before.some((other) => runOf(other) !== chain.id) && 'chain-mismatch',
    before.some((other) => other.predicate.chain.pipeline !== chain.pipeline) && 'pipeline-mismatch',
    before.some((other) => other.predicate.chain.contract !== chain.contract) && 'contract-mismatch',
    before.some((other) => !didSucceed(other)) && 'predecessor-failed',
    before.some((other) =>
      contract?.attempts === 'carry' ? attemptOf(other) > attemptOf(step) : attemptOf(other) !== attemptOf(step),
    ) && 'attempt-mixed',
    before.some((a) => before.some((b) => a !== b && sameJob(a, b) && attemptOf(a) !== attemptOf(b))) &&
      'attempt-mixed',
    before.some((a) => before.some((b) => a !== b && sameJob(a, b) && attemptOf(a) === attemptOf(b))) && 'place-taken',
    ...materialCodes(step, before, hidden, contract),
    ...(contract === null ? [] : contractCodes(step, before, hidden, contract)),
  ]
  return new Set(codes.filter((code) => code !== false))
}

function* materialCodes(
  step: Said,
  before: readonly Said[],
  hidden: readonly PreviousRef[],
  contract: Contract | null,
): Generator<string> {
  const products = before.flatMap(({ subject }) => subject)
  const { materials, previous } = step.predicate
  const outside = contract?.steps.get(nameOf(step))?.outside
  const ordered = (name: string) => {
    const rule = contract?.steps.get(nameOf(step))
    return rule?.after.includes(name) === true && rule.materials.every(({ from }) => from !== name)
  }
  for (const other of before) {
    const handedOver = other.subject.some((product) => materials.some((material) => sameBytes(product, material)))
    if (!handedOver && !ordered(nameOf(other))) yield 'edge-empty'
  }
  if (materials.length === 0 && hidden.some((ref) => !ordered(ref.step))) yield 'edge-empty'
  for (const a of products.filter((product) => materials.some((material) => sameBytes(product, material)))) {
    for (const b of [...products, ...materials]) if (sameBytes(a, b) && disagree(a, b)) yield 'digest-conflict'
  }
  for (const material of materials) {
    const from = material.annotations!.from!
    const same = products.filter((product) => sameBytes(product, material))
    // Its own product where one has its name too, else any of those bytes.
    const named = same.filter((product) => path(product) === path(material))
    const handed = named.length > 0 ? named : same
    if (same.length > 0) {
      const mode = material.annotations?.mode ?? null
      const modes = handed.map((product) => product.annotations?.mode ?? null)
      if (!handed.some((product) => isDirectory(product) === isDirectory(material))) yield 'material-swapped'
      else if (mode !== null && !modes.includes(mode) && !modes.includes(null)) yield 'material-swapped'
      if (named.length === 0 && products.some((product) => path(product) === path(material))) yield 'material-swapped'
      const likewise = (product: Resource) => basename(product) === basename(material)
      if (named.length === 0 && !same.some(likewise) && products.some(likewise)) yield 'material-swapped'
      const maker = before.find(({ link }) => link === from)
      if (maker !== undefined && !maker.subject.some((product) => sameBytes(product, material))) {
        yield 'material-unexplained'
      }
      continue
    }
    // Taken on the word of the step.
    if (hidden.some(({ link }) => link === from)) continue
    const admitted = (outside ?? []).filter(({ match }) => fits(match.pattern, material))
    const byBytes = admitted.some(({ sha256 }) => sha256 === material.digest.sha256)
    const byName = admitted.some(({ sha256 }) => sha256 === null)
    const namesake = products.some((product) => {
      if (byBytes) return false
      return byName ? path(product) === path(material) : basename(product) === basename(material)
    })
    if (namesake || products.some((product) => shareDigest(product, material))) yield 'material-swapped'
    else if (contract === null ? from !== null || previous.length > 0 : from !== null && (byBytes || byName)) {
      yield 'material-unexplained'
    }
  }
}

/** CONTRACT.md, "What breaks it" and "The head". */
function* contractCodes(
  step: Said,
  before: readonly Said[],
  hidden: readonly PreviousRef[],
  contract: Contract,
): Generator<string> {
  const { chain, step: own, previous, materials } = step.predicate
  if (chain.pipeline !== contract.pipeline) yield 'pipeline-mismatch'
  if (chain.contract === null) yield 'contract-missing'
  else if (chain.contract !== contract.digest) yield 'contract-mismatch'
  const rule = contract.steps.get(own.name)
  if (rule === undefined) {
    yield 'step-unknown'
    return
  }
  if (rule.matrix === null ? own.matrix !== null : !rule.matrix.some((job) => job === own.matrix)) yield 'step-unknown'
  if (!rule.signers.some((name) => step.keyIds.includes(signingKeys(contract).get(name)!.keyId)))
    yield 'signer-not-allowed'
  if (previous.some(({ step: name }) => !rule.after.includes(name))) yield 'step-order'
  for (const name of rule.after) {
    const named = previous.filter((ref) => ref.step === name)
    const there = named.flatMap(({ link }) => before.filter((other) => other.link === link))
    if (named.length === 0) yield 'step-skipped'
    // Of one that is not there nobody can say which job it was.
    const closed = hidden.filter((ref) => ref.step === name)
    if (named.length === 0 || there.length + closed.length < named.length) continue
    const jobs = contract.steps.get(name)!.matrix
    const pairwise = rule.matrix !== null && jobs?.some((job) => job === own.matrix) === true
    const wanted: readonly (string | null)[] = jobs === null ? [null] : pairwise ? [own.matrix] : jobs
    const came = there.map((other) => other.predicate.step.matrix)
    const absent = wanted.filter((job) => !came.includes(job))
    // Each that is not shown may be one that is missing.
    if (absent.length > closed.length) yield 'matrix-incomplete'
    else if (absent.length < closed.length) yield 'step-order'
    else if (came.some((job) => !wanted.includes(job))) yield 'step-order'
  }
  /** The products of `maker` that the step asks for by the names their maker gave them, and that it received. */
  const asked = (maker: Said, pattern?: string) => {
    const patterns = rule.materials.filter(({ from }) => from === nameOf(maker)).flatMap(({ match }) => match)
    return maker.subject.filter(
      (product) =>
        materials.some((material) => sameBytes(product, material)) &&
        patterns.some((glob) => (pattern === undefined || glob.pattern === pattern) && fits(glob.pattern, product)),
    )
  }
  const welcome = before.flatMap((maker) => asked(maker))
  for (const material of materials) {
    const admitted = rule.outside.some(
      ({ match, sha256 }) => fits(match.pattern, material) && (sha256 === null || sha256 === material.digest.sha256),
    )
    const onWord = hidden.some(
      (ref) => ref.link === material.annotations?.from && rule.materials.some(({ from }) => from === ref.step),
    )
    if (!admitted && !onWord && !welcome.some((product) => sameBytes(product, material))) yield 'material-unexplained'
  }
  for (const { from, match } of rule.materials) {
    const makers = before.filter(({ link }) => previous.some((ref) => ref.link === link && ref.step === from))
    if (makers.some((maker) => asked(maker).length === 0)) yield 'edge-empty'
    if (hidden.some((ref) => ref.step === from)) continue
    const met = (pattern: string) => before.some((maker) => nameOf(maker) === from && asked(maker, pattern).length > 0)
    if (makers.length > 0 && match.some(({ pattern }) => !met(pattern))) yield 'edge-empty'
  }
  const patterns = (rule.products ?? []).map(({ pattern }) => pattern)
  if (didSucceed(step) && patterns.some((pattern) => !step.subject.some((made) => fits(pattern, made)))) {
    yield 'product-missing'
  }
  for (const made of step.subject) {
    const commit = rule.after.length === 0 && made.name === 'source' && 'gitCommit' in made.digest
    const passedOn = materials.some((material) => isPassedOn(made, material))
    if (!commit && !passedOn && !patterns.some((pattern) => fits(pattern, made))) yield 'product-unexpected'
  }
}

/** Whether a subject is a material as it was received: its name, mode and kind, and no digest that it did not have. */
function isPassedOn(made: Resource, material: Resource): boolean {
  return (
    made.name === material.name &&
    (made.annotations?.mode ?? null) === (material.annotations?.mode ?? null) &&
    isDirectory(made) === isDirectory(material) &&
    Object.entries(made.digest).every(([algorithm, value]) => material.digest[algorithm] === value)
  )
}

const sameBytes = (a: Resource, b: Resource) => a.digest.sha256 === b.digest.sha256
const disagree = (a: Resource, b: Resource) =>
  Object.entries(a.digest).some(([algorithm, value]) => (b.digest[algorithm] ?? value) !== value)
const shareDigest = (a: Resource, b: Resource) =>
  Object.entries(a.digest).some(([algorithm, value]) => b.digest[algorithm] === value)
/** A tree `dist/` and a file `dist` have one name. */
const path = ({ name }: Resource) => name.replace(/\/$/, '')
const basename = (resource: Resource) => path(resource).split('/').at(-1)

/** CONTRACT.md, "Patterns", as a regular expression. */
function fits(pattern: string, resource: Resource): boolean {
  const segments = pattern
    .split('/')
    .map((segment) =>
      segment === '**'
        ? '(?:[^/]+/)*'
        : `${[...segment]
            .map((c) => (c === '*' ? '[^/]*' : c === '?' ? '[^/]' : c.replace(/[.+^${}()|[\]\\]/g, '\\$&')))
            .join('')}/`,
    )
  return new RegExp(`^${segments.join('')}$`, 'u').test(`${path(resource)}/`)
}
