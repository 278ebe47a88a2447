import { CodedError, type Crypto, equal, parsePublicKey, type PublicKey, rawFromDer } from '@countersign/core'
import { mismatchOf } from '@countersign/contract'
import { pae } from '@countersign/formats'
import type { SigstoreBundle } from '@countersign/formats/sigstore'
import { parseCertificate } from '@countersign/formats/x509'
import { p256 } from '@noble/curves/nist.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { type IdentityCrypto, type VerifiedCertificate, verifyCertificate } from '../identity/certificate.ts'
import { checkDigest, checkSubject } from './artifact.ts'
import { checkLogTimes, countParties, type Signed, verifyEntries } from './entries.ts'
import { readTimestamps } from './timestamps.ts'
import type { SigstoreTrust } from './trusted-root.ts'
import type { ArtifactDigests, SigstorePolicy, SigstoreThresholds, TrustedTime, VerifiedBundle } from './types.ts'

export interface SigstoreInput {
  readonly bundle: SigstoreBundle
  /** The artifact, or what is known of it. */
  readonly artifact: Uint8Array | ArtifactDigests
  readonly trust: SigstoreTrust
  readonly policy: SigstorePolicy
  readonly thresholds?: SigstoreThresholds
  readonly crypto: IdentityCrypto
}

/**
 * Verifies a Sigstore bundle of anybody's for an artifact: the signature is over it or over a statement about it; every
 * entry of a log is of this signature, and as many independent logs as are demanded prove that they have it; where a
 * certificate says who signed, its whole path was valid at every time that somebody trusted vouches for (T-55), of which
 * there is one at least (T-56), and it names whom the policy means. A promise without the log's signature is no time.
 * SPEC.md §15, "Sigstore bundles of others".
 *
 * Throws `artifact-mismatch`, `signature-invalid`, `signer-unknown`, `entry-mismatch`, `entry-unproven`,
 * `entry-untrusted`, `entry-missing`, `time-untrusted`, `bundle-invalid`, `trust-missing`, what
 * {@link verifyCertificate} throws, and for a statement `statement-invalid` and `subject-missing`.
 */
export function verifySigstoreBundle(input: SigstoreInput): VerifiedBundle {
  const { bundle, trust, policy, crypto } = input
  const { logs: minLogs = 1, timestamps: minTimestamps = 0 } = input.thresholds ?? {}
  const { key, verifier } = signerOf(bundle, policy)
  const { about, predicateType } = contentOf(bundle, input.artifact, key, verifier, crypto)
  const entries = verifyEntries(bundle, about, trust.logs, crypto)
  if (countParties(entries.logs) < minLogs) {
    throw entries.fault ?? new CodedError('entry-missing', `fewer than ${minLogs} independent logs have the signature`)
  }
  const stamped = readTimestamps(bundle.timestamps, about.signature, trust, crypto)
  if (stamped.times.length < minTimestamps) {
    throw untimed(`fewer than ${minTimestamps} timestamp authorities vouch for a time`, stamped.fault)
  }
  const times = [...entries.times, ...stamped.times].toSorted((a, b) => a.at - b.at)
  checkLogTimes(entries.logs, times)
  const signer: VerifiedBundle['signer'] =
    bundle.signer.kind === 'key'
      ? { kind: 'key', key }
      : { kind: 'certificate', certificate: certify(bundle.signer.chain, times, stamped.fault, trust, crypto) }
  checkIdentity(policy, signer)
  const { content } = bundle
  return { signer, content, predicateType, times, entries: entries.proven } as unknown as VerifiedBundle
}

function digestsOf(artifact: Uint8Array | ArtifactDigests, crypto: Pick<Crypto, 'sha256'>): ArtifactDigests {
  if (!(artifact instanceof Uint8Array)) return artifact
  return { sha256: crypto.sha256(artifact), sha512: sha512(artifact) }
}

