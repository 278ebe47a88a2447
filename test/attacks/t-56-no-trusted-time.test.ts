import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { CodedError } from '@countersign/core'
import type { ChainLine } from '@countersign/formats'
import { judge, readChain, readChainConcurrently, trustOf, verifyStep } from '@countersign/verify'
import { describe, expect, test } from 'vitest'
import { keylessRun, SERVER } from '../keyless.ts'
import { at, countersign, party } from '../pipeline.ts'

// T-55, T-56: a certificate that lives for ten minutes proves nothing without a trusted time. What the step says of
// itself is none, nor is what a log says that nobody trusts.

const run = keylessRun()
const trust = trustOf(run.contract)
const [, build] = run.steps
const judged = (lines: readonly ChainLine[], believed = trust) => {
  const chain = readChain(lines, believed, nodeCrypto)
  const { verdict } = judge({ artifact: run.app.digest.sha256, chain, contract: run.contract, now: at(60) })
  return { verdict, refused: chain.refused.map(({ report }) => report.code).toSorted() }
}

test('control: with its receipts the run passes', () => {
  expect(judged(run.lines)).toEqual({ verdict: 'pass', refused: [] })
})

describe('T-56', () => {
  test('without receipts no step counts', () => {
    const bundles = run.steps.map(({ bundle }) => bundle)
    expect(judged(bundles)).toEqual({
      verdict: 'fail',
      refused: ['time-untrusted', 'time-untrusted', 'time-untrusted'],
    })
  })

  test('one receipt that is missing is one step that does not count', () => {
    const lines = run.lines.filter((line) => line !== run.receipts[1])
    expect(judged(lines)).toEqual({ verdict: 'fail', refused: ['time-untrusted'] })
  })

  test('the receipt of a log that nobody trusts tells no time, and those of another step neither', () => {
    const stranger = countersign(party('stranger', 'ed25519'), build!, 1, { acceptedAt: at(4) })
    const forged = countersign(SERVER, build!, 1, { acceptedAt: at(4), signedBy: party('server', 'ed25519') })
    for (const receipt of [stranger, forged]) {
      const lines = run.lines.map((line) => (line === run.receipts[1] ? receipt : line))
      expect(judged(lines).verdict).toBe('fail')
      expect(judged(lines).refused).toContain('time-untrusted')
    }
  })

  test('an entry in a log beside the signature tells no time either', () => {
    const tlogEntries = [{ integratedTime: String(Date.parse(at(4)) / 1000), logIndex: '1' }]
    const lines = run.lines
      .filter((line) => line !== run.receipts[1])
      .map((line) => (line === build!.bundle ? { ...build!.bundle, tlogEntries } : line))
    expect(judged(lines)).toEqual({ verdict: 'fail', refused: ['time-untrusted'] })
  })

  test('alone, a step is verified at the time that its verifier says, and at no other', () => {
    const opened = (time?: string) => verifyStep(build!.bundle, trust, nodeCrypto, time)
    expect(opened(at(4)).signer).toMatchObject({ name: 'build', grade: 'A', certificate: { signedAt: at(4) } })
    expect(() => opened()).toThrow(expect.objectContaining({ code: 'time-untrusted' }))
  })
})

describe('T-55', () => {
  // The certificate of the build begins in minute 3 and ends in minute 13.
  test.each([
    [2, 'certificate-expired'],
    [3, null],
    [13, null],
    [14, 'certificate-expired'],
  ] as const)('accepted in minute %i: %s', async (minute, code) => {
    const late = keylessRun({ accepted: (name, usual) => (name === 'build' ? minute : usual) })
    const believed = trustOf(late.contract)
    for (const chain of [
      readChain(late.lines, believed, nodeCrypto),
      await readChainConcurrently(late.lines, believed, nodeCrypto),
    ]) {
      const codes = chain.refused.map(({ report }) => report.code)
      expect(codes).toEqual(code === null ? [] : [code])
    }
    const single = () => verifyStep(late.steps[1]!.bundle, believed, nodeCrypto, at(minute))
    if (code === null) expect(single().signer.name).toBe('build')
    else expect(single).toThrow(CodedError)
  })

  test('one receipt within the lifetime is enough, whatever others say, in any order', () => {
    const later = countersign(SERVER, build!, 7, { acceptedAt: at(50) })
    for (const lines of [
      [later, ...run.lines],
      [...run.lines, later],
    ]) {
      expect(judged(lines).verdict).toBe('pass')
    }
    const only = run.lines.map((line) => (line === run.receipts[1] ? later : line))
    expect(judged(only).refused).toContain('certificate-expired')
  })
})
