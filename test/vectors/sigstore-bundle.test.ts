import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Code, CodedError, fromBase64 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { parseSigstoreBundle } from '@countersign/formats/sigstore'
import { parseSigstoreTrust, verifySigstoreBundle } from '@countersign/verify/sigstore'
import { describe, expect, test } from 'vitest'
import { vectors } from './read.ts'
import {
  policyOf,
  type SigstoreBundleVector,
  type SigstoreRootVector,
  trustOf,
  verifyVector,
} from './sigstore-bundle-vector.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error

describe('bundles of others', () => {
  test.each(vectors<SigstoreBundleVector>('sigstore-bundle'))('%s', (_, vector) => {
    for (const crypto of [portableCrypto, nodeCrypto]) {
      if (vector.error !== undefined) {
        expect(() => verifyVector(vector, crypto)).toThrow(coded(vector.error))
        continue
      }
      const { times } = verifyVector(vector, crypto)
      expect(times.map((time) => ({ ...time, at: new Date(time.at).toISOString() }))).toEqual(vector.verified!.times)
    }
  })

  test('a digest of the artifact gives the same verdicts as the artifact', () => {
    for (const [name, vector] of vectors<SigstoreBundleVector>('sigstore-bundle')) {
      const bytes = fromBase64(vector.artifact)
      const sha256 = portableCrypto.sha256(bytes)
      const judge = () =>
        verifySigstoreBundle({
          bundle: parseSigstoreBundle(JSON.stringify(vector.bundle)),
          artifact: { sha256, sha512: null },
          trust: trustOf(vector),
          policy: policyOf(vector),
          ...(vector.thresholds === undefined ? {} : { thresholds: vector.thresholds }),
          crypto: portableCrypto,
        })
      // A statement by SHA-512 alone says nothing of a SHA-256, and one that is right by SHA-256 alone is right.
      if (name === 'good-by-sha512-alone') expect(judge).toThrow(coded('artifact-mismatch'))
      else if (name === 'statement-with-two-digests-that-differ') expect(judge).not.toThrow()
      else if (vector.error === undefined) expect(judge, name).not.toThrow()
      else expect(judge, name).toThrow(coded(vector.error))
    }
  })
})

describe('trust roots of Sigstore', () => {
  test.each(vectors<SigstoreRootVector>('sigstore-root'))('%s', (_, { trustedRoot, error }) => {
    const parse = () => parseSigstoreTrust(JSON.stringify(trustedRoot), portableCrypto)
    if (error !== undefined) expect(parse).toThrow(coded(error))
    else expect(parse().logs.map(({ name }) => name)).toEqual(['rekor.example.com', 'log2026.rekor.example.com'])
  })

  test('text that is no JSON, or not one, is refused with the same code', () => {
    for (const text of ['', '{', '{"a":1,"a":2}', ' '.repeat(4_000_001), '"x"']) {
      expect(() => parseSigstoreTrust(text, portableCrypto)).toThrow(coded('trust-root-invalid'))
    }
  })
})

test('an Ed25519 signature over an artifact needs the artifact', async () => {
  const { generateKeyPairSync, sign } = await import('node:crypto')
  const pair = generateKeyPairSync('ed25519')
  const { parsePublicKey } = await import('@countersign/core')
  const key = parsePublicKey(pair.publicKey.export({ type: 'spki', format: 'der' }))
  const artifact = new Uint8Array([1, 2, 3])
  const bundle = parseSigstoreBundle(
    JSON.stringify({
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: { publicKey: {} },
      messageSignature: { signature: sign(null, artifact, pair.privateKey).toString('base64') },
    }),
  )
  const trust = parseSigstoreTrust(
    '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1","tlogs":[],"certificateAuthorities":[]}',
    portableCrypto,
  )
  const input = { bundle, trust, policy: { key }, thresholds: { logs: 0 }, crypto: portableCrypto }
  expect(verifySigstoreBundle({ ...input, artifact }).signer).toEqual({ kind: 'key', key })
  const digests = { sha256: portableCrypto.sha256(artifact), sha512: null }
  expect(() => verifySigstoreBundle({ ...input, artifact: digests })).toThrow(CodedError)
})
