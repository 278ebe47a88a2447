import {
  canonicalJson,
  type Code,
  fromHex,
  fromUtf8,
  hex,
  type JsonValue,
  parsePublicKey,
  spkiOf,
  utf8,
} from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import {
  cosignatureMessage,
  hasQuorum,
  parseAddCheckpoint,
  parseCheckpoint,
  parseCosignature,
  parseLeaf,
  parseNote,
  parsePolicy,
  openEntry,
  parseOpening,
  parseSignatureLines,
  parseTlogProof,
  parseTlogSize,
  parseVkey,
  type VerifiedNoteSignature,
  verifyCheckpoint,
  verifyNote,
  writeAddCheckpoint,
  writeCheckpoint,
  writeCosignature,
  writeLeaf,
  writeNote,
  writeOpening,
  writeSignatureLines,
  writeTlogProof,
  writeTlogSize,
  writeVkey,
} from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { vectors } from './read.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })
const names = (signatures: readonly { readonly name: string; readonly keyId: string }[]) =>
  signatures.map(({ name, keyId }) => `${name}+${keyId}`)
const timed = (signatures: readonly VerifiedNoteSignature[]) =>
  signatures.map(({ key, time }) => [`${key.name}+${key.keyId}`, time])
const keysOf = (texts: readonly string[]) => texts.map((text) => parseVkey(text, portableCrypto))

describe('leaves', () => {
  test.each(vectors<{ leaf: JsonValue; error?: Code }>('leaf'))('%s', (_, { leaf, error }) => {
    const entry = canonicalJson(leaf)
    if (error !== undefined) expect(() => parseLeaf(entry)).toThrow(coded(error))
    else expect(writeLeaf(parseLeaf(entry))).toEqual(entry)
  })
})

describe('openings', () => {
  test.each(vectors<{ opening: JsonValue; error?: Code }>('opening'))('%s', (_, { opening, error }) => {
    const bytes = canonicalJson(opening)
    if (error !== undefined) expect(() => parseOpening(bytes)).toThrow(coded(error))
    else {
      const { leaf, ...opened } = parseOpening(bytes)
      expect(writeOpening({ leaf, ...opened })).toEqual(bytes)
      expect(openEntry(writeLeaf(leaf), opened)).toEqual(bytes)
      expect(() => parseOpening(utf8(` ${fromUtf8(bytes)}`))).toThrow(coded('leaf-invalid'))
    }
  })
})

describe('signed notes', () => {
  interface Vector {
    readonly note?: string
    readonly hex?: string
    readonly text?: string
    readonly signers?: readonly string[]
    readonly keys?: readonly string[]
    readonly verified?: readonly (readonly [string, number | null])[]
    readonly error?: Code
  }
  test.each(vectors<Vector>('note'))('%s', (_, { note, hex: digits, text, signers, keys, verified, error }) => {
    const bytes = digits === undefined ? utf8(note!) : fromHex(digits)
    if (keys === undefined && error !== undefined) {
      expect(() => parseNote(bytes)).toThrow(coded(error))
      return
    }
    const read = parseNote(bytes)
    expect(writeNote(read)).toEqual(bytes)
    if (keys === undefined) expect({ text: read.text, signers: names(read.signatures) }).toEqual({ text, signers })
    else {
      const verify = () => timed(verifyNote(read, keysOf(keys), portableCrypto))
      if (error === undefined) expect(verify()).toEqual(verified)
      else expect(verify).toThrow(coded(error))
    }
  })
})

describe('verifier keys', () => {
  interface Vector {
    readonly vkey: string
    readonly name?: string
    readonly type?: string
    readonly keyId?: string
    readonly raw?: string
    readonly error?: Code
  }
  test.each(vectors<Vector>('vkey'))('%s', (_, { vkey, name, type, keyId, raw, error }) => {
    if (error !== undefined) expect(() => parseVkey(vkey, portableCrypto)).toThrow(coded(error))
    else {
      const key = parseVkey(vkey, portableCrypto)
      expect({ ...key, publicKey: hex(key.publicKey.raw) }).toEqual({ name, type, keyId, publicKey: raw })
      expect(writeVkey(key)).toBe(vkey)
    }
  })
})

describe('checkpoints', () => {
  interface Vector {
    readonly note: string
    readonly origin?: string
    readonly size?: number
    readonly root?: string
    readonly extensions?: readonly string[]
    readonly trust?: {
      readonly origin: string
      readonly keys: readonly string[]
      readonly witnesses: readonly string[]
    }
    readonly signedBy?: readonly string[]
    readonly cosignedBy?: readonly (readonly [string, number])[]
    readonly error?: Code
  }
  test.each(vectors<Vector>('checkpoint'))('%s', (_, { note, trust, error, ...expected }) => {
    if (trust === undefined && error !== undefined) {
      expect(() => parseCheckpoint(utf8(note))).toThrow(coded(error))
      return
    }
    const read = parseCheckpoint(utf8(note))
    expect(fromUtf8(writeNote(read.note))).toBe(note)
    expect(fromUtf8(read.signed)).toBe(read.note.text)
    if (trust === undefined) {
      const { origin, size, root, extensions } = read
      expect({ origin, size, root: hex(root), extensions }).toEqual(expected)
      if (extensions.length === 0 && !/[ +]/.test(origin)) expect(writeCheckpoint(read)).toBe(read.note.text)
      return
    }
    const known = { ...trust, keys: keysOf(trust.keys), witnesses: keysOf(trust.witnesses) }
    const verify = () => {
      const { checkpoint, signedBy, cosignedBy } = verifyCheckpoint(read, known, portableCrypto)
      expect(checkpoint).toBe(read)
      return { signedBy: names(signedBy.map(({ key }) => key)), cosignedBy: timed(cosignedBy) }
    }
    if (error === undefined) expect(verify()).toEqual(expected)
    else expect(verify).toThrow(coded(error))
  })
})

