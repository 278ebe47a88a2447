import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Code, utf8 } from '@countersign/core'
import { parseCertificate } from '@countersign/formats/x509'
import { describe, expect, test } from 'vitest'
import { certificate, newKey, type TestCertificate } from '../../../../test/anchors/certificates.ts'
import { genTime, timestampResponse, timestampToken, type TokenOptions } from '../../../../test/anchors/tokens.ts'
import { readTimestamps } from './timestamps.ts'
import type { SigstoreTimestampAuthority } from './trusted-root.ts'

const START = Date.parse('2026-11-21T12:00:00Z')
const signature = utf8('a signature')
const root = certificate({ name: 'root', key: newKey(), issuer: null, ca: true })
const ca = certificate({ name: 'CA', key: newKey(), issuer: root, serial: 2, ca: true })
const tsa = certificate({ name: 'TSA', key: newKey(), issuer: ca, serial: 3 })
const sister = certificate({ name: 'sister', key: newKey(), issuer: ca, serial: 4 })

const authorityOf = (
  name: string,
  chain: readonly TestCertificate[],
  validFor: SigstoreTimestampAuthority['validFor'] = { start: null, end: null },
): SigstoreTimestampAuthority => {
  const [first, ...others] = chain.map(({ der }) => parseCertificate(der, 'certificate-invalid'))
  return { name, chain: [first!, ...others], validFor }
}
const OURS = authorityOf('ours', [tsa, ca, root])

function token(second: number, more: Partial<TokenOptions> = {}): Uint8Array {
  const imprint = nodeCrypto.sha256(signature)
  return timestampToken({ imprint, signer: tsa, time: genTime(START + second * 1000), ...more })
}
const granted = (...of: Parameters<typeof token>) => timestampResponse(token(...of))

/** Whose word there is, and for which second; or why there is none. */
function read(timestamps: readonly Uint8Array[], ...timestampAuthorities: readonly SigstoreTimestampAuthority[]) {
  const trust = { authorities: [], logs: [], timestampAuthorities }
  const { times, fault } = readTimestamps(timestamps, signature, trust, nodeCrypto)
  for (const { source } of times) expect(source).toBe('timestamp')
  return [times.map(({ by, at }) => `${by} ${(at - START) / 1000}`), (fault?.code ?? null) as Code | null]
}

describe('timestamps over a signature', () => {
  test('tell the time, each authority once with its earliest', () => {
    expect(read([granted(5)], OURS)).toEqual([['ours 5'], null])
    expect(read([granted(5), granted(3), granted(4)], OURS)).toEqual([['ours 3'], null])
    expect(read([granted(3), granted(5)], OURS)).toEqual([['ours 3'], null])
    const other = certificate({ name: 'other', key: newKey(), issuer: null })
    const theirs = authorityOf('theirs', [other])
    const by = { signer: other, certificates: [other.der] }
    expect(read([granted(5), granted(7, by), granted(6, by)], OURS, theirs)).toEqual([['ours 5', 'theirs 6'], null])
    expect(read([granted(7, by)], theirs, OURS)).toEqual([['theirs 7'], null])
    expect(read([], OURS)).toEqual([[], null])
  })

  test('count for nothing where they do not verify, and take nothing from those that do', () => {
    const evil = certificate({ name: 'TSA', key: newKey(), issuer: null, serial: 3 })
    const bad: readonly [Uint8Array, Code][] = [
      [granted(5, { imprint: new Uint8Array(32) }), 'anchor-mismatch'],
      [granted(5, { signer: evil, certificates: [evil.der] }), 'anchor-untrusted'],
      [new Uint8Array(9), 'anchor-invalid'],
      [timestampResponse(null, 2), 'anchor-unproven'],
      [timestampResponse(null, 2, 0), 'anchor-unproven'],
      // An answer that says no, with a token beside it.
      [timestampResponse(token(5), 2), 'anchor-unproven'],
    ]
    for (const [one, code] of bad) {
      expect(read([one], OURS)).toEqual([[], code])
      expect(read([one, granted(5)], OURS)).toEqual([['ours 5'], code])
      expect(read([granted(5), one], OURS)).toEqual([['ours 5'], code])
    }
    // The first fault is the one that is told.
    expect(read([bad[0]![0], bad[1]![0]], OURS)).toEqual([[], 'anchor-mismatch'])
    expect(read([bad[1]![0], bad[0]![0]], OURS)).toEqual([[], 'anchor-untrusted'])
    expect(read([granted(5)])).toEqual([[], 'trust-missing'])
  })

  test('count also where they were granted with modifications (RFC 3161 §2.4.2)', () => {
    expect(read([timestampResponse(token(5), 1)], OURS)).toEqual([['ours 5'], null])
  })

  test('are of the authority that the trust root names, and of no other under its CA', () => {
    const by = { signer: sister, certificates: [sister.der, ca.der] }
    expect(read([granted(5, by)], OURS)).toEqual([[], 'anchor-untrusted'])
    // Where the root names a CA for it, whoever that has issued for this.
    expect(read([granted(5, by)], authorityOf('CA', [ca, root]))).toEqual([['CA 5'], null])
    expect(read([granted(5, by)], OURS, authorityOf('CA', [ca, root]))).toEqual([['CA 5'], null])
    // The first that was asked says what is wrong.
    const later = authorityOf('later', [tsa, ca, root], { start: START + 9000, end: null })
    expect(read([granted(5, by)], authorityOf('alone', [sister], { start: START + 9000, end: null }), OURS)[1]).toBe(
      'anchor-untrusted',
    )
    expect(read([granted(5)], later)).toEqual([[], 'anchor-untrusted'])
    expect(read([granted(5)], later, OURS)).toEqual([['ours 5'], null])
  })

  test('count while the authority is believed, both ends included', () => {
    const between = authorityOf('ours', [tsa, ca, root], { start: START, end: START + 5000 })
    for (const second of [0, 5]) expect(read([granted(second)], between)).toEqual([[`ours ${second}`], null])
    for (const second of [-1, 6]) expect(read([granted(second)], between)).toEqual([[], 'anchor-untrusted'])
  })

  test('lead through the certificates that the trust root has, whatever the token brings along', () => {
    expect(read([granted(5, { certificates: [] })], OURS)).toEqual([['ours 5'], null])
    expect(read([granted(5, { certificates: [tsa.der] })], authorityOf('root', [root]))).toEqual([
      [],
      'anchor-untrusted',
    ])
    expect(read([granted(5, { certificates: [tsa.der, ca.der] })], authorityOf('root', [root]))).toEqual([
      ['root 5'],
      null,
    ])
    expect(read([granted(5)], authorityOf('itself', [tsa]))).toEqual([['itself 5'], null])
  })

  test('a failure of the verifier is none of theirs', () => {
    const crypto = {
      ...nodeCrypto,
      sha256(data: Uint8Array) {
        if (data !== signature) throw new RangeError('out of memory')
        return nodeCrypto.sha256(data)
      },
    }
    const trust = { authorities: [], logs: [], timestampAuthorities: [OURS] }
    expect(() => readTimestamps([granted(5)], signature, trust, crypto)).toThrow(RangeError)
  })
})
