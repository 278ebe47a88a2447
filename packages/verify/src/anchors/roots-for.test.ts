import { hex, type JsonValue } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { Shape } from '@countersign/formats'
import {
  type AnchorProof,
  type AnchorRoots,
  type EthereumAnchor,
  NO_ANCHOR_ROOTS,
  type OpenTimestampsAnchor,
  parseHeader,
  readEthereum,
  readOpentimestamps,
} from '@countersign/formats/anchor'
import { describe, expect, test } from 'vitest'
import { vectors } from '../../../../test/vectors/read.ts'
import { readBitcoinHeaders } from './bitcoin-header.ts'
import { rootsFor, rootsServed } from './roots-for.ts'
import { keccak256 } from './secp256k1.ts'

type Vector = { readonly anchor: JsonValue }
const read = <T>(folder: string, named: string, as: (it: Shape) => T): T => {
  const [, { anchor }] = vectors<Vector>(folder).find(([name]) => name === named)!
  return as(new Shape('anchor-invalid', anchor, 'anchor'))
}
const ethereum: EthereumAnchor = read('anchor-ethereum', 'good', readEthereum)
const bitcoin: OpenTimestampsAnchor = read('anchor-opentimestamps', 'enough-work', readOpentimestamps)
const rekor = { kind: 'rekor' } as unknown as AnchorProof
const rfc3161 = { kind: 'rfc3161' } as unknown as AnchorProof

const block = { number: parseHeader(ethereum.header).number, hash: hex(keccak256(ethereum.header)) }
const [blocks] = bitcoin.blocks
const mined = readBitcoinHeaders(blocks!, portableCrypto).map(({ hash }, i) => ({ height: blocks!.height + i, hash }))
const [low, high] = [mined[0]!.height - 1, mined.at(-1)!.height + 1].map((height) => ({ height, hash: 'e'.repeat(64) }))
const { chainId } = ethereum
const [sender, contract] = [`0x${'1'.repeat(40)}`, `0x${'2'.repeat(40)}`]

/** Somebody who believes more than any one anchor hangs on. */
const own: AnchorRoots = {
  rekor: [{ vkey: 'rekor.example+00000000+AA==', operator: null, from: null, until: null }],
  rfc3161: [{ name: 'tsa', certificates: [Uint8Array.of(1)], from: null, until: null }],
  ethereum: [
    { chainId, blocks: [block, { number: block.number + 1, hash: 'f'.repeat(64) }], senders: [sender], contracts: [] },
    { chainId: chainId + 1, blocks: [block], senders: [], contracts: [contract] },
  ],
  opentimestamps: { network: 'regtest', blocks: [low!, ...mined, high!], minimumWork: 'ff' },
}
const ask = (anchors: readonly AnchorProof[], roots: AnchorRoots | null = own, served = false) =>
  rootsFor(roots, anchors, served, portableCrypto)

describe('of what is believed goes with anchors', () => {
  test('nothing for none', () => {
    expect(ask([])).toEqual(NO_ANCHOR_ROOTS)
    expect(ask([], own, true)).toEqual(NO_ANCHOR_ROOTS)
  })

  test('what they may hang on, and no other kind', () => {
    expect(ask([rekor])).toEqual({ ...NO_ANCHOR_ROOTS, rekor: own.rekor })
    expect(ask([rfc3161])).toEqual({ ...NO_ANCHOR_ROOTS, rfc3161: own.rfc3161 })
    const [chain] = own.ethereum
    expect(ask([ethereum])).toEqual({ ...NO_ANCHOR_ROOTS, ethereum: [{ ...chain!, blocks: [block] }] })
    expect(ask([bitcoin])).toEqual({ ...NO_ANCHOR_ROOTS, opentimestamps: { ...own.opentimestamps!, blocks: mined } })
    expect(mined.length).toBeGreaterThan(1)
    const all = ask([rekor, rfc3161, ethereum, bitcoin, ethereum])
    expect(all).toEqual({
      rekor: own.rekor,
      rfc3161: own.rfc3161,
      ethereum: ask([ethereum]).ethereum,
      opentimestamps: ask([bitcoin]).opentimestamps,
    })
  })

  test('nothing of blocks where nobody pinned any, and no server is believed', () => {
    for (const roots of [null, NO_ANCHOR_ROOTS, { ...own, ethereum: [own.ethereum[1]!], opentimestamps: null }]) {
      expect(ask([ethereum, bitcoin], roots)).toEqual(NO_ANCHOR_ROOTS)
    }
  })

  test('the blocks that a server found final, each once, where nobody pinned the chain', () => {
    const found = ask([ethereum, bitcoin, ethereum, bitcoin], null, true)
    expect(found).toEqual({
      ...NO_ANCHOR_ROOTS,
      ethereum: [{ chainId, blocks: [block], senders: [], contracts: [] }],
      opentimestamps: { network: 'mainnet', blocks: [mined[0]], minimumWork: null },
    })
    // What is pinned is not made up for by a server.
    const pinned = { ...own, ethereum: [{ chainId, blocks: [], senders: [], contracts: [] }] }
    expect(ask([ethereum, bitcoin], pinned, true)).toEqual({
      ...NO_ANCHOR_ROOTS,
      ethereum: pinned.ethereum,
      opentimestamps: { ...own.opentimestamps!, blocks: mined },
    })
    expect(ask([{ ...bitcoin, blocks: [] }], null, true)).toEqual(NO_ANCHOR_ROOTS)
    expect(ask([rekor, ethereum], null, true).opentimestamps).toBeNull()
  })

  test('of two blocks of one chain both', () => {
    const other = read('anchor-ethereum', 'good-header-of-a-later-fork', readEthereum)
    const both = ask([ethereum, { ...other, chainId }, { ...other, chainId: 99 }], null, true).ethereum
    expect(both.map(({ chainId: id, blocks: all }) => [id, all.length])).toEqual([
      [chainId, 2],
      [99, 1],
    ])
  })
})

describe('where the server alone says which blocks are final', () => {
  const served = (named: AnchorRoots, ...anchors: readonly AnchorProof[]) => rootsServed(named, anchors, portableCrypto)

  test('they are its own, of the contracts, senders and network that are named', () => {
    expect(served(own, ethereum, bitcoin)).toEqual({
      ...NO_ANCHOR_ROOTS,
      ethereum: [{ chainId, blocks: [block], senders: [sender], contracts: [] }],
      opentimestamps: { network: 'regtest', blocks: [mined[0]], minimumWork: null },
    })
    expect(served(own, { ...ethereum, chainId: chainId + 1 }).ethereum).toEqual([
      { chainId: chainId + 1, blocks: [block], senders: [], contracts: [contract] },
    ])
  })

  test('of nothing that is named they are of anybody, and of mainnet', () => {
    expect(served(NO_ANCHOR_ROOTS, ethereum, bitcoin)).toEqual(ask([ethereum, bitcoin], null, true))
    expect(served(own, rekor, rfc3161)).toEqual({ ...NO_ANCHOR_ROOTS, rekor: own.rekor, rfc3161: own.rfc3161 })
  })
})
