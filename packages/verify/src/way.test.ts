import { describe, expect, test } from 'vitest'
import type { Contract } from '@countersign/contract'
import type { Chain } from './chain.ts'
import type { VerifiedStep } from './types.ts'
import { attemptOf, wholeWay } from './way.ts'

// Of verified steps and a chain only what a way is made of.

interface More {
  readonly previous?: readonly string[]
  readonly attempt?: number
  readonly matrix?: string
  readonly of?: string
}

/** A step whose link is its name, with its attempt where it is not the first. Names of those before it likewise. */
function step(name: string, { previous = [], attempt = 1, matrix, of = 'run' }: More = {}): VerifiedStep {
  const link = [name, ...(matrix === undefined ? [] : [matrix]), ...(attempt === 1 ? [] : [attempt])].join(' ')
  const predicate = {
    chain: { id: of },
    step: { name, attempt, matrix: matrix ?? null },
    previous: previous.map((before) => ({ link: before, step: before.split(' ')[0] })),
  }
  return { link, statement: { predicate } } as unknown as VerifiedStep
}

const proof = (index: number, origin = 'log') => ({ index, checkpoint: { origin } })

/** What is in the log, by its place there; `withheld` by their links. */
function chainOf(
  steps: readonly VerifiedStep[],
  withheld: Readonly<Record<string, number>>,
  logged: Readonly<Record<string, number>>,
  origin?: string,
): Chain {
  return {
    steps: new Map(steps.map((one) => [one.link, one])),
    withheld: new Map(Object.entries(withheld).map(([link, index]) => [link, { withheld: { proof: proof(index) } }])),
    receipts: new Map(
      Object.entries(logged).map(([link, index]) => [link, [{ receipt: { proof: proof(index, origin) } }]]),
    ),
  } as unknown as Chain
}

function contractOf(after: Readonly<Record<string, readonly string[]>>, attempts: 'same' | 'carry' = 'same'): Contract {
  return {
    attempts,
    steps: new Map(Object.entries(after).map(([name, before]) => [name, { after: before }])),
  } as unknown as Contract
}

const CONTRACT = contractOf({ source: [], build: ['source'], test: ['build'], deploy: ['test'] })
const [source, build, tested, deploy] = [
  step('source'),
  step('build', { previous: ['source'] }),
  step('test', { previous: ['build'] }),
  step('deploy', { previous: ['test'] }),
] as const

const linksOf = ({ path, hidden }: ReturnType<typeof wholeWay>) => ({
  path: path.map(({ link }) => link),
  hidden: Object.fromEntries(hidden),
})
/** The way back from `ends`, of a run that is all that is not withheld. */
function way(
  ends: readonly VerifiedStep[],
  run: readonly VerifiedStep[],
  withheld: Readonly<Record<string, number>>,
  logged: Readonly<Record<string, number>>,
  { contract = CONTRACT as Contract | null, origin }: { contract?: Contract | null; origin?: string } = {},
) {
  return linksOf(wholeWay({ chain: chainOf(run, withheld, logged, origin), contract }, ends, run))
}

