import { X509Certificate } from 'node:crypto'
import { base64, concat, hex } from '@countersign/core'
import { describe, expect, test } from 'vitest'
import { certificate, extension, newKey, TIME_STAMPING } from '../../../../test/anchors/certificates.ts'
import { parseCertificates } from './certificate-text.ts'
import { der, derBits, derNull, derNumber, derOctets, derOid, derSequence, TAG } from './der.ts'
import { basicConstraints, commonName, extendedKeyUsage, keyUsage, parseCertificate } from './x509.ts'

const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })
const key = newKey()
const root = certificate({ name: 'Root', key, issuer: null, ca: true, pathLength: 3, serial: 255 })
const pem = (bytes: Uint8Array) =>
  `-----BEGIN CERTIFICATE-----\n${base64(bytes)
    .match(/.{1,64}/g)!
    .join('\n')}\n-----END CERTIFICATE-----\n`

test.each(['P-256', 'P-384', 'RSA', 'RSA-PSS', 'Ed25519'] as const)(
  '%s: what Node reads of a certificate, we read',
  (kind) => {
    const made = certificate({
      name: 'An authority',
      key: newKey(kind),
      issuer: root,
      serial: 70_000,
      until: '2051-01-01T00:00:00Z',
    })
    const [ours, node] = [parseCertificate(made.der, 'anchor-invalid'), new X509Certificate(made.der)]
    expect(BigInt(`0x${ours.serial}`)).toBe(BigInt(`0x${node.serialNumber}`))
    expect(new Date(ours.notBefore)).toEqual(new Date(node.validFrom))
    expect(new Date(ours.notAfter)).toEqual(new Date(node.validTo))
    expect(hex(ours.spki)).toBe(node.publicKey.export({ type: 'spki', format: 'der' }).toString('hex'))
    expect(commonName(ours.subject, 'anchor-invalid')).toBe('An authority')
    expect(commonName(ours.issuer, 'anchor-invalid')).toBe('Root')
    expect(extendedKeyUsage(ours)).toEqual({ critical: true, purposes: [TIME_STAMPING] })
    expect(node.keyUsage).toEqual([TIME_STAMPING])
    expect(basicConstraints(ours).ca).toBe(node.ca)
    expect([0, 1, 5, 8].map((bit) => keyUsage(ours)!(bit))).toEqual([true, false, false, false])
  },
)

test('a CA says so, and how deep', () => {
  const read = parseCertificate(root.der, 'anchor-invalid')
  expect(basicConstraints(read)).toEqual({ ca: true, pathLength: 3 })
  expect([0, 5, 6].map((bit) => keyUsage(read)!(bit))).toEqual([false, true, true])
  expect(extendedKeyUsage(read)).toBeNull()
  expect(read.serial).toBe('00ff')
})

test('FALSE that is written out is false', () => {
  const value = derSequence(der(TAG.boolean, Uint8Array.of(0)))
  const made = certificate({ name: 'a', key, issuer: root, more: [extension('2.5.29.19', false, value)] })
  expect(basicConstraints(parseCertificate(made.der, 'anchor-invalid')).ca).toBe(false)
})

describe('refused', () => {
  const refused = (bytes: Uint8Array) =>
    expect(() => parseCertificate(bytes, 'anchor-invalid')).toThrow(coded('anchor-invalid'))

  test('any byte less or more', () => {
    for (let length = 0; length < root.der.length; length += 7) refused(root.der.slice(0, length))
    refused(concat(root.der, Uint8Array.of(0)))
  })

  test('an extension twice', () => {
    refused(certificate({ name: 'a', key, issuer: root, more: [extension('2.5.29.15', true, derNull())] }).der)
  })

  test('two names for the algorithm, of which one is signed', () => {
    const other = { ...key, algorithm: derSequence(derOid('1.2.840.10045.4.3.4')) }
    const made = certificate({ name: 'a', key: other, issuer: null })
    const algorithm = hex(derSequence(derOid('1.2.840.10045.4.3.4')))
    const text = hex(made.der)
    const at = text.lastIndexOf(algorithm)
    const mixed = text.slice(0, at) + hex(key.algorithm) + text.slice(at + algorithm.length)
    parseCertificate(made.der, 'anchor-invalid')
    refused(new Uint8Array(Buffer.from(mixed, 'hex')))
  })

  test('one that is too large, or no certificate', () => {
    refused(
      certificate({ name: 'a', key, issuer: root, more: [extension('1.2.3', false, new Uint8Array(17_000))] }).der,
    )
    refused(derSequence(derNumber(1), derNull(), derBits(derOctets(new Uint8Array()))))
  })
})

describe('PEM', () => {
  test('one or more, with words around them', () => {
    const other = certificate({ name: 'a', key, issuer: root })
    const text = `subject=Root\n${pem(root.der)}\nissuer=Root\n${pem(other.der).replaceAll('\n', '\r\n')}`
    expect(parseCertificates(text, 'anchor-invalid').map((one) => one.der)).toEqual([root.der, other.der])
    expect(parseCertificates(new TextEncoder().encode(text), 'anchor-invalid').length).toBe(2)
  })

  test.each([
    ['', 'anchor-invalid'],
    ['-----BEGIN CERTIFICATE-----\nMAA=', 'anchor-invalid'],
    ['-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----', 'anchor-invalid'],
    ['-----BEGIN CERTIFICATE-----\nM*A=\n-----END CERTIFICATE-----', 'base64-invalid'],
    [pem(root.der).repeat(17), 'anchor-invalid'],
    [' '.repeat(300_000), 'anchor-invalid'],
  ])('%#', (text, code) => {
    expect(() => parseCertificates(text, 'anchor-invalid')).toThrow(coded(code))
  })
})
