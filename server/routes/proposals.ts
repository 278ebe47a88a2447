import { Hono } from 'hono'
import { CodedError, isHex } from '@countersign/core'
import { actorOf, type AppEnv, tenantFor } from '../access.ts'
import { readBody } from '../body.ts'
import { plainJson } from '../plain-json.ts'
import type { Deps } from '../verbs/deps.ts'
import { proposeDeviation, waitingDeviation, waitingDeviations, withdrawDeviation } from '../verbs/propose-deviation.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

/** Deviations that wait for more signatures. */
export function proposalRoutes(deps: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.get('/proposals', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const { chain = null } = c.req.query()
    if (chain !== null) checkChain(chain)
    // Reasons are their maintainers' own words.
    return c.body(plainJson({ items: await waitingDeviations(deps, tenant, chain) }), 200, JSON_TYPE)
  })

  app.get('/proposals/:id', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    return c.body(new Uint8Array(await waitingDeviation(deps, tenant, idOf(c.req.param('id')))), 200, JSON_TYPE)
  })

  app.delete('/proposals/:id', async (c) => {
    const caller = c.get('caller')
    const who = { tenant: tenantFor(caller, 'maintain'), by: actorOf(caller) }
    await withdrawDeviation(deps, who, idOf(c.req.param('id')))
    return c.body(null, 204)
  })

  app.post('/chains/:id/proposals', async (c) => {
    const caller = c.get('caller')
    const who = { tenant: tenantFor(caller, 'append'), by: actorOf(caller) }
    const chain = c.req.param('id')
    checkChain(chain)
    const proposed = await proposeDeviation(deps, who, chain, await readBody(c, 1024 * 1024))
    if (proposed.state === 'waiting') return c.body(plainJson(proposed.waiting), 202, JSON_TYPE)
    return c.body(new Uint8Array(proposed.line), 200, JSON_TYPE)
  })

  return app
}

function checkChain(chain: string): void {
  if (!isHex(chain, 32)) throw new CodedError('request-invalid', 'a chain id is 32 lower-case hex digits')
}

function idOf(id: string): string {
  if (!isHex(id, 64)) throw new CodedError('not-found', 'there is no such deviation that waits')
  return id
}
