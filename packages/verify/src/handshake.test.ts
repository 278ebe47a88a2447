import { describe, expect, test } from 'vitest'
import {
  at,
  file,
  newChainId,
  received,
  type Signed,
  signStep,
  source,
  type StepInput,
} from '../../../test/pipeline.ts'
import { checkHandshake, DEFAULT_CLOCK_TOLERANCE, type Receiving } from './index.ts'
import { ci, codesOf, contractOf, opened, shaken } from './verify.test-kit.ts'
import { rounds } from '../../../test/thorough.ts'

const contract = contractOf(`  source: { signers: [ci] }
  build: { signers: [ci], after: [source], products: [app], matrix: [a, b] }
  test: { signers: [ci], after: [build] }`)
const chain = { id: newChainId(), pipeline: 'p', contract: contract.digest }
const commit = source('c')
const first = signStep(ci, { chain, name: 'source', subject: [commit] })
const after = (step: Signed) => [{ link: step.link, step: step.statement.predicate.step.name }]
const apps = { a: file('app', 'app of a'), b: file('b/app', 'app of b') }

function build(matrix: 'a' | 'b', more: Partial<StepInput> = {}): Signed {
  return signStep(ci, {
    chain,
    name: 'build',
    matrix,
    previous: after(first),
    materials: [received(commit, first.link)],
    subject: [{ ...apps[matrix], name: 'app' }],
    minute: 2,
    ...more,
  })
}
const builds = [build('a'), build('b')]

function tested(before: readonly Signed[], more: Partial<StepInput> = {}): Signed {
  const materials = before.map((step) => {
    const { matrix } = step.statement.predicate.step
    return received(apps[matrix as 'a' | 'b'], step.link)
  })
  return signStep(ci, {
    chain,
    name: 'test',
    previous: before.flatMap(after),
    materials,
    subject: materials.map(({ annotations, ...made }) => ({
      ...made,
      annotations: { mode: annotations?.mode ?? null },
    })),
    minute: 4,
    ...more,
  })
}

test('what fits has no findings and a strong edge from each predecessor', () => {
  const step = tested(builds)
  const { edges, findings } = shaken(step, builds, { contract })
  expect(findings).toEqual([])
  expect(edges).toEqual(
    builds.map(({ link, statement }) => ({
      from: link,
      to: step.link,
      found: 'digest',
      strength: 'strong',
      artifacts: [statement.subject[0]!.digest.sha256],
    })),
  )
  expect(codesOf(shaken(build('a'), [first], { contract }))).toEqual([])
  expect(codesOf(shaken(first, [], { contract }))).toEqual([])
})

test('a predecessor that is not known is missing, and nothing is said of what it was', () => {
  expect(codesOf(shaken(tested(builds.slice(1)), [], { contract }))).toEqual([
    'previous-missing',
    'material-unexplained',
  ])
})

describe('the binding', () => {
  const other = { ...chain, contract: 'f'.repeat(64) }
  test.each([
    ['another contract', other, ['contract-mismatch']],
    ['no contract', { ...chain, contract: null }, ['contract-missing']],
    ['another pipeline', { ...chain, pipeline: 'q' }, ['pipeline-mismatch']],
  ])('to %s', (_, bound, codes) => {
    expect(
      codesOf(shaken(signStep(ci, { chain: bound, name: 'source', subject: [commit] }), [], { contract })),
    ).toEqual(codes)
  })

  test('of the predecessor', () => {
    const on = (bound: typeof other | { id: string; pipeline: string; contract: null }) => {
      const before = signStep(ci, { chain: bound, name: 'source', subject: [commit] })
      const step = { previous: after(before), materials: [received(commit, before.link)] }
      return codesOf(shaken(build('a', step), [before]))
    }
    expect(on(chain)).toEqual([])
    expect(on({ ...chain, id: newChainId() })).toEqual(['chain-mismatch'])
    expect(on({ ...chain, pipeline: 'q' })).toEqual(['pipeline-mismatch'])
    expect(on(other)).toEqual(['contract-mismatch'])
    expect(on({ ...chain, contract: null })).toEqual(['contract-mismatch'])
  })
})

