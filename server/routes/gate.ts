import { Hono } from 'hono'
import { CodedError, type ErrorReport, hasControl, isHex, type JsonObject } from '@countersign/core'
import { isName } from '@countersign/formats'
import { type AppEnv, tenantFor } from '../access.ts'
import { readObject } from '../body.ts'
import { plainJson } from '../plain-json.ts'
import { decideGate, type NamedContract } from '../verbs/decide-gate.ts'
import type { Deps } from '../verbs/deps.ts'
import { limitOf } from './limit.ts'

const MAX_BODY = 16 * 1024
const MAX_TEXT = 256
const MAX_RESOURCE = 2_048

/** The gate, and what it was asked. */
export function gateRoutes(deps: Deps, clock: () => number): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.post('/gate', async (c) => {
    const caller = c.get('caller')
    const tenant = tenantFor(caller, 'read')
    const optional = ['pipeline', 'contract', 'environment', 'requester', 'resource', 'dryRun']
    const asked = await readObject(c, ['artifact'], MAX_BODY, optional)
    const input = {
      tenant,
      by: caller.id,
      artifact: artifactOf(asked),
      contract: contractOf(asked),
      environment: textOf(asked, 'environment', MAX_TEXT),
      requester: textOf(asked, 'requester', MAX_TEXT),
      resource: resourceOf(asked),
      dryRun: dryRunOf(asked),
    }
    const { reason, findings, refused, deviations, ...reply } = await decideGate(deps, input, clock)
    const told = {
      ...reply,
      reason: reason === null ? null : linked(reason),
      findings: findings.map(linked),
      refused: refused.map(linked),
      deviations: deviations.map((one) => ({ ...one, findings: one.findings.map(linked) })),
    }
    // Whoever looks at no more than the status lets nothing through either.
    return c.body(plainJson(told), reply.decision === 'allow' ? 200 : 403, { 'content-type': 'application/json' })
  })

  app.get('/decisions', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const named = c.req.query('artifact')
    const artifact = named === undefined ? null : artifactOf({ artifact: named })
    const limit = limitOf(c.req.query('limit'))
    // It quotes what askers say of themselves.
    const page = await deps.store.decisions.page(tenant, artifact, limit, c.req.query('cursor') ?? null)
    return c.body(plainJson(page), 200, { 'content-type': 'application/json' })
  })

  return app
}

function linked(report: ErrorReport) {
  return { ...report, url: `https://countersign.dev/problems/${report.code}` }
}

function artifactOf({ artifact }: JsonObject): string {
  const digest = typeof artifact === 'string' ? artifact.replace(/^sha256:/, '') : ''
  if (isHex(digest, 64)) return digest
  throw new CodedError('request-invalid', 'artifact is not a SHA-256 digest: 64 lower-case hex digits')
}

/** Exactly one: where both were named, and differed, somebody would be wrong. */
function contractOf({ pipeline, contract }: JsonObject): NamedContract {
  if ((pipeline === undefined) === (contract === undefined)) {
    throw new CodedError('request-invalid', 'name one of pipeline and contract: what is it to be judged under?')
  }
  if (typeof pipeline === 'string' && isName(pipeline)) return { pipeline }
  const digest = typeof contract === 'string' ? contract.replace(/^sha256:/, '') : ''
  if (isHex(digest, 64)) return { digest }
  throw new CodedError(
    'request-invalid',
    pipeline === undefined ? 'contract is not a SHA-256 digest' : 'pipeline is not a name',
  )
}

function textOf(asked: JsonObject, field: string, most: number): string | null {
  const value = asked[field] ?? null
  if (value === null) return null
  if (typeof value === 'string' && value !== '' && value.length <= most && !hasControl(value)) return value
  throw new CodedError('request-invalid', `${field} is not 1 to ${most} printable characters`)
}

function dryRunOf({ dryRun = false }: JsonObject): boolean {
  if (typeof dryRun === 'boolean') return dryRun
  throw new CodedError('request-invalid', 'dryRun is neither true nor false')
}

function resourceOf(asked: JsonObject): string | null {
  const resource = textOf(asked, 'resource', MAX_RESOURCE)
  if (resource === null || /^[a-z][a-z0-9+.-]*:[^\s]+$/i.test(resource)) return resource
  throw new CodedError('request-invalid', 'resource is not a URI')
}
