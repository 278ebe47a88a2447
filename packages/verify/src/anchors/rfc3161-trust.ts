import { equal, fromBase64 } from '@countersign/core'
import type { Shape } from '@countersign/formats'
import { type Certificate, parseCertificate } from '@countersign/formats/x509'

const MAX_AUTHORITIES = 64
const MAX_CERTIFICATES = 16

/** Seconds that an authority's clock may be behind the log's, where trust says nothing else. */
export const DEFAULT_SKEW = 300

/** A timestamp authority that a verifier believes. */
export interface TrustedAuthority {
  /** What it is called here; one name counts once, however many certificates it has. */
  readonly name: string
  /** Its roots, or its own certificates: everything under one of them is believed to be this authority. */
  readonly certificates: readonly Certificate[]
  /** What it signed before or after is not believed; milliseconds since 1970. Null for no bound. */
  readonly from: number | null
  readonly until: number | null
}

/** What a verifier knows of timestamp authorities. */
export interface Rfc3161Trust {
  readonly authorities: readonly TrustedAuthority[]
  /** Seconds by which a token may be earlier than the time its statement says it was made at; 300 by default. */
  readonly skew?: number
}

/**
 * Trust from its JSON: `{"authorities":[{"name":"a","certificates":["<base64 of DER>"]}]}`, and where wanted `from` and
 * `until` of an authority and `skew`. One key under two names would count as two sources (T-64), and is refused. Throws
 * the code of `it`, `anchor-invalid` and `base64-invalid`.
 */
export function readRfc3161Trust(it: Shape): Rfc3161Trust {
  const members = it.object(['authorities'], ['skew'])
  const authorities = members.get('authorities').array(MAX_AUTHORITIES).map(readAuthority)
  for (const [i, one] of authorities.entries()) {
    for (const other of authorities.slice(0, i)) {
      if (other.name === one.name) it.fail(`names the authority ${one.name} twice`)
      if (sharesKey(one, other)) it.fail(`pins one key for ${other.name} and ${one.name}`)
    }
  }
  return { authorities, ...(members.has('skew') ? { skew: members.integer('skew', 0, 86_400) } : {}) }
}

function readAuthority(it: Shape): TrustedAuthority {
  const one = it.object(['name', 'certificates'], ['from', 'until'])
  const certificates = one
    .get('certificates')
    .array(MAX_CERTIFICATES)
    .map((text) => parseCertificate(fromBase64(text.string()), 'anchor-invalid'))
  if (certificates.length === 0) it.fail('pins no certificate')
  const time = (key: 'from' | 'until') => (one.has(key) && !one.isNull(key) ? Date.parse(one.time(key)) : null)
  return { name: one.text('name', 100), certificates, from: time('from'), until: time('until') }
}

function sharesKey(one: TrustedAuthority, other: TrustedAuthority): boolean {
  return one.certificates.some(({ spki }) => other.certificates.some((known) => equal(known.spki, spki)))
}
