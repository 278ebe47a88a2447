import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Code, CodedError } from '@countersign/core'
import { type Driven, keepAnchoring } from './anchor-timer.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function lane(name: string, run: (eager: boolean) => Promise<number>): Driven & { readonly runs: boolean[] } {
  const runs: boolean[] = []
  return {
    name,
    runs,
    run: (eager) => (runs.push(eager), run(eager)),
    stop: () => Promise.resolve(),
  }
}

test('runs each lane at once, and again when it says so', async () => {
  const [fast, slow] = [lane('fast', async () => 1_000), lane('slow', async () => 60_000)]
  const { stop } = keepAnchoring([fast, slow], () => undefined)
  await vi.advanceTimersByTimeAsync(60_000)
  expect([fast.runs.length, slow.runs.length]).toEqual([61, 2])
  await stop()
  await vi.advanceTimersByTimeAsync(600_000)
  expect([fast.runs.length, slow.runs.length]).toEqual([61, 2])
  expect(vi.getTimerCount()).toBe(0)
})

test('one that stalls holds up nobody else (T-88)', async () => {
  const [stuck, free] = [lane('stuck', () => new Promise(() => undefined)), lane('free', async () => 1_000)]
  const { look } = keepAnchoring([stuck, free], () => undefined)
  await vi.advanceTimersByTimeAsync(10_000)
  look(true)
  await vi.advanceTimersByTimeAsync(0)
  expect([stuck.runs, free.runs.length]).toEqual([[false], 12])
})

test('tells what failed, and goes on', async () => {
  const failures: [string, Code][] = []
  const errors = [new CodedError('store-failed', 'injected'), new TypeError('injected')]
  const failing = lane('a', async () => {
    const error = errors.shift()
    if (error !== undefined) throw error
    return 60_000
  })
  const { stop } = keepAnchoring([failing], (anchor, code) => failures.push([anchor, code]))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(failures).toEqual([
    ['a', 'store-failed'],
    ['a', 'internal'],
  ])
  expect(failing.runs).toHaveLength(3)
  await stop()
})

test('looks at once where it is asked to, after what is under way, and once however often', async () => {
  let done: (wait: number) => void = () => undefined
  const one = lane('a', () => new Promise((resolve) => (done = resolve)))
  const { look, stop } = keepAnchoring([one], () => undefined)
  look(true)
  look(false)
  expect(one.runs).toEqual([false])
  done(60_000)
  await vi.advanceTimersByTimeAsync(0)
  expect(one.runs).toEqual([false, true])
  done(60_000)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(one.runs).toEqual([false, true])
  look(false)
  expect(one.runs).toEqual([false, true, false])
  await stop()
  done(0)
  look(true)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(one.runs).toHaveLength(3)
})
