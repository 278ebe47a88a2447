import type { EnrolledKey, Enrolment } from './enrolment.ts'
import type { Role } from './roles.ts'

/** Somebody who signs in. Times are ISO times. */
export interface Person {
  /** 16 hex digits, of no other person of any tenant. */
  readonly id: string
  readonly tenant: string
  /** What a provider calls them, or an administrator; nothing depends on it. */
  readonly name: string
  readonly email: string | null
  readonly role: Role
  /** Who says who they are; null for whom this server lets in by links. */
  readonly provider: { readonly issuer: string; readonly subject: string } | null
  readonly createdAt: string
  readonly signedInAt: string | null
  /** Since when they are let in no more; null while they are. */
  readonly removedAt: string | null
}

/** Somebody's browser, signed in. Times are milliseconds since 1970. */
export interface PersonSession {
  /** 24 hex digits, of no other session. */
  readonly id: string
  readonly tenant: string
  /** Id of the person. */
  readonly person: string
  /** SHA-256 of the cookie's secret. */
  readonly hash: Uint8Array
  readonly by: 'link' | 'provider'
  readonly createdAt: number
  readonly seenAt: number
  /** How long it lasts unused, and when it is over however much it is used. */
  readonly idle: number
  readonly expiresAt: number
}

/** A link that signs somebody in, once. */
export interface SignInLink {
  /** 12 hex digits, of no other link. */
  readonly id: string
  readonly tenant: string
  readonly person: string
  /** SHA-256 of its secret. */
  readonly hash: Uint8Array
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/** Somebody whom a provider vouches for, as a rule lets them in. */
export interface Vouched extends Pick<Person, 'tenant' | 'name' | 'email' | 'role'> {
  readonly provider: NonNullable<Person['provider']>
}

/** A passkey that somebody enrolled for themselves. */
export interface PersonPasskey {
  readonly enrolled: EnrolledKey
  /** By which the authenticator knows it (WebAuthn L3, credential id); not secret. */
  readonly credential: Uint8Array
}

/** How somebody's passkey gets in: as a key of the tenant that is theirs. */
export interface PasskeyEnrolment extends Enrolment {
  /** Id of the person. */
  readonly person: string
  readonly credential: Uint8Array
}

/**
 * People, their sessions and the links that let them in. Durable and atomic as the methods of `Store`. Sessions begin and end
 * as acts, which the log has: `Store.administer`.
 */
export interface PeopleStore {
  /** Those removed too, oldest first, at most 10,000. */
  list(tenant: string): Promise<readonly Person[]>
  one(tenant: string, id: string): Promise<Person | null>
  /** Whoever a provider vouches for by this subject; those removed too. */
  vouched(tenant: string, issuer: string, subject: string): Promise<Person | null>
  /** A session and whose it is; null where it was ended, or its person removed. One that is over may still be there. */
  session(id: string): Promise<{ readonly session: PersonSession; readonly person: Person } | null>
  /** Of a person, newest first; those that are over may be among them. */
  sessions(tenant: string, person: string): Promise<readonly PersonSession[]>
  /** Null where it was used, or is of somebody removed. One that is over may still be there. */
  link(id: string): Promise<SignInLink | null>
  /** That a session is used. */
  touch(id: string, at: number): Promise<void>
  /** Oldest first, those that were revoked too. */
  passkeys(tenant: string, person: string): Promise<readonly PersonPasskey[]>
}
