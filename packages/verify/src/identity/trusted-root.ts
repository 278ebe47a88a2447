import { CodedError, type Crypto, equal, fromBase64, parseJson, parsePublicKey } from '@countersign/core'
import { type ObjectShape, Shape } from '@countersign/formats'
import { looseOf, readValidFor, type ValidFor } from '@countersign/formats/anchor'
import { TRUSTED_ROOT_MEDIA_TYPES } from '@countersign/formats/identity'
import { basicConstraints, type Certificate, parseCertificate } from '@countersign/formats/x509'
import type { FulcioAuthority, TrustedCtLog } from './authority.ts'

const CODE = 'trust-root-invalid'
const MAX_BYTES = 4_000_000
const MAX_AUTHORITIES = 100
const MAX_LOGS = 1000
const MAX_CERTIFICATES = 5

/**
 * The authorities of Sigstore's `trusted_root.json` (protobuf-specs, sigstore_trustroot.proto), each with all logs of
 * Certificate Transparency that the file names. Members that mean nothing here are let be, because the file is somebody
 * else's and grows; of those that do, one that is malformed refuses the whole file, also where it is of an authority
 * that no certificate leads to (T-65). Logs with other keys than ECDSA P-256 are left out, so their SCTs do not count.
 *
 * Throws `trust-root-invalid`, and `trust-missing` where there is no authority.
 */
export function parseTrustedAuthorities(
  input: Uint8Array | string,
  crypto: Pick<Crypto, 'sha256'>,
): readonly FulcioAuthority[] {
  try {
    const value = parseJson(input, { maxBytes: MAX_BYTES })
    const it = looseOf(new Shape(CODE, value, 'trustedRoot'), ['mediaType', 'certificateAuthorities'])
    it.exactly('mediaType', ...TRUSTED_ROOT_MEDIA_TYPES)
    const authorities = readTrustedAuthorities(it, crypto)
    if (authorities.length === 0) throw new CodedError('trust-missing', 'the trusted root names no authority')
    return authorities
  } catch (error) {
    if (!(error instanceof CodedError) || error.code === CODE || error.code === 'trust-missing') throw error
    throw new CodedError(CODE, `the trusted root cannot be read: ${error.what}`, { cause: error })
  }
}

/** {@link parseTrustedAuthorities} of a root that was parsed already; none where it names none. */
export function readTrustedAuthorities(it: ObjectShape, crypto: Pick<Crypto, 'sha256'>): readonly FulcioAuthority[] {
  const logs = it.has('ctlogs') ? it.get('ctlogs').array(MAX_LOGS) : []
  const ctlogs = logs.map((shape) => logOf(shape, crypto)).filter((log) => log !== null)
  const authorities = it.get('certificateAuthorities').array(MAX_AUTHORITIES)
  return authorities.map((shape) => ({ ...authorityOf(shape), kind: 'fulcio', ctlogs }))
}

function authorityOf(shape: Shape): Omit<FulcioAuthority, 'kind' | 'ctlogs'> {
  const it = looseOf(shape, ['uri', 'certChain', 'validFor'])
  const list = looseOf(it.get('certChain'), ['certificates']).get('certificates')
  const chain = list.array(MAX_CERTIFICATES).map((one) => certificateOf(one))
  if (chain.length === 0) list.fail('is empty')
  for (const [i, { issuer }] of chain.slice(0, -1).entries()) {
    if (!equal(issuer, chain[i + 1]!.subject)) list.fail(`has no way from certificate ${i} to the next`)
  }
  return { name: nameOf(it.text('uri', 2048)), chain, validFor: boundedOf(it.get('validFor')) }
}

function certificateOf(shape: Shape): Certificate {
  const certificate = parseCertificate(fromBase64(looseOf(shape, ['rawBytes']).get('rawBytes').string()), CERTIFICATE)
  if (!basicConstraints(certificate).ca) shape.fail('is no CA')
  return certificate
}
const CERTIFICATE = 'certificate-invalid'

/** An authority by its address: without scheme and slash at the end. */
function nameOf(uri: string): string {
  return uri.replace(/^https?:\/\//, '').replace(/\/+$/, '')
}

/** Without a beginning, whatever was signed ever would count. */
export function boundedOf(shape: Shape): ValidFor {
  const validFor = readValidFor(shape)
  if (validFor.start === null) shape.fail('has no start')
  return validFor
}

function logOf(shape: Shape, crypto: Pick<Crypto, 'sha256'>): TrustedCtLog | null {
  const it = looseOf(shape, ['baseUrl', 'hashAlgorithm', 'publicKey', 'logId'])
  const publicKey = looseOf(it.get('publicKey'), ['rawBytes', 'keyDetails', 'validFor'])
  const validFor = boundedOf(publicKey.get('validFor'))
  const spki = fromBase64(publicKey.get('rawBytes').string())
  // Keys of other kinds stand there in forms of their own, such as that of PKCS #1, of which the id is no hash.
  if (publicKey.text('keyDetails', 100) !== 'PKIX_ECDSA_P256_SHA_256') return null
  const logId = crypto.sha256(spki)
  // Either the file means another log than it names, or another key.
  if (!equal(fromBase64(looseOf(it.get('logId'), ['keyId']).get('keyId').string()), logId)) {
    shape.fail('has another id than its key gives')
  }
  it.exactly('hashAlgorithm', 'SHA2_256')
  const key = parsePublicKey(spki)
  if (key.algorithm !== 'ecdsa-p256') shape.fail('has a key of another kind than it says')
  return { logId, key, validFor }
}
