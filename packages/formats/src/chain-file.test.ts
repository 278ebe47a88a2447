import { fromUtf8, utf8 } from '@countersign/core'
import { expect, test } from 'vitest'
import { type Bundle, writeBundle } from './bundle.ts'
import { MAX_CHAIN_BYTES, MAX_CHAIN_LINES, parseChainFile, writeChainFile } from './chain-file.ts'
import { PAYLOAD_TYPE } from './constants.ts'

const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })

const bundle = (payload: string): Bundle => ({
  key: { kind: 'publicKey', hint: null },
  tlogEntries: [],
  timestamps: [],
  envelope: { payloadType: PAYLOAD_TYPE, payload: utf8(payload), signature: Uint8Array.of(1), keyid: null },
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

test('as many bundles as a reader takes are written', () => {
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
