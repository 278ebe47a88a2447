import { CodedError, utf8 } from '@countersign/core'
import { isTree, type ReportRef, type Resource } from '@countersign/formats'
import type { Contract } from './model.ts'
import { evaluate, type RanFacts, type SignerFacts, type StepFacts } from './evaluate.ts'
import { required } from './graph.ts'
import { learnEvidence } from './learn-evidence.ts'
import { generalise, plainName } from './learn-names.ts'
import { type LearnedAuthority, learnSigners, type SignerSeen } from './learn-signers.ts'
import { list, quoted, scalar } from './learn-yaml.ts'
import { parseContract } from './parse.ts'

/** A step of a run that was as it should be: verified, and its command succeeded. */
export interface SeenStep
  extends Omit<StepFacts, 'signer' | 'subject' | 'withheld' | 'ran' | 'reportsBefore' | 'signersOf'> {
  readonly link: string
  readonly subject: readonly Resource[]
  readonly signer: SignerFacts & SignerSeen
  /** Its reports; null where they are sealed, and not told. */
  readonly reports: readonly ReportRef[] | null
}

/** A run that was as it should be. */
export interface SeenRun {
  /** Chain id. */
  readonly id: string
  readonly pipeline: string
  readonly steps: readonly SeenStep[]
  /** Verifier keys of the logs that each of its steps has a receipt of. */
  readonly logs: readonly string[]
}

export interface Learning {
  /** Authorities that identities may be vouched for by, by their names. */
  readonly authorities: readonly LearnedAuthority[]
  /** Null: the one step that no other follows. */
  readonly final: string | null
  /** Steps that a run may go without. Said by somebody: a run that left its tests out would make them so by itself. */
  readonly optional: readonly string[]
  readonly revision: number
}

/**
 * A commented contract, in YAML, that lets exactly such runs through: the steps that all of them have, in their order,
 * signed by whom they were signed, receiving and making what they received and made. Names that differ between runs become
 * patterns no wider than it takes. What their reports say is asked for as strictly as all of them meet it. It passes `lintContract`, and every step of every run passes `evaluate` under it. Throws
 * `runs-differ` where no one contract fits, naming what differs, and `usage` without runs.
 */
export function learnContract(runs: readonly SeenRun[], learning: Learning): string {
  const [first] = runs
  if (first === undefined) throw new CodedError('usage', 'there are no runs to learn from')
  const other = runs.find(({ pipeline }) => pipeline !== first.pipeline)
  if (other !== undefined) {
    throw new CodedError(
      'runs-differ',
      `run ${short(first.id)} is of ${first.pipeline}, run ${short(other.id)} of ${other.pipeline}`,
    )
  }
  const latest = runs.map(latestOf)
  const names = namesOf(latest, learning.optional)
  const steps = names.map((name) => learnStep(name, latest, learning.optional))
  const final = learning.final ?? finalOf(steps)
  const kept = keptOf(steps, final)
  const signers = learnSigners(
    latest.flatMap(({ steps: all }) => all.filter((one) => kept.some(({ name }) => name === one.step.name))),
    learning.authorities,
  )
  const logs = first.logs.filter((log) => runs.every((run) => run.logs.includes(log)))
  const text = [
    `# Learned from ${runs.length} run${runs.length === 1 ? '' : 's'} of ${first.pipeline}, ${short(first.id)} and on. Read it before you publish it:`,
    '# it allows what they did, whether or not that is as it should be.',
    'contract: v1',
    `pipeline: ${scalar(first.pipeline)}`,
    `revision: ${learning.revision}`,
    ...signers.authorities,
    'signers:',
    ...signers.lines,
    ...(logs.length === 0
      ? ['# No log has a receipt of each of their steps: name one under countersigners to demand receipts.']
      : [`countersigners: ${list(logs)}`]),
    ...(isCarried(latest) ? ['attempts: carry # some steps went on from an earlier attempt'] : []),
    'steps:',
    ...kept.flatMap((step) => writeStep(step, signers.of(step.name))),
    `final: ${scalar(final)}`,
    '',
  ].join('\n')
  checkFits(parsed(text), latest, new Set(kept.map(({ name }) => name)))
  return text
}

