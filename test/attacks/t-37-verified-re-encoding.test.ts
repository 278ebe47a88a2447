import { canonicalJson, fromUtf8, type JsonValue, parseJson, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { type Bundle, parseBundle, parseStep, writeBundle } from '@countersign/formats'
import { verifyStep } from '@countersign/verify'
import { expect, test } from 'vitest'
import { linkOf, party, seal } from '../pipeline.ts'
import { payloadOf, STEP } from './documents.ts'

const signer = party('builder', 'ed25519')
const trust = { signers: [{ name: 'builder', key: signer.publicKey, revokedAt: null }], countersigners: [] }
const signed = seal(signer, payloadOf(STEP))

const reversed = (value: JsonValue): JsonValue => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(reversed)
  return Object.fromEntries(
    Object.entries(value)
      .map(([k, v]) => [k, reversed(v as JsonValue)] as const)
      .toReversed(),
  )
}

const text = fromUtf8(signed.envelope.payload)
const VARIANTS: Readonly<Record<string, string>> = {
  indented: JSON.stringify(STEP, null, 2),
  'space at the end': `${text} `,
  'newline at the end': `${text}\n`,
  'members in another order': JSON.stringify(reversed(STEP)),
  'a letter escaped': text.replace('npm', '\\u006epm'),
  'a slash escaped': text.replace('/', '\\/'),
  'an integer as 1.0': text.replace('"attempt":1', '"attempt":1.0'),
  'an integer as 1e0': text.replace('"attempt":1', '"attempt":1e0'),
}

test.each(Object.entries(VARIANTS))(
  'T-37: the signed step, %s, is not the signed step (CVE-2026-44309)',
  (_, variant) => {
    const payload = utf8(variant)
    expect(variant).not.toBe(text)
    const forged: Bundle = { ...signed, envelope: { ...signed.envelope, payload } }
    // It still means the same, so a verifier that encodes what it parsed before it verifies would let it pass.
    expect(parseStep(payload)).toEqual(parseStep(signed.envelope.payload))
    const reEncoded: Bundle = {
      ...forged,
      envelope: { ...forged.envelope, payload: canonicalJson(parseJson(payload)) },
    }
    expect(verifyStep(reEncoded, trust, portableCrypto).link).toBe(linkOf(signed))

    const carried = parseBundle(writeBundle(forged))
    expect(carried.envelope.payload).toEqual(payload)
    expect(linkOf(carried)).not.toBe(linkOf(signed))
    expect(() => verifyStep(carried, trust, portableCrypto)).toThrow(
      expect.objectContaining({ code: 'signature-invalid' }),
    )
  },
)

test('T-37: what the signer himself wrote in another form is good, under a name of its own', () => {
  const other = seal(signer, utf8(VARIANTS['indented']!))
  expect(verifyStep(other, trust, portableCrypto).link).not.toBe(linkOf(signed))
})
