import { createHash, createPublicKey, verify } from 'node:crypto'
import {
  base64,
  canonicalJson,
  checkPath,
  type Code,
  fromBase64,
  fromHex,
  fromUtf8,
  hex,
  type JsonValue,
  parseGlob,
  parseJson,
  openAssertion,
  parseAssertion,
  parsePasskey,
  parsePublicKey,
  parseSigningKey,
  publicKeyPem,
  rawFromDer,
  readPublicKey,
  readSigningKey,
  utf8,
  writeAssertion,
  writePasskey,
} from '@countersign/core'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { portableCrypto } from '@countersign/core/portable'
import { describe, expect, test } from 'vitest'
import { vectors } from './read.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })

describe('base64 (RFC 4648)', () => {
  test.each(vectors<{ text: string; hex?: string; error?: Code }>('base64'))('%s', (_, { text, hex: bytes, error }) => {
    if (error !== undefined) expect(() => fromBase64(text)).toThrow(coded(error))
    else {
      expect(hex(fromBase64(text))).toBe(bytes)
      expect(base64(fromHex(bytes!))).toBe(text)
    }
  })
})

describe('hex', () => {
  test.each(vectors<{ text: string; bytes?: number[]; error?: Code }>('hex'))('%s', (_, { text, bytes, error }) => {
    if (error !== undefined) expect(() => fromHex(text)).toThrow(coded(error))
    else {
      expect([...fromHex(text)]).toEqual(bytes)
      expect(hex(Uint8Array.from(bytes!))).toBe(text)
    }
  })
})

describe('strict JSON', () => {
  interface Vector {
    readonly text?: string
    readonly base64?: string
    readonly canonical?: string
    readonly error?: Code
  }
  test.each(vectors<Vector>('json'))('%s', (_, vector) => {
    const bytes = new Uint8Array(
      Buffer.from(vector.text ?? vector.base64!, vector.text === undefined ? 'base64' : 'utf8'),
    )
    if (vector.error !== undefined) {
      expect(() => parseJson(bytes)).toThrow(coded(vector.error))
      if (vector.text !== undefined) expect(() => parseJson(vector.text!)).toThrow(coded(vector.error))
    } else {
      const written = canonicalJson(parseJson(bytes))
      expect(fromUtf8(written)).toBe(vector.canonical)
      expect(canonicalJson(parseJson(written))).toEqual(written)
      expect(canonicalJson(parseJson(vector.text!))).toEqual(written)
    }
  })
})

const double = (bits: string) => new DataView(fromHex(bits).slice().buffer).getFloat64(0)

describe('canonical JSON (RFC 8785)', () => {
  interface NumberRow {
    readonly ieee754: string
    readonly text?: string
    readonly error?: Code
  }
  interface Vector {
    readonly value?: JsonValue
    readonly hex?: string
    readonly order?: readonly string[]
    readonly numbers?: readonly NumberRow[]
    readonly narrower?: readonly NumberRow[]
  }
  test.each(vectors<Vector>('jcs'))('%s', (_, vector) => {
    if (vector.hex !== undefined) expect(hex(canonicalJson(vector.value!))).toBe(vector.hex)
    if (vector.order !== undefined) {
      const written = fromUtf8(canonicalJson(vector.value!))
      expect(Object.values(JSON.parse(written) as object).length).toBe(vector.order.length)
      const places = vector.order.map((value) => written.indexOf(JSON.stringify(value)))
      expect(places).toEqual(places.toSorted((a, b) => a - b))
      expect(places).not.toContain(-1)
    }
    for (const { ieee754, text, error } of [...(vector.numbers ?? []), ...(vector.narrower ?? [])]) {
      if (error !== undefined) expect(() => canonicalJson(double(ieee754)), ieee754).toThrow(coded(error))
      else expect(fromUtf8(canonicalJson(double(ieee754))), ieee754).toBe(text)
    }
  })
})

describe('paths (T-30)', () => {
  const all = vectors<{ path: string; error?: Code }>('path')
  test('there are at least 40 hostile ones', () => {
    expect(all.filter(([, { error }]) => error !== undefined).length).toBeGreaterThanOrEqual(40)
  })
  test.each(all)('%s', (_, { path, error }) => {
    if (error === undefined) checkPath(path)
    else expect(() => checkPath(path)).toThrow(coded(error))
  })
})

describe('patterns', () => {
  interface Vector {
    readonly pattern: string
    readonly path?: string
    readonly matches?: boolean
    readonly error?: Code
  }
  test.each(vectors<Vector>('glob'))('%s', (_, { pattern, path, matches, error }) => {
    if (error !== undefined) expect(() => parseGlob(pattern)).toThrow(coded(error))
    else expect(parseGlob(pattern).matches(path!)).toBe(matches)
  })
})

