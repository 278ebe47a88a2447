import type { PublicKey } from '@countersign/core'
import type { RevocationReason } from '@countersign/formats'
import type { Page, Stored } from './store.ts'

/** A key that may sign for a tenant, or might until it was revoked. Times are ISO times. */
export interface EnrolledKey {
  readonly name: string
  readonly key: PublicKey
  readonly enrolledAt: string
  /** As of when it counts no more; before or after the moment it was said. Null while it is valid. */
  readonly revokedAt: string | null
  /** Null where none was said. */
  readonly reason: RevocationReason | null
  /** Attestations of it that were accepted, those that were erased since among them. */
  readonly steps: number
  readonly lastUsedAt: string | null
}

/** How a key gets in. */
export interface Enrolment {
  readonly name: string
  readonly key: PublicKey
  readonly enrolledAt: string
  /** Who does it: a token or a code, by its id. */
  readonly by: string
  /** Whether it was shown that the private half is there. */
  readonly proven: boolean
}

export interface Revocation {
  readonly at: string
  readonly by: string
  /** As of when; null: as of `at`, and where it is revoked already, as it is. */
  readonly since: string | null
  readonly reason: RevocationReason | null
}

/** One key in the place of another. */
export interface Rotation {
  readonly from: string
  readonly to: PublicKey
  readonly at: string
  readonly by: string
  readonly proven: boolean
  /** Until when the old one counts. */
  readonly until: string
}

/** What happened to a key. */
export type KeyEvent = { readonly at: string; readonly by: string } & (
  | { readonly kind: 'enrolled'; readonly proven: boolean; readonly replaces: string | null }
  | { readonly kind: 'rotated'; readonly asOf: string; readonly to: string }
  | { readonly kind: 'revoked'; readonly asOf: string; readonly reason: RevocationReason | null }
)

/** A code that lets keys in, but for its secret. */
export interface Invitation {
  /** Unique over all tenants. */
  readonly id: string
  readonly tenant: string
  /** SHA-256 of the secret part. */
  readonly hash: Uint8Array
  /** Under which they are enrolled. */
  readonly name: string
  readonly createdAt: string
  readonly by: string
  readonly expiresAt: string
  /** How many keys it lets in. */
  readonly uses: number
}

export interface HeldInvitation extends Invitation {
  /** How many it has let in. */
  readonly used: number
  readonly withdrawnAt: string | null
}

/** By whom an attestation was signed: a key, or whomever an authority vouched for. */
export type SignedBy =
  /** Key id. */
  | { readonly by: 'key'; readonly value: string }
  /** What this server calls it, or its id: 64 hex digits (`BelievedAuthority`). */
  | { readonly by: 'authority'; readonly value: string }
  /** All whom an OpenID issuer knows, by its URL. */
  | { readonly by: 'issuer'; readonly issuer: string }
  /** The name in the certificate, and the repository's number, as this issuer gave them. */
  | { readonly by: 'subject' | 'repository'; readonly issuer: string; readonly value: string }

/** An attestation that a signer signed, or that goes on from one. */
export interface Affected extends Stored {
  /** Link of the one that it goes on from, near or far; null where the signer signed this one. */
  readonly after: string | null
  /** Where the list goes on after it. */
  readonly position: string
}

/** The life of keys, in the words of the domain; durable and atomic as the rest of the store. */
export interface EnrolmentStore {
  key(tenant: string, keyId: string): Promise<EnrolledKey | null>
  /** What happened to a key, oldest first. None is ever changed or taken away. */
  events(tenant: string, keyId: string): Promise<readonly KeyEvent[]>
  /**
   * Enrols a key under the name of another, which counts until a time, or until an earlier one that was said before.
   * The same again is no fault; a key that is enrolled otherwise is refused (`request-invalid`). False when there is no
   * such key to be replaced.
   */
  rotate(tenant: string, rotation: Rotation): Promise<boolean>

  /** The same again is no fault; another one by its id is refused (`request-invalid`). */
  invite(invitation: Invitation): Promise<void>
  invitation(id: string): Promise<HeldInvitation | null>
  /** Newest first, those that still let somebody in, at most 1,000. */
  invitations(tenant: string, at: string): Promise<readonly HeldInvitation[]>
  /** False when there is no such invitation. What it let in stays. */
  withdraw(tenant: string, id: string, at: string): Promise<boolean>
  /**
   * Enrols a key by an invitation, and counts that. The same key by the same invitation again is no fault, as long as it
   * is not revoked. Refused where the invitation is unknown, expired, withdrawn or used up (`enrolment-invalid`), and
   * for a key that is enrolled otherwise (`request-invalid`). Whether the secret is right is for the caller to ask.
   */
  redeem(id: string, key: PublicKey, at: string): Promise<void>

  /** Whether anything is held that this signer signed, at any time. */
  hasSigned(tenant: string, signer: SignedBy): Promise<boolean>
  /**
   * What a signer signed that was accepted at or after a time, in the order in which it was accepted, each followed by
   * what goes on from it in its chain: near or far, up to what is in the list itself. What was erased is not in it, and
   * what goes on from that is, where it may go on from what the signer signed.
   */
  affected(
    tenant: string,
    signer: SignedBy,
    since: string | null,
    limit: number,
    cursor: string | null,
  ): Promise<Page<Affected>>
}
