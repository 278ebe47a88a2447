import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { CodedError, type JsonValue, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { Shape, statementDigests } from '@countersign/formats'
import { type AnchorRoots, NO_ANCHOR_ROOTS, readEthereum } from '@countersign/formats/anchor'
import { anchorTrustOf, rootsServed, verifyAnchor } from '@countersign/verify/anchors'
import { expect, test } from 'vitest'
import { anchorBeliefOf } from '../../server/anchor-belief.ts'
import { vectors } from '../vectors/read.ts'

// What a server believes about its own anchors: blocks as its nodes show them, of what its settings name.

interface Vector {
  readonly anchor: JsonValue
  readonly statement: string
  readonly trust: { readonly chains: readonly { readonly chainId: number; readonly contracts?: readonly string[] }[] }
}
const [, event] = vectors<Vector>('anchor-ethereum').find(([name]) => name === 'good-event')!
const { chainId, contracts } = event.trust.chains[0]!
const proof = readEthereum(new Shape('anchor-invalid', event.anchor, 'the anchor'))
const about = { text: utf8(event.statement), digests: statementDigests(event.statement, portableCrypto) }
const judged = (belief: AnchorRoots) => {
  try {
    const trust = anchorTrustOf(rootsServed(belief, [proof], portableCrypto), portableCrypto)
    return verifyAnchor(proof, about, trust, portableCrypto).by
  } catch (error) {
    return error instanceof CodedError ? error.code : error
  }
}
const ethereum = (contract: string | null, chain = chainId) =>
  anchorBeliefOf(
    [
      {
        kind: 'ethereum',
        name: `eip155:${chain}`,
        chainId: chain,
        rpcs: [],
        key: { digits: '' },
        contract,
        feeCap: '1',
        tipCap: null,
        lookEvery: null,
        alarmAfter: 1,
      },
    ],
    nodeCrypto,
  )

test('an event counts where the settings name its contract, and nowhere else', () => {
  const own = contracts![0]!
  expect(judged(ethereum(own))).toBe(`eip155:${chainId}`)
  expect(() => ethereum('0xnone')).toThrow(expect.objectContaining({ code: 'anchor-setup-invalid' }))
  expect(judged(ethereum(`0x${'11'.repeat(20)}`))).toBe('anchor-untrusted')
  expect(judged(ethereum(own, chainId + 1))).toBe('anchor-untrusted')
  expect(judged(ethereum(null))).toBe('anchor-untrusted')
  expect(judged(NO_ANCHOR_ROOTS)).toBe('anchor-untrusted')
})