interface LearnedStep {
  readonly name: string
  readonly after: readonly string[]
  readonly materials: readonly { readonly from: string; readonly match: readonly string[] }[]
  readonly outside: readonly { readonly pattern: string; readonly sha256: string | null }[]
  readonly products: readonly string[]
  readonly matrix: readonly string[] | null
  readonly evidence: readonly string[]
  /** How many of the runs went without it; null where it is not optional. */
  readonly without: number | null
}

/** Of each job its latest attempt: an earlier one is superseded. */
function latestOf(run: SeenRun): SeenRun {
  const jobs = new Map<string, SeenStep>()
  for (const one of run.steps) {
    const job = JSON.stringify([one.step.name, one.step.matrix])
    const known = jobs.get(job)
    if (known === undefined || known.step.attempt < one.step.attempt) jobs.set(job, one)
  }
  return { ...run, steps: [...jobs.values()] }
}

/** The steps of the runs, each behind those that it follows. */
function namesOf(runs: readonly SeenRun[], optional: readonly string[]): readonly string[] {
  const names = new Set<string>()
  const add = (run: SeenRun, one: SeenStep, depth: number) => {
    if (names.has(one.step.name) || depth > 1_000) return
    for (const { link } of one.previous) {
      const before = run.steps.find((other) => other.link === link)
      if (before !== undefined) add(run, before, depth + 1)
    }
    names.add(one.step.name)
  }
  for (const run of runs) for (const one of run.steps) add(run, one, 0)
  for (const name of optional) {
    if (names.has(name)) continue
    throw new CodedError('usage', `no run has the step ${name}, which may be left out`)
  }
  for (const name of names) {
    if (optional.includes(name)) continue
    const without = runs.find(({ steps }) => !steps.some(({ step }) => step.name === name))
    if (without !== undefined)
      throw new CodedError('runs-differ', `run ${short(without.id)} has no step ${name}, others have`, {
        fix: `Leave that run out; or, if a run may go without it: --optional ${name}.`,
      })
  }
  return [...names]
}

function learnStep(name: string, all: readonly SeenRun[], optional: readonly string[]): LearnedStep {
  const runs = all.filter(({ steps }) => steps.some(({ step }) => step.name === name))
  const seen = runs.flatMap((run) => run.steps.filter(({ step }) => step.name === name).map((one) => ({ run, one })))
  for (const { run, one } of seen) {
    if (!one.succeeded) throw new CodedError('runs-differ', `step ${name} of run ${short(run.id)} failed`)
  }
  const followed = ({ one }: Seen) => distinct(one.previous.map(({ step }) => step)).toSorted()
  const always = sameIn(seen, `step ${name} follows`, (one) => followed(one).filter((step) => !optional.includes(step)))
  const after = [...always, ...distinct(seen.flatMap(followed)).filter((step) => optional.includes(step))].toSorted()
  const matrix = matrixOf(name, runs)
  const explained = new Map(seen.map(({ run, one }) => [one, handedTo(one, run)]))
  const materials = after.flatMap((from) => {
    const following = optional.includes(from) ? seen.filter((own) => followed(own).includes(from)) : seen
    const names = following.map(({ one }) => explained.get(one)!.byStep.get(from) ?? [])
    if (names.every((some) => some.length === 0)) return []
    const match = generalise(names)
    if (match === null)
      throw new CodedError('runs-differ', `step ${name} does not receive the same from step ${from} in all runs`)
    return [{ from, match }]
  })
  const made = seen.map(({ one }) => productsOf(one))
  const products = made.every((some) => some.length === 0) ? [] : generalise(made)
  if (products === null) throw new CodedError('runs-differ', `step ${name} does not make the same in all runs`)
  return {
    name,
    after,
    materials,
    outside: outsideOf(seen.map(({ one }) => explained.get(one)!.unexplained)),
    products,
    matrix,
    evidence: learnEvidence(seen.map(({ one }) => one)),
    without: optional.includes(name) ? all.length - runs.length : null,
  }
}

