import { describe, expect, test } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { utf8 } from '@countersign/core'
import { parseContract } from '@countersign/contract'
import type { HandoverToken, Resource, StepRef } from '@countersign/formats'
import { namedKeys, readChain, receive, type Received, type ReceiveInput } from '@countersign/verify'
import {
  at,
  contractText,
  file,
  honestRun,
  newChainId,
  party,
  type Run,
  type Signed,
  signStep,
  source,
} from '../pipeline.ts'

const run = honestRun()
const { who } = run
/** Keys of everybody, as a server's tenant has them enrolled. */
const trust = {
  signers: namedKeys(new Map([who.github, who.codebuild, who.cloudbuild, who.azure].map((p) => [p.name, p.publicKey]))),
  countersigners: [],
}

function step(name: string, more: Partial<StepRef> = {}): StepRef {
  return { name, attempt: 1, matrix: null, nonce: '0'.repeat(32), ...more }
}

/** What was handed over to a step of the honest pipeline, and what is known of the runs. */
function handed(known: readonly Signed[], more: Partial<ReceiveInput> = {}): Received {
  const { steps } = readChain(
    known.map(({ bundle }) => bundle),
    trust,
    nodeCrypto,
  )
  return receive({
    step: step('test'),
    pipeline: null,
    materials: [run.app],
    steps,
    contract: run.contract,
    token: null,
    newChain: newChainId(),
    now: at(10),
    ...more,
  })
}

const codesOf = ({ findings }: Received) => findings.map(({ code }) => code)
const tokenOf = (chain: string, ...links: readonly string[]): HandoverToken => ({ chain, links })
const until = (of: Run, name: string) =>
  of.steps.slice(
    0,
    of.steps.findIndex((signed) => signed.statement.predicate.step.name === name),
  )

/** The honest run again, bound to no contract. */
function freeRun(options: { commit?: string; failed?: string; pipeline?: string; attempt?: number } = {}) {
  const chain = { id: newChainId(), pipeline: options.pipeline ?? 'shop/web', contract: null }
  const commit = source(options.commit ?? 'first')
  const attempt = options.attempt ?? 1
  const first = signStep(who.github, { chain, attempt, name: 'source', subject: [commit], minute: 0 })
  const build = signStep(who.codebuild, {
    chain,
    attempt,
    name: 'build',
    previous: [{ link: first.link, step: 'source' }],
    materials: [{ ...commit, annotations: { from: first.link } }],
    subject: [run.app],
    minute: 2,
    exitCode: options.failed === 'build' ? 1 : 0,
  })
  return { chain, source: first, build, steps: [first, build] }
}

describe('red control: what was rightly handed over is received', () => {
  test.each([
    ['under a contract', run.contract],
    ['without one', null],
  ])('%s', (_, contract) => {
    const received = handed(until(run, 'test'), { contract })
    expect(codesOf(received)).toEqual([])
    expect(received.chain).toEqual(run.chain)
    expect(received.previous).toEqual([{ link: run.build.link, step: 'build' }])
    expect(received.materials.map(({ annotations }) => annotations?.from)).toEqual([run.build.link])
    expect(received.edges.map(({ strength }) => strength)).toEqual(['strong'])
  })

  test('with a token', () => {
    const received = handed(until(run, 'test'), { token: tokenOf(run.chain.id, run.build.link) })
    expect([codesOf(received), received.chain]).toEqual([[], run.chain])
  })

  test('and the first step begins a run of its own, whatever else is known', () => {
    const newChain = newChainId()
    const received = handed(run.steps, { step: step('source'), materials: [], newChain })
    expect([codesOf(received), received.chain.id, received.previous]).toEqual([[], newChain, []])
  })
})

describe('T-24: what was handed over is not what was made', () => {
  const swapped = file('dist/app.tgz', 'app of first!')

  test.each([
    ['under a contract', run.contract],
    ['without one', null],
  ])('one byte, %s', (_, contract) => {
    expect(codesOf(handed(until(run, 'test'), { contract, materials: [swapped] }))[0]).toBe('material-swapped')
  })

  test('also where more than one run might be meant', () => {
    const other = honestRun({ who, commit: 'second' })
    const known = [...until(run, 'test'), ...until(other, 'test')]
    expect(codesOf(handed(known, { materials: [swapped] }))[0]).toBe('material-swapped')
  })

  test('nothing at all', () => {
    expect(codesOf(handed(until(run, 'test'), { materials: [], newChain: run.chain.id }))).toContain('edge-empty')
  })

  test('two files that changed places', () => {
    const chain = { id: newChainId(), pipeline: 'p', contract: null }
    const [live, test] = [file('live.env', 'live'), file('test.env', 'test')]
    const build = signStep(who.codebuild, { chain, name: 'build', subject: [live, test] })
    const take = (...materials: readonly Resource[]) => codesOf(handed([build], { contract: null, materials }))
    expect(take(live, test)).toEqual([])
    const changed = [
      { ...live, name: test.name },
      { ...test, name: live.name },
    ]
    expect(take(...changed)).toEqual(['material-swapped', 'material-swapped'])
    expect(take({ ...test, name: live.name })).toEqual(['material-swapped'])
    // A name of nobody's is a new name, not a swap.
    expect(take({ ...live, name: 'deploy/live.env' })).toEqual([])
  })
})

