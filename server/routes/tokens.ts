import { Hono } from 'hono'
import { CodedError } from '@countersign/core'
import { type AppEnv, tenantFor } from '../access.ts'
import { readObject } from '../body.ts'
import type { Scope } from '../store.ts'
import type { Deps } from '../verbs/deps.ts'
import { makeToken, revokeToken } from '../verbs/tokens.ts'

const MAX_BODY = 1_024
const SCOPES: readonly Scope[] = ['append', 'read', 'admin']

/** API tokens that may do less than all. */
export function tokenRoutes(deps: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.get('/tokens', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'admin')
    return c.json({ items: await deps.store.tokens(tenant) })
  })

  app.post('/tokens', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'admin')
    const { scopes } = await readObject(c, ['scopes'], MAX_BODY)
    return c.json(await makeToken(deps, tenant, scopesOf(scopes)), 201, { 'cache-control': 'no-store' })
  })

  app.delete('/tokens/:id', async (c) => {
    const caller = c.get('caller')
    await revokeToken(deps, tenantFor(caller, 'admin'), c.req.param('id'), caller.id)
    return c.body(null, 204)
  })
  return app
}

/** Some of them, none twice: a token that may do nothing is a mistake. */
function scopesOf(value: unknown): readonly Scope[] {
  const given: readonly unknown[] = Array.isArray(value) ? value : []
  const scopes = SCOPES.filter((scope) => given.includes(scope))
  if (scopes.length > 0 && scopes.length === given.length) return scopes
  throw new CodedError('request-invalid', `scopes is not a list of some of ${SCOPES.join(', ')}`)
}
