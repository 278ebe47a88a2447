import { canonicalJson, type Code, fromHex, fromUtf8, hex, type JsonValue, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import {
  checkStatementsAgree,
  parseCheckpoint,
  parseHead,
  parseHeadProof,
  parseLogStatement,
  parseVkey,
  verifyLogStatement,
  writeHead,
  writeHeadProof,
  writeLogStatement,
  writeNote,
} from '@countersign/formats'
import { verifyHead } from '@countersign/verify'
import { describe, expect, test } from 'vitest'
import { vectors } from './read.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })
const keysOf = (texts: readonly string[]) => texts.map((text) => parseVkey(text, portableCrypto))

describe('log statements', () => {
  interface Vector {
    readonly note: string
    readonly trust?: { readonly origin: string; readonly keys: readonly string[] }
    readonly signedBy?: readonly string[]
    readonly error?: Code
  }
  test.each(vectors<Vector>('log-statement'))('%s', (_, { note, trust, error, signedBy, ...expected }) => {
    if (trust === undefined && error !== undefined) {
      expect(() => parseLogStatement(utf8(note))).toThrow(coded(error))
      return
    }
    const read = parseLogStatement(utf8(note))
    expect(fromUtf8(writeNote(read.note))).toBe(note)
    expect(writeLogStatement(read)).toBe(read.note.text)
    expect(() => parseCheckpoint(utf8(note))).toThrow(coded('checkpoint-invalid'))
    if (trust === undefined) {
      const { note: __, sha256, sha3_256, heads, previous, ...facts } = read
      expect({
        ...facts,
        sha256: hex(sha256),
        sha3_256: hex(sha3_256),
        heads: { count: heads.count, root: hex(heads.root) },
        previous: previous === null ? null : { sha256: hex(previous.sha256), sha3_256: hex(previous.sha3_256) },
      }).toEqual(expected)
      return
    }
    const verify = () => verifyLogStatement(read, { ...trust, keys: keysOf(trust.keys) }, portableCrypto)
    if (error !== undefined) expect(verify).toThrow(coded(error))
    else expect(verify().signedBy.map(({ key }) => `${key.name}+${key.keyId}`)).toEqual(signedBy)
  })
})

describe('no text is both a statement and a checkpoint', () => {
  test.each(vectors<{ note: string; error?: Code }>('checkpoint'))('checkpoint %s', (_, { note }) => {
    expect(() => parseLogStatement(utf8(note))).toThrow(expect.objectContaining({ name: 'CodedError' }))
  })
})

describe('pairs of statements', () => {
  interface Vector {
    readonly log: string
    readonly first: string
    readonly second: string
    readonly error?: Code
  }
  test.each(vectors<Vector>('statement-pair'))('%s', (_, { log, first, second, error }) => {
    const [key] = keysOf([log])
    const [one, other] = [first, second].map((note) => {
      const statement = parseLogStatement(utf8(note))
      const { origin } = statement
      // A key of the log's name for each log: what they say of each other is what is asked.
      const name = `${origin}+`
      const own = log.startsWith(name) ? key! : { ...key!, name: origin, keyId: statement.note.signatures[0]!.keyId }
      return verifyLogStatement(statement, { origin, keys: [own] }, portableCrypto)
    }) as [ReturnType<typeof verifyLogStatement>, ReturnType<typeof verifyLogStatement>]
    for (const [a, b] of [
      [one, other],
      [other, one],
    ] as const) {
      if (error === undefined) checkStatementsAgree(a, b, portableCrypto)
      else expect(() => checkStatementsAgree(a, b, portableCrypto)).toThrow(coded(error))
    }
  })
})

describe('heads', () => {
  interface Vector {
    readonly hex: string
    readonly length?: number
    readonly index?: number
    readonly leafHash?: string
    readonly error?: Code
  }
  test.each(vectors<Vector>('head'))('%s', (_, { hex: digits, error, ...expected }) => {
    if (error !== undefined) expect(() => parseHead(fromHex(digits))).toThrow(coded(error))
    else {
      const head = parseHead(fromHex(digits))
      expect({ ...head, leafHash: hex(head.leafHash) }).toEqual(expected)
      expect(hex(writeHead(head))).toBe(digits)
    }
  })
})

describe('head proofs', () => {
  interface Vector {
    readonly proof: JsonValue
    readonly log?: string
    readonly head?: { readonly index: number; readonly leafHash: string; readonly length: number } | null
    readonly error?: Code
  }
  test.each(vectors<Vector>('head-proof'))('%s', (_, { proof, log, head, error }) => {
    const bytes = canonicalJson(proof)
    if (log === undefined && error !== undefined) {
      expect(() => parseHeadProof(bytes)).toThrow(coded(error))
      return
    }
    const read = parseHeadProof(bytes)
    expect(writeHeadProof(read)).toEqual(bytes)
    expect(() => parseHeadProof(utf8(`${fromUtf8(bytes)}\n`))).toThrow(coded('head-proof-invalid'))
    if (log === undefined) return
    const [key] = keysOf([log])
    const verify = () => verifyHead(read, { origin: key!.name, keys: [key!] }, portableCrypto).head
    if (error !== undefined) expect(verify).toThrow(coded(error))
    else {
      const found = verify()
      expect(found === null ? null : { ...found, leafHash: hex(found.leafHash) }).toEqual(head)
    }
  })
})
