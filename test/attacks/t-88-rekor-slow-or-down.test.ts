import { REKOR_TIMEOUT_MS, rekorAnchor } from '@countersign/adapters/anchor-rekor'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import type { Code } from '@countersign/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type LocalRekor, type RekorMode, startLocalRekor } from '../anchors/local-rekor.ts'
import { drive, move, p256Signer, proved } from '../anchors/rekor-kit.ts'

// T-88: a log that is slower than its clients wait, or down: the statement stays pending, and however often it is sent
// meanwhile, the log has it once.

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })
let log: LocalRekor
beforeEach(async () => {
  log = await startLocalRekor({ filled: 5 })
})
afterEach(() => log.close())

const signer = p256Signer()
const patient = (timeoutMs?: number) =>
  rekorAnchor({
    services: [log.service],
    signer,
    trust: log.trust,
    crypto: nodeCrypto,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  })

describe('T-88: a Rekor log', () => {
  test('is waited for as long as its operators ask', () => {
    expect(REKOR_TIMEOUT_MS).toBeGreaterThanOrEqual(20_000)
  })

  test('that takes the entry and never answers in time has it once, and proves it when it answers again', async () => {
    const anchor = patient(60)
    const { state } = await move(anchor)
    log.mode = 'stall'
    await expect(move(anchor, state)).rejects.toThrow(coded('anchor-unreachable'))
    expect(log.size()).toBe(6)
    log.mode = 'honest'
    const { proof } = await move(patient(), state)
    expect(log.size()).toBe(6)
    expect(proved(proof!, log.trust).by).toBe('rekor.example')
  })

  test('is sent the same signature each time: nothing tells one attempt from another', async () => {
    const anchor = patient(2000)
    const { state } = await move(anchor)
    const before = signer.signed
    log.mode = 'down'
    for (let i = 0; i < 20; i++) await expect(move(anchor, state)).rejects.toThrow(coded('anchor-unreachable'))
    expect(log.asked.length).toBe(20)
    expect(log.size()).toBe(5)
    log.mode = 'honest'
    await drive(anchor, state)
    expect(signer.signed).toBe(before)
    expect(log.size()).toBe(6)
  })

  test.each<[RekorMode, Code]>([
    ['down', 'anchor-unreachable'],
    ['busy', 'anchor-unreachable'],
    ['refuse', 'anchor-refused'],
    ['redirect', 'anchor-refused'],
    ['huge', 'anchor-refused'],
    ['frozen', 'anchor-refused'],
  ])('that is %s leaves the statement as it is', async (mode, code) => {
    const anchor = patient(2000)
    const { state } = await move(anchor)
    log.mode = mode
    await expect(move(anchor, state)).rejects.toThrow(coded(code))
    log.mode = 'honest'
    proved((await drive(anchor, state)).proof!, log.trust)
    expect(log.asked.every((line) => !line.includes('elsewhere'))).toBe(true)
  })

  test('red control: it is the signature kept that makes it once; signed each time, it is in each time', async () => {
    const anchor = patient(60)
    log.mode = 'stall'
    for (let i = 0; i < 3; i++) {
      const { state } = await move(anchor)
      await expect(move(anchor, state)).rejects.toThrow(coded('anchor-unreachable'))
    }
    expect(log.size()).toBe(8)
  })
})