interface Seen {
  readonly run: SeenRun
  readonly one: SeenStep
}

function sameIn(seen: readonly Seen[], what: string, of: (seen: Seen) => readonly string[]): readonly string[] {
  const [first] = seen
  const own = of(first!)
  for (const one of seen) {
    const found = of(one)
    if (found.join('\n') === own.join('\n')) continue
    const [a, b] = [own, found].map((names) => names.join(', ') || 'nothing')
    throw new CodedError(
      'runs-differ',
      `${what} ${a} in run ${short(first!.run.id)}, and ${b} in run ${short(one.run.id)}`,
    )
  }
  return own
}

function matrixOf(name: string, runs: readonly SeenRun[]): readonly string[] | null {
  const jobs = ({ steps }: SeenRun) => steps.filter(({ step }) => step.name === name).map(({ step }) => step.matrix)
  const [first] = runs
  const own = jobs(first!).toSorted()
  for (const run of runs) {
    if (jobs(run).toSorted().join('\n') === own.join('\n')) continue
    throw new CodedError(
      'runs-differ',
      `step ${name} has other jobs in run ${short(run.id)} than in run ${short(first!.id)}`,
    )
  }
  const keys = own.filter((job) => job !== null)
  if (keys.length === 0) return null
  if (keys.length < own.length) throw new CodedError('runs-differ', `step ${name} is in a matrix, and out of it`)
  return keys
}

/** What a step received of whom, by the names their makers gave it; and what nobody made. */
function handedTo(one: SeenStep, run: SeenRun) {
  const received = new Set(one.materials.map(({ digest }) => digest.sha256))
  const byStep = new Map<string, string[]>()
  const made = new Set<string>()
  for (const { link, step } of one.previous) {
    const before = run.steps.find((other) => other.link === link)
    for (const { name, digest } of before?.subject ?? []) {
      if (!received.has(digest.sha256)) continue
      made.add(digest.sha256)
      const names = byStep.get(step)
      if (names === undefined) byStep.set(step, [plainName(name)])
      else names.push(plainName(name))
    }
  }
  return { byStep, unexplained: one.materials.filter(({ digest }) => !made.has(digest.sha256)) }
}

/** What it made, and did not only vouch for. */
function productsOf({ previous, subject, materials }: SeenStep): readonly string[] {
  const received = new Map(materials.map((material) => [material.name, material]))
  return subject.flatMap((made) => {
    if (previous.length === 0 && made.name === 'source' && made.digest['gitCommit'] !== undefined) return []
    const own = received.get(made.name)
    const same =
      own !== undefined &&
      isTree(own) === isTree(made) &&
      (own.annotations?.mode ?? null) === (made.annotations?.mode ?? null) &&
      Object.keys(made.digest).every((algorithm) => made.digest[algorithm] === own.digest[algorithm])
    return same ? [] : [plainName(made.name)]
  })
}

/** What came from outside: by its bytes where they never differed, else by its name. */
function outsideOf(all: readonly (readonly Resource[])[]): LearnedStep['outside'] {
  const byName = new Map<string, Set<string>>()
  for (const some of all) {
    for (const { name, digest } of some) {
      const known = byName.get(plainName(name))
      if (known === undefined) byName.set(plainName(name), new Set([digest.sha256]))
      else known.add(digest.sha256)
    }
  }
  const pinned = [...byName].filter(([, digests]) => digests.size === 1)
  const others = [...byName].filter(([, digests]) => digests.size > 1)
  return [
    ...pinned.map(([name, [sha256]]) => ({ pattern: literal(name), sha256: sha256! })),
    ...others.map(([name]) => ({ pattern: literal(name), sha256: null })),
  ]
}

function literal(name: string): string {
  const [pattern] = generalise([[name]]) ?? []
  return pattern ?? name
}

/** The one step that none follows. */
function finalOf(steps: readonly LearnedStep[]): string {
  const followed = new Set(steps.flatMap(({ after }) => after))
  const last = steps.filter(({ name }) => !followed.has(name))
  if (last.length === 1) return last[0]!.name
  const names = last.map(({ name }) => name).join(', ')
  throw new CodedError('runs-differ', `the runs end in several steps: ${names}`, {
    fix: 'Say which of them vouches for what goes out: --final STEP.',
  })
}

