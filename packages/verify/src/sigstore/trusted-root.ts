import { CodedError, type Crypto, fromBase64, parseJson } from '@countersign/core'
import { type ObjectShape, Shape } from '@countersign/formats'
import { looseOf, type ValidFor } from '@countersign/formats/anchor'
import { TRUSTED_ROOT_MEDIA_TYPES } from '@countersign/formats/identity'
import { basicConstraints, type Certificate, parseCertificate } from '@countersign/formats/x509'
import { logNameOf, readTrustedLog, type RekorLog, rekorTrust } from '../anchors/rekor-trust.ts'
import type { FulcioAuthority } from '../identity/authority.ts'
import { boundedOf, readTrustedAuthorities } from '../identity/trusted-root.ts'

const CODE = 'trust-root-invalid'
/** Most bytes of a trusted root; Sigstore's public one has 7,000. */
export const MAX_TRUSTED_ROOT_BYTES = 4_000_000
const MAX_LOGS = 1000
const MAX_AUTHORITIES = 100
const MAX_CERTIFICATES = 6

/** A timestamp authority of a trusted root. */
export interface SigstoreTimestampAuthority {
  readonly name: string
  /** The authority's own certificate first, or that of the CA under it, up to a root. At least one. */
  readonly chain: readonly [Certificate, ...Certificate[]]
  readonly validFor: ValidFor
}

/** Whom one instance of Sigstore says to believe. Made only by {@link parseSigstoreTrust}. */
export interface SigstoreTrust {
  readonly authorities: readonly FulcioAuthority[]
  readonly logs: readonly RekorLog[]
  readonly timestampAuthorities: readonly SigstoreTimestampAuthority[]
}

/**
 * Everything of Sigstore's `trusted_root.json` (protobuf-specs, sigstore_trustroot.proto) that bundles hang on: CAs,
 * logs of Certificate Transparency, logs of Rekor, timestamp authorities. Members that mean nothing here are let be,
 * because the file is somebody else's and grows; of those that do, one that is malformed refuses the whole file (T-65),
 * a span of time without a beginning too. Logs with keys of other kinds than ECDSA P-256 and Ed25519 are left out, so
 * what they signed does not count.
 *
 * Throws `trust-root-invalid`.
 */
export function parseSigstoreTrust(input: Uint8Array | string, crypto: Pick<Crypto, 'sha256'>): SigstoreTrust {
  try {
    const value = parseJson(input, { maxBytes: MAX_TRUSTED_ROOT_BYTES })
    const it = looseOf(new Shape(CODE, value, 'trustedRoot'), ['mediaType', 'certificateAuthorities', 'tlogs'])
    it.exactly('mediaType', ...TRUSTED_ROOT_MEDIA_TYPES)
    const logs = listOf(it, 'tlogs', MAX_LOGS).map((shape) => logOf(shape, crypto))
    const known = logs.filter((log) => log !== null)
    // One key under two names would count as two logs (T-64).
    if (known.length > 0) rekorTrust(known)
    return {
      authorities: readTrustedAuthorities(it, crypto),
      logs: known,
      timestampAuthorities: listOf(it, 'timestampAuthorities', MAX_AUTHORITIES).map(authorityOf),
    }
  } catch (error) {
    if (!(error instanceof CodedError) || error.code === CODE) throw error
    throw new CodedError(CODE, `the trusted root cannot be read: ${error.what}`, { cause: error })
  }
}

function listOf(it: ObjectShape, key: string, max: number): readonly Shape[] {
  return it.has(key) && !it.isNull(key) ? it.get(key).array(max) : []
}

function logOf(shape: Shape, crypto: Pick<Crypto, 'sha256'>): RekorLog | null {
  const publicKey = looseOf(looseOf(shape, ['publicKey']).get('publicKey'), ['validFor'])
  boundedOf(publicKey.get('validFor'))
  return readTrustedLog(shape, crypto)
}

function authorityOf(shape: Shape): SigstoreTimestampAuthority {
  const it = looseOf(shape, ['certChain', 'validFor'])
  const list = looseOf(it.get('certChain'), ['certificates']).get('certificates')
  const [first, ...others] = list.array(MAX_CERTIFICATES).map(certificateOf)
  if (first === undefined) return list.fail('is empty')
  // Those above the first issue; the first may be the authority's own.
  if (others.some((one) => !basicConstraints(one).ca)) list.fail('holds a certificate on the way that is no CA')
  const subject = it.has('subject') && !it.isNull('subject') ? looseOf(it.get('subject'), []) : null
  const named = subject?.has('commonName') === true ? subject.text('commonName', 200) : 'timestamp authority'
  const name = it.has('uri') && !it.isNull('uri') ? logNameOf(it.text('uri', 2048)) : named
  return { name, chain: [first, ...others], validFor: boundedOf(it.get('validFor')) }
}

function certificateOf(shape: Shape): Certificate {
  return parseCertificate(fromBase64(looseOf(shape, ['rawBytes']).get('rawBytes').string()), 'certificate-invalid')
}
