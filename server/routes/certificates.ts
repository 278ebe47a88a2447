import { Hono } from 'hono'
import { base64, CodedError } from '@countersign/core'
import { type AppEnv, tenantFor } from '../access.ts'
import { plainJson } from '../plain-json.ts'
import type { Deps } from '../verbs/deps.ts'
import { listCertificates, type LoggedCertificate, showCertificate } from '../verbs/list-certificates.ts'
import { limitOf } from './limit.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

/** What the authority has issued for a tenant. */
export function certificateRoutes(deps: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.get('/certificates', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const limit = limitOf(c.req.query('limit'))
    const { items, next } = await listCertificates(deps, tenant, limit, c.req.query('cursor') ?? null)
    return c.body(plainJson({ items: items.map(certificateJson), next }), 200, JSON_TYPE)
  })

  app.get('/certificates/:serial', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const serial = c.req.param('serial')
    if (!/^[0-9a-f]{2,64}$/.test(serial)) throw new CodedError('request-invalid', 'a serial number is lower-case hex')
    const { certificate, proof } = await showCertificate(deps, tenant, serial)
    return c.body(plainJson({ ...certificateJson(certificate), proof }), 200, JSON_TYPE)
  })
  return app
}

function certificateJson({ tbs, ...certificate }: LoggedCertificate): object {
  return { ...certificate, tbs: base64(tbs) }
}
