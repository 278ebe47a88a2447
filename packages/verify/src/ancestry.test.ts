import { expect, test } from 'vitest'
import { file, signStep } from '../../../test/pipeline.ts'
import { ancestry, compare, heads, latestFinish, placeOf } from './ancestry.ts'
import type { VerifiedStep } from './types.ts'
import { ci, opened } from './verify.test-kit.ts'

const ID = 'c'.repeat(32)

/** Verified steps by name, each after those that are named, of a run; `a.b.c` is of job b in minute c. */
function graph(edges: Readonly<Record<string, readonly string[]>>, of: Readonly<Record<string, string>> = {}) {
  const made = new Map<string, VerifiedStep>()
  for (const [key, after] of Object.entries(edges)) {
    const [name, matrix, minute] = key.split('.') as [string, string | undefined, string | undefined]
    const step = signStep(ci, {
      chain: { id: of[key] ?? ID, pipeline: 'p', contract: null },
      name,
      matrix: matrix ?? null,
      minute: Number(minute ?? 0),
      previous: after.map((one) => ({ link: made.get(one)!.link, step: one.split('.')[0]! })),
      subject: [file('app', key)],
    })
    made.set(key, opened(step))
  }
  const steps = new Map([...made.values()].map((step) => [step.link, step]))
  const nameOf = (link: string) => [...made].find(([, step]) => step.link === link)![0]
  return { steps, of: (...names: readonly string[]) => names.map((name) => made.get(name)!), nameOf }
}

const diamond = { a: [], b: ['a'], c: ['a'], d: ['b', 'c'] }

test('the way back is each step once, behind its own predecessors', () => {
  const { steps, of, nameOf } = graph(diamond)
  const way = (...ends: readonly string[]) => ancestry(of(...ends), steps).map(({ link }) => nameOf(link))
  expect(way('d')).toEqual(['a', 'b', 'c', 'd'])
  expect(way('b', 'c')).toEqual(['a', 'b', 'c'])
  expect(way('c', 'b')).toEqual(['a', 'c', 'b'])
  expect(way('d', 'd', 'b')).toEqual(['a', 'b', 'c', 'd'])
  expect(way()).toEqual([])
})

test('it does not lead into another run, nor to what is not known', () => {
  const { steps, of, nameOf } = graph(diamond, { a: 'd'.repeat(32) })
  expect(ancestry(of('d'), steps).map(({ link }) => nameOf(link))).toEqual(['b', 'c', 'd'])
  const own = graph(diamond)
  own.steps.delete(own.of('b')[0]!.link)
  expect(ancestry(own.of('d'), own.steps).map(({ link }) => own.nameOf(link))).toEqual(['a', 'c', 'd'])
})

test('the heads are those that go before no other, near or far', () => {
  const { steps, of, nameOf } = graph(diamond)
  const head = (...ends: readonly string[]) => heads(of(...ends), steps).map(({ link }) => nameOf(link))
  expect(head('a', 'd')).toEqual(['d'])
  expect(head('d', 'a')).toEqual(['d'])
  expect(head('b', 'c')).toEqual(['b', 'c'])
  expect(head('a', 'b', 'c')).toEqual(['b', 'c'])
  expect(head('a')).toEqual(['a'])
  expect(head()).toEqual([])
})

test('two are in one place by run, name, attempt and job', () => {
  const { of } = graph({ a: [], 'a.x': [], 'a.y': [], b: [] })
  const places = of('a', 'a.x', 'a.y', 'b').map(placeOf)
  expect(new Set(places).size).toBe(4)
  expect(places[0]).toBe(`${ID} a 1`)
  expect(places[1]).toBe(`${ID} a 1 x`)
})

test('the latest finish is that of the last, in whatever order they stand; text is in the order of its code units', () => {
  const { of } = graph({ 'a.x.1': [], 'a.y.9': [], 'a.z.5': [] })
  const last = of('a.y.9')[0]!.statement.predicate.invocation.finishedAt
  expect(latestFinish(of('a.x.1', 'a.y.9', 'a.z.5'))).toBe(last)
  expect(latestFinish(of('a.y.9', 'a.x.1'))).toBe(last)
  expect(latestFinish([])).toBe('')
  expect([compare('a', 'b'), compare('b', 'a'), compare('a', 'a'), compare('Z', 'a')]).toEqual([-1, 1, 0, -1])
})
