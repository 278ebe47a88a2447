import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { hex } from '@countersign/core'
import type { Bundle } from '@countersign/formats'
import { expect, test } from 'vitest'
import { honestRun, party } from '../../../test/pipeline.ts'
import { readChain, readChainConcurrently, trustOf } from './index.ts'
import { ci, trustIn } from './verify.test-kit.ts'

const run = honestRun({ countersigned: true })
const trust = trustOf(run.contract)
const first = run.source.bundle
const bent = first.envelope.signature.with(20, first.envelope.signature[20]! ^ 1)
const named = (hint: string | null): Bundle => ({ ...first, key: { kind: 'publicKey', hint } })

/** What each bundle is, and what reading it alone comes to. */
const cases: readonly [string, Bundle, string | null][] = [
  ['signed by the key that it names', first, null],
  ['naming no key', named(null), null],
  ['naming a trusted key that did not sign it', named(trust.signers.at(-1)!.key.keyId), null],
  ['naming a key that is not trusted', named(party('stranger').publicKey.keyId), null],
  ['with a bent signature', { ...first, envelope: { ...first.envelope, signature: bent } }, 'signature-invalid'],
  [
    'with a signature that is none',
    { ...first, envelope: { ...first.envelope, signature: bent.subarray(1) } },
    'signature-invalid',
  ],
  [
    'signed over other bytes',
    { ...first, envelope: { ...first.envelope, payload: first.envelope.payload.with(0, 0x20) } },
    'signature-invalid',
  ],
]

test.each(cases)('a bundle %s is read the same beside the calling thread', async (_, bundle, code) => {
  const chain = readChain([bundle], trust, nodeCrypto)
  expect(await readChainConcurrently([bundle], trust, nodeCrypto)).toEqual(chain)
  expect(chain.refused.map(({ report }) => report.code)).toEqual(code === null ? [] : [code])
  expect(chain.steps.size).toBe(code === null ? 1 : 0)
})

test('whole chains are, more than are checked at a time, and none', async () => {
  const lines = Array.from({ length: 40 }, () => [...run.lines, ...cases.map(([, bundle]) => bundle)]).flat()
  const chain = readChain(lines, trust, nodeCrypto)
  expect(chain.steps.size).toBe(run.steps.length)
  expect(chain.refused.map(({ index }) => index)).toHaveLength(120)
  expect(await readChainConcurrently(lines, trust, nodeCrypto)).toEqual(chain)
  expect(await readChainConcurrently([], trust, nodeCrypto)).toEqual(readChain([], trust, nodeCrypto))
})

test('nothing counts that a check beside the thread did not find true', async () => {
  const asked: string[] = []
  const liar = {
    ...nodeCrypto,
    verifyLater: (key: { keyId: string }, message: Uint8Array) => {
      asked.push(`${key.keyId} ${hex(nodeCrypto.sha256(message))}`)
      return Promise.resolve(false)
    },
  }
  const chain = await readChainConcurrently(run.lines, trust, liar)
  // A wrong no costs time: the check is made again.
  expect(chain).toEqual(readChain(run.lines, trust, nodeCrypto))
  expect(new Set(asked).size).toBe(run.steps.length)
})

test('without trust nothing is read', async () => {
  const nobody = { signers: [], countersigners: [] }
  expect((await readChainConcurrently(run.lines, nobody, nodeCrypto)).refused).toHaveLength(run.lines.length)
  expect((await readChainConcurrently(run.lines, trustIn([ci]), nodeCrypto)).steps.size).toBe(0)
})