/** The final step with what leads to it and what follows it; nothing would demand the others. */
function keptOf(steps: readonly LearnedStep[], final: string): readonly LearnedStep[] {
  const own = steps.find(({ name }) => name === final)
  if (own === undefined) throw new CodedError('usage', `the runs have no step ${final}`)
  const before = new Set([final])
  for (const { name, after } of steps.toReversed()) if (before.has(name)) for (const one of after) before.add(one)
  const behind = new Set([final])
  for (const { name, after } of steps) if (after.some((one) => behind.has(one))) behind.add(name)
  return steps.filter(({ name }) => before.has(name) || behind.has(name))
}

function isCarried(runs: readonly SeenRun[]): boolean {
  return runs.some(({ steps }) =>
    steps.some(({ previous, step }) =>
      previous.some(({ link }) => steps.some((other) => other.link === link && other.step.attempt !== step.attempt)),
    ),
  )
}

function writeStep(
  { name, after, materials, outside, products, matrix, evidence, without }: LearnedStep,
  signers: readonly string[],
): string[] {
  const lines = [`  ${scalar(name)}:`]
  if (after.length > 0) lines.push(`    after: ${list(after)}`)
  lines.push(`    signers: ${list(signers)}`)
  if (matrix !== null) lines.push(`    matrix: ${list(matrix)}`)
  if (after.length > 0 || outside.length > 0) {
    if (materials.length + outside.length === 0) lines.push('    materials: [] # nothing was handed over')
    else lines.push('    materials:')
    for (const { from, match } of materials)
      lines.push(`      - from: ${scalar(from)}`, `        match: ${list(match)}`)
    for (const { pattern, sha256 } of outside) {
      if (sha256 === null) lines.push(`      - outside: ${quoted(pattern)} # any bytes: they differed between the runs`)
      else lines.push(`      - outside: ${quoted(pattern)}`, `        sha256: ${quoted(sha256)}`)
    }
  }
  if (products.length > 0) lines.push(`    products: ${list(products)}`)
  if (evidence.length > 0) lines.push('    evidence:', ...evidence.map((line) => `      ${line}`))
  if (without !== null) lines.push(`    optional: always # ${without} of the runs went without it`)
  return lines
}

function parsed(text: string): Contract {
  try {
    return parseContract(utf8(text))
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause
    throw new CodedError('runs-differ', `what fits the runs is no contract: ${cause.code}: ${cause.what}`, { cause })
  }
}

/** What was learned is held against what it was learned from: a pattern too narrow, or a signer too few, is found here. */
function checkFits(contract: Contract, runs: readonly SeenRun[], kept: ReadonlySet<string>): void {
  for (const { id, steps } of runs) {
    const previous = new Map(
      steps.map(
        ({ link, subject, step, previous: before }) =>
          [link, { statement: { subject, predicate: { step, previous: before } } }] as const,
      ),
    )
    for (const one of steps.filter(({ step }) => kept.has(step.name))) {
      const facts = { ...one, ran: ranOf(one), reportsBefore: () => [], signersOf: () => [] }
      const [finding] = evaluate(contract, facts, previous)
      if (finding === undefined) continue
      throw new CodedError(
        'runs-differ',
        `run ${short(id)} would not pass what was learned: ${finding.code}: ${finding.what}`,
      )
    }
    const present = new Set(steps.map(({ step }) => step.name))
    for (const name of required(contract.steps, contract.final)) {
      if (!present.has(name)) throw new CodedError('runs-differ', `run ${short(id)} has no step ${name}`)
    }
  }
}

/** What is learned asks for what its reports say, and of its run and of who signed before for nothing. */
function ranOf({ reports }: SeenStep): RanFacts {
  const nothing = { system: '', os: '', arch: '', actions: {}, exitCode: null, startedAt: '', finishedAt: '' }
  return { reports, claimed: nothing }
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)]
}

function short(id: string): string {
  return id.slice(0, 12)
}
