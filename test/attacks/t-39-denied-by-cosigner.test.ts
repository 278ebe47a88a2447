import type { Bundle } from '@countersign/formats'
import { expect, test } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { judge, readChain, trustOf } from '@countersign/verify'
import { at, honestRun, seal } from '../pipeline.ts'

const run = honestRun()
const judged = (more: readonly Bundle[]) =>
  judge({
    artifact: run.app.digest.sha256,
    chain: readChain([...run.steps.map((s) => s.bundle), ...more], trustOf(run.contract), nodeCrypto),
    contract: run.contract,
    now: at(60),
  })
test('control', () => expect(judged([]).verdict).toBe('pass'))
test('github, who may sign source alone, signs azure’s deployment too: azure’s signature stands all the same', () => {
  expect(judged([seal(run.who.github, run.deploy.bundle.envelope.payload)]).findings.map((f) => f.code)).toEqual([])
})
