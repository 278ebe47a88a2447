import { canonicalJson, type Code, fromHex, hex, type JsonValue, parseJson, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { Shape, statementDigests } from '@countersign/formats'
import {
  opentimestampsJson,
  otsFileOf,
  otsPaths,
  parseOts,
  readOpentimestamps,
  writeOts,
} from '@countersign/formats/anchor'
import { type AnchorProved, readOpenTimestampsTrust, verifyOpenTimestamps } from '@countersign/verify/anchors'
import { describe, expect, test } from 'vitest'
import { vectors } from './read.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error

describe('.ots files', () => {
  interface Vector {
    readonly ots: string
    readonly paths?: readonly string[]
    readonly error?: Code
  }
  test.each(vectors<Vector>('ots'))('%s', (_, { ots, paths, error }) => {
    if (error !== undefined) {
      expect(() => parseOts(fromHex(ots))).toThrow(coded(error))
      return
    }
    const file = parseOts(fromHex(ots))
    expect(hex(writeOts(file))).toBe(ots)
    const said = otsPaths(file.tree).map(({ attestation }) => {
      if (attestation.kind === 'unknown') return `unknown ${hex(attestation.tag)}`
      return `${attestation.kind} ${attestation.kind === 'pending' ? attestation.uri : attestation.height}`
    })
    expect(said).toEqual(paths)
  })
})

describe('anchors in Bitcoin', () => {
  interface Vector {
    readonly anchor: JsonValue
    readonly text?: string
    readonly trust?: JsonValue
    readonly proved?: Partial<AnchorProved>
    readonly error?: Code
  }
  test.each(vectors<Vector>('anchor-opentimestamps'))('%s', (_, { anchor, text, trust, proved, error }) => {
    const bytes = canonicalJson(anchor)
    const read = () => readOpentimestamps(new Shape('anchor-invalid', parseJson(bytes), 'anchor'))
    if (text === undefined && error !== undefined) {
      expect(read).toThrow(coded(error))
      return
    }
    const found = read()
    expect(canonicalJson(opentimestampsJson(found))).toEqual(bytes)
    expect(parseOts(otsFileOf(found))).toEqual(found.file)
    if (text === undefined) return
    const believed = readOpenTimestampsTrust(new Shape('anchor-invalid', trust, 'trust'))
    const statement = { text: utf8(text), digests: statementDigests(text, portableCrypto) }
    const verify = () => verifyOpenTimestamps(found, statement, believed, portableCrypto)
    if (error !== undefined) expect(verify).toThrow(coded(error))
    else {
      expect(verify()).toMatchObject({ kind: 'opentimestamps', within: 7200, ...proved })
      expect(verify().trusted.length).toBeGreaterThan(0)
    }
  })
})

describe('what is believed of Bitcoin', () => {
  interface Vector {
    readonly trust: JsonValue
    readonly error?: Code
  }
  test.each(vectors<Vector>('anchor-opentimestamps-trust'))('%s', (_, { trust, error }) => {
    const read = () => readOpenTimestampsTrust(new Shape('anchor-invalid', trust, 'trust'))
    if (error !== undefined) expect(read).toThrow(coded(error))
    else {
      const { minimumWork, ...rest } = read()
      expect({ ...rest, minimumWork: minimumWork === null ? null : minimumWork.toString(16) }).toEqual(trust)
    }
  })
})
