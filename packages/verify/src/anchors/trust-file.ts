import { base64, CodedError, concat, type Crypto, fromBase64, hex, type JsonValue, parseJson } from '@countersign/core'
import { Shape } from '@countersign/formats'
import {
  ANCHOR_TRUST_MEDIA_TYPE,
  type AnchorRoots,
  type AuthorityRoot,
  looseOf,
  MAX_ANCHOR_TRUST_BYTES,
  NO_ANCHOR_ROOTS,
  readAnchorRoots,
  readValidFor,
  type RekorRoot,
  type ValidFor,
} from '@countersign/formats/anchor'
import { parseCertificate } from '@countersign/formats/x509'
import { logNameOf, parseTrustedRoot, type RekorLog } from './rekor-trust.ts'
import type { TrustedAuthority } from './rfc3161-trust.ts'

const CODE = 'anchor-setup-invalid'
const MAX_AUTHORITIES = 100
const SIGSTORE = /^application\/vnd\.dev\.sigstore\.trustedroot[.+]/

/**
 * Whom to believe, out of a file: our own strict JSON, or Sigstore's `trusted_root.json`, of which the Rekor logs and
 * the timestamp authorities are taken. Throws `anchor-setup-invalid`, `key-invalid`, `input-too-large`, and what strict
 * JSON reading throws.
 */
export function parseAnchorTrust(bytes: Uint8Array, crypto: Pick<Crypto, 'sha256'>): AnchorRoots {
  const value = parseJson(bytes, { maxBytes: MAX_ANCHOR_TRUST_BYTES })
  const whole = new Shape(CODE, value, 'trust')
  const mediaType = whole.members()['mediaType']
  if (typeof mediaType === 'string' && SIGSTORE.test(mediaType)) return sigstoreRoots(bytes, value, crypto)
  const it = whole.object(['mediaType', 'anchors'])
  it.exactly('mediaType', ANCHOR_TRUST_MEDIA_TYPE)
  return readAnchorRoots(it.get('anchors'))
}

/**
 * The timestamp authorities of a `trusted_root.json`, which may say when a signature was there. Throws
 * `trust-root-invalid`.
 */
export function timestampAuthoritiesIn(bytes: Uint8Array): readonly TrustedAuthority[] {
  try {
    const value = parseJson(bytes, { maxBytes: MAX_ANCHOR_TRUST_BYTES })
    const it = looseOf(new Shape(CODE, value, 'trustedRoot'), ['mediaType'])
    const authorities = it.has('timestampAuthorities') ? it.get('timestampAuthorities').array(MAX_AUTHORITIES) : []
    const time = (at: string | null) => (at === null ? null : Date.parse(at))
    return authorities.map(authorityOf).map(({ name, certificates, from, until }) => ({
      name,
      certificates: certificates.map((der) => parseCertificate(der, 'anchor-invalid')),
      from: time(from),
      until: time(until),
    }))
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause
    throw new CodedError('trust-root-invalid', `the trusted root cannot be read: ${cause.what}`, { cause })
  }
}

function sigstoreRoots(bytes: Uint8Array, value: JsonValue, crypto: Pick<Crypto, 'sha256'>): AnchorRoots {
  const it = looseOf(new Shape(CODE, value, 'trustedRoot'), ['mediaType'])
  const authorities = it.has('timestampAuthorities') ? it.get('timestampAuthorities').array(MAX_AUTHORITIES) : []
  const rekor = it.has('tlogs') ? parseTrustedRoot(bytes, crypto).logs.map(rekorRootOf) : []
  return { ...NO_ANCHOR_ROOTS, rekor, rfc3161: authorities.map(authorityOf) }
}

/** A log as it stands in our own files. */
export function rekorRootOf({ name, key, logId, operator, validFor }: RekorLog): RekorRoot {
  const material = key.algorithm === 'ed25519' ? concat(Uint8Array.of(1), key.raw) : concat(Uint8Array.of(2), key.spki)
  const vkey = `${name}+${hex(logId.subarray(0, 4))}+${base64(material)}`
  return { vkey, operator, ...believedIn(validFor) }
}

/** Its own certificate, which comes first: what else its CA has issued is not this authority. */
function authorityOf(shape: Shape): AuthorityRoot {
  const it = looseOf(shape, ['certChain'])
  const [first] = looseOf(it.get('certChain'), ['certificates']).get('certificates').array(20)
  if (first === undefined) throw new CodedError(CODE, 'a timestamp authority has no certificate')
  const der = fromBase64(looseOf(first, ['rawBytes']).text('rawBytes', 20_000))
  parseCertificate(der, 'anchor-invalid')
  const subject = it.has('subject') ? looseOf(it.get('subject'), []) : null
  const named = subject?.has('commonName') === true ? subject.text('commonName', 200) : 'timestamp authority'
  const name = it.has('uri') ? logNameOf(it.text('uri', 256)) : named
  const validFor = it.has('validFor') ? readValidFor(it.get('validFor')) : { start: null, end: null }
  return { name, certificates: [der], ...believedIn(validFor) }
}

function believedIn({ start, end }: ValidFor): Pick<RekorRoot, 'from' | 'until'> {
  const time = (at: number | null) => (at === null ? null : new Date(at).toISOString())
  return { from: time(start), until: time(end) }
}
