import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Code, CodedError } from '@countersign/core'
import type { SignedLogStatement } from '@countersign/formats'
import { keepStating } from './statement-timer.ts'
import type { Made } from './verbs/make-statement.ts'

const DAY = 86_400_000
const NOTHING: Made = { statement: null, made: false }
const statement = (number: number) => ({ number, start: 'a', end: 'b', covers: 1, size: number }) as SignedLogStatement

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function timer(make: () => Promise<Made>, period = DAY) {
  const made: number[] = []
  const failures: Code[] = []
  const { stop } = keepStating({
    make,
    period,
    made: ({ number }) => made.push(number),
    failed: (code) => failures.push(code),
  })
  return { made, failures, stop }
}

test('looks at once, and each minute of a day', async () => {
  let looked = 0
  const { made, stop } = timer(() =>
    Promise.resolve(++looked === 3 ? { statement: statement(7), made: true } : NOTHING),
  )
  await vi.advanceTimersByTimeAsync(0)
  expect([looked, made]).toEqual([1, []])
  await vi.advanceTimersByTimeAsync(120_000)
  expect([looked, made]).toEqual([3, [7]])
  await stop()
  await vi.advanceTimersByTimeAsync(DAY)
  expect(looked).toBe(3)
})

test('looks several times in a short period', async () => {
  let looked = 0
  const { stop } = timer(() => Promise.resolve((looked++, NOTHING)), 1_000)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(looked).toBe(5)
  await stop()
})

test('tells what failed, and tries again', async () => {
  const outcomes: (() => Promise<Made>)[] = [
    () => Promise.reject(new CodedError('store-failed', 'injected')),
    () => Promise.reject(new TypeError('injected')),
    () => Promise.resolve({ statement: statement(0), made: true }),
  ]
  const { made, failures, stop } = timer(() => (outcomes.shift() ?? (() => Promise.resolve(NOTHING)))())
  await vi.advanceTimersByTimeAsync(180_000)
  expect([failures, made]).toEqual([['store-failed', 'internal'], [0]])
  await stop()
})

test('does not say that a statement was made that was there before', async () => {
  const { made, stop } = timer(() => Promise.resolve({ statement: statement(3), made: false }))
  await vi.advanceTimersByTimeAsync(180_000)
  expect(made).toEqual([])
  await stop()
})

test('stops when what it has begun is done', async () => {
  let done: (made: Made) => void = () => undefined
  const { stop } = timer(() => new Promise((resolve) => (done = resolve)))
  let stopped = false
  const stopping = stop().then(() => (stopped = true))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(stopped).toBe(false)
  done(NOTHING)
  await stopping
  expect(vi.getTimerCount()).toBe(0)
})
