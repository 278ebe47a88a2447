import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { expect, test } from 'vitest'
import { at, countersign, file, party, signStep } from '../../../test/pipeline.ts'
import { judge, readChain } from './index.ts'
import { ci, contractOf, trustIn } from './verify.test-kit.ts'

const contract = contractOf('  build: { signers: [ci], products: [app], fresh: 1h }', 'clockToleranceSeconds: 0')
const app = file('app', 'app')
const [log, other] = [party('log', 'ed25519'), party('other', 'ed25519')]

/** Whether a step that says it ended in a minute, and that logs took in others, still counts an hour after `from`. */
function staleAfter(from: number, ended: number, ...taken: readonly number[]): readonly boolean[] {
  const chain = { id: 'c'.repeat(32), pipeline: 'p', contract: contract.digest }
  const step = signStep(ci, { chain, name: 'build', subject: [app], minute: ended - 1 })
  const receipts = taken.map((minute, i) => countersign([log, other][i]!, step, i, { acceptedAt: at(minute) }))
  const read = readChain([step.bundle, ...receipts], trustIn([ci], [log, other]), nodeCrypto)
  expect(read.refused).toEqual([])
  const stale = (now: string) =>
    judge({ artifact: app.digest.sha256, chain: read, contract, now }).findings.some(
      ({ code }) => code === 'step-stale',
    )
  const end = Date.parse(at(from + 60))
  return [stale(new Date(end).toISOString()), stale(new Date(end + 1).toISOString())]
}

test('a step is as old as it says', () => {
  expect(staleAfter(30, 30)).toEqual([false, true])
  expect(staleAfter(30, 30, 40)).toEqual([false, true])
})

test('or as a log says that had it before: no signer makes it younger than its receipt', () => {
  expect(staleAfter(20, 30, 20)).toEqual([false, true])
  expect(staleAfter(20, 30, 20, 40)).toEqual([false, true])
  expect(staleAfter(20, 30, 40, 20)).toEqual([false, true])
})