describe('T-21: the artifact of an older run takes the place of this run’s own', () => {
  const older = honestRun({ who, commit: 'older, with a hole in it' })

  test.each([
    ['under a contract', run.contract],
    ['without one', null],
  ])('%s', (_, contract) => {
    const known = [...until(older, 'test'), ...until(run, 'test')]
    const newChain = run.chain.id
    const received = handed(known, { contract, newChain, materials: [older.app] })
    expect(codesOf(received)[0]).toBe('material-swapped')
    expect(received.chain.id).toBe(run.chain.id)
    // Red control: its own artifact it receives.
    expect(codesOf(handed(known, { contract, newChain }))).toEqual([])
  })

  test('runs that make the same bytes do not take steps from one another', () => {
    const twin = honestRun({ who })
    for (const [own, other] of [
      [run, twin],
      [twin, run],
    ] as const) {
      const received = handed([...until(other, 'test'), ...until(own, 'test')], { newChain: own.chain.id })
      expect([codesOf(received), received.chain.id]).toEqual([[], own.chain.id])
    }
  })
})

describe('T-22: a token leads astray', () => {
  const other = honestRun({ who, commit: 'second' })

  test('its chain is one run, its links are another’s', () => {
    for (const chain of [other.chain.id, newChainId()]) {
      const known = [...until(run, 'test'), ...until(other, 'test')]
      const received = handed(known, { token: tokenOf(chain, run.build.link), contract: null })
      expect(received.chain.id).toBe(chain)
      expect(codesOf(received)).toContain('chain-mismatch')
    }
  })

  test('its links are nowhere', () => {
    const token = tokenOf(run.chain.id, run.build.link, 'f'.repeat(64))
    for (const contract of [run.contract, null]) {
      expect(codesOf(handed(until(run, 'test'), { token, contract }))[0]).toBe('previous-missing')
    }
    expect(codesOf(handed([], { token }))[0]).toBe('previous-missing')
  })

  test('it names a step too far back, or the first step of a run', () => {
    const far = tokenOf(run.chain.id, run.source.link)
    expect(codesOf(handed(until(run, 'test'), { token: far }))[0]).toBe('step-order')
    const again = { step: step('source'), materials: [], token: far }
    expect(codesOf(handed(until(run, 'test'), again))).toEqual(['place-taken', 'step-order', 'edge-empty'])
  })

  test('it leads into a pipeline of another name', () => {
    const strange = freeRun({ pipeline: 'shop/wob' })
    const token = tokenOf(strange.chain.id, strange.build.link)
    const received = handed(strange.steps, { token, contract: null, pipeline: 'shop/web' })
    expect(codesOf(received)[0]).toBe('pipeline-mismatch')
    expect(codesOf(handed(strange.steps, { token, contract: null, pipeline: 'shop/wob' }))).toEqual([])
  })
})

describe('T-20: the chain that is handed over has holes', () => {
  test('the predecessor is not there', () => {
    expect(codesOf(handed([run.source], { newChain: run.chain.id }))[0]).toBe('step-skipped')
    expect(codesOf(handed([]))[0]).toBe('step-skipped')
  })

  test('what is before the predecessor is not there', () => {
    for (const contract of [run.contract, null]) {
      expect(codesOf(handed([run.build], { contract }))).toEqual(['previous-missing'])
      const deploy = { step: step('deploy'), contract }
      expect(codesOf(handed([run.build, run.test], deploy))).toEqual(['previous-missing'])
      expect(codesOf(handed([run.source, run.build, run.test], deploy))).toEqual([])
    }
  })

  test('or was signed by nobody who is trusted', () => {
    const mallory = party('mallory')
    const planted = signStep(mallory, { chain: run.chain, name: 'source', subject: run.source.statement.subject })
    const build = signStep(who.codebuild, {
      chain: run.chain,
      name: 'build',
      previous: [{ link: planted.link, step: 'source' }],
      materials: run.build.statement.predicate.materials.map((m) => ({ ...m, annotations: { from: planted.link } })),
      subject: [run.app],
      minute: 2,
    })
    expect(codesOf(handed([planted, build]))).toEqual(['previous-missing'])
  })

  test('the step is in it already', () => {
    for (const newChain of [run.chain.id, newChainId()]) {
      expect(codesOf(handed(run.steps, { newChain }))[0]).toBe('place-taken')
    }
    expect(codesOf(handed(run.steps, { newChain: run.chain.id, contract: null }))[0]).toBe('place-taken')
    const token = tokenOf(run.chain.id, run.build.link)
    expect(codesOf(handed(run.steps, { token }))[0]).toBe('place-taken')
  })

  test('its predecessor is in it twice', () => {
    const again = signStep(who.codebuild, {
      chain: run.chain,
      name: 'build',
      previous: [{ link: run.source.link, step: 'source' }],
      materials: run.build.statement.predicate.materials,
      subject: [file('dist/app.tgz', 'another app')],
      minute: 2,
    })
    expect(codesOf(handed([run.source, run.build, again]))).toContain('place-taken')
    expect(codesOf(handed([run.source, again, run.build]))).toContain('place-taken')
  })

  test('it is bound to another contract, or to none', () => {
    const next = parseContract(utf8(contractText(who, { revision: 2 })))
    expect(codesOf(handed(until(run, 'test'), { contract: next }))[0]).toBe('contract-mismatch')
    expect(codesOf(handed(freeRun().steps))[0]).toBe('contract-mismatch')
    // Where a run under the right contract is there too, it is that one.
    const under = contractText(who, { revision: 2 })
    const right = { ...run, contract: parseContract(utf8(under)) }
    expect(right.contract.digest).toBe(next.digest)
    expect(codesOf(handed([...freeRun().steps, ...until(run, 'test')]))).toEqual([])
  })
})

