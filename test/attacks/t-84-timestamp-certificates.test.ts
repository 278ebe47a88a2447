import { createHash } from 'node:crypto'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Code, equal } from '@countersign/core'
import { parseTimestampToken, type TimestampToken } from '@countersign/formats/anchor'
import { extendedKeyUsage, parseCertificate } from '@countersign/formats/x509'
import { type Rfc3161Trust, verifyTimestamp } from '@countersign/verify/anchors'
import { describe, expect, test } from 'vitest'
import { certificate, newKey, type TestCertificate, TIME_STAMPING } from '../anchors/certificates.ts'
import { timestampToken, type TokenOptions } from '../anchors/tokens.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
const imprint = new Uint8Array(createHash('sha256').update('statement').digest())

const root = certificate({ name: 'Root', key: newKey(), issuer: null, ca: true })
const authority = certificate({ name: 'Authority', key: newKey(), issuer: root, serial: 2 })
/** Of the same root, and for something else: whoever has a server can get one. */
const server = certificate({ name: 'Server', key: newKey(), issuer: root, serial: 3, purposes: [SERVER_AUTH] })
/** The attacker's own, for whatever he likes. */
const spoofed = certificate({ name: 'Spoofed TSA', key: newKey(), issuer: null, serial: 66 })
/** The same, under the name and number of the real one. */
const twin = certificate({ name: 'Authority', key: newKey(), issuer: null, serial: 2 })

const trust = (...pinned: TestCertificate[]): Rfc3161Trust => ({
  authorities: [
    {
      name: 'a',
      certificates: pinned.map((one) => parseCertificate(one.der, 'anchor-invalid')),
      from: null,
      until: null,
    },
  ],
})
const tokenOf = (options: Partial<TokenOptions>) =>
  parseTimestampToken(timestampToken({ imprint, time: '20261121000009', signer: authority, ...options }))
const verify = (token: TimestampToken, ...pinned: TestCertificate[]) =>
  verifyTimestamp(token, [], imprint, trust(...(pinned.length > 0 ? pinned : [root])), nodeCrypto)

/** What a verifier does that checks a certificate of the token, and the signature by whichever fits (CVE-2026-39984). */
function confused(token: TimestampToken, check: (token: TimestampToken) => unknown): boolean {
  const good = token.certificates.some((one) => {
    const usage = extendedKeyUsage(one)
    const alone = usage?.critical === true && usage.purposes[0] === TIME_STAMPING && usage.purposes.length === 1
    return alone && equal(one.issuer, root.name)
  })
  try {
    check(token)
    return good
  } catch {
    return false
  }
}
/** Whether the token is sound in itself: it is, with its signer pinned. */
const sound = (by: TestCertificate) => (token: TimestampToken) => {
  const { signer } = token
  const found = token.certificates.find((one) => equal(one.der, by.der))!
  expect(nodeCrypto.verifySigned!({ name: 'ecdsa', hash: 'sha256' }, found.spki, signer.signed, signer.signature)).toBe(
    true,
  )
}

test('T-84: a token of the authority verifies, whatever certificates are put in with it, in any order', () => {
  for (const certificates of [
    [authority],
    [spoofed, authority],
    [authority, spoofed],
    [server, twin, authority, root],
    [twin, twin, spoofed, authority, server],
  ]) {
    const { path } = verify(tokenOf({ certificates: certificates.map(({ der }) => der) }))
    expect(path.map(({ der }) => der)).toEqual([authority.der, root.der])
  }
})

