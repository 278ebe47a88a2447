import type { PublicKey } from '@countersign/core'
import type { IdentityPattern } from '@countersign/contract'
import type { SigstoreContent } from '@countersign/formats/sigstore'
import type { VerifiedCertificate } from '../identity/certificate.ts'

/** A time that somebody who is trusted vouches for. */
export interface TrustedTime {
  /** A log's promise, or a timestamp. */
  readonly source: 'log' | 'timestamp'
  /** Name of the log or the authority. */
  readonly by: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** An entry that a trusted log was found to have. */
export interface ProvenEntry {
  readonly log: string
  readonly logIndex: number
  /** Like `hashedrekord 0.0.1`. */
  readonly kind: string
  /** Whether it was proved to be in the log's tree, or the log's promise alone was there. */
  readonly included: boolean
}

/** Who must have signed: somebody a certificate names, or whoever holds a key. */
export type SigstorePolicy =
  | { readonly identity: IdentityPattern; readonly key?: never }
  | { readonly key: PublicKey; readonly identity?: never }

/** How much must stand behind a signature. */
export interface SigstoreThresholds {
  /** Independent logs that must have it; 1 by default. A log counts once, and so does an operator (T-64). */
  readonly logs?: number
  /** Timestamp authorities that must have put their time to it; 0 by default. */
  readonly timestamps?: number
}

/** SHA-256, and where it is known SHA-512, of an artifact: 32 and 64 bytes. */
export interface ArtifactDigests {
  readonly sha256: Uint8Array
  readonly sha512: Uint8Array | null
}

declare const verified: unique symbol

/** A bundle that was verified for an artifact and a policy. Only {@link verifySigstoreBundle} makes one. */
export interface VerifiedBundle {
  readonly [verified]: 'bundle'
  readonly signer:
    | { readonly kind: 'certificate'; readonly certificate: VerifiedCertificate }
    | { readonly kind: 'key'; readonly key: PublicKey }
  /** What was signed: the artifact itself, or a statement about it. */
  readonly content: SigstoreContent
  /** Predicate type of the statement; null where the artifact itself was signed. */
  readonly predicateType: string | null
  /** Every time that is vouched for, the earliest first; none for a key without one. */
  readonly times: readonly TrustedTime[]
  readonly entries: readonly ProvenEntry[]
}
