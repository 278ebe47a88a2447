import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { fromUtf8, parsePublicKey, publicKeyPem, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import {
  type Bundle,
  linkDigest,
  pae,
  parseBundle,
  parseStep,
  PAYLOAD_TYPE,
  writeBundle,
  writeStep,
} from '@countersign/formats'
import { bundleFromJSON, bundleToJSON, toDSSEBundle } from '@sigstore/bundle'
import { toSignedEntity, type TrustMaterial, Verifier } from '@sigstore/verify'
import { describe, expect, test } from 'vitest'
import { vectors } from './read.ts'

const STEP = parseStep(
  utf8(JSON.stringify(vectors<{ statement: object }>('step').find(([name]) => name === 'good')![1].statement)),
)

const pairs = {
  'P-256': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  Ed25519: () => generateKeyPairSync('ed25519'),
} as const

function signed(curve: keyof typeof pairs) {
  const { publicKey, privateKey } = pairs[curve]()
  const key = parsePublicKey(publicKey.export({ type: 'spki', format: 'der' }))
  const payload = writeStep(STEP)
  const signature = new Uint8Array(sign(curve === 'P-256' ? 'sha256' : null, pae(PAYLOAD_TYPE, payload), privateKey))
  const bundle: Bundle = {
    key: { kind: 'publicKey', hint: key.keyId },
    tlogEntries: [],
    timestamps: [],
    envelope: { payloadType: PAYLOAD_TYPE, payload, signature, keyid: null },
  }
  return { key, bundle }
}

function theirVerdict(bundle: Uint8Array, trusted: Readonly<Record<string, string>>): string {
  const trust: TrustMaterial = {
    certificateAuthorities: [],
    timestampAuthorities: [],
    tlogs: [],
    ctlogs: [],
    publicKey: (hint) => {
      const pem = trusted[hint]
      if (pem === undefined) throw new Error(`unknown hint ${hint}`)
      return { publicKey: createPublicKey(pem), validFor: () => true }
    },
  }
  const verifier = new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 })
  try {
    verifier.verify(toSignedEntity(bundleFromJSON(JSON.parse(fromUtf8(bundle)))))
    return 'verified'
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

const flip = (bytes: Uint8Array, at: number) => bytes.with(at, bytes[at]! ^ 1)

describe.each(['P-256', 'Ed25519'] as const)('a bundle signed with %s', (curve) => {
  const { key, bundle } = signed(curve)
  const trusted = { [key.keyId]: publicKeyPem(key) }
  const ours = (it: Bundle) =>
    portableCrypto.verify(key, pae(it.envelope.payloadType, it.envelope.payload), it.envelope.signature)

  test('is verified by sigstore-js', () => {
    expect(theirVerdict(writeBundle(bundle), trusted)).toBe('verified')
    expect(ours(bundle)).toBe(true)
  })

  test('is refused by sigstore-js and by us with one bit of payload or signature changed', () => {
    const { envelope } = bundle
    const payload: Bundle = { ...bundle, envelope: { ...envelope, payload: flip(envelope.payload, 100) } }
    const signature: Bundle = { ...bundle, envelope: { ...envelope, signature: flip(envelope.signature, 20) } }
    for (const changed of [payload, signature]) {
      expect(theirVerdict(writeBundle(changed), trusted)).toBe('SIGNATURE_ERROR')
      expect(ours(changed)).toBe(false)
    }
  })

  test('survives a round trip through sigstore-js with the same link digest', () => {
    const theirs = JSON.stringify(bundleToJSON(bundleFromJSON(JSON.parse(fromUtf8(writeBundle(bundle))))))
    const back = parseBundle(theirs)
    expect(back).toEqual(bundle)
    expect(linkDigest(back.envelope, portableCrypto)).toBe(linkDigest(bundle.envelope, portableCrypto))
  })

  test('that sigstore-js built is read by us', () => {
    const built = toDSSEBundle({
      artifact: Buffer.from(bundle.envelope.payload),
      artifactType: PAYLOAD_TYPE,
      signature: Buffer.from(bundle.envelope.signature),
      keyHint: key.keyId,
    })
    const read = parseBundle(JSON.stringify(bundleToJSON(built)))
    expect(read).toEqual({ ...bundle, envelope: { ...bundle.envelope, keyid: key.keyId } })
    expect(ours(read)).toBe(true)
  })
})

/** Where the two readers differ over our vectors. Ours is the stricter one on purpose: SPEC.md, "Other readers". */
const ONLY_THEY_ACCEPT = [
  'certificate-lax-base64',
  'certificate-unknown-field',
  'envelope-unknown-field',
  'key-hint-null',
  'key-hint-number',
  'key-hint-too-long',
  'key-raw-bytes',
  'material-key-and-certificate',
  'material-snake-case',
  'material-unknown-field',
  'media-type-space',
  'media-type-v0.4',
  'payload-newline',
  'payload-no-padding',
  'payload-trailing-bits',
  'payload-type-empty',
  'payload-type-json',
  'payload-type-missing',
  'payload-type-not-ascii',
  'payload-type-null',
  'payload-type-parameter',
  'payload-type-space',
  'payload-type-upper-case',
  'payload-url-base64',
  'signature-keyid-null',
  'signature-sig-lax-base64',
  'signature-sig-too-long',
  'signature-unknown-field',
  'timestamps-33',
  'timestamps-lax-base64',
  'timestamps-null',
  'timestamps-unknown-field',
  'tlog-entries-null',
  'unknown-field',
  'unknown-field-null',
  'v0.1-certificate',
  'v0.2-certificate-chain-of-9',
]
/** Log entries are handed on as they stand; only a verifier that uses them judges them. */
const ONLY_WE_ACCEPT = ['tlog-entries-one']

test('sigstore-js agrees with us on every bundle vector but the listed ones', () => {
  const differ = { theirs: [] as string[], ours: [] as string[] }
  for (const [name, { bundle, error }] of vectors<{ bundle: never; error?: string }>('bundle')) {
    let accepted = true
    try {
      bundleFromJSON(bundle)
    } catch {
      accepted = false
    }
    if (accepted && error !== undefined) differ.theirs.push(name)
    if (!accepted && error === undefined) differ.ours.push(name)
  }
  expect(differ.theirs.toSorted()).toEqual(ONLY_THEY_ACCEPT)
  expect(differ.ours.toSorted()).toEqual(ONLY_WE_ACCEPT)
})

test('two equal keys in a bundle: JSON.parse takes the last one to sigstore-js, we refuse', () => {
  const { key, bundle } = signed('Ed25519')
  const text = fromUtf8(writeBundle(bundle)).replace('"payload":"', '"payload":"e30=","payload":"')
  expect(theirVerdict(utf8(text), { [key.keyId]: publicKeyPem(key) })).toBe('verified')
  expect(() => parseBundle(text)).toThrow(expect.objectContaining({ code: 'json-duplicate-key' }))
})
