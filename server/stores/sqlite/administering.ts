import { type Administration, type Telling, tellingOf } from '../../audit.ts'
import type { Token } from '../../store.ts'
import { sealable, webhookRow } from './webhooks.ts'
import type { Doing, TokenRow } from './writer.ts'

/** What the writing thread is to tell of an act, and to do. */
export function told(administration: Administration): [telling: Telling, doing: Doing | null] {
  return [tellingOf(administration), doingOf(administration)]
}

export function tokenRow({ id, tenant, hash, scopes, expiresAt = null }: Token, createdAt: string): TokenRow {
  return { id, tenant, hash, scopes: scopes.join(' '), createdAt, expiresAt }
}

function doingOf({ tenant, at, by, doing }: Administration): Doing | null {
  switch (doing.act) {
    case 'token.made':
      return { method: 'createToken', args: [tokenRow(doing.token, at)] }
    case 'token.revoked':
      return { method: 'revokeToken', args: [tenant, doing.id] }
    case 'issuer.added':
      return { method: 'addIssuer', args: [doing.issuer, doing.most] }
    case 'issuer.removed':
      return { method: 'removeIssuer', args: [tenant, doing.id, at] }
    case 'key.enrolled': {
      const { key, ...rest } = doing.enrolment
      return { method: 'enrolKey', args: [tenant, { ...rest, keyId: key.keyId, spki: key.spki }] }
    }
    case 'passkey.enrolled': {
      const { key, ...rest } = doing.enrolment
      return { method: 'enrolPasskey', args: [tenant, { ...rest, keyId: key.keyId, spki: key.spki }] }
    }
    case 'key.revoked':
      return { method: 'revokeKey', args: [tenant, doing.keyId, doing.revocation] }
    case 'key.rotated': {
      const { to, ...rest } = doing.rotation
      return { method: 'rotateKey', args: [tenant, { ...rest, keyId: to.keyId, spki: to.spki }] }
    }
    case 'key.let-in': {
      const { keyId, spki } = doing.key
      return { method: 'redeem', args: [doing.code, { keyId, spki }, at] }
    }
    case 'invitation.made':
      return { method: 'invite', args: [doing.invitation] }
    case 'invitation.withdrawn':
      return { method: 'withdrawInvitation', args: [tenant, doing.id, at] }
    case 'person.added':
      return { method: 'addPerson', args: [doing.person, doing.link] }
    case 'person.vouched':
      return { method: 'vouchPerson', args: [doing.id, doing.vouched, at] }
    case 'person.role':
      return { method: 'setPersonRole', args: [tenant, doing.id, doing.role] }
    case 'person.removed':
      return { method: 'removePerson', args: [tenant, doing.id, at, `${by.kind} ${by.id}`] }
    case 'person.restored':
      return { method: 'restorePerson', args: [tenant, doing.id] }
    case 'link.made':
      return { method: 'makeSignInLink', args: [doing.link] }
    case 'session.begun':
      return doing.link === null
        ? { method: 'openPersonSession', args: [doing.session] }
        : { method: 'useSignInLink', args: [doing.link, doing.session] }
    case 'session.ended':
      return { method: 'endPersonSession', args: [tenant, doing.person, doing.session] }
    case 'deviation.withdrawn':
      return { method: 'withdrawProposal', args: [tenant, doing.id] }
    case 'webhook.added':
      return { method: 'addWebhook', args: [webhookRow(doing.webhook), doing.most] }
    case 'webhook.removed':
      return { method: 'removeWebhook', args: [tenant, doing.id] }
    case 'webhook.rotated':
      return { method: 'resealWebhook', args: [tenant, doing.id, sealable(doing.own)] }
    case 'webhook.replayed':
    case 'pack.exported':
    case 'sign-in.rules':
    case 'baseline.set':
      return null
  }
}
