import { portableCrypto } from '@countersign/core/portable'
import { type Bundle, parseBundle, writeBundle } from '@countersign/formats'
import { verifyStep } from '@countersign/verify'
import { expect, test } from 'vitest'
import { linkOf, party, seal } from '../pipeline.ts'
import { payloadOf, STEP } from './documents.ts'

const honest = party('honest')
const other = party('other', 'ed25519')
const mallory = party('mallory')
const signed = seal(honest, payloadOf(STEP))
const named = (bundle: Bundle, hint: string | null, keyid: string | null): Bundle =>
  parseBundle(writeBundle({ ...bundle, key: { kind: 'publicKey', hint }, envelope: { ...bundle.envelope, keyid } }))
const trust = {
  signers: [honest, other].map(({ name, publicKey }) => ({ name, key: publicKey, revokedAt: null })),
  countersigners: [],
}

test.each([
  ['none', null],
  ['unknown', 'somebody'],
  ['another trusted key’s', other.publicKey.keyId],
])('T-40: with a key id that is %s, the key that signed is found', (_, id) => {
  for (const bundle of [named(signed, id, null), named(signed, id, id), named(signed, honest.publicKey.keyId, id)]) {
    const step = verifyStep(bundle, trust, portableCrypto)
    expect([step.signer.name, step.link]).toEqual(['honest', linkOf(signed)])
  }
})

test('T-40: a stranger’s signature under a trusted key’s id is refused', () => {
  const forged = seal(mallory, payloadOf(STEP))
  const id = honest.publicKey.keyId
  expect(() => verifyStep(named(forged, id, id), trust, portableCrypto)).toThrow(
    expect.objectContaining({ code: 'signature-invalid' }),
  )
  // Red control: it is a good signature; only its key is nobody's. Who believes the id calls it honest.
  const believing = { signers: [{ name: 'honest', key: mallory.publicKey, revokedAt: null }], countersigners: [] }
  expect(verifyStep(named(forged, id, id), believing, portableCrypto).signer.name).toBe('honest')
})
