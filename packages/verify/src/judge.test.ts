import { portableCrypto } from '@countersign/core/portable'
import { expect, test } from 'vitest'
import { at, honestRun, parties } from '../../../test/pipeline.ts'
import { judge, readChain, trustOf } from './index.ts'

const now = at(60)

test('an honest run passes under its contract', () => {
  const run = honestRun()
  const trust = trustOf(run.contract)
  const chain = readChain(
    run.steps.map((s) => s.bundle),
    trust,
    portableCrypto,
  )
  const verdict = judge({ artifact: run.app.digest.sha256, chain, contract: run.contract, now })
  expect(verdict.findings).toEqual([])
  expect(verdict.verdict).toBe('pass')
  expect(verdict.steps.map((s) => s.step.statement.predicate.step.name)).toEqual(['source', 'build', 'test', 'deploy'])
  expect(verdict.criteria.every((c) => c.met)).toBe(true)
  expect(verdict.edges.map((e) => e.strength)).toEqual(['strong', 'strong', 'strong'])
})

test('receipts of an unknown server count neither way', () => {
  const run = honestRun()
  const chain = readChain(run.bundles, trustOf(run.contract), portableCrypto)
  const verdict = judge({ artifact: run.app.digest.sha256, chain, contract: run.contract, now })
  expect(verdict.verdict).toBe('pass')
  expect(verdict.refused.map((r) => r.code)).toEqual(Array(4).fill('signer-unknown'))
})

test('a contract with countersigners demands a receipt on every step', () => {
  const run = honestRun({ who: parties(), countersigned: true })
  const trust = trustOf(run.contract)
  const judged = (bundles: typeof run.bundles) =>
    judge({
      artifact: run.app.digest.sha256,
      chain: readChain(bundles, trust, portableCrypto),
      contract: run.contract,
      now,
    })
  expect(judged(run.bundles).verdict).toBe('pass')
  expect(judged(run.bundles).steps.every((s) => s.countersigners.includes('server'))).toBe(true)
  for (let i = 0; i < run.receipts.length; i++) {
    const without = run.bundles.filter((b) => b !== run.receipts[i])
    const verdict = judged(without)
    expect(verdict.verdict).toBe('fail')
    expect(verdict.findings.map((f) => f.code)).toEqual(['receipt-missing'])
  }
})
