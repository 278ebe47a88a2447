import { fromUtf8, utf8 } from '@countersign/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Bundle, writeBundle } from './bundle.ts'
import { MAX_CHAIN_BYTES, MAX_CHAIN_LINES, parseChainFile, writeChainFile } from './chain-file.ts'
import { type ChainLine, isReceipt } from './chain-line.ts'
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { PAYLOAD_TYPE } from './constants.ts'
import { writeOpening } from './opening.ts'
import { type Receipt, receiptOf, writeReceipt } from './receipt.ts'
import { THOROUGH } from '../../../test/thorough.ts'

const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })

const bundle = (payload: string): Bundle => ({
  key: { kind: 'publicKey', hint: null },
  tlogEntries: [],
  timestamps: [],
  envelope: { payloadType: PAYLOAD_TYPE, payload: utf8(payload), signature: Uint8Array.of(1), keyid: null },
})

const receipt = (index: number): Receipt => {
  const text = writeCheckpoint({ origin: 'log.example.com', size: index + 1, root: new Uint8Array(32) })
  const extra = writeOpening({
    link: 'a1'.repeat(32),
    signer: 'e5'.repeat(32),
    salt: new Uint8Array(32),
    blind: new Uint8Array(32),
    leaf: {
      kind: 'attestation',
      acceptedAt: '2026-11-20T12:00:02.000Z',
      chain: { id: 'b2'.repeat(32), seq: index },
      commitment: { sha256: 'c3'.repeat(32), sha3_256: 'd4'.repeat(32) },
      late: false,
    },
  })
  const signatures = [{ name: 'log.example.com', keyId: '01020304', signature: Uint8Array.of(5) }]
  return receiptOf({ extra, index, hashes: [], checkpoint: readCheckpoint({ text, signatures }) })
}

const line: fc.Arbitrary<ChainLine> = fc.oneof(fc.string({ maxLength: 9 }).map(bundle), fc.nat(99).map(receipt))

test('bundles and receipts survive the round trip, in any order', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 9 }), (lines) => {
      const file = writeChainFile(lines)
      const read = parseChainFile(file)
      expect(read).toEqual(lines)
      expect(read.map(isReceipt)).toEqual(lines.map((one) => 'proof' in one))
      expect(writeChainFile(read)).toEqual(file)
    }),
  )
})

test('what ends a line, and how many lines are empty, changes nothing', () => {
  const end = fc.constantFrom('\n', '\r\n', '\n\n', '\n\r\n')
  fc.assert(
    fc.property(fc.array(fc.tuple(line, end), { maxLength: 9 }), (lines) => {
      const text = lines.map(([one, after]) => fromUtf8(writeChainFile([one])).replace('\n', after)).join('')
      expect(parseChainFile(utf8(text))).toEqual(lines.map(([one]) => one))
    }),
  )
})

test('a receipt stands in its one spelling on its line', () => {
  const text = fromUtf8(writeReceipt(receipt(0)))
  const file = (one: string) => utf8(`${fromUtf8(writeBundle(bundle('a')))}\n${one}\n`)
  expect(parseChainFile(file(text))).toEqual([bundle('a'), receipt(0)])
  for (const other of [` ${text}`, `${text} `, `${text}\r\r`, text.replace(':', ': '), text.replace('/', '\\/')]) {
    expect(() => parseChainFile(file(other))).toThrow(
      expect.objectContaining({ code: 'chain-file-invalid', what: expect.stringMatching(/^line 2: /) }),
    )
  }
})

test('a chain file is one bundle a line, in the order given', () => {
  const bundles = ['a', 'b\n', 'c'].map(bundle)
  const file = writeChainFile(bundles)
  expect(fromUtf8(file)).toBe(bundles.map((b) => `${fromUtf8(writeBundle(b))}\n`).join(''))
  expect(parseChainFile(file)).toEqual(bundles)
  expect(writeChainFile(new Set(bundles))).toEqual(file)
  expect(parseChainFile(writeChainFile([]))).toEqual([])
})

test('two files put together are one chain file', () => {
  const a = writeChainFile([bundle('a')])
  const b = writeChainFile([bundle('b')])
  expect(parseChainFile(utf8(fromUtf8(a) + fromUtf8(b)))).toEqual([bundle('a'), bundle('b')])
})

test.runIf(THOROUGH)('as many lines as a reader takes are written', () => {
  const one = bundle('a')
  const file = writeChainFile(Array.from({ length: MAX_CHAIN_LINES }, () => one))
  expect(parseChainFile(file).length).toBe(MAX_CHAIN_LINES)
  const more = Array.from({ length: MAX_CHAIN_LINES + 1 }, () => one)
  expect(() => writeChainFile(more)).toThrow(coded('input-too-large'))
})

test('lines and bytes are bounded, empty ones too', () => {
  expect(parseChainFile(new Uint8Array(MAX_CHAIN_LINES).fill(0x0a))).toEqual([])
  expect(() => parseChainFile(new Uint8Array(MAX_CHAIN_LINES + 1).fill(0x0a))).toThrow(coded('input-too-large'))
  expect(() => parseChainFile({ length: MAX_CHAIN_BYTES + 1 } as Uint8Array)).toThrow(coded('input-too-large'))
})

test('the fault names the line and the code within', () => {
  const line = fromUtf8(writeBundle(bundle('a')))
  expect(() => parseChainFile(utf8(`${line}\n\n${line.replace('v0.3', 'v0.9')}\n`))).toThrow(
    expect.objectContaining({ code: 'chain-file-invalid', what: expect.stringMatching(/^line 3: bundle-version: /) }),
  )
  expect(() => parseChainFile(Uint8Array.of(0xff))).toThrow(coded('utf8-invalid'))
})
