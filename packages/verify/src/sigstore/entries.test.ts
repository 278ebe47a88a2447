import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { parsePublicKey } from '@countersign/core'
import { describe, expect, test } from 'vitest'
import { seededKey } from '../../../../test/anchors/certificates.ts'
import { rekorLog } from '../anchors/rekor-trust.ts'
import { checkLogTimes, countParties } from './entries.ts'

const log = (name: string, more: Parameters<typeof rekorLog>[3] = {}) =>
  rekorLog(name, parsePublicKey(seededKey(name).spki), nodeCrypto, more)
const untrusted = expect.objectContaining({ name: 'CodedError', code: 'entry-untrusted' })

describe('when a log took entries that promises no time', () => {
  const logs = [log('a.example'), log('b.example', { validFor: { start: 100, end: 200 } })]
  const stamped = (...times: readonly number[]) =>
    times.map((at) => ({ source: 'timestamp' as const, by: 'tsa.example', at }))
  const promised = (by: string, at: number) => ({ source: 'log' as const, by, at })

  test('is held against every time that somebody vouches for', () => {
    for (const times of [[], [100], [200], [100, 150, 200]]) {
      expect(() => checkLogTimes(logs, stamped(...times))).not.toThrow()
    }
    for (const times of [[99], [201], [150, 99], [99, 150], [150, 201]]) {
      expect(() => checkLogTimes(logs, stamped(...times))).toThrow(untrusted)
    }
    expect(() => checkLogTimes(logs, [promised('a.example', 99)])).toThrow(untrusted)
  })

  test('is its own to say where it has promised one', () => {
    expect(() => checkLogTimes(logs, [promised('b.example', 150), ...stamped(99)])).not.toThrow()
    // And nobody else's, whatever they call themselves.
    expect(() => checkLogTimes(logs, [{ source: 'timestamp', by: 'b.example', at: 99 }])).toThrow(untrusted)
    expect(() => checkLogTimes(logs, [promised('a.example', 150), ...stamped(99)])).toThrow(untrusted)
  })
})

test('T-64: a log counts once, and so does whoever runs two', () => {
  const [a, b] = [log('a.example'), log('b.example')]
  expect([countParties([]), countParties([a]), countParties([a, b]), countParties([a, a])]).toEqual([0, 1, 2, 1])
  const run = (name: string, operator: string) => log(name, { operator })
  expect(countParties([run('a.example', 'x'), run('b.example', 'x')])).toBe(1)
  expect(countParties([run('a.example', 'x'), run('b.example', 'y')])).toBe(2)
  expect(countParties([run('a.example', 'x'), run('b.example', 'x'), log('c.example')])).toBe(2)
  // One that nobody runs by that name is no operator of that name.
  expect(countParties([a, run('b.example', a.key.keyId)])).toBe(2)
})
