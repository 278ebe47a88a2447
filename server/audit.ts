import type { Baseline } from '@countersign/contract'
import { type JsonObject, parseJson, publicKeyPem } from '@countersign/core'
import type { Actor } from '@countersign/formats'
import { shownAddress, type Webhook, type WebhookSecrets } from './event-store.ts'
import type { Enrolment, Invitation, Revocation, Rotation } from './enrolment.ts'
import type { StoredIssuer } from './issuer-store.ts'
import type { PasskeyEnrolment, Person, PersonSession, SignInLink, Vouched } from './people.ts'
import type { Role } from './roles.ts'
import type { Token } from './store.ts'

/** What an administrator does, with all that it takes. */
export type Doing =
  | { readonly act: 'token.made'; readonly token: Token }
  | { readonly act: 'token.revoked'; readonly id: string }
  | { readonly act: 'issuer.added'; readonly issuer: StoredIssuer; readonly most: number }
  | { readonly act: 'issuer.removed'; readonly id: string }
  | { readonly act: 'key.enrolled'; readonly enrolment: Enrolment }
  /** Somebody's own, who signed in. */
  | { readonly act: 'passkey.enrolled'; readonly enrolment: PasskeyEnrolment }
  | { readonly act: 'key.revoked'; readonly keyId: string; readonly revocation: Revocation }
  | { readonly act: 'key.rotated'; readonly rotation: Rotation }
  /** Somebody with a code, whose key it is. */
  | { readonly act: 'key.let-in'; readonly code: string; readonly key: Enrolment['key']; readonly name: string }
  | { readonly act: 'invitation.made'; readonly invitation: Invitation }
  | { readonly act: 'invitation.withdrawn'; readonly id: string }
  | { readonly act: 'person.added'; readonly person: Person; readonly link: SignInLink | null }
  /** A provider vouches for somebody, whom a rule lets in, perhaps as something else than before. */
  | { readonly act: 'person.vouched'; readonly id: string; readonly vouched: Vouched }
  | { readonly act: 'person.role'; readonly id: string; readonly role: Role }
  | { readonly act: 'person.removed'; readonly id: string }
  | { readonly act: 'person.restored'; readonly id: string }
  | { readonly act: 'link.made'; readonly link: SignInLink }
  /** Somebody signed in, by a link that is used up by it, or (null) as a provider vouches. */
  | { readonly act: 'session.begun'; readonly session: PersonSession; readonly link: string | null }
  | { readonly act: 'session.ended'; readonly person: string; readonly session: string }
  /** One that waited for signatures. */
  | { readonly act: 'deviation.withdrawn'; readonly id: string; readonly chain: string }
  | { readonly act: 'webhook.added'; readonly webhook: Webhook; readonly most: number }
  | { readonly act: 'webhook.removed'; readonly id: string }
  | { readonly act: 'webhook.rotated'; readonly id: string; readonly own: WebhookSecrets }
  /** What was told before is told again, since a time or some of it; this is all that is written. */
  | { readonly act: 'webhook.replayed'; readonly id: string; readonly since: string | null }
  /** A period was handed out as one archive, which is all that is written. `digest`: of its manifest. */
  | {
      readonly act: 'pack.exported'
      readonly digest: string
      readonly scope: {
        readonly since: string
        readonly until: string
        readonly pipelines: readonly string[]
        readonly environments: readonly string[]
      }
    }
  /** Every contract has to ask for something else than before, or (null) for nothing; it is in a file, and this is all that is written. */
  | { readonly act: 'baseline.set'; readonly baseline: Pick<Baseline, 'organisation' | 'revision' | 'digest'> | null }
  /** Who signs in was settled by other rules than before; they are in a file, and this is all that is written. */
  | { readonly act: 'sign-in.rules'; readonly digest: string; readonly rules: JsonObject }

/** Most pipelines, and most environments, that an act names. */
const MAX_NAMED = 50

/** What the rules of signing in are about. */
export const SIGN_IN = 'sign-in'
/** What the act that sets a baseline is about. */
export const BASELINE = 'baseline'

/** What the audit log tells of an act. */
export interface Telling {
  readonly tenant: string
  /** ISO time. */
  readonly at: string
  readonly by: Actor
  readonly act: Doing['act'] | 'attestation.erased' | 'contract.published' | 'note.erased'
  readonly about: string
  readonly detail: JsonObject
}

/** An act that is to be done. */
export interface Administration extends Pick<Telling, 'tenant' | 'at' | 'by'> {
  readonly doing: Doing
}

