import { createHash } from 'node:crypto'
import { concat, equal, fromHex, hex, rawFromDer } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { type Bundle, pae, parseBundle, writeBundle } from '@countersign/formats'
import { verifyStep } from '@countersign/verify'
import { expect, test } from 'vitest'
import { linkOf, party, seal } from '../pipeline.ts'
import { payloadOf, STEP } from './documents.ts'

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const signer = party('builder')
const trust = { signers: [{ name: 'builder', key: signer.publicKey, revokedAt: null }], countersigners: [] }

function integer(bytes: Uint8Array): Uint8Array {
  const body = bytes.slice(bytes.findIndex((byte) => byte !== 0))
  const sign = body[0]! >= 0x80 ? [0] : []
  return concat(Uint8Array.of(2, body.length + sign.length, ...sign), body)
}

/** The same signature with n − s in place of s, which anybody can make without the key. */
function malleate(bundle: Bundle): Bundle {
  const raw = rawFromDer(bundle.envelope.signature)!
  const s = fromHex((ORDER - BigInt(`0x${hex(raw.subarray(32))}`)).toString(16).padStart(64, '0'))
  const body = concat(integer(raw.subarray(0, 32)), integer(s))
  const signature = concat(Uint8Array.of(0x30, body.length), body)
  return { ...bundle, envelope: { ...bundle.envelope, signature } }
}

const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

test('T-51: a malleated copy is the same attestation, by the same name', () => {
  for (let round = 0; round < 5; round++) {
    const signed = seal(signer, payloadOf(STEP))
    const copy = parseBundle(writeBundle(malleate(signed)))
    expect(equal(copy.envelope.signature, signed.envelope.signature)).toBe(false)
    expect(
      portableCrypto.verify(
        signer.publicKey,
        pae(copy.envelope.payloadType, copy.envelope.payload),
        copy.envelope.signature,
      ),
    ).toBe(true)
    expect(linkOf(copy)).toBe(linkOf(signed))
    expect(verifyStep(copy, trust, portableCrypto).link).toBe(verifyStep(signed, trust, portableCrypto).link)

    // Red control: by the hash of its bundle, or of its signature, it would be another one.
    expect(hash(writeBundle(copy))).not.toBe(hash(writeBundle(signed)))
    expect(hash(copy.envelope.signature)).not.toBe(hash(signed.envelope.signature))
  }
})

test('T-51: nothing in a bundle outside of what is signed is in the name', () => {
  const signed = seal(signer, payloadOf(STEP))
  const others: Bundle[] = [
    { ...signed, key: { kind: 'publicKey', hint: null } },
    { ...signed, envelope: { ...signed.envelope, keyid: 'anybody' } },
    { ...signed, timestamps: [Uint8Array.of(0x30, 0)] },
    { ...signed, tlogEntries: [{ logIndex: '1' }] },
    { ...signed, envelope: { ...signed.envelope, signature: Uint8Array.of(1) } },
  ]
  for (const other of others) {
    expect(writeBundle(other)).not.toEqual(writeBundle(signed))
    expect(linkOf(parseBundle(writeBundle(other)))).toBe(linkOf(signed))
  }
  const payload = payloadOf({ ...STEP, predicateType: 'https://countersign.dev/step/v2' })
  expect(linkOf({ ...signed, envelope: { ...signed.envelope, payload } })).not.toBe(linkOf(signed))
})
