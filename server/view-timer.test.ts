import { describe, expect, test, vi } from 'vitest'
import { CodedError } from '@countersign/core'
import { keepCounting } from './view-timer.ts'

/** A store that has so much to count, and where somebody writes as often as he is let. */
function world(left: number, writing = () => false) {
  let writes = 0
  const asked: number[] = []
  const views = {
    standing() {
      if (writing()) writes += 1
      return { behind: left > 0, busy: writing(), writes }
    },
    async count(most: number) {
      writes += 1
      asked.push(most)
      const done = Math.min(left, most)
      left -= done
      return done
    },
  }
  return { views, asked, left: () => left }
}

const failed = () => expect.unreachable()

describe('what is counted behind the log', () => {
  test('is counted to its end where nobody writes', async () => {
    const { views, asked, left } = world(2_500)
    const counting = keepCounting({ views, failed, lookEvery: 1 })
    await vi.waitFor(() => expect(left()).toBe(0))
    await counting.stop()
    expect(asked.slice(0, 3)).toEqual([1_000, 1_000, 1_000])
  })

  test('is counted a little at a time where somebody always does', async () => {
    const { views, asked, left } = world(600, () => true)
    const counting = keepCounting({ views, failed, lookEvery: 1 })
    await vi.waitFor(() => expect(left()).toBe(0))
    await counting.stop()
    expect(asked).toEqual([...Array.from({ length: 9 }, () => 64), 64])
  })

  test('asks for nothing where nothing is behind', async () => {
    const { views, asked } = world(0)
    const look = vi.spyOn(views, 'standing')
    const counting = keepCounting({ views, failed, lookEvery: 1 })
    await vi.waitFor(() => expect(look.mock.calls.length).toBeGreaterThan(20))
    await counting.stop()
    expect(asked).toEqual([])
  })

  test('is tried again after a failure, which is told', async () => {
    const { views, left } = world(10)
    vi.spyOn(views, 'count').mockRejectedValueOnce(new CodedError('store-failed', 'the disk is away'))
    const codes: string[] = []
    const counting = keepCounting({ views, failed: (code) => codes.push(code), lookEvery: 1 })
    await vi.waitFor(() => expect(left()).toBe(0))
    await counting.stop()
    expect(codes).toEqual(['store-failed'])
  })
})