describe('a way', () => {
  test('of which nothing is withheld is what the steps say', () => {
    const run = [source, build, tested, deploy]
    const whole = { path: ['source', 'build', 'test', 'deploy'], hidden: {} }
    expect(way([deploy], run, {}, {})).toEqual(whole)
    // What is withheld elsewhere is no part of it.
    expect(way([deploy], run, { other: 9 }, {})).toEqual(whole)
    // What is both there and withheld is there.
    expect(way([deploy], run, { test: 9 }, {})).toEqual(whole)
  })

  test('goes on behind a withheld step with what the contract puts there, and the log had before it', () => {
    const run = [source, build, deploy]
    const whole = { path: ['source', 'build', 'deploy'], hidden: { test: 'test' } }
    expect(way([deploy], run, { test: 2 }, { source: 0, build: 1 })).toEqual(whole)
  })

  test('ends there where nobody says what went before', () => {
    const run = [source, build, deploy]
    const cut = { path: ['deploy'], hidden: { test: 'test' } }
    const logged = { source: 0, build: 1 }
    expect(way([deploy], run, { test: 2 }, logged, { contract: null })).toEqual(cut)
    // Not logged; by another log; later; at the very place.
    expect(way([deploy], run, { test: 2 }, {})).toEqual(cut)
    expect(way([deploy], run, { test: 2 }, logged, { origin: 'another' })).toEqual(cut)
    expect(way([deploy], run, { test: 2 }, { source: 0, build: 3 })).toEqual(cut)
    expect(way([deploy], run, { test: 2 }, { source: 0, build: 2 })).toEqual(cut)
    // The contract has no step of that name, or none before it.
    expect(way([deploy], run, { test: 2 }, logged, { contract: contractOf({ deploy: ['test'] }) })).toEqual(cut)
    expect(way([deploy], run, { test: 2 }, logged, { contract: contractOf({ test: [], deploy: [] }) })).toEqual(cut)
  })

  test('goes through one withheld step after another', () => {
    // Built is what nobody sees: it follows a source that is withheld, too.
    const lint = step('lint', { previous: ['source'] })
    const contract = contractOf({ source: [], lint: ['source'], test: ['lint'], deploy: ['test'] })
    const found = way([deploy], [lint, deploy], { test: 3, source: 0 }, { lint: 1 }, { contract })
    expect(found).toEqual({ path: ['lint', 'deploy'], hidden: { test: 'test', source: 'source' } })
  })

  test('takes the latest place of several withheld of one name', () => {
    const shards = [step('report', { previous: ['test'] }), step('sign', { previous: ['test b'] })]
    const end = step('deploy', { previous: ['report', 'sign'] })
    const contract = contractOf({ build: [], test: ['build'], report: ['test'], sign: ['test'], deploy: [] })
    const bare = step('build')
    for (const withheld of [
      { test: 2, 'test b': 6 },
      { test: 6, 'test b': 2 },
    ]) {
      const { path } = way([end], [bare, ...shards, end], withheld, { build: 4 }, { contract })
      expect([path.includes('build'), path.at(-1)]).toEqual([true, 'deploy'])
    }
    const { path } = way([end], [bare, ...shards, end], { test: 2, 'test b': 3 }, { build: 4 }, { contract })
    expect(path).not.toContain('build')
  })

  test('is of the attempt that it ends with', () => {
    const again = step('deploy', { previous: ['test 2'], attempt: 2 })
    const [first, second] = [step('build'), step('build', { attempt: 2 })]
    const logged = { build: 0, 'build 2': 1 }
    expect(way([again], [first, second, again], { 'test 2': 2 }, logged).path).toEqual(['build 2', 'deploy 2'])
    expect(way([again], [first, again], { 'test 2': 2 }, logged).path).toEqual(['deploy 2'])
    const once = step('deploy', { previous: ['test'] })
    expect(way([once], [first, second, once], { test: 2 }, logged).path).toEqual(['build', 'deploy'])
  })

  test('carries on what an earlier attempt made where the contract says so, of each job the latest', () => {
    const again = step('deploy', { previous: ['test 2'], attempt: 2 })
    const jobs = [
      step('build', { matrix: 'linux' }),
      step('build', { matrix: 'linux', attempt: 2 }),
      step('build', { matrix: 'macos' }),
      step('build', { matrix: 'macos', attempt: 3 }),
    ]
    const logged = Object.fromEntries(jobs.map(({ link }, i) => [link, i]))
    const contract = contractOf({ build: [], test: ['build'], deploy: ['test'] }, 'carry')
    const { path } = way([again], [...jobs, again], { 'test 2': 9 }, logged, { contract })
    expect(path).toEqual(['build linux 2', 'build macos', 'deploy 2'])
  })

  test('takes nothing of another name, and begins with what it was asked for', () => {
    const other = step('lint')
    const run = [other, build, deploy]
    const logged = { lint: 0, build: 1 }
    expect(way([deploy], run, { test: 2 }, logged).path).toEqual(['build', 'deploy'])
    expect(way([], run, { test: 2 }, logged)).toEqual({ path: [], hidden: {} })
  })

  test('ends, also where a forged one names withheld steps without end', () => {
    const contract = contractOf({ a: ['b'], b: ['a'], deploy: ['a'] })
    const forged = [
      step('deploy', { previous: ['a x1'] }),
      ...Array.from({ length: 20 }, (_, i) => [
        step('a', { matrix: `${i}`, previous: [`b w${i}`] }),
        step('b', { matrix: `${i}`, previous: [`a w${i}`] }),
      ]).flat(),
    ]
    const withheld: Record<string, number> = { 'a x1': 1_000 }
    for (let i = 0; i < 20; i++) Object.assign(withheld, { [`b w${i}`]: 1_000 + 2 * i, [`a w${i}`]: 1_001 + 2 * i })
    const logged = Object.fromEntries(forged.map(({ link }, i) => [link, i]))
    const { path } = way([forged[0]!], forged, withheld, logged, { contract })
    expect(path.length).toBeLessThanOrEqual(forged.length)
  })
})

test('the attempt of some ends is the latest of them', () => {
  expect(attemptOf([])).toBe(0)
  expect(attemptOf([step('a'), step('b', { attempt: 3 }), step('c', { attempt: 2 })])).toBe(3)
})
