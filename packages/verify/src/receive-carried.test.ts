import { nodeCrypto } from '@countersign/adapters/crypto-node'
import type { Resource, StepPredicate } from '@countersign/formats'
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
import { readChain, receive, type ReceiveInput } from './index.ts'
import { ci, trustIn } from './verify.test-kit.ts'

const app = file('dist/app', 'app')
const swapped = file('dist/app', 'another app')
const NEW = newChainId()

function build(pipeline = 'p', more: Partial<StepInput> = {}): Signed {
  const chain: StepPredicate['chain'] = { id: newChainId(), pipeline, contract: null }
  return signStep(ci, { chain, name: 'build', subject: [app], ...more })
}

/** `next` in the run of `made`, which was handed what that made. */
function next(made: Signed): Signed {
  return signStep(ci, {
    chain: made.statement.predicate.chain,
    name: 'next',
    previous: [{ link: made.link, step: 'build' }],
    materials: [received(app, made.link)],
    subject: [app],
    minute: 7,
  })
}

/** What a step `next` may not begin with these materials for, where all that is known was handed over by file. */
function codes(known: readonly Signed[], materials: readonly Resource[], more: Partial<ReceiveInput> = {}): string[] {
  const bundles = known.map(({ bundle }) => bundle)
  const { steps } = readChain(bundles, trustIn([ci]), nodeCrypto)
  const step = { name: 'next', attempt: 1, matrix: null, nonce: '0'.repeat(32) }
  const asked = { step, pipeline: 'p', materials, contract: null, token: null, newChain: NEW, isUnnamed: true }
  const { findings } = receive({ ...asked, steps, carried: new Set(steps.keys()), now: at(30), ...more })
  return findings.map(({ code }) => code)
}

describe('T-24: what came with chain files and is of other bytes does not begin another run', () => {
  const one = build()
  const cases: readonly (readonly [string, readonly Signed[]])[] = [
    ['the files are of several runs', [one, build('p', { minute: 5 })]],
    ['the run has the step already', [one, next(one)]],
    ['the run is of another pipeline', [build('q')]],
    ['the run has it, and another pipeline made it, too', [one, next(one), build('q')]],
  ]
  test.each(cases)('where %s', (_, known) => {
    expect(codes(known, [swapped])).toContain('material-swapped')
    // Red control: known, and not handed over with it.
    expect(codes(known, [swapped], { carried: new Set() })).toEqual([])
  })

  test('nor under another name', () => {
    const renamed = { ...swapped, name: 'other' }
    expect(codes([one], [renamed])).toEqual(['material-unexplained'])
    expect(codes([one], [renamed], { carried: new Set() })).toEqual([])
    expect(codes([one], [renamed, file('more', 'more')])).toEqual(['material-unexplained', 'material-unexplained'])
  })

  test('nor of an attempt that failed, or is still to come', () => {
    for (const more of [{ exitCode: 1 }, { attempt: 2 }])
      expect(codes([build('p', more)], [swapped])).toEqual(['material-unexplained'])
  })

  test('what is as it was made, and what nobody made beside it, may', () => {
    const beside = file('notes', 'of nobody')
    const earlier = { step: { name: 'next', attempt: 2, matrix: null, nonce: '0'.repeat(32) } }
    expect(codes([one], [app])).toEqual([])
    expect(codes([one], [app, beside], earlier)).toEqual([])
    // Red control of the last: it has the name of what was made, and other bytes.
    expect(codes([one], [app, { ...swapped, name: 'in/app' }], earlier)).toContain('material-swapped')
  })

  test('the checkout is not of the files that lie in it', () => {
    const first = build('p', { subject: [app, source('first')] })
    expect(codes([first, next(first)], [source('second')])).toEqual([])
    expect(codes([first], [])).toEqual([])
  })
})
