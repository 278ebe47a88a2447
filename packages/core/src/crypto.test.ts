import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { p256 } from '@noble/curves/nist.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rawFromDer } from './crypto.ts'
import { hex } from './hex.ts'

function integer(bytes: Uint8Array): number[] {
  let body = [...bytes]
  while (body.length > 1 && body[0] === 0) body = body.slice(1)
  if (body[0]! >= 0x80) body = [0, ...body]
  return [0x02, body.length, ...body]
}

/** The one DER form of r and s, written down the slow way. */
function derOf(raw: Uint8Array): Uint8Array {
  const body = [...integer(raw.subarray(0, 32)), ...integer(raw.subarray(32))]
  return Uint8Array.from([0x30, body.length, ...body])
}

const scalar = fc.uint8Array({ minLength: 32, maxLength: 32 }).chain((bytes) =>
  fc.nat(32).map((zeros) => {
    const short = bytes.slice().fill(0, 0, zeros)
    if (short.every((byte) => byte === 0)) short[31] = 1
    return short
  }),
)

test('reads every r and s from their one form', () => {
  fc.assert(
    fc.property(scalar, scalar, (r, s) => {
      const raw = Uint8Array.from([...r, ...s])
      expect(hex(rawFromDer(derOf(raw))!)).toBe(hex(raw))
    }),
    { numRuns: 500 },
  )
})

test('accepts a text of bytes only when it is the one form of what it says', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  for (let round = 0; round < 10; round++) {
    const der = new Uint8Array(sign('sha256', Uint8Array.of(round), privateKey))
    expect(rawFromDer(der)).not.toBeNull()
    let accepted = 0
    const judge = (bytes: Uint8Array) => {
      const raw = rawFromDer(bytes)
      if (raw === null) return
      accepted++
      expect(hex(derOf(raw))).toBe(hex(bytes))
    }
    for (let at = 0; at < der.length; at++) {
      for (let bit = 0; bit < 8; bit++) judge(der.with(at, der[at]! ^ (1 << bit)))
      for (const value of [0x00, 0x02, 0x30, 0x7f, 0x80, 0xff]) {
        judge(der.with(at, value))
        judge(Uint8Array.from([...der.slice(0, at), value, ...der.slice(at)]))
        // The same with the outer length mended, so that only the inner structure is at fault.
        judge(
          Uint8Array.from([
            0x30,
            der.length - 1,
            ...der.slice(2, Math.max(at, 2)),
            value,
            ...der.slice(Math.max(at, 2)),
          ]),
        )
      }
      judge(Uint8Array.from([...der.slice(0, at), ...der.slice(at + 1)]))
      judge(der.slice(0, at))
    }
    for (const tail of [[0], [0, 0], [0x02, 0x01, 0x01]]) judge(Uint8Array.from([...der, ...tail]))
    expect(accepted).toBeGreaterThan(0)
  }
})

test('random bytes with a good frame are read only in their one form', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (body) => {
      const der = Uint8Array.from([0x30, body.length, ...body])
      const raw = rawFromDer(der)
      if (raw !== null) expect(hex(derOf(raw))).toBe(hex(der))
    }),
    { numRuns: 2000 },
  )
})

test('what is read is what Node means by it', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  for (let round = 0; round < 30; round++) {
    const message = Uint8Array.of(round)
    const raw = rawFromDer(new Uint8Array(sign('sha256', message, privateKey)))!
    expect(verify('sha256', message, { key: publicKey, dsaEncoding: 'ieee-p1363' }, raw)).toBe(true)
    expect(p256.Signature.fromBytes(raw).toHex('der')).toBe(hex(derOf(raw)))
  }
})
