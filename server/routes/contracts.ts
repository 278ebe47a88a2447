import { Hono } from 'hono'
import { CodedError } from '@countersign/core'
import { isName } from '@countersign/formats'
import { actorOf, type AppEnv, tenantFor } from '../access.ts'
import { readBody } from '../body.ts'
import type { Deps } from '../verbs/deps.ts'
import { publishContract, readPublishing, signedContract } from '../verbs/publish-contract.ts'
import { limitOf } from './limit.ts'

const YAML = { 'content-type': 'application/yaml' }

/** Contracts: which is in force, which were, and how they became so. */
export function contractRoutes(deps: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.get('/contracts', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const { pipeline = null, limit, cursor = null } = c.req.query()
    if (pipeline !== null && !isName(pipeline)) throw new CodedError('request-invalid', 'pipeline is not a name')
    return c.json(await deps.store.acts.contracts(tenant, pipeline, limitOf(limit), cursor))
  })

  app.get('/contracts/by-digest/:digest/signed', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const digest = c.req.param('digest')
    const signed = await signedContract(deps, tenant, digest)
    return c.body(new Uint8Array(signed), 200, { 'content-type': 'application/json' })
  })

  app.get('/contracts/by-digest/:digest', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const stored = await deps.store.contractByDigest(tenant, c.req.param('digest'))
    if (stored === null) throw new CodedError('not-found', 'there is no contract with this digest')
    return c.body(new Uint8Array(stored.bytes), 200, { ...YAML, etag: `"${stored.digest}"` })
  })

  app.get('/contracts/:pipeline{.+}', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const stored = await deps.store.contract(tenant, c.req.param('pipeline'))
    if (stored === null) throw new CodedError('not-found', 'the pipeline has no contract')
    return c.body(new Uint8Array(stored.bytes), 200, { ...YAML, etag: `"${stored.digest}"` })
  })

  app.put('/contracts/:pipeline{.+}', async (c) => {
    const caller = c.get('caller')
    const who = { tenant: tenantFor(caller, 'maintain'), by: actorOf(caller) }
    const publishing = readPublishing(await readBody(c, 1024 * 1024))
    const { pipeline, revision, digest } = publishing.contract
    if (pipeline !== c.req.param('pipeline')) {
      throw new CodedError('request-invalid', `the contract is for pipeline ${pipeline}`)
    }
    const { index, signedBy } = await publishContract(deps, who, publishing)
    return c.json({ pipeline, revision, digest, index, signedBy }, 200, { etag: `"${digest}"` })
  })

  return app
}
