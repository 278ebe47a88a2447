import { type Context, Hono } from 'hono'
import { CodedError, fromBase64, isHex, type JsonObject, publicKeyPem, readSigningKey } from '@countersign/core'
import type { PublicKey } from '@countersign/core'
import {
  isName,
  isRevocationReason,
  isTime,
  MAX_SIGNATURE_TEXT,
  notACode,
  type RevocationReason,
} from '@countersign/formats'
import { actorOf, type AppEnv, tenantFor } from '../access.ts'
import { readObject } from '../body.ts'
import type { EnrolledKey, SignedBy } from '../enrolment.ts'
import { plainJson } from '../plain-json.ts'
import { RateBound } from '../rate-bound.ts'
import { administer } from '../verbs/administer.ts'
import { affected } from '../verbs/affected.ts'
import type { Deps } from '../verbs/deps.ts'
import { enrolByCode } from '../verbs/enrol-by-code.ts'
import { enrolKey } from '../verbs/enrol-key.ts'
import { inviteKey } from '../verbs/invite-key.ts'
import { revokeKey } from '../verbs/revoke-key.ts'
import { rotateKey } from '../verbs/rotate-key.ts'
import { limitOf } from './limit.ts'

const MAX_BODY = 16 * 1024
const MAX_LIFETIME = 30 * 86_400
const MAX_OVERLAP = 366 * 86_400
const MAX_USES = 1_000
/** Enrolments by code over all tenants: each costs a signature check before anybody is known. */
const PER_SECOND = 20
const BURST = 60

/** Keys: who is enrolled, what happened to each, and what they signed. */
export function keyRoutes(deps: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.get('/keys', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const keys = await deps.store.keys(tenant)
    return c.json({ items: keys.map((key) => keyJson(key, deps.now())) })
  })

  app.post('/keys', async (c) => {
    const caller = c.get('caller')
    const tenant = tenantFor(caller, 'admin')
    const { name, publicKey, proof } = await readObject(c, ['name', 'publicKey'], MAX_BODY, ['proof'])
    const key = keyOf(publicKey)
    const named = nameOf(name)
    await enrolKey(deps, { tenant, name: named, key, by: actorOf(caller), proof: proofOf(proof) })
    return c.json({ keyId: key.keyId, name: named }, 201)
  })

  app.get('/keys/:keyId', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    return c.json(await shown(deps, tenant, idOf(c.req.param('keyId'))))
  })

  app.post('/keys/:keyId/revoke', async (c) => {
    const caller = c.get('caller')
    const tenant = tenantFor(caller, 'admin')
    const keyId = idOf(c.req.param('keyId'))
    const { since, reason } = await readObject(c, [], MAX_BODY, ['since', 'reason'])
    await revokeKey(deps, { tenant, by: actorOf(caller) }, keyId, {
      since: given(since) ? timeOf(since) : null,
      reason: given(reason) ? reasonOf(reason) : null,
    })
    return c.json(await shown(deps, tenant, keyId))
  })

  app.post('/keys/:keyId/rotate', async (c) => {
    const caller = c.get('caller')
    const tenant = tenantFor(caller, 'admin')
    const from = idOf(c.req.param('keyId'))
    const { publicKey, overlap, proof } = await readObject(c, ['publicKey', 'overlap'], MAX_BODY, ['proof'])
    const to = keyOf(publicKey)
    await rotateKey(deps, {
      tenant,
      from,
      to,
      by: actorOf(caller),
      proof: proofOf(proof),
      overlap: integerOf(overlap, 'overlap', 0, MAX_OVERLAP) * 1000,
    })
    return c.json({ from: await shown(deps, tenant, from), to: await shown(deps, tenant, to.keyId) }, 201)
  })

  const affectedBy = async (c: Context<AppEnv>, tenant: string, signer: SignedBy) => {
    const since = c.req.query('since')
    const page = await affected(deps, {
      tenant,
      signer,
      since: since === undefined ? null : timeOf(since),
      limit: limitOf(c.req.query('limit')),
      cursor: c.req.query('cursor') ?? null,
    })
    // Names of artifacts are the signers' own words.
    return c.body(plainJson(page), 200, { 'content-type': 'application/json' })
  }

  app.get('/keys/:keyId/affected', (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    return affectedBy(c, tenant, { by: 'key', value: idOf(c.req.param('keyId')) })
  })

  app.get('/affected', (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    return affectedBy(c, tenant, vouchedFor(c.req.query()))
  })

  app.get('/invitations', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'audit')
    const open = await deps.store.enrolment.invitations(tenant, deps.now())
    const items = open.map(({ id, name, createdAt, by, expiresAt, uses, used }) => {
      return { id, name, createdAt, by, expiresAt, uses, used }
    })
    return c.json({ items })
  })

  app.post('/invitations', async (c) => {
    const caller = c.get('caller')
    const tenant = tenantFor(caller, 'admin')
    const { name, lifetime, uses } = await readObject(c, ['name', 'lifetime', 'uses'], MAX_BODY)
    const named = nameOf(name)
    const allowed = integerOf(uses, 'uses', 1, MAX_USES)
    const invited = await inviteKey(deps, {
      tenant,
      name: named,
      by: actorOf(caller),
      lifetime: integerOf(lifetime, 'lifetime', 60, MAX_LIFETIME) * 1000,
      uses: allowed,
    })
    return c.json({ ...invited, name: named, uses: allowed }, 201)
  })

  app.post('/invitations/:id/withdraw', async (c) => {
    const caller = c.get('caller')
    const who = { tenant: tenantFor(caller, 'admin'), by: actorOf(caller) }
    const known = await administer(deps, who, { act: 'invitation.withdrawn', id: c.req.param('id') })
    if (!known) throw new CodedError('not-found', 'there is no such invitation')
    return c.body(null, 204)
  })

  return app
}

