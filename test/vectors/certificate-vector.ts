import { type Code, fromBase64, parsePublicKey } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { parseVkey } from '@countersign/formats'
import { parseCertificate } from '@countersign/formats/x509'
import type { TrustedAuthority } from '@countersign/verify/identity'

interface Span {
  readonly from: string | null
  readonly until: string | null
}
export interface AuthorityVector extends Span {
  readonly kind: 'countersign' | 'fulcio'
  readonly name: string
  readonly chain: readonly string[]
  readonly logs?: readonly string[]
  readonly ctlogs?: readonly (Span & { readonly key: string })[]
}
/** A certificate as its vector holds it. */
export interface CertificateVector {
  readonly chain: readonly string[]
  readonly authorities: readonly AuthorityVector[]
  readonly at: string
  readonly verified?: object
  readonly error?: Code
}

const time = (text: string | null) => (text === null ? null : Date.parse(text))
const spanOf = ({ from, until }: Span) => ({ start: time(from), end: time(until) })

export function authorityOf(one: AuthorityVector): TrustedAuthority {
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
