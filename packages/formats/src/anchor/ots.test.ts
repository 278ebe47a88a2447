import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { type Code, fromHex, sha256, hex } from '@countersign/core'
import {
  MAX_OTS_BYTES,
  type OtsAttestation,
  type OtsOp,
  type OtsPath,
  otsPaths,
  otsResultBytes,
  otsTree,
  parseOts,
  parseOtsTree,
  writeOts,
  writeOtsTree,
} from './ots.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength })

const op: fc.Arbitrary<OtsOp> = fc.oneof(
  fc.constantFrom<OtsOp[]>(
    { op: 'sha256' },
    { op: 'sha1' },
    { op: 'ripemd160' },
    { op: 'keccak256' },
    { op: 'reverse' },
  ),
  fc.record({ op: fc.constantFrom('append' as const, 'prepend' as const), data: bytes(1, 3) }),
)
const attestation: fc.Arbitrary<OtsAttestation> = fc.oneof(
  fc.record({ kind: fc.constant('pending' as const), uri: fc.stringMatching(/^[A-Za-z0-9._/:-]{1,9}$/) }),
  fc.record({ kind: fc.constantFrom('bitcoin' as const, 'litecoin' as const), height: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ kind: fc.constant('unknown' as const), tag: bytes(8, 8), payload: bytes(0, 3) }),
)
const path: fc.Arbitrary<OtsPath> = fc.record({ ops: fc.array(op, { maxLength: 4 }), attestation })
const key = (one: OtsPath) =>
  JSON.stringify(one, (_, value) => (value instanceof Uint8Array ? hex(value) : (value as unknown)))
const keys = (paths: readonly OtsPath[]) => [...new Set(paths.map(key))].toSorted()

describe('a tree of ways', () => {
  test('has every way once, and is written and read as it is', () => {
    fc.assert(
      fc.property(fc.array(path, { minLength: 1, maxLength: 8 }), (paths) => {
        const tree = otsTree(paths)
        const found = otsPaths(tree).map(key)
        expect(found.toSorted()).toEqual(keys(paths))
        expect(parseOtsTree(writeOtsTree(tree, 32), 32)).toEqual(tree)
      }),
    )
  })

  test('is the same in whatever order its ways come, and when some come twice', () => {
    fc.assert(
      fc.property(fc.array(path, { minLength: 1, maxLength: 6 }), fc.array(path, { maxLength: 4 }), (some, more) => {
        const one = writeOtsTree(otsTree([...some, ...more]), 32)
        expect(writeOtsTree(otsTree([...more, ...some, ...some]), 32)).toEqual(one)
        expect(writeOtsTree(otsTree([...otsPaths(otsTree(more)), ...otsPaths(otsTree(some))]), 32)).toEqual(one)
      }),
    )
  })

  test('shares what its ways have in common', () => {
    const begin: OtsOp[] = [{ op: 'append', data: Uint8Array.of(1) }, { op: 'sha256' }]
    const tree = otsTree([
      { ops: [...begin, { op: 'reverse' }], attestation: { kind: 'bitcoin', height: 1 } },
      { ops: begin, attestation: { kind: 'bitcoin', height: 2 } },
    ])
    expect(tree.length).toBe(1)
    expect(hex(writeOtsTree(tree, 32))).toBe('f0010108ff000588960d73d719010102f2000588960d73d719010101')
  })
})

describe('nothing is written that no reader would take:', () => {
  const digest = new Uint8Array(32)
  const attested: OtsAttestation = { kind: 'bitcoin', height: 1 }
  test.each<[what: string, ops: readonly OtsOp[], attestation: OtsAttestation]>([
    ['too deep', Array.from({ length: 256 }, (): OtsOp => ({ op: 'reverse' })), attested],
    ['an operand of nothing', [{ op: 'append', data: new Uint8Array() }], attested],
    ['a message too long', Array.from({ length: 8 }, (): OtsOp => ({ op: 'hexlify' })), attested],
    ['a height below 0', [], { kind: 'bitcoin', height: -1 }],
    ['a height with a fraction', [], { kind: 'bitcoin', height: 1.5 }],
    ['an address with a space', [], { kind: 'pending', uri: 'https://a b' }],
    ['a payload too long', [], { kind: 'unknown', tag: new Uint8Array(8), payload: new Uint8Array(8193) }],
    ['a tag too short', [], { kind: 'unknown', tag: new Uint8Array(7), payload: new Uint8Array(3) }],
  ])('%s', (_, ops, said) => {
    const tree = () => otsTree([{ ops, attestation: said }])
    expect(() => writeOts({ hash: 'sha256', digest, tree: tree() })).toThrow(coded('anchor-invalid'))
    expect(() => writeOtsTree(tree(), 32)).toThrow(coded('anchor-invalid'))
  })

  test('a tree of nothing, a digest of another length', () => {
    expect(() => writeOts({ hash: 'sha256', digest, tree: [] })).toThrow(coded('anchor-invalid'))
    const tree = otsTree([{ ops: [], attestation: attested }])
    expect(() => writeOts({ hash: 'sha1', digest, tree })).toThrow(coded('anchor-invalid'))
    expect(writeOts({ hash: 'sha1', digest: digest.subarray(12), tree }).length).toBe(31 + 1 + 1 + 20 + 11)
  })

  test('a file or an answer too large', () => {
    const append: OtsOp = { op: 'append', data: new Uint8Array(4000) }
    const ops = Array.from({ length: 17 }, () => [append, { op: 'sha256' } as const]).flat()
    const tree = otsTree([{ ops, attestation: attested }])
    expect(() => writeOts({ hash: 'sha256', digest, tree })).toThrow(coded('input-too-large'))
    expect(() => parseOts(new Uint8Array(MAX_OTS_BYTES + 1))).toThrow(coded('input-too-large'))
    const answer = otsTree([{ ops: ops.slice(0, 6), attestation: attested }])
    expect(() => writeOtsTree(answer, 32)).toThrow(coded('input-too-large'))
    expect(writeOtsTree(otsTree([{ ops: ops.slice(0, 4), attestation: attested }]), 32).length).toBeGreaterThan(8000)
  })
})

test('a message grows and shrinks as its operation says', () => {
  const sizes = (['sha1', 'ripemd160', 'sha256', 'keccak256', 'reverse', 'hexlify'] as const).map((name) =>
    otsResultBytes({ op: name }, 100),
  )
  expect(sizes).toEqual([20, 20, 32, 32, 100, 200])
  expect(otsResultBytes({ op: 'append', data: new Uint8Array(7) }, 4089)).toBe(4096)
  expect(() => otsResultBytes({ op: 'append', data: new Uint8Array(8) }, 4089)).toThrow(coded('anchor-invalid'))
  expect(() => otsResultBytes({ op: 'hexlify' }, 2049)).toThrow(coded('anchor-invalid'))
})

test('every end of a file is noticed', () => {
  const tree = otsTree([
    { ops: [{ op: 'append', data: fromHex('aabb') }, { op: 'sha256' }], attestation: { kind: 'bitcoin', height: 300 } },
    { ops: [], attestation: { kind: 'pending', uri: 'https://a' } },
  ])
  const file = writeOts({ hash: 'sha256', digest: sha256(new Uint8Array()), tree })
  for (let end = 0; end < file.length; end++) {
    expect(() => parseOts(file.subarray(0, end)), String(end)).toThrow(coded('anchor-invalid'))
  }
  expect(parseOts(file).tree).toEqual(tree)
})
