import { CodedError } from '@countersign/core'
import { describe, expect, test } from 'vitest'
import { showToken } from './token-again.ts'

/** A platform that gives these tokens, one a second, and a server that has seen some of them. */
function job(given: readonly string[], seen: readonly string[], traits = { renewable: true, repeats: true }) {
  let second = 0
  const [asked, shown]: [string[], string[]] = [[], []]
  const tokens = {
    system: 'google-cloud-build',
    audience: null,
    ...traits,
    token: () => {
      const token = given[Math.min(traits.repeats ? second : asked.length, given.length - 1)]!
      asked.push(token)
      return Promise.resolve(token)
    },
  }
  const show = (token: string) => {
    shown.push(token)
    const used = new CodedError('identity-token-used', 'it was')
    return seen.includes(token) ? Promise.reject(used) : Promise.resolve(token)
  }
  const pauses: number[] = []
  const pause = (milliseconds: number) => Promise.resolve(void (pauses.push(milliseconds), second++))
  return {
    asked,
    shown,
    pauses,
    result: showToken(tokens, 'server', show, pause).catch((error: CodedError) => error.code),
  }
}

describe('a token that another job was first to show', () => {
  test('is left for the one of the next second', async () => {
    const { result, shown, pauses } = job(['made at 1', 'made at 2'], ['made at 1'])
    expect(await result).toBe('made at 2')
    expect(shown).toEqual(['made at 1', 'made at 2'])
    expect(pauses).toEqual([expect.closeTo(1250, -3)])
    expect(pauses[0]).toBeGreaterThanOrEqual(1000)
  })

  test('that the platform keeps is not shown again, and what was stolen is told', async () => {
    const kept = job(['made at 1'], ['made at 1'])
    expect(await kept.result).toBe('identity-token-used')
    expect(kept.shown).toEqual(['made at 1'])
    const stolen = job(['a', 'b', 'c'], ['a', 'b', 'c'])
    expect(await stolen.result).toBe('identity-token-used')
    expect([stolen.shown, stolen.pauses.length]).toEqual([['a', 'b'], 1])
  })

  test('nobody waits who has more of them, or is given another each time', async () => {
    const several = job(['a', 'b', 'c'], ['a', 'b'], { renewable: false, repeats: false })
    expect(await several.result).toBe('c')
    const fresh = job(['a', 'b'], ['a'], { renewable: true, repeats: false })
    expect(await fresh.result).toBe('b')
    expect([...several.pauses, ...fresh.pauses]).toEqual([])
    expect(await job(['a'], []).result).toBe('a')
  })
})
