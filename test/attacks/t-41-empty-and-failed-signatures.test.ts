import { base64, type JsonValue } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { parseBundle, writeBundle } from '@countersign/formats'
import { verifyStep } from '@countersign/verify'
import { expect, test } from 'vitest'
import { party, seal } from '../pipeline.ts'
import { change, payloadOf, STEP } from './documents.ts'

const signer = party('builder')
const trust = { signers: [{ name: 'builder', key: signer.publicKey, revokedAt: null }], countersigners: [] }
const bundle = JSON.parse(Buffer.from(writeBundle(seal(signer, payloadOf(STEP)))).toString()) as {
  [key: string]: JsonValue
}
const good = (bundle['dsseEnvelope'] as { signatures: { sig: string }[] }).signatures[0]!
const bad = { sig: base64(Uint8Array.from({ length: 70 }, () => 7)) }

const verify = (signatures: JsonValue | undefined) => {
  const text = JSON.stringify(change(bundle, ['dsseEnvelope', 'signatures'], () => signatures as JsonValue))
  return verifyStep(parseBundle(text), trust, portableCrypto)
}

test.each([
  ['none', [], 'signature-missing'],
  ['null', null, 'envelope-invalid'],
  ['absent', undefined, 'envelope-invalid'],
  ['an empty object', {}, 'envelope-invalid'],
  ['one that is null', [null], 'envelope-invalid'],
  ['one without a sig', [{}], 'envelope-invalid'],
  ['one whose sig is null', [{ sig: null }], 'envelope-invalid'],
  ['one whose sig is empty', [{ sig: '' }], 'signature-missing'],
  ['bad', [bad], 'signature-invalid'],
  ['bad then good', [bad, good], 'signature-count'],
  ['good then bad', [good, bad], 'signature-count'],
  ['good then empty', [good, { sig: '' }], 'signature-count'],
] as const)('T-41: signatures %s: never a pass, never a part of one (GHSA-2v4r)', (_, signatures, code) => {
  expect(() => verify(signatures as JsonValue | undefined)).toThrow(expect.objectContaining({ code }))
})

test('T-41: red control: the good one alone passes', () => {
  expect(verify([good]).signer.name).toBe('builder')
  // "All of no signatures are valid" is true, which is how empty lists pass.
  expect([].every(() => false)).toBe(true)
})
