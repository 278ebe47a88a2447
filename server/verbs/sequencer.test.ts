import { CodedError, utf8 } from '@countersign/core'
import { expect, test } from 'vitest'
import type { Append, Appended, AppendedBatch, Issuance, LogHead, Store } from '../store.ts'
import { type Acknowledging, Sequencer } from './sequencer.ts'

const HEAD: LogHead = { size: 1, root: new Uint8Array(32) }
const append = { tenant: 'acme', step: { link: 'a'.repeat(64) } } as Append

/** A store whose batches give these heads; without one, all of the batch was held already. */
function storeOf(heads: readonly (LogHead | null)[]): Store {
  let batches = 0
  const written = (batch: readonly Append[]) => {
    const head = heads[batches++] ?? null
    const one: Appended =
      head === null
        ? { kind: 'same', index: 0, late: false }
        : { kind: 'accepted', index: 0, late: false, begun: '{"proof":"' }
    return Promise.resolve({ appended: batch.map(() => one), head })
  }
  return { append: written } as unknown as Store
}

test('what is the same as an earlier one is not acknowledged before that is signed (T-75)', async () => {
  let signs = false
  const sign = <T>(value: T) => {
    if (!signs) throw new CodedError('store-failed', 'injected')
    return value
  }
  const log: Acknowledging = {
    publish: async () => sign(new Uint8Array()),
    receiptOf: async () => sign('{}'),
    proofOf: () => Promise.reject(new Error('nothing is issued here')),
    buried: () => Promise.reject(new Error('nothing is buried here')),
  }
  const sequencer = new Sequencer(storeOf([HEAD, null, null]), log, () => undefined)
  const told: string[] = []
  const submit = () =>
    sequencer.submit(append).then(
      ({ kind }) => told.push(kind),
      ({ code }) => told.push(code as string),
    )
  const first = submit()
  // In the next batch, while the first is written.
  await new Promise((resolve) => setImmediate(resolve))
  await Promise.all([first, submit()])
  expect(told).toEqual(['store-failed', 'store-failed'])
  signs = true
  await submit()
  expect(told.at(-1)).toBe('same')
  await sequencer.drain()
})

test('a batch that is signed with more than itself has its receipts under what was signed', async () => {
  const asked: string[] = []
  const log: Acknowledging = {
    publish: () => Promise.resolve(null),
    receiptOf: (tenant, link) => Promise.resolve(`${asked.push(`${tenant} ${link}`)}`),
    proofOf: () => Promise.reject(new Error('nothing is issued here')),
    buried: () => Promise.reject(new Error('nothing is buried here')),
  }
  const sequencer = new Sequencer(storeOf([HEAD]), log, () => undefined)
  expect(await sequencer.submit(append)).toEqual({ kind: 'accepted', index: 0, late: false, receipt: '1' })
  expect(asked).toEqual([`acme ${append.step.link}`])
})

test('certificates are logged with the attestations of their batch, and acknowledged under its checkpoint', async () => {
  const batches: (readonly [number, number])[] = []
  let covered = false
  const store = {
    append(appends: readonly Append[], issuances: readonly Issuance[]): Promise<AppendedBatch> {
      batches.push([appends.length, issuances.length])
      const accepted: Appended = { kind: 'accepted', index: 0, late: false, begun: '{"proof":"' }
      const issued = issuances.map((_, i) => ({ index: appends.length + i, begun: 'begun ' }))
      return Promise.resolve({ appended: appends.map(() => accepted), issued, head: HEAD })
    },
  } as unknown as Store
  const log: Acknowledging = {
    publish: () => Promise.resolve(covered ? null : utf8('checkpoint')),
    receiptOf: () => Promise.resolve('{}'),
    proofOf: (index) => Promise.resolve(utf8(`proof of ${index}`)),
    buried: () => Promise.reject(new Error('nothing is buried here')),
  }
  const sequencer = new Sequencer(store, log, () => undefined)
  const issuance = { tenant: 'acme' } as Issuance
  const [issued, appended] = await Promise.all([sequencer.issue(issuance), sequencer.submit(append)])
  expect(batches).toEqual([[1, 1]])
  expect(issued).toEqual({ index: 1, proof: utf8('begun checkpoint') })
  expect(appended.kind).toBe('accepted')
  covered = true
  expect(await sequencer.issue(issuance)).toEqual({ index: 0, proof: utf8('proof of 0') })
})

test.each(['the store', 'the lock'])('no certificate is acknowledged that %s did not take', async (where) => {
  const error = new CodedError('store-failed', 'injected')
  const batch: AppendedBatch = { appended: [], issued: [{ index: 0, begun: '' }], head: HEAD }
  const store = {
    append: () => (where === 'the store' ? Promise.reject(error) : Promise.resolve(batch)),
  } as unknown as Store
  const log = { publish: () => Promise.reject(error) } as unknown as Acknowledging
  const sequencer = new Sequencer(store, log, () => undefined)
  await expect(sequencer.issue({ tenant: 'acme' } as Issuance)).rejects.toThrow(error)
  await sequencer.drain()
})
