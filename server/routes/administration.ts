import { Hono } from 'hono'
import { CodedError } from '@countersign/core'
import { writeVkey } from '@countersign/formats'
import { type AppEnv, tenantFor } from '../access.ts'
import { plainJson } from '../plain-json.ts'
import type { Deps } from '../verbs/deps.ts'
import { readInbox } from '../verbs/read-inbox.ts'

/** Bytes that were refused: a browser stores them and runs nothing (T-92). */
const UNTRUSTED = {
  'content-type': 'application/octet-stream',
  'content-security-policy': "default-src 'none'; sandbox",
}

/** The inbox, and who the server is. */
export function administrationRoutes(deps: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.get('/inbox', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    // It quotes what was refused.
    const { cursor = null, code = null } = c.req.query()
    const page = plainJson(await readInbox(deps, tenant, cursor, code))
    return c.body(page, 200, { 'content-type': 'application/json' })
  })

  app.get('/inbox/:id/body', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const id = c.req.param('id')
    if (!/^[1-9][0-9]{0,14}$/.test(id)) throw new CodedError('request-invalid', 'the id is not one that the inbox gave')
    const body = await deps.store.refusedBody(tenant, Number(id))
    if (body === null) throw new CodedError('not-found', 'there is no kept body of such a refusal')
    return c.body(new Uint8Array(body), 200, {
      ...UNTRUSTED,
      'content-disposition': `attachment; filename="refused-${id}.bin"`,
    })
  })

  app.get('/server', (c) => {
    tenantFor(c.get('caller'), 'read')
    const { origin, version, log } = deps
    const [key, next] = log.keys
    const retired = log.retired.map((one) => ({ vkey: writeVkey(one.key), retiredAt: one.retiredAt }))
    return c.json({ origin, vkey: writeVkey(key), next: next === undefined ? null : writeVkey(next), retired, version })
  })

  return app
}
