import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { concat, fromHex } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { derBits, derNull, derNumber, derOid, derSequence, derUnsigned } from '@countersign/formats/x509'
import { verifyCertificate } from '@countersign/verify/identity'
import { expect, test } from 'vitest'
import { newKey, type TestKey } from '../anchors/certificates.ts'
import { ISSUED, LocalAuthority } from '../identity/local-ca.ts'

const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })

/** Whether a signer's certificate counts whose intermediate is signed with this key. */
function verify(key: TestKey) {
  const authority = new LocalAuthority({ root: { key } })
  const { chain } = authority.issue()
  const input = { chain, authorities: [authority.trusted], at: ISSUED }
  const verdicts = [nodeCrypto, portableCrypto].map((crypto) => () => verifyCertificate({ ...input, crypto }))
  return {
    counts: () => verdicts.forEach((verdict) => expect(verdict().authority).toBe('local')),
    refused: () => verdicts.forEach((verdict) => expect(verdict).toThrow(coded('certificate-untrusted'))),
  }
}

/** A key whose signatures say that they are made another way. */
const named = (key: TestKey, ...algorithm: readonly Uint8Array[]): TestKey => ({
  ...key,
  algorithm: derSequence(...algorithm),
})
const ECDSA_SHA1 = derOid('1.2.840.10045.4.1')
const ECDSA_SHA256 = derOid('1.2.840.10045.4.3.2')
const ECDSA_SHA384 = derOid('1.2.840.10045.4.3.3')
const RSA_SHA1 = derOid('1.2.840.113549.1.1.5')
const RSA_SHA256 = derOid('1.2.840.113549.1.1.11')

test.each(['P-256', 'P-384', 'P-521', 'RSA', 'RSA-PSS', 'Ed25519'] as const)('T-54: a root of %s counts', (kind) => {
  verify(newKey(kind)).counts()
})

test('T-54: a key that is too weak signs nothing', () => {
  verify(newKey('RSA', 'sha256', 1024)).refused()
  const three = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 })
  verify({
    spki: new Uint8Array(three.publicKey.export({ type: 'spki', format: 'der' })),
    algorithm: derSequence(RSA_SHA256, derNull()),
    hash: 'sha256',
    sign: (message) => new Uint8Array(sign('sha256', message, three.privateKey)),
  }).refused()
})

test('T-54: with an exponent of 1 everything is its own signature', () => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const modulus = new Uint8Array(Buffer.from(publicKey.export({ format: 'jwk' }).n!, 'base64url'))
  const keyOf = (exponent: Uint8Array): TestKey => ({
    spki: derSequence(
      derSequence(derOid('1.2.840.113549.1.1.1'), derNull()),
      derBits(derSequence(derUnsigned(modulus), exponent)),
    ),
    algorithm: derSequence(RSA_SHA256, derNull()),
    hash: 'sha256',
    sign(message) {
      const digest = createHash('sha256').update(message).digest()
      const info = concat(fromHex('3031300d060960864801650304020105000420'), new Uint8Array(digest))
      return concat(Uint8Array.of(0, 1), new Uint8Array(256 - 3 - info.length).fill(0xff), Uint8Array.of(0), info)
    },
  })
  verify(keyOf(derNumber(1))).refused()
})

test('T-54: a curve that is not taken signs nothing', () => {
  for (const namedCurve of ['secp256k1', 'P-224', 'brainpoolP256r1']) {
    const pair = generateKeyPairSync('ec', { namedCurve })
    verify({
      spki: new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' })),
      algorithm: derSequence(ECDSA_SHA256),
      hash: 'sha256',
      sign: (message) => new Uint8Array(sign('sha256', message, pair.privateKey)),
    }).refused()
  }
})

test('T-54: what the certificate says it is signed with must be what the key can do, and did', () => {
  const [p256, rsa, edwards] = [newKey('P-256'), newKey('RSA'), newKey('Ed25519')]
  verify(named(p256, ECDSA_SHA256)).counts()
  verify(named(p256, ECDSA_SHA384)).refused()
  verify(named(p256, RSA_SHA256, derNull())).refused()
  verify(named(rsa, RSA_SHA256, derNull())).counts()
  verify(named(rsa, ECDSA_SHA256)).refused()
  verify(named(edwards, ECDSA_SHA256)).refused()
  verify(named(p256, derOid('1.3.101.112'))).refused()
})

test('T-54: SHA-1 counts for nothing, whoever signs', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  for (const [pair, algorithm] of [
    [ec, derSequence(ECDSA_SHA1)],
    [rsa, derSequence(RSA_SHA1, derNull())],
  ] as const) {
    verify({
      spki: new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' })),
      algorithm,
      hash: 'sha256',
      sign: (message) => new Uint8Array(sign('sha1', message, pair.privateKey)),
    }).refused()
  }
})
