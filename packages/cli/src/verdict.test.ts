import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { CodedError } from '@countersign/core'
import { judge, readChain, trustOf, unknownVerdict } from '@countersign/verify'
import { expect, test } from 'vitest'
import { at, honestRun } from '../../../test/pipeline.ts'
import type { Context } from './context.ts'
import { verdictJson, verdictText } from './verdict.ts'

test('what did not verify is told once where it is the same of several', () => {
  const receipt = new CodedError('signer-unknown', 'no key of the log log.example is trusted').report()
  const other = new CodedError('signature-invalid', 'it does not verify').report()
  const missing = new CodedError('artifact-unproven', 'nothing is known of it').report()
  const verdict = { ...unknownVerdict('a'.repeat(64), missing), refused: [receipt, other, receipt, receipt] }
  const text = verdictText({ colour: false } as Context, 'verify', 'app', verdict, 'nobody')
  expect(text).toContain(
    'count:\n  signer-unknown: no key of the log log.example is trusted (3 times)\n  signature-invalid: it does not verify\n',
  )
})

test('a pass by less than the contract that the run is bound to says so', () => {
  const run = honestRun()
  const { sha256: artifact } = run.app.digest
  const chain = readChain(run.lines, trustOf(run.contract), nodeCrypto)
  const told = (contract: typeof run.contract | null, name = 'app') => {
    const verdict = judge({ artifact, chain, contract, now: at(60) })
    expect(verdict.verdict).toBe('pass')
    const text = verdictText({ colour: false } as Context, 'verify', name, verdict, 'nobody')
    return { last: text.slice(text.indexOf('\n✓ ')), json: verdictJson('verify', verdict, 'nobody') }
  }
  const bare = told(null)
  expect(bare.last).toContain('✓ VERIFIED, BUT NOT BY ITS CONTRACT  app')
  expect(bare.last).toContain(`countersign contract show ${run.contract.digest} > contract.yaml`)
  expect(bare.json).toMatchObject({ unjudgedContract: `sha256:${run.contract.digest}` })
  const whole = told(run.contract)
  expect(whole.last).toMatch(/✓ VERIFIED  app  sha256:[0-9a-f]{12}…\n$/)
  expect(whole.json).toMatchObject({ unjudgedContract: null })
  // Whoever named the digest is not told it again.
  expect(told(run.contract, `sha256:${artifact}`).last).toMatch(/✓ VERIFIED  sha256:[0-9a-f]{64}\n$/)
})