/** The one way in that needs no token: a code stands for it. */
export function publicKeyRoutes(deps: Deps, clock: () => number): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  const bound = new RateBound(PER_SECOND, BURST, clock)
  app.post('/v1/enrolments', async (c) => {
    bound.take('enrolments')
    const { code, publicKey, proof } = await readObject(c, ['code', 'publicKey', 'proof'], MAX_BODY)
    const key = keyOf(publicKey)
    const shownProof = proofOf(proof)
    if (typeof code !== 'string' || shownProof === null) throw notACode()
    const { name } = await enrolByCode(deps, { code, key, proof: shownProof })
    return c.json({ keyId: key.keyId, name }, 201)
  })
  return app
}

/** Longest authority, issuer, subject or repository that is looked for. */
const MAX_FACT = 4_096

/** Who is asked about: an authority, or an issuer alone, or one with a subject or a repository. Throws `request-invalid`. */
function vouchedFor(given: Record<string, string>): SignedBy {
  const { authority, issuer, subject, repository } = given
  for (const fact of [authority, issuer, subject, repository]) {
    if (fact === '' || (fact?.length ?? 0) > MAX_FACT) {
      throw new CodedError('request-invalid', `a fact has 1 to ${MAX_FACT} characters`)
    }
  }
  if (authority !== undefined && [issuer, subject, repository].every((fact) => fact === undefined)) {
    return { by: 'authority', value: authority }
  }
  const one = subject === undefined || repository === undefined
  if (authority !== undefined || issuer === undefined || !one) {
    throw new CodedError('request-invalid', 'ask by authority, or by issuer, with subject or repository or neither')
  }
  if (subject !== undefined) return { by: 'subject', issuer, value: subject }
  return repository === undefined ? { by: 'issuer', issuer } : { by: 'repository', issuer, value: repository }
}

/** A key and what happened to it. Throws `not-found`. */
async function shown({ store, now }: Deps, tenant: string, keyId: string): Promise<object> {
  const key = await store.enrolment.key(tenant, keyId)
  if (key === null) throw new CodedError('not-found', 'there is no such key')
  return { ...keyJson(key, now()), events: await store.enrolment.events(tenant, keyId) }
}

function keyJson({ key, revokedAt, ...rest }: EnrolledKey, now: string) {
  const { keyId, algorithm } = key
  const state = revokedAt === null ? 'active' : revokedAt > now ? 'ending' : 'revoked'
  return { keyId, algorithm, publicKey: publicKeyPem(key), state, revokedAt, ...rest }
}

function nameOf(name: JsonObject[string] | undefined): string {
  if (typeof name === 'string' && isName(name)) return name
  throw new CodedError('request-invalid', 'name is not a name (letters, digits, . _ - /)')
}

function keyOf(publicKey: JsonObject[string] | undefined): PublicKey {
  if (typeof publicKey !== 'string')
    throw new CodedError('request-invalid', 'publicKey is not PEM text, and no passkey')
  return readSigningKey(publicKey)
}

/** Null and left out are the same. Throws `request-invalid`, `base64-invalid`. */
function proofOf(proof: JsonObject[string] | undefined): Uint8Array | null {
  if (!given(proof)) return null
  if (typeof proof !== 'string' || proof.length > MAX_SIGNATURE_TEXT)
    throw new CodedError('request-invalid', 'proof is no signature')
  return fromBase64(proof)
}

function given(value: JsonObject[string] | undefined): boolean {
  return value !== undefined && value !== null
}

function idOf(text: string): string {
  if (!isHex(text, 64)) throw new CodedError('not-found', 'there is no such key')
  return text
}

function timeOf(since: JsonObject[string] | undefined): string {
  if (typeof since === 'string' && isTime(since)) return since
  throw new CodedError('request-invalid', 'since is not a time like 2026-01-31T12:00:00.000Z')
}

function reasonOf(reason: JsonObject[string] | undefined): RevocationReason {
  if (typeof reason === 'string' && isRevocationReason(reason)) return reason
  throw new CodedError('request-invalid', 'reason is compromised, rotated or retired')
}

function integerOf(value: JsonObject[string] | undefined, name: string, min: number, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
  throw new CodedError('request-invalid', `${name} is not a whole number from ${min} to ${max}`)
}