describe('cosignatures', () => {
  interface Vector {
    readonly blob: string
    readonly time?: number
    readonly signature?: string
    readonly text?: string
    readonly message?: string
    readonly key?: string
    readonly error?: Code
  }
  test.each(vectors<Vector>('cosignature'))('%s', (_, { blob, time, signature, text, message, key, error }) => {
    const bytes = fromHex(blob)
    if (error !== undefined) {
      expect(() => parseCosignature(bytes)).toThrow(coded(error))
      return
    }
    const read = parseCosignature(bytes)
    expect({ time: read.time, signature: hex(read.signature) }).toEqual({ time, signature })
    expect(writeCosignature(read)).toEqual(bytes)
    if (text === undefined) return
    expect(fromUtf8(cosignatureMessage(read.time, text))).toBe(message)
    const publicKey = parsePublicKey(spkiOf('ed25519', fromHex(key!)))
    expect(portableCrypto.verify(publicKey, utf8(message!), read.signature)).toBe(true)
  })
})

describe('tlog proofs', () => {
  interface Vector {
    readonly proof: string
    readonly index?: number
    readonly hashes?: readonly string[]
    readonly extra?: string | null
    readonly error?: Code
  }
  test.each(vectors<Vector>('tlog-proof'))('%s', (_, { proof, error, ...expected }) => {
    if (error !== undefined) expect(() => parseTlogProof(utf8(proof))).toThrow(coded(error))
    else {
      const read = parseTlogProof(utf8(proof))
      const extra = read.extra === null ? null : hex(read.extra)
      expect({ index: read.index, hashes: read.hashes.map(hex), extra }).toEqual(expected)
      expect(fromUtf8(writeTlogProof(read))).toBe(proof)
    }
  })
})

describe('witness messages', () => {
  interface Vector {
    readonly request?: string
    readonly old?: number
    readonly proof?: readonly string[]
    readonly answer?: string
    readonly signers?: readonly string[]
    readonly size?: string
    readonly is?: number
    readonly error?: Code
  }
  test.each(vectors<Vector>('witness'))('%s', (_, { request, answer, size, error, ...expected }) => {
    const text = (request ?? answer ?? size)!
    if (error !== undefined) {
      const parse =
        request === undefined ? (answer === undefined ? parseTlogSize : parseSignatureLines) : parseAddCheckpoint
      expect(() => parse(utf8(text))).toThrow(coded(error))
    } else if (request !== undefined) {
      const read = parseAddCheckpoint(utf8(text))
      expect({ old: read.old, proof: read.proof.map(hex) }).toEqual(expected)
      expect(fromUtf8(writeAddCheckpoint(read))).toBe(text)
    } else if (answer !== undefined) {
      const read = parseSignatureLines(utf8(text))
      expect({ signers: names(read) }).toEqual(expected)
      expect(fromUtf8(writeSignatureLines(read))).toBe(text)
    } else {
      expect({ is: parseTlogSize(utf8(text)) }).toEqual(expected)
      expect(fromUtf8(writeTlogSize(expected.is!))).toBe(text)
    }
  })
})

describe('policies', () => {
  interface Vector {
    readonly policy?: string
    readonly hex?: string
    readonly logs?: readonly (readonly [string, string | null])[]
    readonly witnesses?: readonly (readonly [string, string, string | null])[]
    readonly groups?: readonly (readonly [string, number, readonly string[]])[]
    readonly quorum?: string | null
    /** Names of witnesses that are enough, and of some that are not. */
    readonly enough?: readonly (readonly string[])[]
    readonly tooFew?: readonly (readonly string[])[]
    readonly error?: Code
  }
  test.each(vectors<Vector>('policy'))(
    '%s',
    (_, { policy, hex: digits, error, enough = [], tooFew = [], ...expected }) => {
      const bytes = digits === undefined ? utf8(policy!) : fromHex(digits)
      if (error !== undefined) {
        expect(() => parsePolicy(bytes, portableCrypto)).toThrow(coded(error))
        return
      }
      const read = parsePolicy(bytes, portableCrypto)
      expect({
        logs: read.logs.map(({ key, url }) => [writeVkey(key), url]),
        witnesses: read.witnesses.map(({ name, key, url }) => [name, writeVkey(key), url]),
        groups: read.groups.map(({ name, threshold, members }) => [name, threshold, members]),
        quorum: read.quorum,
      }).toEqual(expected)
      const keys = (by: readonly string[]) =>
        new Set(by.map((name) => read.witnesses.find((one) => one.name === name)!.key.publicKey.keyId))
      for (const by of enough) expect([by, hasQuorum(read, keys(by))]).toEqual([by, true])
      for (const by of tooFew) expect([by, hasQuorum(read, keys(by))]).toEqual([by, false])
      expect(enough.length + tooFew.length).toBeGreaterThan(0)
    },
  )
})
