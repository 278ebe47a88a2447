import { base64, concat, fromHex, hex, type JsonObject, rawFromDer } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { pae, parseBundle, writeBundle } from '@countersign/formats'
import { expect, test } from 'vitest'
import { party, seal } from '../pipeline.ts'
import { payloadOf, STEP } from './documents.ts'

const signer = party('builder')
const signed = seal(signer, payloadOf(STEP))
const message = pae(signed.envelope.payloadType, signed.envelope.payload)
const bundle = JSON.parse(Buffer.from(writeBundle(signed)).toString()) as { dsseEnvelope: JsonObject }
const sig = base64(signed.envelope.signature)

function integer(bytes: Uint8Array): Uint8Array {
  const body = bytes.slice(bytes.findIndex((byte) => byte !== 0))
  const sign = body[0]! >= 0x80 ? [0] : []
  return concat(Uint8Array.of(2, body.length + sign.length, ...sign), body)
}

/** The same signature with n − s for s: other bytes, valid under the same key. */
const malleated = (() => {
  const raw = rawFromDer(signed.envelope.signature)!
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const s = (order - BigInt(`0x${hex(raw.subarray(32))}`)).toString(16).padStart(64, '0')
  const body = concat(integer(raw.subarray(0, 32)), integer(fromHex(s)))
  return concat(Uint8Array.of(0x30, body.length), body)
})()

const withSignatures = (signatures: readonly JsonObject[]) =>
  JSON.stringify({ ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, signatures } })

test.each([
  ['the same signature twice', [{ sig }, { sig }]],
  [
    'under two key ids',
    [
      { sig, keyid: 'alice' },
      { sig, keyid: 'bob' },
    ],
  ],
  ['malleated', [{ sig }, { sig: base64(malleated) }]],
  ['three times', [{ sig }, { sig }, { sig: base64(malleated) }]],
])('T-39: one key does not count for two: %s', (_, signatures: readonly { readonly sig: string }[]) => {
  expect(() => parseBundle(withSignatures(signatures))).toThrow(expect.objectContaining({ code: 'signature-count' }))

  // Red control: each of them verifies, so who counts valid signatures counts to two.
  const valid = signatures.filter((one) => {
    const { envelope } = parseBundle(withSignatures([one]))
    return portableCrypto.verify(signer.publicKey, message, envelope.signature)
  })
  expect(valid.length).toBe(signatures.length)
})