describe('public keys', () => {
  interface Vector {
    readonly spki?: string
    readonly text?: string
    readonly algorithm?: string
    readonly keyId?: string
    readonly error?: Code
  }
  test.each(vectors<Vector>('key'))('%s', (_, { spki, text, algorithm, keyId, error }) => {
    const read = () => (text === undefined ? parsePublicKey(fromHex(spki!)) : readPublicKey(text))
    if (error !== undefined) {
      expect(read).toThrow(coded(error))
      return
    }
    const key = read()
    expect({ algorithm: key.algorithm, keyId: key.keyId, spki: hex(key.spki) }).toEqual({ algorithm, keyId, spki })
    expect(readPublicKey(publicKeyPem(key))).toEqual(key)
    const node = createPublicKey(publicKeyPem(key)).export({ type: 'spki', format: 'der' })
    expect(node.toString('hex')).toBe(spki)
    expect(createHash('sha256').update(node).digest('hex')).toBe(keyId)
  })
})

describe('DER signatures (RFC 3279)', () => {
  test.each(vectors<{ der: string; raw: string | null }>('der'))('%s', (_, { der, raw }) => {
    const found = rawFromDer(fromHex(der))
    expect(found === null ? null : hex(found)).toBe(raw)
  })
})

describe.each(['ed25519', 'ecdsa-p256'])('%s signatures', (topic) => {
  interface Vector {
    readonly spki: string
    readonly message: string
    readonly signature: string
    readonly valid: boolean
  }
  test.each(vectors<Vector>(topic))('%s', (_, vector) => {
    const key = parsePublicKey(fromHex(vector.spki))
    const message = fromHex(vector.message)
    const signature = fromHex(vector.signature)
    expect(portableCrypto.verify(key, message, signature)).toBe(vector.valid)
    const digest = key.algorithm === 'ed25519' ? null : 'sha256'
    expect(verify(digest, message, createPublicKey(publicKeyPem(key)), signature)).toBe(vector.valid)
  })
})

describe('passkeys', () => {
  interface Vector {
    readonly text: string
    readonly keyId?: string
    readonly rpId?: string
    readonly origin?: string
    readonly spki?: string
    readonly error?: Code
  }
  test.each(vectors<Vector>('passkey'))('%s', (_, { text, keyId, rpId, origin, spki, error }) => {
    if (error !== undefined) {
      expect(() => parsePasskey(text)).toThrow(coded(error))
      // Of a file the line end is no part of its key.
      if (text.trim() === text) expect(() => readSigningKey(text)).toThrow(coded(error))
      expect(() => parseSigningKey(utf8(text))).toThrow(coded(error))
      return
    }
    const key = parsePasskey(text)
    expect({ ...key.passkey!, key: hex(key.passkey!.key.spki) }).toEqual({ rpId, origin, key: spki })
    expect([key.keyId, key.algorithm, key.raw.length]).toEqual([keyId, 'passkey', 0])
    expect(createHash('sha256').update(text).digest('hex')).toBe(keyId)
    expect(writePasskey(key.passkey!)).toBe(text)
    for (const again of [readSigningKey(publicKeyPem(key)), parseSigningKey(key.spki)]) expect(again).toEqual(key)
    // Whoever asks for a bare key gets none.
    expect(() => readPublicKey(text)).toThrow(coded('key-invalid'))
    expect(() => parsePublicKey(key.spki)).toThrow(coded('key-invalid'))
  })
})

describe('passkey signatures', () => {
  interface Vector {
    readonly passkey: string
    readonly message: string
    readonly signature: string
    readonly valid: boolean
    readonly why?: string
  }
  test.each(vectors<Vector>('passkey-signature'))('%s', (_, { passkey, message, signature, valid, why }) => {
    const key = parsePasskey(passkey)
    const [signed, bytes] = [utf8(message), utf8(signature)]
    for (const crypto of [portableCrypto, nodeCrypto]) expect(crypto.verify(key, signed, bytes)).toBe(valid)
    const open = () => openAssertion(key.passkey!, signed, bytes, portableCrypto)
    if (why !== undefined) expect(open).toThrow(coded('signature-invalid'))
    if (why !== undefined) expect(open).toThrow(why)
    else {
      const opened = open()
      // The slow, obvious twin: what WebAuthn says is signed, checked by OpenSSL.
      const digest = opened.key.algorithm === 'ed25519' ? null : 'sha256'
      const pem = createPublicKey(publicKeyPem(opened.key))
      const sent = JSON.parse(signature) as Record<string, string>
      const [data, client, own] = ['authenticatorData', 'clientDataJSON', 'signature'].map((name) =>
        Buffer.from(sent[name]!, 'base64url'),
      )
      const whole = Buffer.concat([data!, createHash('sha256').update(client!).digest()])
      expect(verify(digest, whole, pem, own!)).toBe(valid)
      expect(fromUtf8(writeAssertion(parseAssertion(bytes)))).toBe(signature)
    }
    // No key takes a passkey's signature for one of its own, nor a passkey that of the key within it.
    expect(portableCrypto.verify(key.passkey!.key, signed, bytes)).toBe(false)
  })
})
