import { describe, expect, test } from 'vitest'
import { type Code, fromHex, hex, sha256, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { type OpenTimestampsAnchor, type OtsOp, otsTree, parseOts, writeOts } from '@countersign/formats/anchor'
import { readBitcoinHeader, readBitcoinHeaders } from './bitcoin-header.ts'
import { SUGGESTED_MINIMUM_WORK, verifyTimestamped } from './opentimestamps.ts'
import { applyOtsOp, otsFileDigests } from './ots-digests.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error

/** The first two blocks of Bitcoin. */
const ZEROS = '0'.repeat(64)
const GENESIS = fromHex(
  `01000000${ZEROS}3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c`,
)
const FIRST = fromHex(
  '010000006fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000' +
    '982051fd1e4ba744bbbe680e1fee14677ba1a3c3540bf7b1cdb606e857233e0e61bc6649ffff001d01e36299',
)
const GENESIS_HASH = '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f'

describe('the first headers of Bitcoin', () => {
  test('say what everybody knows of them', () => {
    const [genesis, first] = readBitcoinHeaders({ height: 0, headers: [GENESIS, FIRST] }, portableCrypto)
    expect(genesis).toMatchObject({ hash: GENESIS_HASH, time: Date.UTC(2009, 0, 3, 18, 15, 5) / 1000 })
    // Difficulty 1.
    expect(genesis!.work).toBe(0x1_0001_0001n)
    expect(first!.hash).toBe('00000000839a8e6886ab5951d76f411475428afc90947ee320161bbf18eb6048')
  })

  test('hold only in their order, and with every bit', () => {
    expect(() => readBitcoinHeaders({ height: 0, headers: [FIRST, GENESIS] }, portableCrypto)).toThrow(
      coded('anchor-unproven'),
    )
    for (let bit = 0; bit < 640; bit += 7) {
      const changed = Uint8Array.from(GENESIS)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      expect(() => readBitcoinHeader(changed, portableCrypto)).toThrow(coded('anchor-unproven'))
    }
  })

  test('have the coinbase of the genesis as a statement, once it is pinned and not before', () => {
    // Its one transaction is the Merkle root: a text whose SHA-256, hashed once more, is the root would be in it.
    const root = GENESIS.subarray(36, 68)
    const file = {
      hash: 'sha256',
      digest: root,
      tree: otsTree([{ ops: [], attestation: { kind: 'bitcoin', height: 0 } }]),
    } as const
    const anchor: OpenTimestampsAnchor = {
      kind: 'opentimestamps',
      statement: hex(root),
      file,
      blocks: [{ height: 0, headers: [GENESIS, FIRST] }],
    }
    const pinned = { network: 'mainnet', blocks: [{ height: 0, hash: GENESIS_HASH }], minimumWork: null } as const
    expect(verifyTimestamped(anchor, root, pinned, portableCrypto)).toEqual({
      kind: 'opentimestamps',
      by: 'bitcoin',
      at: `block 0 ${GENESIS_HASH}`,
      time: '2009-01-03T18:15:05.000Z',
      within: 7200,
      trusted: [`Block 0 of bitcoin has the pinned hash ${GENESIS_HASH}.`],
    })
    const nothing = { ...pinned, blocks: [] }
    const verify = (trust: Parameters<typeof verifyTimestamped>[2]) =>
      verifyTimestamped(anchor, root, trust, portableCrypto)
    expect(() => verify(nothing)).toThrow(/matches supplied header 000000000019d6/)
    expect(() => verify({ ...nothing, minimumWork: SUGGESTED_MINIMUM_WORK })).toThrow(coded('anchor-untrusted'))
    expect(verify({ ...nothing, minimumWork: 2n ** 33n }).trusted).toEqual([
      'Nobody has spent 2^33 hashes on 2 headers just to forge a block of bitcoin.',
    ])
  })
})

test('a promise counts for nothing, even where somebody holds headers beside it', () => {
  const digest = sha256(utf8('a'))
  const anchor: OpenTimestampsAnchor = {
    kind: 'opentimestamps',
    statement: hex(digest),
    file: {
      hash: 'sha256',
      digest,
      tree: otsTree([{ ops: [], attestation: { kind: 'pending', uri: 'https://calendar.example' } }]),
    },
    blocks: [{ height: 0, headers: [GENESIS] }],
  }
  const trust = { network: 'mainnet', blocks: [{ height: 0, hash: GENESIS_HASH }], minimumWork: 1n } as const
  const verify = (changed: Partial<OpenTimestampsAnchor>) =>
    verifyTimestamped({ ...anchor, ...changed }, digest, trust, portableCrypto)
  expect(() => verify({})).toThrow(coded('anchor-unproven'))
  expect(() => verify({ blocks: [] })).toThrow(coded('anchor-unproven'))
  expect(() => verify({ blocks: [{ height: 0, headers: [] }] })).toThrow(coded('anchor-unproven'))
})

test('the operations are what others make of them', () => {
  const made = (op: OtsOp) => hex(applyOtsOp(op, utf8('abc'), portableCrypto))
  expect(made({ op: 'sha1' })).toBe('a9993e364706816aba3e25717850c26c9cd0d89d')
  expect(made({ op: 'ripemd160' })).toBe('8eb208f7e05d987a9b044a8e98c6b087f15a0bfc')
  expect(made({ op: 'sha256' })).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(made({ op: 'keccak256' })).toBe('4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45')
  expect(made({ op: 'reverse' })).toBe('636261')
  expect(made({ op: 'hexlify' })).toBe('363136323633')
  expect(made({ op: 'append', data: utf8('d') })).toBe('61626364')
  expect(made({ op: 'prepend', data: utf8('d') })).toBe('64616263')
})

/** The way of `Hello World!\n` into block 358391 of Bitcoin (2015-05-28), which is older than the calendars. */
const TRANSACTION = {
  before:
    '0100000001e482f9d32ecc3ba657b69d898010857b54457a90497982ff56f97c4ec58e6f98010000006b483045022100b253add1d1cf9084' +
    '4338a475a04ff13fc9e7bd242b07762dea07f5608b2de367022000b268ca9c3342b3769cdd062891317cdcef87aac310b6855e9d93898ebb' +
    'e8ec0121020d8e4d107d2b339b0050efdd4b4a09245aa056048f125396374ea6a2ab0709c6ffffffff026533e605000000001976a9140bf0' +
    '57d40fbba6744862515f5b55a2310de5772f88aca0860100000000001976a914',
  after: '88ac00000000',
}
const NEIGHBOURS: readonly (readonly [side: 'append' | 'prepend', hash: string])[] = [
  ['prepend', 'a987f716c533913c314c78e35d35884cac943fa42cac49d2b2c69f4003f85f88'],
  ['prepend', 'dec55b3487e1e3f722a49b55a7783215862785f4a3acb392846019f71dc64a9d'],
  ['prepend', 'b2ca18f485e080478e025dab3d464b416c0e1ecb6629c9aefce8c8214d042432'],
  ['append', '11b0e90661196ff4b0813c3eda141bab5e91604837bdf7a0c9df37db0e3a1198'],
  ['append', 'c34bc1a4a1093ffd148c016b1e664742914e939efabe4d3d356515914b26d9e2'],
  ['append', 'c3e6e7c38c69f6af24c2be34ebac48257ede61ec0a21b9535e4443277be30646'],
  ['prepend', '0798bf8606e00024e5d5d54bf0c960f629dfb9dad69157455b6f2652c0e8de81'],
  ['append', '3f9ada6d60baa244006bb0aad51448ad2fafb9d4b6487a0999cff26b91f0f536'],
  ['prepend', 'c703019e959a8dd3faef7489bb328ba485574758e7091f01464eb65872c975c8'],
  ['append', 'cbfefff513ff84b915e3fed6f9d799676630f8364ea2a6c7557fad94a5b5d788'],
  ['prepend', '0be23709859913babd4460bbddf8ed213e7c8773a4b1face30f8acfdf093b705'],
]

test('a timestamp of the world’s: our writer makes its file, byte for byte, and our reader finds its block', () => {
  const twice: OtsOp[] = [{ op: 'sha256' }, { op: 'sha256' }]
  const ops: OtsOp[] = [
    { op: 'ripemd160' },
    { op: 'prepend', data: fromHex(TRANSACTION.before) },
    { op: 'append', data: fromHex(TRANSACTION.after) },
    ...twice,
    ...NEIGHBOURS.flatMap(([op, hash]): OtsOp[] => [{ op, data: fromHex(hash) }, ...twice]),
  ]
  const digest = sha256(utf8('Hello World!\n'))
  const bytes = writeOts({
    hash: 'sha256',
    digest,
    tree: otsTree([{ ops, attestation: { kind: 'bitcoin', height: 358391 } }]),
  })
  expect(hex(sha256(bytes))).toBe('be61ecb940db2e4a6f89fbed59c8d4f7f74fa756cbc1fad1ad7aabcb2bf59c30')
  const [end] = otsFileDigests(parseOts(bytes), portableCrypto)
  expect(end!.attestation).toEqual({ kind: 'bitcoin', height: 358391 })
  expect(hex(end!.digest)).toBe('007ee445d23ad061af4a36b809501fab1ac4f2d7e7a739817dd0cbb7ec661b8a')
})
