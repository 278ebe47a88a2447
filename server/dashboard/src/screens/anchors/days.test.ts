import { describe, expect, test } from 'vitest'
import type { Anchored, Progress } from './answers.ts'
import { costsOf, costText, daysOf } from './days.ts'

const progress = (anchor: string, more: Partial<Progress> = {}): Progress => ({
  anchor,
  phase: 'final',
  queuedAt: '2026-11-02T00:00:00.000Z',
  nextLook: null,
  finalAt: '2026-11-02T01:00:00.000Z',
  failing: null,
  dead: null,
  costs: [{ unit: 'request', amount: '1' }],
  ...more,
})

const statement = (number: number, day: number, more: Partial<Anchored> = {}): Anchored => ({
  number,
  start: `2026-11-${String(day).padStart(2, '0')}T00:00:00.000Z`,
  end: `2026-11-${String(day + 1).padStart(2, '0')}T00:00:00.000Z`,
  covers: 1,
  size: number + 1,
  chains: 1,
  time: `2026-11-${String(day + 1).padStart(2, '0')}T00:00:01.000Z`,
  anchors: [progress('rekor')],
  ...more,
})

const states = (statements: readonly Anchored[], today: string, from = '2026-01-01') =>
  daysOf(statements, from, today).map(({ date, state }) => [date.slice(8), state])

describe('days', () => {
  test('one that ends at midnight is of the day before', () => {
    expect(states([statement(0, 1)], '2026-11-02')).toEqual([
      ['01', 'proven'],
      ['02', 'open'],
    ])
  })

  test('one anchor that waits, or refuses, is the state of the day', () => {
    const waiting = progress('ots', { phase: 'pending', finalAt: null })
    const dead = progress('tsa', { dead: { at: '', code: 'anchor-refused', what: 'no' }, finalAt: null })
    const all = [
      statement(0, 1, { anchors: [progress('rekor'), waiting] }),
      statement(1, 2, { anchors: [progress('rekor'), waiting, dead] }),
      statement(2, 3, { anchors: [] }),
    ]
    expect(states(all, '2026-11-03')).toEqual([
      ['01', 'waiting'],
      ['02', 'refused'],
      ['03', 'stated'],
    ])
  })

  test('a day without a statement is healed by the next, and missed where there is none', () => {
    const healing = statement(1, 4, { start: '2026-11-02T00:00:00.000Z', covers: 3 })
    expect(states([statement(0, 1), healing], '2026-11-06')).toEqual([
      ['01', 'proven'],
      ['02', 'healed'],
      ['03', 'healed'],
      ['04', 'proven'],
      ['05', 'missed'],
      ['06', 'open'],
    ])
  })

  test('before the log began no day was missed', () => {
    expect(states([], '2026-11-06')).toEqual([])
    expect(states([statement(0, 5)], '2026-11-05', '2026-11-01')).toEqual([['05', 'proven']])
  })
})

describe('costs', () => {
  test('are those of what was queued in the month', () => {
    const all = [
      statement(0, 1, {
        anchors: [progress('rekor'), progress('eth', { costs: [{ unit: 'wei', amount: '900000000000000001' }] })],
      }),
      statement(1, 2, {
        anchors: [progress('rekor'), progress('eth', { costs: [{ unit: 'wei', amount: '900000000000000001' }] })],
      }),
      statement(2, 3, { anchors: [progress('rekor', { queuedAt: '2026-10-31T23:00:00.000Z' })] }),
    ]
    const costs = costsOf(all, '2026-11')
    expect(costs.get('rekor')).toEqual([{ unit: 'request', amount: '2' }])
    // More than a double holds.
    expect(costs.get('eth')).toEqual([{ unit: 'wei', amount: '1800000000000000002' }])
  })

  test.each([
    ['wei', '2310000000000000', '0.00231 ETH'],
    ['wei', '3000000000000000000', '3 ETH'],
    ['wei', '21000000000', '21 gwei'],
    ['request', '1', '1 request'],
    ['request', '62', '62 requests'],
    ['gas', '24100', '24,100 gas'],
  ])('%s %s is %s', (unit, amount, text) => expect(costText({ unit, amount })).toBe(text))
})
