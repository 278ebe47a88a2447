import { X509Certificate } from 'node:crypto'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { portableCrypto } from '@countersign/core/portable'
import { verifyCertificate } from '@countersign/verify/identity'
import { expect, test } from 'vitest'
import { ISSUED, LocalAuthority, RUN } from './local-ca.ts'

test.each([
  ['P-256', undefined],
  ['P-384', undefined],
  ['P-256', null],
] as const)('a certificate of a %s authority verifies, as one of either kind', (curve, intermediate) => {
  const authority = new LocalAuthority({ curve, ...(intermediate === null ? { intermediate } : {}) })
  const { chain, der, key } = authority.issue()
  for (const crypto of [nodeCrypto, portableCrypto]) {
    const input = { chain, at: ISSUED + 1000, crypto }
    const verified = verifyCertificate({ ...input, authorities: [authority.trusted] })
    expect(verified).toMatchObject({ identity: RUN, grade: 'A', system: 'github-actions', kind: 'countersign' })
    expect(verified.publicKey.spki).toEqual(key.spki)
    const fulcio = verifyCertificate({ ...input, authorities: [authority.fulcio] })
    expect(fulcio).toMatchObject({ identity: RUN, grade: 'A', system: null, kind: 'fulcio' })
  }
  const node = new X509Certificate(der)
  expect(node.subjectAltName).toBe(`URI:${RUN.subject.value}`)
  expect(node.keyUsage).toEqual(['1.3.6.1.5.5.7.3.3'])
  expect(node.verify(new X509Certificate(authority.issuer.der).publicKey)).toBe(true)
})
