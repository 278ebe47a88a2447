import {
  base64,
  canonicalJson,
  CodedError,
  equal,
  fromBase64,
  fromHex,
  fromUtf8,
  hex,
  type JsonObject,
  parseJson,
  parsePublicKey,
  type PublicKey,
  publicKeyPem,
  readPublicKey,
  utf8,
} from '@countersign/core'
import { Shape } from '../shape.ts'

/** Versions of Rekor's entry for a signed hash: 0.0.2 in a Rekor v2 log, 0.0.1 in a v1 log. */
export const HASHEDREKORD_VERSIONS = ['0.0.1', '0.0.2'] as const
export type HashedRekordVersion = (typeof HASHEDREKORD_VERSIONS)[number]

/** What an entry says: this key made this signature over bytes with this SHA-256. */
export interface HashedRekord {
  /** 32 bytes. */
  readonly digest: Uint8Array
  /** ECDSA P-256 with SHA-256, DER. */
  readonly signature: Uint8Array
  readonly publicKey: PublicKey
}

const KEY_DETAILS = 'PKIX_ECDSA_P256_SHA_256'
const ALGORITHM = 'SHA2_256'
const MAX_BODY_BYTES = 4096

/**
 * The bytes that are the leaf of the log: canonical JSON (RFC 8785) of the entry, as Rekor itself writes it. For the
 * same facts always the same, so whoever verifies computes them and need not take the log's.
 */
export function writeHashedRekord(version: HashedRekordVersion, record: HashedRekord): Uint8Array {
  return canonicalJson({ apiVersion: version, kind: 'hashedrekord', spec: specOf(version, record) })
}

/** Body of a request to `POST /api/v2/log/entries` (rekor-tiles, CLIENTS.md). */
export function hashedRekordRequestV2({ digest, signature, publicKey }: HashedRekord): JsonObject {
  const verifier = { publicKey: { rawBytes: base64(publicKey.spki) }, keyDetails: KEY_DETAILS }
  return { hashedRekordRequestV002: { digest: base64(digest), signature: { content: base64(signature), verifier } } }
}

/** Body of a request to `POST /api/v1/log/entries`: a proposed entry, which is the entry. */
export function hashedRekordRequestV1(record: HashedRekord): JsonObject {
  return { apiVersion: '0.0.1', kind: 'hashedrekord', spec: specOf('0.0.1', record) }
}

function specOf(version: HashedRekordVersion, { digest, signature, publicKey }: HashedRekord): JsonObject {
  const content = base64(signature)
  if (version === '0.0.1') {
    const pem = base64(utf8(publicKeyPem(publicKey)))
    return {
      data: { hash: { algorithm: 'sha256', value: hex(digest) } },
      signature: { content, publicKey: { content: pem } },
    }
  }
  const verifier = { keyDetails: KEY_DETAILS, publicKey: { rawBytes: base64(publicKey.spki) } }
  return {
    hashedRekordV002: { data: { algorithm: ALGORITHM, digest: base64(digest) }, signature: { content, verifier } },
  }
}

/**
 * {@link writeHashedRekord} the other way. Throws `anchor-invalid` for another kind of entry, another version, an
 * algorithm that is not P-256 with SHA-256, a certificate in place of a key, and for any other spelling.
 */
export function readHashedRekord(version: HashedRekordVersion, body: Uint8Array): HashedRekord {
  const invalid = (cause?: unknown) => new CodedError('anchor-invalid', 'the entry is not a hashedrekord', { cause })
  if (body.length > MAX_BODY_BYTES) throw invalid()
  let record: HashedRekord
  try {
    record = read(version, new Shape('anchor-invalid', parseJson(body, { maxDepth: 8 }), 'entry'))
  } catch (cause) {
    if (cause instanceof CodedError && cause.code === 'anchor-invalid') throw cause
    throw invalid(cause)
  }
  if (!equal(writeHashedRekord(version, record), body)) {
    throw new CodedError('anchor-invalid', 'the entry is not spelled as Rekor spells it')
  }
  return record
}

function read(version: HashedRekordVersion, shape: Shape): HashedRekord {
  const it = shape.object(['apiVersion', 'kind', 'spec'])
  it.exactly('apiVersion', version)
  it.exactly('kind', 'hashedrekord')
  const record = version === '0.0.1' ? readV1(it.get('spec')) : readV2(it.get('spec'))
  if (record.publicKey.algorithm !== 'ecdsa-p256') shape.fail('is not signed with ECDSA P-256')
  if (record.digest.length !== 32) shape.fail('does not hold a SHA-256')
  return record
}

function readV1(shape: Shape): HashedRekord {
  const spec = shape.object(['data', 'signature'])
  const hash = spec.get('data').object(['hash']).get('hash').object(['algorithm', 'value'])
  hash.exactly('algorithm', 'sha256')
  const signature = spec.get('signature').object(['content', 'publicKey'])
  const pem = fromUtf8(fromBase64(signature.get('publicKey').object(['content']).text('content')))
  return {
    digest: fromHex(hash.hex('value', 64)),
    signature: fromBase64(signature.text('content')),
    publicKey: readPublicKey(pem),
  }
}

function readV2(shape: Shape): HashedRekord {
  const spec = shape.object(['hashedRekordV002']).get('hashedRekordV002').object(['data', 'signature'])
  const data = spec.get('data').object(['algorithm', 'digest'])
  data.exactly('algorithm', ALGORITHM)
  const signature = spec.get('signature').object(['content', 'verifier'])
  const verifier = signature.get('verifier').object(['keyDetails', 'publicKey'])
  verifier.exactly('keyDetails', KEY_DETAILS)
  return {
    digest: fromBase64(data.text('digest')),
    signature: fromBase64(signature.text('content')),
    publicKey: parsePublicKey(fromBase64(verifier.get('publicKey').object(['rawBytes']).text('rawBytes'))),
  }
}
