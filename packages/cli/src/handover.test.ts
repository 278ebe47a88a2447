import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { readChain } from '@countersign/verify'
import { expect, test } from 'vitest'
import { trustIn } from '../../verify/src/verify.test-kit.ts'
import { countersign, honestRun, seal } from '../../../test/pipeline.ts'
import { wayBack } from './handover.ts'

const run = honestRun()
const { who, build, chain } = run
const previous = [{ link: build.link, step: 'build' }]
const received = { chain, previous, materials: [], edges: [], findings: [], doubts: [] }
const signers = [who.github, who.codebuild]

test('a receipt is handed on with the signature that it is about, whether its log is believed or not', () => {
  const both = [build.bundle, seal(who.github, build.bundle.envelope.payload)]
  for (const bundle of both) {
    const receipt = countersign(who.server, { ...build, bundle }, 3)
    for (const logs of [[who.server], []]) {
      const handed = wayBack(received, readChain([...both, receipt], trustIn(signers, logs), nodeCrypto))
      expect(handed).toEqual(expect.arrayContaining([bundle, receipt]))
      const read = readChain(handed, trustIn(signers, [who.server]), nodeCrypto)
      expect([read.receipts.get(build.link)!.length, read.refused]).toEqual([1, []])
    }
  }
})

test('of a statement that two signed both signatures are handed on: the next run may believe but one of them', () => {
  const both = [build.bundle, seal(who.github, build.bundle.envelope.payload)]
  for (const lines of [both, both.toReversed()]) {
    const handed = wayBack(received, readChain(lines, trustIn(signers, []), nodeCrypto))
    for (const signer of signers) {
      expect(readChain(handed, trustIn([signer], []), nodeCrypto).steps.has(build.link)).toBe(true)
    }
  }
})

test('one who signs over and over is handed on once', () => {
  const again = Array.from({ length: 5 }, () => seal(who.github, build.bundle.envelope.payload))
  expect(wayBack(received, readChain(again, trustIn(signers, []), nodeCrypto))).toHaveLength(1)
})
