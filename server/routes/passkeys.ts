import { Hono } from 'hono'
import {
  base64url,
  CodedError,
  fromBase64,
  fromBase64url,
  fromUtf8,
  isHex,
  MAX_ASSERTION_BYTES,
} from '@countersign/core'
import { actorOf, type AppEnv, type Caller, sentBy, tenantFor } from '../access.ts'
import { readObject } from '../body.ts'
import type { PersonPasskey } from '../people.ts'
import { ownOrigin } from '../person-session.ts'
import { plainJson } from '../plain-json.ts'
import type { Deps } from '../verbs/deps.ts'
import { enrolPasskey } from '../verbs/enrol-passkey.ts'
import { revokeOwnPasskey } from '../verbs/revoke-own-passkey.ts'
import { anybody, signedIn } from './people.ts'

const MAX_BODY = 16 * 1024
/** WebAuthn L3 §4: a credential id has at most 1,023 bytes. */
const MAX_CREDENTIAL = 1_023
const JSON_TYPE = { 'content-type': 'application/json' }

/** One's own passkeys: what somebody who signed in signs with, on the pages of this server. */
export function passkeyRoutes(deps: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  const list = async (caller: Caller) => {
    const { person } = signedIn(caller)
    const held = await deps.store.people.passkeys(caller.tenant, person.id)
    return plainJson({ items: held.map((one) => passkeyJson(one, deps.now())) })
  }

  app.get('/me/passkeys', async (c) => {
    const caller = anybody(c.get('caller'))
    return c.body(await list(caller), 200, JSON_TYPE)
  })

  app.post('/me/passkeys', async (c) => {
    const caller = c.get('caller')
    // An auditor approves nothing, and may say something all the same.
    const tenant = tenantFor(caller, 'note')
    const { person } = signedIn(caller)
    const { passkey, credential, proof } = await readObject(c, ['passkey', 'credential', 'proof'], MAX_BODY)
    const enrolled = await enrolPasskey(deps, {
      tenant,
      by: actorOf(caller),
      person,
      passkey: textOf(passkey, 'passkey'),
      credential: credentialOf(textOf(credential, 'credential')),
      proof: proofOf(textOf(proof, 'proof')),
      origin: ownOrigin(sentBy(c).host, deps.publicUrl),
    })
    return c.json(enrolled, 201)
  })

  app.post('/me/passkeys/:keyId/revoke', async (c) => {
    const caller = anybody(c.get('caller'))
    signedIn(caller)
    const keyId = c.req.param('keyId')
    const { reason } = await readObject(c, [], MAX_BODY, ['reason'])
    if (!isHex(keyId, 64)) throw new CodedError('not-found', 'there is no such passkey')
    const why = reason ?? 'retired'
    if (why !== 'retired' && why !== 'compromised')
      throw new CodedError('request-invalid', 'reason is compromised or retired')
    await revokeOwnPasskey(deps, { tenant: caller.tenant, by: actorOf(caller) }, keyId, why)
    return c.body(await list(caller), 200, JSON_TYPE)
  })

  return app
}

function passkeyJson({ enrolled, credential }: PersonPasskey, now: string) {
  const { key, name, enrolledAt, revokedAt, reason, steps, lastUsedAt } = enrolled
  const state = revokedAt === null ? 'active' : revokedAt > now ? 'ending' : 'revoked'
  return {
    keyId: key.keyId,
    name,
    passkey: fromUtf8(key.spki),
    credential: base64url(credential),
    state,
    enrolledAt,
    revokedAt,
    reason,
    steps,
    lastUsedAt,
  }
}

function textOf(value: unknown, name: string): string {
  if (typeof value === 'string') return value
  throw new CodedError('request-invalid', `${name} is not a text`)
}

function credentialOf(text: string): Uint8Array {
  if (text === '' || text.length > Math.ceil((MAX_CREDENTIAL * 4) / 3))
    throw new CodedError('request-invalid', `credential has 1 to ${MAX_CREDENTIAL} bytes`)
  return fromBase64url(text)
}

function proofOf(text: string): Uint8Array {
  if (text.length > MAX_ASSERTION_BYTES * 2) throw new CodedError('request-invalid', 'proof is no signature')
  return fromBase64(text)
}
