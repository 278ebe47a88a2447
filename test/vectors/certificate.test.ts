import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Code, fromBase64, parsePublicKey } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { parseVkey } from '@countersign/formats'
import { parseCertificate } from '@countersign/formats/x509'
import {
  CertificateCache,
  type IdentityCrypto,
  type TrustedAuthority,
  verifyCertificate,
} from '@countersign/verify/identity'
import { describe, expect, test } from 'vitest'
import { vectors } from './read.ts'

interface Span {
  readonly from: string | null
  readonly until: string | null
}
interface AuthorityVector extends Span {
  readonly kind: 'countersign' | 'fulcio'
  readonly name: string
  readonly chain: readonly string[]
  readonly logs?: readonly string[]
  readonly ctlogs?: readonly (Span & { readonly key: string })[]
}
interface Vector {
  readonly chain: readonly string[]
  readonly authorities: readonly AuthorityVector[]
  readonly at: string
  readonly verified?: object
  readonly error?: Code
}

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const time = (text: string | null) => (text === null ? null : Date.parse(text))
const spanOf = ({ from, until }: Span) => ({ start: time(from), end: time(until) })

function authorityOf(one: AuthorityVector): TrustedAuthority {
  const chain = one.chain.map((der) => parseCertificate(fromBase64(der), 'certificate-invalid'))
  const common = { name: one.name, chain, validFor: spanOf(one) }
  if (one.kind === 'countersign') {
    return { ...common, kind: 'countersign', logs: one.logs!.map((vkey) => parseVkey(vkey, portableCrypto)) }
  }
  const ctlogs = one.ctlogs!.map((log) => {
    const key = parsePublicKey(fromBase64(log.key))
    return { key, logId: portableCrypto.sha256(key.spki), validFor: spanOf(log) }
  })
  return { ...common, kind: 'fulcio', ctlogs }
}

describe('certificates', () => {
  const cached = new Map<string, CertificateCache>()

  test.each(vectors<Vector>('certificate'))('%s', (_, { chain, authorities, at, verified, error }) => {
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