/** What became of it. */
export interface Administered {
  /** False where there is nothing of the kind: then nothing was done, or told. */
  readonly done: boolean
  /** Of its leaf in the log; null where nothing changed by it. */
  readonly index: number | null
  /** The log with it, durable and not signed yet; null where nothing changed. */
  readonly head: { readonly size: number; readonly root: Uint8Array } | null
}

/** An act in words: to what it was done, and what else there is to say. No secret, and no hash of one. */
export function tellingOf({ tenant, at, by, doing }: Administration): Telling {
  return { tenant, at, by, act: doing.act, ...wordsOf(doing) }
}

function wordsOf(doing: Doing): Pick<Telling, 'about' | 'detail'> {
  switch (doing.act) {
    case 'token.made': {
      const { id, scopes, expiresAt } = doing.token
      return { about: id, detail: { scopes: [...scopes], expiresAt: expiresAt ?? null } }
    }
    case 'issuer.added':
      return { about: doing.issuer.id, detail: { rule: parseJson(doing.issuer.rule) } }
    case 'key.enrolled': {
      const { name, key, proven } = doing.enrolment
      return { about: key.keyId, detail: { name, proven } }
    }
    case 'passkey.enrolled': {
      const { name, key, person } = doing.enrolment
      return { about: key.keyId, detail: { name, person, passkey: publicKeyPem(key).trim() } }
    }
    case 'key.revoked': {
      const { since, reason } = doing.revocation
      return { about: doing.keyId, detail: { since, reason } }
    }
    case 'key.rotated': {
      const { from, to, until, proven } = doing.rotation
      return { about: from, detail: { to: to.keyId, until, proven } }
    }
    case 'key.let-in':
      return { about: doing.key.keyId, detail: { name: doing.name, code: doing.code } }
    case 'invitation.made': {
      const { id, name, expiresAt, uses } = doing.invitation
      return { about: id, detail: { name, expiresAt, uses } }
    }
    case 'person.added': {
      const { id, name, email, role } = doing.person
      return { about: id, detail: { name, email, role } }
    }
    case 'person.vouched': {
      const { name, email, role, provider } = doing.vouched
      return { about: doing.id, detail: { name, email, role, issuer: provider.issuer, subject: provider.subject } }
    }
    case 'person.role':
      return { about: doing.id, detail: { role: doing.role } }
    case 'link.made':
      return { about: doing.link.person, detail: { link: doing.link.id, until: timeOf(doing.link.expiresAt) } }
    case 'webhook.added': {
      const { id, own, format, names } = doing.webhook
      return { about: id, detail: { address: shownAddress(own.url, format), format, events: [...names] } }
    }
    case 'webhook.replayed':
      return { about: doing.id, detail: { since: doing.since } }
    case 'pack.exported': {
      const { since, until, pipelines, environments } = doing.scope
      // An act has room for some names; the manifest, which the digest is of, has all.
      const unnamed = [pipelines, environments].reduce((all, { length }) => all + Math.max(0, length - MAX_NAMED), 0)
      const some = { pipelines: namedOrAll(pipelines), environments: namedOrAll(environments) }
      return { about: doing.digest, detail: { since, until, ...some, unnamed: unnamed === 0 ? null : unnamed } }
    }
    case 'session.begun': {
      const { id, person, by, expiresAt } = doing.session
      return { about: person, detail: { session: id, by, link: doing.link, until: timeOf(expiresAt) } }
    }
    case 'deviation.withdrawn':
      return { about: doing.id, detail: { chain: doing.chain } }
    case 'session.ended':
      return { about: doing.person, detail: { session: doing.session } }
    case 'baseline.set': {
      const { organisation, revision, digest } = doing.baseline ?? NO_BASELINE
      return { about: BASELINE, detail: { organisation, revision, digest } }
    }
    case 'sign-in.rules':
      return { about: SIGN_IN, detail: { digest: doing.digest, ...doing.rules } }
    case 'token.revoked':
    case 'issuer.removed':
    case 'webhook.removed':
    case 'webhook.rotated':
    case 'invitation.withdrawn':
    case 'person.removed':
    case 'person.restored':
      return { about: doing.id, detail: {} }
  }
}

const NO_BASELINE = { organisation: null, revision: null, digest: null }

/** Null for all. */
function namedOrAll(names: readonly string[]): readonly string[] | null {
  return names.length === 0 ? null : names.slice(0, MAX_NAMED)
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}