describe('T-23: a predecessor of a failed or of another attempt', () => {
  test('a failed one hands nothing over', () => {
    const failed = freeRun({ failed: 'build' })
    for (const newChain of [failed.chain.id, newChainId()]) {
      expect(codesOf(handed(failed.steps, { contract: null, newChain }))).toEqual(['predecessor-failed'])
    }
    expect(codesOf(handed(freeRun().steps, { contract: null }))).toEqual([])
  })

  test('under a contract as well: it is named, not passed over', () => {
    const broken = signStep(who.codebuild, {
      chain: run.chain,
      name: 'build',
      previous: [{ link: run.source.link, step: 'source' }],
      materials: run.build.statement.predicate.materials,
      subject: [run.app],
      minute: 2,
      exitCode: 2,
    })
    expect(codesOf(handed([run.source, broken]))).toEqual(['predecessor-failed'])
  })

  test('one of another attempt does not fit', () => {
    expect(codesOf(handed(until(run, 'test'), { step: step('test', { attempt: 2 }) }))).toEqual(['attempt-mixed'])
    const second = honestRun({ who, attempt: 2, chain: run.chain.id })
    const both = [...until(run, 'test'), ...until(second, 'test')]
    for (const attempt of [1, 2]) {
      const received = handed(both, { step: step('test', { attempt }) })
      expect([codesOf(received), received.previous[0]!.link]).toEqual([[], (attempt === 1 ? run : second).build.link])
    }
  })

  test('where attempts are carried, a retry that failed is not undone by the success before it', () => {
    const contract = parseContract(utf8(contractText(who, { attempts: 'carry' })))
    const chain = { ...run.chain, contract: contract.digest }
    const first = signStep(who.github, { chain, name: 'source', subject: run.source.statement.subject })
    const build = (attempt: number, exitCode: number) =>
      signStep(who.codebuild, {
        chain,
        attempt,
        exitCode,
        name: 'build',
        previous: [{ link: first.link, step: 'source' }],
        materials: first.statement.subject.map((made) => ({ ...made, annotations: { from: first.link } })),
        subject: [run.app],
        minute: 2,
      })
    const [one, two, broken] = [build(1, 0), build(2, 0), build(2, 1)]
    const next = { contract, step: step('test', { attempt: 2 }) }
    expect(codesOf(handed([first, one, broken], next))).toEqual(['predecessor-failed'])
    // Red control: with a retry that passed, and with none, the step goes on from the latest.
    expect(handed([first, one, two], next)).toMatchObject({ findings: [], previous: [{ link: two.link }] })
    expect(handed([first, one], next)).toMatchObject({ findings: [], previous: [{ link: one.link }] })
    // A later attempt is not of the past.
    expect(handed([first, one, two], { contract })).toMatchObject({ findings: [], previous: [{ link: one.link }] })
  })
})

test('10,000 files from 1,000 steps that all hold them are told apart in passing', () => {
  const chain = { id: newChainId(), pipeline: 'p', contract: null }
  const many = Array.from({ length: 10_000 }, (_, i) => file(`f/${i}`, `${i % 100}`))
  const [template] = readChain(
    [signStep(who.codebuild, { chain, name: 'build', subject: many.slice(0, 1) }).bundle],
    trust,
    nodeCrypto,
  ).steps.values()
  // Signing them all would be the longest part of it.
  const steps = new Map(
    Array.from({ length: 1_000 }, (_, i) => {
      const link = i.toString(16).padStart(64, '0')
      const previous = i === 0 ? [] : [{ link: (i - 1).toString(16).padStart(64, '0'), step: `step-${i - 1}` }]
      const { predicate } = template!.statement
      const own = { ...predicate, previous, step: { ...predicate.step, name: `step-${i}` } }
      return [link, { ...template!, link, statement: { subject: many, predicate: own } }]
    }),
  )
  const received = receive({
    step: step('test'),
    pipeline: null,
    materials: many,
    steps,
    contract: null,
    token: null,
    newChain: newChainId(),
    now: at(10),
  })
  expect([codesOf(received), received.previous.map(({ step: name }) => name)]).toEqual([[], ['step-999']])
})
