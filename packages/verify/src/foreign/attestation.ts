import { CodedError, type JsonObject, type PublicKey } from '@countersign/core'
import { names, pae, type ReportSigner } from '@countersign/formats'
import type { ForeignEnvelope, Report } from '@countersign/formats/report'
import type { SigstoreBundle } from '@countersign/formats/sigstore'
import type { IdentityCrypto } from '../identity/certificate.ts'
import type { SigstoreTrust } from '../sigstore/trusted-root.ts'
import type { ArtifactDigests, SigstorePolicy, SigstoreThresholds, VerifiedBundle } from '../sigstore/types.ts'
import { verifySigstoreBundle } from '../sigstore/verify.ts'
import { linkMessage } from './link-message.ts'

export interface ForeignInput {
  readonly report: Report
  /** What it must be about. */
  readonly artifact: Uint8Array | ArtifactDigests
  /** SHA-256 and SHA-512 of the artifact as a statement writes them. */
  readonly digests: { readonly sha256: string; readonly sha512?: string }
  /** Who must have signed it. Nobody is believed by default. */
  readonly policy: SigstorePolicy
  /** Null where no instance of Sigstore is believed: a key alone counts then, and only where no log is demanded. */
  readonly trust: SigstoreTrust | null
  readonly thresholds?: SigstoreThresholds
  readonly crypto: IdentityCrypto
}

declare const verified: unique symbol

/** An attestation of somebody else's that was verified for an artifact and a policy. Only {@link verifyAttestation} makes one. */
export interface VerifiedAttestation {
  readonly [verified]: 'attestation'
  readonly report: Report
  readonly signer: ReportSigner
}

/**
 * Verifies an attestation of another tool's, in the form it came in: whom the policy means has signed it, and it is about
 * the artifact. What Sigstore stands behind (bundles, those of cosign, envelopes with a certificate) is judged as
 * {@link verifySigstoreBundle} does; an envelope with bare signatures, and link metadata, under a key alone, and only
 * where neither logs nor timestamps are demanded: nobody stands behind them. Throws `signature-missing` for a statement
 * that nobody signed, `report-type` for what is none, `signer-unknown`, `signature-invalid`, `artifact-mismatch`,
 * `trust-missing`, `entry-missing`, `time-untrusted`, and what `verifySigstoreBundle` throws.
 */
export function verifyAttestation(input: ForeignInput): VerifiedAttestation {
  const { report } = input
  const { attestation } = report
  if (attestation === null) throw new CodedError('report-type', `it is ${report.type}, which nobody signs by itself`)
  const signer = signerOf(input, attestation)
  // A signature of the artifact itself says so by verifying.
  const signed = report.type === 'signature'
  if (!signed && !report.about.some((digests) => names(digests, { digest: input.digests }))) {
    throw new CodedError('artifact-mismatch', `the attestation is about no sha256:${input.digests.sha256}`)
  }
  return { report, signer } as unknown as VerifiedAttestation
}

function signerOf(input: ForeignInput, attestation: NonNullable<Report['attestation']>): ReportSigner {
  switch (attestation.form) {
    case 'sigstore-bundle':
    case 'cosign':
      return bundled(input, attestation.bundle)
    case 'dsse':
      return enveloped(input, attestation.envelope)
    case 'link':
      return keyed(keyOf(input.policy), linkMessage(attestation.signed as JsonObject), attestation.signatures, input)
    case 'statement':
      throw new CodedError('signature-missing', 'the statement came without an envelope: nobody signed it')
  }
}

function bundled(input: ForeignInput, bundle: SigstoreBundle): ReportSigner {
  const { artifact, policy, trust, thresholds, crypto } = input
  const minLogs = thresholds?.logs ?? 1
  if (trust === null && (policy.key === undefined || minLogs > 0 || bundle.entries.length > 0)) {
    throw new CodedError('trust-missing', 'no trust root says whose logs and certificates count')
  }
  const believed = trust ?? { authorities: [], logs: [], timestampAuthorities: [] }
  const found = verifySigstoreBundle({
    bundle,
    artifact,
    trust: believed,
    policy,
    crypto,
    ...(thresholds === undefined ? {} : { thresholds }),
  })
  return named(found)
}

function named({ signer }: VerifiedBundle): ReportSigner {
  if (signer.kind === 'key') return { key: signer.key.keyId }
  const { issuer, subject } = signer.certificate.identity
  return { issuer, subject: subject.value }
}

/** An envelope whose certificates and timestamps lie beside its signatures is a bundle in another spelling. */
function enveloped(input: ForeignInput, { payloadType, payload, signatures }: ForeignEnvelope): ReportSigner {
  const { policy } = input
  if (policy.key !== undefined) {
    const bare = signatures.map(({ signature }) => signature)
    return keyed(policy.key, pae(payloadType, payload), bare, input)
  }
  const certified = signatures.filter(({ chain }) => chain.length > 0)
  if (certified.length === 0)
    throw new CodedError('signer-unknown', 'the envelope names no certificate, and an identity is demanded')
  let first: CodedError | null = null
  for (const { signature, chain, timestamps } of certified) {
    const envelope = { payloadType, payload, signature, keyid: null }
    try {
      return bundled(input, {
        version: '0.2',
        signer: { kind: 'certificate', chain },
        entries: [],
        timestamps,
        content: { kind: 'dsse', envelope },
      })
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      first ??= error
    }
  }
  throw first!
}

function keyOf(policy: SigstorePolicy): PublicKey {
  if (policy.key !== undefined) return policy.key
  throw new CodedError('signer-unknown', 'link metadata is signed with a key, and an identity is demanded')
}

/** One good signature under the key is enough: the others are of parties that nobody asked for. */
function keyed(
  key: PublicKey,
  message: Uint8Array,
  signatures: readonly Uint8Array[],
  { thresholds: { logs = 1, timestamps = 0 } = {}, crypto }: ForeignInput,
): ReportSigner {
  if (signatures.length === 0) throw new CodedError('signature-missing', 'the attestation has no signature')
  if (!signatures.some((signature) => crypto.verify(key, message, signature))) {
    throw new CodedError('signature-invalid', `no signature of the attestation is by key ${key.keyId.slice(0, 12)}`)
  }
  if (logs > 0) throw new CodedError('entry-missing', 'a log is demanded, and the signature stands by itself')
  if (timestamps > 0) {
    throw new CodedError('time-untrusted', 'a timestamp is demanded, and the signature stands by itself')
  }
  return { key: key.keyId }
}