describe('T-84: the certificate that is checked is the one that signed', () => {
  test.each([
    ['a server signs, the authority’s certificate lies beside it', { signer: server }, server, 'anchor-unproven'],
    ['the attacker signs under a name of his own', { signer: spoofed }, spoofed, 'anchor-untrusted'],
    ['the attacker signs under the authority’s name and number', { signer: twin }, twin, 'anchor-untrusted'],
  ] as const)('%s', (_, options, by, code) => {
    for (const certificates of [
      [authority.der, by.der],
      [by.der, authority.der],
    ]) {
      const token = tokenOf({ ...options, certificates })
      expect(() => verify(token)).toThrow(coded(code))
      // Red control: to whoever looks at one certificate and takes the signature of another, it is good.
      expect(confused(token, sound(by))).toBe(true)
    }
  })

  test.each([
    ['named by hash, identified as himself', { signer: spoofed, named: authority }, 'anchor-unproven'],
    ['identified, named by hash as himself', { signer: spoofed, identified: authority }, 'anchor-unproven'],
    ['both', { signer: spoofed, named: authority, identified: authority }, 'anchor-unproven'],
    ['named by the old attribute', { signer: spoofed, named: authority, naming: 'v1' }, 'anchor-unproven'],
    ['named by both attributes', { signer: twin, named: authority, naming: 'both' }, 'anchor-unproven'],
  ] as const)('the attacker signs and names the authority: %s', (_, options, code) => {
    const token = tokenOf({ ...options, certificates: [authority.der, options.signer.der] })
    expect(() => verify(token)).toThrow(coded(code))
    expect(confused(token, sound(options.signer))).toBe(true)
  })

  test('two attributes that name two certificates are of none', () => {
    const both = tokenOf({ naming: 'both' })
    expect(verify(both).path.length).toBe(2)
    const other = tokenOf({ naming: 'both', named: server, certificates: [authority.der, server.der] })
    const [newer, older] = [both.signer.certificates[0]!, other.signer.certificates[1]!]
    const mixed = {
      ...both,
      certificates: other.certificates,
      signer: { ...both.signer, certificates: [newer, older] },
    }
    expect(() => verify(mixed)).toThrow(coded('anchor-unproven'))
  })

  test('pinning what is beside the signer does not help it', () => {
    const token = tokenOf({ signer: spoofed, certificates: [authority.der, spoofed.der] })
    expect(() => verify(token, authority)).toThrow(coded('anchor-untrusted'))
    expect(verify(tokenOf({}), authority).path.length).toBe(1)
  })
})

describe('T-84: only a certificate that is for time-stamping alone tells the time', () => {
  const signed = (more: object) => {
    const signer = certificate({ name: 'Authority', key: newKey(), issuer: root, serial: 2, ...more })
    return tokenOf({ signer, certificates: [signer.der] })
  }
  test('such a one does', () => {
    expect(verify(signed({})).path.length).toBe(2)
  })
  test.each([
    ['not critically', { purposesCritical: false }],
    ['among others', { purposes: [TIME_STAMPING, SERVER_AUTH] }],
    ['for any purpose', { purposes: ['2.5.29.37.0'] }],
    ['not at all', { purposes: [SERVER_AUTH] }],
    ['with no purpose named', { purposes: null }],
    ['twice', { purposes: [TIME_STAMPING, TIME_STAMPING] }],
  ])('%s', (_, more) => {
    expect(() => verify(signed(more))).toThrow(coded('anchor-unproven'))
  })
})

test('T-84: many injected certificates neither hide the good path nor cost without bound', () => {
  const key = newKey()
  const ca = certificate({ name: 'CA', key, issuer: root, serial: 4, ca: true })
  const signer = certificate({ name: 'Authority', key: newKey(), issuer: ca, serial: 2 })
  /** Of the CA's name and key, so that each seems to have signed the authority's; under nobody. */
  const rogue = newKey()
  const rogues = Array.from({ length: 14 }, (_, i) =>
    certificate({ name: 'CA', key, issuer: { ...root, key: rogue }, serial: 100 + i, ca: true }),
  )
  /** CAs that all signed one another: every order of them is a path, and none ends. */
  const mesh = Array.from({ length: 15 }, (_, i) =>
    certificate({ name: 'CA', key, issuer: ca, serial: 200 + i, ca: true }),
  )
  let checks = 0
  const counting: typeof nodeCrypto = {
    ...nodeCrypto,
    verifySigned: (...of) => {
      checks++
      return nodeCrypto.verifySigned!(...of)
    },
  }
  const token = tokenOf({ signer, certificates: [...rogues.map(({ der }) => der), signer.der, ca.der] })
  const { path } = verifyTimestamp(token, [], imprint, trust(root), counting)
  expect(path.length).toBe(3)
  expect(checks).toBeLessThanOrEqual(49)

  checks = 0
  const endless = tokenOf({ signer, certificates: [signer.der, ...mesh.map(({ der }) => der)] })
  expect(() => verifyTimestamp(endless, [], imprint, trust(root), counting)).toThrow(coded('anchor-untrusted'))
  expect(checks).toBe(49)
})
