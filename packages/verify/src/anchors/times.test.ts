import { describe, expect, test } from 'vitest'
import { at } from '../../../../test/pipeline.ts'
import type { AnchorProved } from './proved.ts'
import { distinctSources, provenBySources, timesApart } from './times.ts'

const said = (by: string, minute: number | null, more: Partial<AnchorProved> = {}): AnchorProved => ({
  kind: 'rfc3161',
  by,
  at: 'serial 01',
  time: minute === null ? null : at(minute),
  within: 60,
  trusted: ['its clock'],
  ...more,
})

// T-64: whoever says it twice is one witness.
describe('sources', () => {
  test('are a kind and a name, each with its earliest time, whatever the order', () => {
    const [early, late, untimed] = [said('a', 1), said('a', 2), said('a', null)]
    const vague = said('a', 1, { within: 61 })
    for (const all of [
      [early, late, untimed, vague],
      [untimed, vague, late, early],
      [late, early],
    ]) {
      expect(distinctSources(all)).toEqual([early])
    }
    const others = [early, said('b', 3), said('a', 3, { kind: 'rekor' })]
    expect(distinctSources([...others, late])).toEqual(others)
    expect(distinctSources([untimed])).toEqual([untimed])
    expect(distinctSources([])).toEqual([])
  })

  test('that say the same count by the first that said it', () => {
    const [one, two] = [said('a', 1), said('a', 1, { at: 'serial 02' })]
    expect(distinctSources([one, two])).toEqual([one])
    expect(distinctSources([two, one])).toEqual([two])
  })
})

// T-85: one authority alone dates nothing back.
test('by so many sources it is proven by the time of the last of them, with its margin', () => {
  const all = [said('c', 30), said('a', 10), said('b', 20), said('d', null), said('a', 90)]
  expect([1, 2, 3, 4].map((sources) => provenBySources(all, sources))).toEqual([at(11), at(21), at(31), null])
  expect(provenBySources([said('a', null)], 1)).toBeNull()
  expect(provenBySources([], 1)).toBeNull()
})

describe('times that do not fit', () => {
  const [one, two, three] = [said('a', 10), said('b', 20), said('c', 40)]

  test('are of each two that are further apart than their margins and the window', () => {
    // Ten minutes less a minute each, and so on.
    expect(timesApart([three, one, two], 479)).toEqual([
      { earlier: one, later: two, seconds: 480 },
      { earlier: one, later: three, seconds: 1680 },
      { earlier: two, later: three, seconds: 1080 },
    ])
    expect(timesApart([three, one, two], 480)).toHaveLength(2)
    expect(timesApart([three, one, two], 1080)).toEqual([{ earlier: one, later: three, seconds: 1680 }])
    expect(timesApart([three, one, two], 1680)).toEqual([])
  })

  test('are never those of one source, nor of one that says none', () => {
    expect(timesApart([one, said('a', 900), said('b', null)], 0)).toEqual([])
  })
})
