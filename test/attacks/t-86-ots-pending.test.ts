import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Anchor, AnchorState } from '@countersign/anchor'
import { opentimestampsAnchor } from '@countersign/adapters/anchor-opentimestamps'
import { coreHeaders, esploraHeaders } from '@countersign/adapters/bitcoin-headers'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Code, parseJson, utf8 } from '@countersign/core'
import { Shape, statementDigests } from '@countersign/formats'
import {
  type OpenTimestampsAnchor,
  type OtsAttestation,
  otsPaths,
  otsTree,
  readOpentimestamps,
} from '@countersign/formats/anchor'
import { type OpenTimestampsTrust, verifyOpenTimestamps, verifyTimestamped } from '@countersign/verify/anchors'
import { type LocalOts, startLocalOts } from '../anchors/local-ots.ts'
import { RegtestChain } from '../anchors/regtest-chain.ts'
import { textOf } from '../vectors/topics/log-statement.ts'

// T-86: a timestamp that is only promised, or that names a block which nobody has held it against, passes for one in
// Bitcoin. What counts is the one thing a calendar cannot make: a way to the Merkle root of a block that is known.

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const TEXT = textOf()
const clock = () => Date.UTC(2026, 10, 20, 1)
const digests = statementDigests(TEXT, nodeCrypto)

let ots: LocalOts
let honest: OpenTimestampsAnchor
let trust: OpenTimestampsTrust

const anchorOf = (chain = ots): Anchor =>
  opentimestampsAnchor({
    calendars: ots.calendars.map(({ url }) => url),
    headers: [
      esploraHeaders({ url: chain.esplora, crypto: nodeCrypto }),
      coreHeaders({ url: chain.core, crypto: nodeCrypto }),
    ],
    crypto: nodeCrypto,
    network: 'regtest',
  })

/** So many moves, from the beginning or from where it is. */
async function moved(anchor: Anchor, moves: number, from: AnchorState = { phase: 'pending', memo: null }) {
  let move = { state: from, proof: null as Uint8Array | null }
  for (let i = 0; i < moves; i++) {
    move = await anchor.move({ number: 0, text: utf8(TEXT), state: move.state, others: [], now: clock() })
  }
  return move
}

beforeAll(async () => {
  ots = await startLocalOts({ clock })
  const { state } = await moved(anchorOf(), 2)
  ots.mine(6)
  const { proof } = await moved(anchorOf(), 1, state)
  honest = readOpentimestamps(new Shape('anchor-invalid', parseJson(proof!), 'anchor'))
  trust = { network: 'regtest', blocks: [{ height: 1, hash: ots.chain.at(1)!.hash }], minimumWork: null }
})
afterAll(() => ots.close())

const verify = (anchor: OpenTimestampsAnchor, believed = trust) =>
  verifyOpenTimestamps(anchor, { text: utf8(TEXT), digests }, believed, nodeCrypto)
/** The honest proof with other attestations at the end of the same ways. */
const attested = (...instead: readonly OtsAttestation[]): OpenTimestampsAnchor => {
  const ways = otsPaths(honest.file.tree).flatMap(({ ops }) => instead.map((attestation) => ({ ops, attestation })))
  return { ...honest, file: { ...honest.file, tree: otsTree(ways) } }
}
const PENDING: OtsAttestation = { kind: 'pending', uri: 'https://calendar.example' }
const BITCOIN: OtsAttestation = { kind: 'bitcoin', height: 1 }
const UNKNOWN: OtsAttestation = { kind: 'unknown', tag: new Uint8Array(8), payload: Uint8Array.of(1) }

test('one that Bitcoin has is proven, whatever else is said beside it', () => {
  for (const anchor of [honest, attested(BITCOIN), attested(BITCOIN, PENDING, UNKNOWN)]) {
    expect(verify(anchor)).toMatchObject({ by: 'bitcoin-regtest', at: `block 1 ${ots.chain.at(1)!.hash}` })
  }
})

test.each<[what: string, instead: readonly OtsAttestation[]]>([
  ['that is only promised', [PENDING]],
  ['that only somebody unknown vouches for', [UNKNOWN]],
  ['that is in Litecoin', [{ kind: 'litecoin', height: 1 }]],
  ['that is promised, unknown and in Litecoin', [PENDING, UNKNOWN, { kind: 'litecoin', height: 1 }]],
  ['whose block is another than the one that comes with it', [{ kind: 'bitcoin', height: 2 }]],
])('one %s is not', (_, instead) => {
  expect(() => verify(attested(...instead))).toThrow(coded('anchor-unproven'))
})

test('a way that leads elsewhere is not, though the block is known', () => {
  const ways = otsPaths(honest.file.tree)
  for (const ops of [[], ways[0]!.ops.slice(2), [...ways[0]!.ops, { op: 'reverse' } as const]]) {
    const file = { ...honest.file, tree: otsTree([{ ops, attestation: BITCOIN }]) }
    expect(() => verify({ ...honest, file })).toThrow(coded('anchor-unproven'))
  }
})

test('a block that somebody made for it is not: he can, in a second, and nobody knows it', () => {
  // His own chain, with the same statement in it and any time he likes.
  const forged = new RegtestChain(() => Date.UTC(2020, 0, 1), 'forged')
  const { block } = forged.mine([])
  const root = new Uint8Array(block.header.subarray(36, 68))
  const headers = [new Uint8Array(block.header)]
  const file = { ...honest.file, digest: root, tree: otsTree([{ ops: [], attestation: BITCOIN }]) }
  const statement = Buffer.from(root).toString('hex')
  const anchor: OpenTimestampsAnchor = { ...honest, statement, file, blocks: [{ height: 1, headers }] }
  const none: OpenTimestampsTrust = { network: 'mainnet', blocks: [], minimumWork: null }
  const judge = (believed: OpenTimestampsTrust) => verifyTimestamped(anchor, root, believed, nodeCrypto)
  for (const believed of [trust, none, { ...none, minimumWork: 1n << 40n }]) {
    expect(() => judge(believed)).toThrow(coded('anchor-untrusted'))
  }
  expect(() => judge(none)).toThrow(/matches supplied header/)
  // The control: whoever pins it is shown it.
  expect(judge({ ...none, blocks: [{ height: 1, hash: block.hash }] }).time).toMatch(/^2020-01-01/)
})

describe('the server', () => {
  test('keeps no evidence of a promise, however long it takes', async () => {
    const anchor = anchorOf()
    let { state } = await moved(anchor, 2)
    for (let hour = 0; hour < 20; hour++) {
      const move = await moved(anchor, 1, state)
      expect([move.state.phase, move.proof]).toEqual(['submitted', null])
      state = move.state
    }
    ots.mine(6)
    expect((await moved(anchor, 1, state)).state.phase).toBe('final')
  })

  test('keeps no evidence of a block that its own sources do not have', async () => {
    const liar = await startLocalOts({ clock })
    try {
      // The calendars tell of blocks of their chain; the headers are asked of another one.
      const { state } = await moved(anchorOf(liar), 2)
      ots.mine(6)
      liar.mine(ots.chain.tip.height + 6)
      const move = await moved(anchorOf(liar), 1, state)
      expect([move.state.phase, move.proof]).toEqual(['submitted', null])
      expect((await moved(anchorOf(), 1, state)).state.phase).toBe('final')
    } finally {
      await liar.close()
    }
  })
})
