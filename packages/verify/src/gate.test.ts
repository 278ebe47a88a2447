import { CodedError } from '@countersign/core'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { describe, expect, test } from 'vitest'
import { at, honestRun, logKeyOf, party } from '../../../test/pipeline.ts'
import { decisionOf, judge, logKeys, readChain, trustOf, trustToday, type Verdict } from './index.ts'

const run = honestRun()
const chain = readChain(
  run.steps.map(({ bundle }) => bundle),
  trustOf(run.contract),
  nodeCrypto,
)
const pass = judge({ artifact: run.app.digest.sha256, chain, contract: run.contract, now: at(60) })
const [first, second] = ['step-failed', 'step-order'].map((code) =>
  new CodedError(code as 'step-failed', `for ${code}`).report(),
) as [Verdict['findings'][number], Verdict['findings'][number]]

describe('a gate lets through what passed, and nothing else', () => {
  test('a pass', () => {
    expect(pass.verdict).toBe('pass')
    expect(decisionOf(pass)).toEqual({ decision: 'allow', reason: null })
  })

  test('a failure, and what nobody can say, for the first reason that there is', () => {
    for (const [verdict, decision] of [
      ['fail', 'deny'],
      ['unknown', 'unknown'],
    ] as const) {
      expect(decisionOf({ ...pass, verdict, findings: [first, second] })).toEqual({ decision, reason: first })
      expect(decisionOf({ ...pass, verdict })).toEqual({ decision, reason: null })
    }
  })

  test('no pass that something speaks against, whoever made it', () => {
    const [one, ...others] = pass.criteria
    expect(decisionOf({ ...pass, findings: [first, second] })).toEqual({ decision: 'deny', reason: first })
    expect(decisionOf({ ...pass, criteria: [] })).toEqual({ decision: 'deny', reason: null })
    for (const met of [false, null]) {
      const criteria = [...others, { ...one!, met }]
      expect(decisionOf({ ...pass, criteria })).toEqual({ decision: 'deny', reason: null })
    }
  })
})

describe('whom a gate believes', () => {
  const timekeepers = logKeys([logKeyOf(party('clock', 'ed25519'))])
  const roots = { trustedRoots: [], publicRoot: null }
  const { keyId } = run.who.github.publicKey
  const revoked = [{ keyId, since: at(0) }]

  test('those whom the contract names, while nobody is revoked', () => {
    const today = { roots, revoked: [], timekeepers }
    expect(trustToday(run.contract, today)).toEqual(trustOf(run.contract))
    // A key that it does not name takes nothing away.
    expect(trustToday(run.contract, { ...today, revoked: [{ keyId: 'f'.repeat(64), since: at(0) }] })).toEqual(
      trustOf(run.contract),
    )
  })

  test('less who is revoked; the time is then told by its own logs, else by those it is given', () => {
    const trust = trustToday(run.contract, { roots, revoked, timekeepers })
    expect(trust.signers.filter(({ revokedAt }) => revokedAt !== null).map(({ key }) => key.keyId)).toEqual([keyId])
    expect(trust.timekeepers).toEqual(timekeepers)
    const logged = honestRun({ who: run.who, countersigned: true }).contract
    const named = trustToday(logged, { roots, revoked, timekeepers })
    expect(named.signers.some(({ revokedAt }) => revokedAt === at(0))).toBe(true)
    expect(named.timekeepers).toBeUndefined()
  })
})
