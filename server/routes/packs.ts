import { type Context, Hono } from 'hono'
import { createClient, type Fetch } from '@countersign/client'
import { CodedError, hasControl, isHex } from '@countersign/core'
import { isName, isTime } from '@countersign/formats'
import { actorOf, type AppEnv, type Caller, tenantFor } from '../access.ts'
import { readObject } from '../body.ts'
import { plainJson } from '../plain-json.ts'
import type { PeriodFilter } from '../view-store.ts'
import type { Deps } from '../verbs/deps.ts'
import type { Pack } from '../verbs/packs.ts'

const MAX_BODY = 256 * 1024
const MAX_NAMES = 1000
const JSON_TYPE = { 'content-type': 'application/json' }
/** Of who asks: by these the server asks itself on their behalf. */
const CREDENTIALS = ['authorization', 'cookie', 'host', 'origin', 'sec-fetch-site'] as const
/** No other host is ever asked: requests to it do not leave the process. */
const INSIDE = 'http://localhost'

/** Audit packs that the server makes itself; `inside` answers a request as this very server does. */
export function packRoutes(deps: Deps, inside: (request: Request) => Response | Promise<Response>): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  const { packs, store } = deps

  app.get('/packs', (c) => {
    const tenant = tenantFor(c.get('caller'), 'audit')
    return c.body(plainJson({ items: packs.list(tenant).map(packJson) }), 200, JSON_TYPE)
  })

  app.post('/packs', async (c) => {
    const caller = c.get('caller')
    const tenant = holderOf(caller)
    const given = await readObject(c, ['since', 'until'], MAX_BODY, ['pipelines', 'environments'])
    const scope: PeriodFilter = {
      ...periodOf(given['since'], given['until']),
      pipelines: namesOf(given['pipelines'], 'pipelines', isName),
      environments: namesOf(given['environments'], 'environments', isEnvironment),
    }
    const pack = packs.begin(deps, { tenant, by: actorOf(caller) }, scope, clientAs(c))
    return c.body(plainJson(packJson(pack)), 202, { ...JSON_TYPE, location: `/v1/packs/${pack.id}` })
  })

  app.get('/packs/preview', (c) => {
    const tenant = tenantFor(c.get('caller'), 'audit')
    const { since, until, pipeline, environment } = c.req.query()
    const scope: PeriodFilter = {
      ...periodOf(since, until),
      pipelines: namesOf(pipeline?.split(','), 'pipeline', isName),
      environments: namesOf(environment?.split(','), 'environment', isEnvironment),
    }
    return c.body(plainJson({ ...scope, ...store.views.period(tenant, scope) }), 200, JSON_TYPE)
  })

  app.get('/packs/:pack', (c) => {
    const tenant = tenantFor(c.get('caller'), 'audit')
    return c.body(plainJson(packJson(packs.one(tenant, idOf(c.req.param('pack'))))), 200, JSON_TYPE)
  })

  app.get('/packs/:pack/file', async (c) => {
    const tenant = holderOf(c.get('caller'))
    const { pack, body } = await packs.open(tenant, idOf(c.req.param('pack')))
    return c.body(body, 200, {
      'content-type': 'application/x-tar',
      'content-length': String(pack.made!.size),
      'content-disposition': `attachment; filename="${fileName(pack)}"`,
    })
  })

  app.delete('/packs/:pack', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'audit')
    await packs.drop(tenant, idOf(c.req.param('pack')))
    return c.body(null, 204)
  })

  /** A client of this server as who asked, as long as they are let in. */
  const clientAs = (c: Context<AppEnv>) => {
    const own = CREDENTIALS.flatMap((name) => {
      const value = c.req.header(name)
      return value === undefined ? [] : [[name, value] as const]
    })
    const fetch: Fetch = async (url, { method, headers }) =>
      inside(new Request(url, { method, headers: { ...headers, ...Object.fromEntries(own) } }))
    return createClient({ url: INSIDE, token: null, crypto: deps.crypto, fetch, timeoutMs: 120_000 })
  }
  return app
}

/** The tenant of who may have what is in a pack: each step, and what administrators did. */
function holderOf(caller: Caller): string {
  tenantFor(caller, 'read')
  return tenantFor(caller, 'audit')
}

function packJson({ id, by, scope, askedAt, state, done, runs, made, problem }: Pack) {
  const told = problem === null ? null : { code: problem.code, what: problem.what, why: problem.why, fix: problem.fix }
  return { id, by, ...scope, askedAt, state, done, runs, made, problem: told }
}

function fileName({ scope: { since, until } }: Pack): string {
  const last = new Date(Date.parse(until) - 1).toISOString()
  return `audit-${since.slice(0, 10)}-to-${last.slice(0, 10)}.tar`
}

function periodOf(since: unknown, until: unknown): Pick<PeriodFilter, 'since' | 'until'> {
  if (typeof since !== 'string' || typeof until !== 'string' || !isTime(since) || !isTime(until) || since >= until) {
    throw new CodedError('request-invalid', 'since and until are no two times like 2026-11-01T00:00:00.000Z, in order')
  }
  return { since, until }
}

/** Names, sorted, none twice; none where nothing is named. Throws `request-invalid`. */
function namesOf(value: unknown, what: string, good: (name: string) => boolean): readonly string[] {
  if (value === undefined) return []
  const given: readonly unknown[] = Array.isArray(value) && value.length <= MAX_NAMES ? value : [null]
  const names = given.filter((one): one is string => typeof one === 'string' && good(one))
  if (names.length !== given.length)
    throw new CodedError('request-invalid', `${what} are not at most ${MAX_NAMES} names`)
  return [...new Set(names)].toSorted()
}

function isEnvironment(name: string): boolean {
  return name !== '' && name.length <= 256 && !hasControl(name)
}

function idOf(text: string): string {
  if (!isHex(text, 16)) throw new CodedError('not-found', 'there is no such pack')
  return text
}