test('two chains whose ids begin alike are told apart', () => {
  const { id } = chain
  const alike = `${id.slice(0, 31)}${id.endsWith('0') ? '1' : '0'}`
  const told = (other: string) => {
    const before = signStep(ci, { chain: { ...chain, id: other }, name: 'source', subject: [commit] })
    const step = { previous: after(before), materials: [received(commit, before.link)] }
    return shaken(build('a', step), [before]).findings.map(({ what }) => what)
  }
  expect(told(alike)).toEqual([`predecessor source is of chain ${alike}, not ${id}`])
  expect(told('f'.repeat(32))).toEqual([`predecessor source is of chain ${'f'.repeat(12)}, not ${id.slice(0, 12)}`])
})

describe('the time', () => {
  const tolerance = DEFAULT_CLOCK_TOLERANCE / 60_000
  const codes = (minute: number, now = at(60)) => codesOf(shaken(build('a', { minute }), [first], { contract, now }))

  test('a step begins after its predecessor has finished, as far as clocks agree', () => {
    // The source took the first minute.
    expect(codes(1 - tolerance)).toEqual([])
    expect(codes(1 - tolerance - 0.001)).toEqual(['time-order'])
  })

  test('and finishes before now', () => {
    expect(codes(60 + tolerance - 1)).toEqual([])
    expect(codes(60 + tolerance - 0.999)).toEqual(['time-future'])
  })

  test('a now that is no time fits nothing', () => {
    expect(codes(2, 'yesterday')).toEqual(['time-future'])
    expect(codes(2, '')).toEqual(['time-future'])
  })

  test('the contract says how far clocks may disagree', () => {
    const exact = contractOf('  source: { signers: [ci] }', 'clockToleranceSeconds: 0')
    const alone = (minute: number) => {
      const bound = { ...chain, contract: exact.digest }
      const step = signStep(ci, { chain: bound, name: 'source', subject: [commit], minute })
      return codesOf(shaken(step, [], { contract: exact }))
    }
    expect(alone(59)).toEqual([])
    expect(alone(59.001)).toEqual(['time-future'])
  })

  test('a step does not finish before it has begun', () => {
    const at = (startedAt: string, finishedAt: string): Receiving => {
      const { predicate } = first.statement
      const invocation = { ...predicate.invocation, startedAt, finishedAt }
      return { link: null, signer: null, ...predicate, startedAt, invocation, subject: [commit], ran: null }
    }
    const checked = (startedAt: string, finishedAt: string) =>
      codesOf(checkHandshake(at(startedAt, finishedAt), new Map(), null, '2026-11-01T13:00:00.000Z'))
    expect(checked('2026-11-01T12:05:00.000Z', '2026-11-01T12:00:00.000Z')).toEqual([])
    expect(checked('2026-11-01T12:05:00.001Z', '2026-11-01T12:00:00.000Z')).toEqual(['time-order'])
    expect(checked('2026-11-01T13:05:00.001Z', '2026-11-01T13:04:00.000Z')).toEqual(['time-future'])
  })
})

