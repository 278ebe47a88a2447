import { Hono } from 'hono'
import { CodedError, fromBase64, type JsonObject, parseJson } from '@countersign/core'
import { certificatePem } from '@countersign/formats/x509'
import { MAX_TOKEN_CHARS, readToken } from '@countersign/identity'
import { actorOf, type AppEnv, presentedIn, tenantFor } from '../access.ts'
import { readBody, readObject } from '../body.ts'
import { plainJson } from '../plain-json.ts'
import { ownAudience } from '../verbs/admit-token.ts'
import type { Confirmation, ConfirmedToken } from '../verbs/confirm-token.ts'
import type { Deps } from '../verbs/deps.ts'
import { issueCertificate, type KeyRequest, proveKey } from '../verbs/issue-certificate.ts'
import { addIssuer, listIssuers, removeIssuer } from '../verbs/issuer-rules.ts'
import { openSession } from '../verbs/open-session.ts'
import { tryToken } from '../verbs/try-token.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const MAX_RULE_BYTES = 64 * 1024
/** A token, the name of a run, and what JSON puts around them. */
const MAX_TOKEN_BYTES = MAX_TOKEN_CHARS + 4_096
/** What a job may call its run. */
const MAX_RUN_CHARS = 512
/** A key in PEM, its proof, and the name of a run. */
const MAX_KEY_BYTES = 8_192

/** For whoever has no API token and an identity token instead. */
export function publicIssuerRoutes(deps: Deps, stopping: () => boolean): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.get('/v1/audience', (c) => c.json({ audience: ownAudience(deps.origin) }))

  app.post('/v1/sessions', async (c) => {
    if (stopping()) throw new CodedError('server-stopping', 'the server is stopping')
    const body = await readObject(c, ['token'], MAX_TOKEN_BYTES + MAX_KEY_BYTES, ['publicKey', 'proof', 'run'])
    const given = textOf(body['token'])
    const request = keyOf(body)
    // What is wrong with the key must not use the token up.
    const key = request === null ? null : await proveKey(deps, request, readToken(given).claims)
    const presented = presentedIn(c.req.header('authorization'))
    const { token, confirmation, resumed, ...session } = await openSession(deps, given, runOf(body), presented)
    const issued = key === null ? null : await issueCertificate(deps, { tenant: session.tenant, token, key })
    const certificates = issued === null ? {} : { certificates: issued.chain.map(certificatePem) }
    const reply = {
      ...session,
      ...tokenJson(token),
      ...confirmationJson(confirmation),
      ...certificates,
      audience: ownAudience(deps.origin),
    }
    return c.body(plainJson(reply), resumed ? 200 : 201, JSON_TYPE)
  })
  return app
}

/** Whose identity tokens a tenant takes. */
export function issuerRoutes(deps: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.get('/issuers', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'audit')
    return c.body(plainJson({ items: await listIssuers(deps, tenant) }), 200, JSON_TYPE)
  })

  app.post('/issuers', async (c) => {
    const caller = c.get('caller')
    const tenant = tenantFor(caller, 'admin')
    const value = parseJson(await readBody(c, MAX_RULE_BYTES), { maxBytes: MAX_RULE_BYTES })
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new CodedError('request-invalid', 'the body is not a JSON object')
    const rule = await addIssuer(deps, { tenant, by: actorOf(caller) }, value as JsonObject)
    return c.body(plainJson(rule), 201, JSON_TYPE)
  })

  app.post('/issuers/test', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'maintain')
    const body = await readObject(c, ['token'], MAX_TOKEN_BYTES, ['run'])
    const { token, confirmation, ...tried } = await tryToken(deps, tenant, textOf(body['token']), runOf(body))
    const known = token === null ? null : { ...tokenJson(token), expiresAt: new Date(token.expiresAt).toISOString() }
    return c.body(plainJson({ ...tried, ...confirmationJson(confirmation), token: known }), 200, JSON_TYPE)
  })

  app.delete('/issuers/:rule', async (c) => {
    const caller = c.get('caller')
    await removeIssuer(deps, { tenant: tenantFor(caller, 'admin'), by: actorOf(caller) }, c.req.param('rule'))
    return c.body(null, 204)
  })
  return app
}

/** Never quoted: it is as good as a password while it lives. */
function textOf(token: unknown): string {
  if (typeof token !== 'string') throw new CodedError('request-invalid', 'token is not a text')
  return token
}

/** The key that is to be certified with the session; null where none is. */
function keyOf({ publicKey, proof }: JsonObject): KeyRequest | null {
  if (publicKey === undefined && proof === undefined) return null
  if (typeof publicKey !== 'string' || typeof proof !== 'string')
    throw new CodedError('request-invalid', 'publicKey and proof are not two texts')
  return { kind: 'key', publicKey, proof: fromBase64(proof) }
}

/** What the job calls its run; null where it does not say. */
function runOf({ run }: JsonObject): string | null {
  if (run === undefined || run === null) return null
  if (typeof run === 'string' && run !== '' && run.length <= MAX_RUN_CHARS) return run
  throw new CodedError('request-invalid', `run is not a text of 1 to ${MAX_RUN_CHARS} characters`)
}

function confirmationJson(confirmation: Confirmation | null): object {
  if (confirmation === null) return { confirmation }
  return { confirmation: { ...confirmation, reason: confirmation.reason?.report() ?? null } }
}

function tokenJson({ system, grade, identity, run }: ConfirmedToken): object {
  return { system, grade, identity, run }
}
