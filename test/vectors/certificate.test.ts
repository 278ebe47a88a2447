import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Code, fromBase64 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { CertificateCache, type IdentityCrypto, verifyCertificate } from '@countersign/verify/identity'
import { describe, expect, test } from 'vitest'
import { authorityOf, type CertificateVector } from './certificate-vector.ts'
import { vectors } from './read.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
describe('certificates', () => {
  const cached = new Map<string, CertificateCache>()

  test.each(vectors<CertificateVector>('certificate'))('%s', (_, { chain, authorities, at, verified, error }) => {
    const input = {
      chain: chain.map(fromBase64),
      authorities: authorities.map(authorityOf),
      at: Date.parse(at),
    }
    const key = JSON.stringify(authorities)
    // One cache for all that share their trust: what was asked before must change nothing.
    const cache = cached.get(key) ?? new CertificateCache(input.authorities, nodeCrypto)
    cached.set(key, cache)
    const ways = [
      ...([nodeCrypto, portableCrypto] as IdentityCrypto[]).map(
        (crypto) => () => verifyCertificate({ ...input, crypto }),
      ),
      () => cache.verify(input.chain, input.at),
      () => cache.verify(input.chain, input.at),
    ]
    for (const verify of ways) {
      if (error !== undefined) expect(verify).toThrow(coded(error))
      else expect(verify()).toMatchObject(verified!)
    }
  })
})
