import { Hono } from 'hono'
import { CodedError } from '@countersign/core'
import { actorOf, type AppEnv, tenantFor } from '../access.ts'
import { readObject } from '../body.ts'
import { SCOPES, scopesIn } from '../roles.ts'
import type { Deps } from '../verbs/deps.ts'
import { makeToken, revokeToken } from '../verbs/tokens.ts'

const MAX_BODY = 1_024
/** Seconds for which a token may be made. */
const SHORTEST = 60
const LONGEST = 366 * 86_400

/** API tokens that may do less than all. */
export function tokenRoutes(deps: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.get('/tokens', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'audit')
    return c.json({ items: await deps.store.tokens(tenant) })
  })

  app.post('/tokens', async (c) => {
    const caller = c.get('caller')
    const tenant = tenantFor(caller, 'admin')
    const body = await readObject(c, ['scopes'], MAX_BODY, ['lifetime'])
    const scopes = scopesIn(body['scopes'])
    if (scopes === null) throw new CodedError('request-invalid', `scopes is not a list of some of ${SCOPES.join(', ')}`)
    const made = await makeToken(deps, { tenant, by: actorOf(caller) }, scopes, lifetimeOf(body['lifetime']))
    return c.json(made, 201, { 'cache-control': 'no-store' })
  })

  app.delete('/tokens/:id', async (c) => {
    const caller = c.get('caller')
    await revokeToken(deps, { tenant: tenantFor(caller, 'admin'), by: actorOf(caller) }, c.req.param('id'))
    return c.body(null, 204)
  })
  return app
}

/** Milliseconds; null for a token that does not end by itself. */
function lifetimeOf(value: unknown): number | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'number' && Number.isInteger(value) && value >= SHORTEST && value <= LONGEST) return value * 1000
  throw new CodedError('request-invalid', `lifetime is not a whole number of seconds from ${SHORTEST} to ${LONGEST}`)
}
