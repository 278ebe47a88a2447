import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { parseTrustedAuthorities, verifyCertificate } from '@countersign/verify/identity'
import { toTrustMaterial } from '@sigstore/verify'
import { describe, expect, test } from 'vitest'
import { ISSUED, LocalAuthority } from '../identity/local-ca.ts'
import { vectors } from '../vectors/read.ts'

const crypto = nodeCrypto
const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })

interface Json {
  [key: string]: Json | Json[] | string | undefined
}
interface Root {
  certificateAuthorities: { validFor?: Json; certChain: { certificates: { rawBytes: string }[] } }[]
  ctlogs: { publicKey: { validFor?: Json; rawBytes: string; keyDetails: string } }[]
}
const [, { trustedRoot }] = vectors<{ readonly trustedRoot: Root }>('trusted-root').find(([name]) => name === 'good')!
const copy = (change: (root: Root) => void = () => undefined) => {
  const root = structuredClone(trustedRoot)
  change(root)
  return root
}
const parse = (root: Root) => parseTrustedAuthorities(JSON.stringify(root), crypto)
const { chain } = new LocalAuthority().issue()
const judge = (root: Root) => verifyCertificate({ chain, authorities: parse(root), at: ISSUED, crypto })

describe('T-65: a trust root with a fault anywhere is believed in nothing', () => {
  test('the good one is believed', () => {
    expect(judge(copy()).authority).toBe('countersign.example.com')
  })

  test.each<[string, (root: Root) => void]>([
    [
      'its second authority has no certificate',
      (root) => (root.certificateAuthorities[1]!.certChain.certificates = []),
    ],
    [
      'its second authority has half a certificate',
      (root) => (root.certificateAuthorities[1]!.certChain.certificates[0]!.rawBytes = 'MIIB'),
    ],
    ['its second authority is valid for ever', (root) => delete root.certificateAuthorities[1]!.validFor],
    ['its second authority says no beginning', (root) => (root.certificateAuthorities[1]!.validFor = {})],
    ['its second log is valid for ever', (root) => delete root.ctlogs[1]!.publicKey.validFor],
    [
      'its second log has another key',
      (root) => (root.ctlogs[1]!.publicKey.rawBytes = root.ctlogs[0]!.publicKey.rawBytes),
    ],
  ])('%s: the first is good, and does not count either', (_, change) => {
    expect(() => judge(copy(change))).toThrow(coded('trust-root-invalid'))
  })

  test('a root without times is unbounded for a verifier that takes none for all', () => {
    const root = copy((one) => delete one.certificateAuthorities[0]!.validFor)
    expect(() => parse(root)).toThrow(coded('trust-root-invalid'))
    // What @sigstore/verify 4.1.3 makes of it.
    const [first] = toTrustMaterial({
      tlogs: [],
      timestampAuthorities: [],
      ctlogs: [],
      certificateAuthorities: root.certificateAuthorities.map(({ certChain }) => ({
        certChain: {
          certificates: certChain.certificates.map((one) => ({ rawBytes: Buffer.from(one.rawBytes, 'base64') })),
        },
      })),
    } as unknown as Parameters<typeof toTrustMaterial>[0]).certificateAuthorities
    expect(first!.validFor.start.getTime()).toBe(0)
    expect(first!.validFor.end.getUTCFullYear()).toBeGreaterThan(200_000)
  })
})