describe('one job goes before once', () => {
  const carry = contractOf(
    `  source: { signers: [ci] }
  build: { signers: [ci], after: [source], products: [app], matrix: [a, b] }
  test: { signers: [ci], after: [build] }`,
    'attempts: carry',
  )
  const bound = { ...chain, contract: carry.digest }

  test('not in two attempts at it, of which the better could be taken from each', () => {
    const again = [build('a', { chain: bound }), build('b', { chain: bound, attempt: 2 })] as const
    const retried = build('a', { chain: bound, attempt: 2, subject: [file('app', 'app of a, again')] })
    const step = (before: readonly Signed[]) => tested(before, { chain: bound, attempt: 2 })
    expect(codesOf(shaken(step(again), again, { contract: carry }))).toEqual([])
    const all = [...again, retried]
    const mixed = signStep(ci, {
      chain: bound,
      name: 'test',
      attempt: 2,
      minute: 4,
      previous: all.flatMap(after),
      materials: all.map((before, i) => received({ ...before.statement.subject[0]!, name: `${i}/app` }, before.link)),
      subject: [{ ...apps.a, name: '0/app' }],
    })
    expect(codesOf(shaken(mixed, all, { contract: carry }))).toEqual(['attempt-mixed'])
  })

  test('nor two attestations of one attempt', () => {
    const rival = build('a')
    const step = tested([...builds, rival], {
      materials: builds.map((before, i) =>
        received({ ...before.statement.subject[0]!, name: `${i}/app` }, before.link),
      ),
      subject: [{ ...apps.a, name: '0/app' }],
    })
    expect(codesOf(shaken(step, [...builds, rival], { contract }))).toEqual(['place-taken'])
  })
})

describe('the findings', () => {
  test('come causes first, each once', () => {
    const strange = { ...chain, id: newChainId() }
    const step = signStep(ci, {
      chain: strange,
      name: 'test',
      attempt: 2,
      previous: [{ link: builds[0]!.link, step: 'source' }],
      materials: [received(file('app', 'swapped'), builds[0]!.link)],
      subject: [file('app', 'swapped')],
      minute: -100,
    })
    const codes = codesOf(shaken(step, builds, { contract }))
    expect(codes).toEqual([
      'chain-mismatch',
      'previous-mismatch',
      'step-order',
      'attempt-mixed',
      'material-swapped',
      'step-skipped',
      'time-order',
      'material-unexplained',
      'edge-empty',
    ])
  })

  test('a step that may not have run yet is not asked who signed it and what it made', () => {
    const { predicate } = tested(builds).statement
    const step: Receiving = {
      ...predicate,
      link: null,
      signer: null,
      startedAt: at(4),
      invocation: null,
      subject: null,
      ran: null,
    }
    const known = new Map(builds.map((signed) => [signed.link, opened(signed)]))
    expect(codesOf(checkHandshake(step, known, contract, at(4)))).toEqual([])
    expect(checkHandshake(step, known, contract, at(4)).edges.map(({ to }) => to)).toEqual([null, null])
  })
})

test('an edge of order alone is one only where the contract asks for nothing more', () => {
  const lenient = contractOf(`  lint: { signers: [ci] }
  build: { signers: [ci], after: [lint], materials: [], products: [app] }`)
  const bound = { ...chain, contract: lenient.digest }
  const lint = signStep(ci, { chain: bound, name: 'lint', subject: [commit] })
  const step = signStep(ci, { chain: bound, name: 'build', previous: after(lint), subject: [apps.a], minute: 2 })
  const { edges, findings } = shaken(step, [lint], { contract: lenient })
  expect([findings, edges.map(({ found, strength }) => [found, strength])]).toEqual([[], [['order', 'medium']]])
  expect(codesOf(shaken(step, [lint]))).toEqual(['edge-empty'])
})

const MANY = rounds(300, 1_000)
test('a step is weighed in the time that it takes to read it, however many it follows', () => {
  const many = Array.from({ length: MANY }, (_, i) =>
    signStep(ci, { chain, name: `job-${i}`, subject: [file(`out/${i}`, `${i}`)] }),
  )
  const join = signStep(ci, {
    chain,
    name: 'join',
    previous: many.flatMap(after),
    materials: many.map((step) => received(step.statement.subject[0]!, step.link)),
    subject: [file('all', 'all')],
    minute: 2,
  })
  const { edges, findings } = shaken(join, many)
  expect([findings, edges.length]).toEqual([[], MANY])
  expect(codesOf(shaken(join, many.slice(1)))).toEqual(['previous-missing', 'material-unexplained'])
})
