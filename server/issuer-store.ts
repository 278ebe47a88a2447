import type { Token } from './store.ts'

/** By what a tenant lets tokens of an issuer in. */
export interface StoredIssuer {
  readonly tenant: string
  /** The tenant's name for it: of one rule in force. */
  readonly id: string
  /** Exact URL of the issuer. */
  readonly issuer: string
  /** The rule, JSON. */
  readonly rule: string
  readonly addedAt: string
  /** Id of the API token that added it. */
  readonly addedBy: string
  readonly removedAt: string | null
}

/** A rule as the store knows it. */
export interface KnownIssuer extends StoredIssuer {
  /** Never given to another rule, of whatever tenant and name. */
  readonly serial: number
}

/** An identity token that is to count no more. */
export interface UsedToken {
  /** Exact URL of the issuer. */
  readonly issuer: string
  /** SHA-256 of the token's id, 32 bytes. */
  readonly hash: Uint8Array
  /** From when on the token would be refused for its age; milliseconds since 1970. */
  readonly expiresAt: number
}

/** An API token for a while, granted for an identity token. */
export interface Session extends Omit<Token, 'expiresAt'> {
  /** Serial of the rule that let it in. */
  readonly rule: number
  /** Digest of whose steps it may append: 64 hex digits. */
  readonly holder: string
  /** SHA-256 of the id of the identity token that opened it, 32 bytes; null for one from before that was kept. */
  readonly token: Uint8Array | null
  /** Digest of all that its certificates say of whom they are for: 64 hex digits; null where `token` is. */
  readonly identity: string | null
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/** Ids of sessions, which no API token has. */
export const SESSION_ID = /^s[0-9a-f]{24}$/

/**
 * The issuers that tenants trust, the tokens of theirs that were used, and what was granted for them. Durable and
 * atomic as the methods of `Store`.
 */
export interface IssuerStore {
  /** A tenant's rules, those removed too, oldest first. */
  list(tenant: string): Promise<readonly KnownIssuer[]>
  /** Rules in force for an issuer, over all tenants. */
  of(issuer: string): Promise<readonly KnownIssuer[]>
  /**
   * The same rule under the same id again is no fault; another rule under an id in force, and one more than `most` in
   * force, are refused (`request-invalid`). An id whose rule was removed is free.
   */
  add(issuer: StoredIssuer, most: number): Promise<void>
  /** Ends the rule, and with it its sessions. False where the tenant never had one; a second time moves nothing. */
  remove(tenant: string, id: string, at: string): Promise<boolean>
  /**
   * Uses a token up: true for the first only, of any number at once. One whose write failed may be used up all the
   * same. `now` in milliseconds; what expired long before it is forgotten.
   */
  use(token: UsedToken, now: number): Promise<boolean>
  /** Whether it was used; uses nothing up. */
  used(token: UsedToken): Promise<boolean>
  /** False, and nothing is written, where its rule is no longer in force. */
  openSession(session: Session, now: number): Promise<boolean>
  /**
   * Counts the token that opened a session as shown once more. False, and nothing is counted, where another token
   * opened it, it is over, its rule is no longer in force, or it was shown `most` times before, the first included; of
   * any number at once no more come through. A write that failed may have counted all the same.
   */
  resume(id: string, token: UsedToken, most: number, now: number): Promise<boolean>
  /** Null for one whose rule is no longer in force, too; one that is over may still be there. */
  session(id: string): Promise<Session | null>
}