/** The key that the signature must verify under: the certificate's, or the one that the verifier has. */
function signerOf(
  { signer }: SigstoreBundle,
  policy: SigstorePolicy,
): { key: PublicKey; verifier: Signed['verifier'] } {
  if (signer.kind === 'key') {
    // Its hint says what anybody wrote there.
    if (policy.key !== undefined) return { key: policy.key, verifier: { kind: 'key', der: policy.key.spki } }
    throw new CodedError('signer-unknown', 'the bundle is signed with a key, and an identity is demanded')
  }
  if (policy.key !== undefined) {
    throw new CodedError('signer-unknown', 'the bundle is signed with a certificate, and a key is demanded')
  }
  const [leaf, ...others] = signer.chain.map((der) => parseCertificate(der, 'certificate-invalid'))
  // A root that comes along with what it is to vouch for is nobody's word, and no bundle may have one.
  if (others.some(({ issuer, subject }) => equal(issuer, subject))) {
    throw new CodedError('bundle-invalid', 'the bundle brings a root certificate')
  }
  return { key: parsePublicKey(leaf!.spki), verifier: { kind: 'certificate', der: leaf!.der } }
}

/** Verifies the signature and that what was signed is, or is about, the artifact. */
function contentOf(
  { content }: SigstoreBundle,
  artifact: Uint8Array | ArtifactDigests,
  key: PublicKey,
  verifier: Signed['verifier'],
  crypto: Crypto,
): { about: Signed; predicateType: string | null } {
  const digests = digestsOf(artifact, crypto)
  if (content.kind === 'message') {
    const { signature } = content
    checkDigest(content.digest, digests)
    if (!isSigned(key, artifact, digests, signature, crypto)) throw unsigned('the artifact')
    return { about: { signed: digests.sha256, payload: null, signature, verifier }, predicateType: null }
  }
  const { payload, payloadType, signature } = content.envelope
  const signed = pae(payloadType, payload)
  if (!crypto.verify(key, signed, signature)) throw unsigned('the statement')
  const about = { signed: crypto.sha256(signed), payload: crypto.sha256(payload), signature, verifier }
  return { about, predicateType: checkSubject(payload, digests) }
}

function unsigned(what: string): CodedError {
  return new CodedError('signature-invalid', `the signature is not one over ${what} by its signer`)
}

/** Whether a key signed an artifact, of which for ECDSA its SHA-256 is enough. */
function isSigned(
  key: PublicKey,
  artifact: Uint8Array | ArtifactDigests,
  { sha256 }: ArtifactDigests,
  signature: Uint8Array,
  crypto: Pick<Crypto, 'verify'>,
): boolean {
  if (artifact instanceof Uint8Array) return crypto.verify(key, artifact, signature)
  if (key.algorithm === 'ed25519') {
    throw new CodedError(
      'signature-invalid',
      'an Ed25519 signature is over the artifact, and its digest alone is there',
      {
        fix: 'Name the artifact itself, not its digest.',
      },
    )
  }
  const raw = rawFromDer(signature)
  return raw !== null && p256.verify(raw, sha256, key.raw, { prehash: false, lowS: false })
}

/** The certificate, whose path must have been valid at each of the times. */
function certify(
  chain: readonly Uint8Array[],
  times: readonly TrustedTime[],
  fault: CodedError | null,
  { authorities }: SigstoreTrust,
  crypto: IdentityCrypto,
): VerifiedCertificate {
  let found: VerifiedCertificate | null = null
  for (const at of new Set(times.map((time) => time.at))) {
    found = verifyCertificate({ chain, authorities, at, crypto })
  }
  if (found === null) throw untimed('nobody who is trusted vouches for when the certificate was used', fault)
  return found
}

function untimed(what: string, fault: CodedError | null): CodedError {
  return new CodedError('time-untrusted', fault === null ? what : `${what}: ${fault.what}`, {
    cause: fault ?? undefined,
  })
}

function checkIdentity(policy: SigstorePolicy, signer: VerifiedBundle['signer']): void {
  // With a key that is it; the signature verified under the one that is demanded.
  if (signer.kind === 'key' || policy.identity === undefined) return
  const mismatch = mismatchOf(policy.identity, signer.certificate.identity)
  if (mismatch === null) return
  throw new CodedError('signer-unknown', `somebody else signed: ${mismatch}`, {
    fix: 'Get the bundle of whoever you trust, or name whom you trust rightly: issuer and identity, in full.',
  })
}
