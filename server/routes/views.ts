import { Hono } from 'hono'
import type { Deploy, DeployStrips, IdentityWeeks, RuleHeat, RunView } from '@countersign/client'
import { CodedError, hasControl, isHex } from '@countersign/core'
import { isName } from '@countersign/formats'
import { type AppEnv, tenantFor } from '../access.ts'
import { plainJson } from '../plain-json.ts'
import { mondaysFrom, spanOfDays, spanOfStrips, spanOfTime, timeOf, weeksFrom } from './view-times.ts'
import type { Deps } from '../verbs/deps.ts'
import { readCoverage } from '../verbs/read-coverage.ts'
import { search } from '../verbs/search.ts'
import { limitOf } from './limit.ts'

/** Steps of a run that one answer has. */
const MAX_STEPS = 1_000
const MAX_REFUSALS = 100
const MAX_TEXT = 256

/** What screens are drawn from. It quotes what people have called things, so that all of it is plain. */
export function viewRoutes(deps: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  const { views } = deps.store
  const now = () => Date.parse(deps.now())
  const plain = { 'content-type': 'application/json' }

  app.get('/search', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    return c.body(plainJson(await search(deps, { tenant, text: c.req.query('q') ?? '' })), 200, plain)
  })

  app.get('/runs', (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const query = c.req.query()
    const filter = { ...textsOf(query, 'system', 'signer'), pipeline: pipelineOf(query), ...spanOfTime(query) }
    return c.body(plainJson(views.runs(tenant, filter, limitOf(query['limit']), query['cursor'] ?? null)), 200, plain)
  })

  app.get('/runs/:chain', (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const chain = c.req.param('chain')
    if (!isHex(chain, 32)) throw new CodedError('request-invalid', 'a chain id is 32 lower-case hex digits')
    const run = views.run(tenant, chain)
    if (run === null) throw new CodedError('not-found', `there is no chain ${chain}`)
    const { items, next } = views.runSteps(tenant, chain, MAX_STEPS, c.req.query('cursor') ?? null)
    const view: RunView = { run, steps: items, refusals: views.runRefusals(tenant, chain, MAX_REFUSALS), next }
    return c.body(plainJson(view), 200, plain)
  })

  app.get('/deploys', (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const query = c.req.query()
    const named = { ...textsOf(query, 'environment'), pipeline: pipelineOf(query), decision: decisionOf(query) }
    const filter = { ...named, ...spanOfTime(query) }
    const page = views.deploys(tenant, filter, limitOf(query['limit']), query['cursor'] ?? null)
    return c.body(plainJson(page), 200, plain)
  })

  app.get('/deploys/strips', (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const query = c.req.query()
    const { span, ...told } = spanOfStrips(query, now())
    const { countedUntil, ...page } = views.strips(tenant, span, limitOf(query['limit']), query['cursor'] ?? null)
    const strips: DeployStrips = { ...told, ...page, countedUntil: new Date(countedUntil ?? now()).toISOString() }
    return c.body(plainJson(strips), 200, plain)
  })

  app.get('/deploys/at', (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const query = c.req.query()
    const { environment } = textsOf(query, 'environment')
    if (environment === null) throw new CodedError('request-invalid', 'environment is missing')
    const time = timeOf('time', query['time']) ?? now()
    const asked = { environment, pipeline: pipelineOf(query), time }
    const page = views.deploysAt(tenant, asked, limitOf(query['limit']), query['cursor'] ?? null)
    return c.body(plainJson({ environment, time: new Date(time).toISOString(), ...page }), 200, plain)
  })

  app.get('/identities', (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const query = c.req.query()
    const { q, system } = textsOf(query, 'q', 'system')
    const page = views.identities(tenant, { part: q ?? '', system }, limitOf(query['limit']), query['cursor'] ?? null)
    return c.body(plainJson(page), 200, plain)
  })

  app.get('/identities/weeks', (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const query = c.req.query()
    const { q, system } = textsOf(query, 'q', 'system')
    const weeks = weeksFrom(query, now())
    const limit = limitOf(query['limit'])
    const { items: identities, ...rest } = views.identityWeeks(
      tenant,
      { part: q ?? '', system },
      weeks,
      limit,
      query['cursor'] ?? null,
    )
    const answer: IdentityWeeks = { weeks: mondaysFrom(weeks), identities, ...rest }
    return c.body(plainJson(answer), 200, plain)
  })

  app.get('/coverage', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const query = c.req.query()
    const prefix = textsOf(query, 'pipeline').pipeline ?? ''
    const input = { tenant, prefix, limit: limitOf(query['limit']), cursor: query['cursor'] ?? null }
    return c.body(plainJson(await readCoverage(deps, input)), 200, plain)
  })

  app.get('/rules/heat', (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const query = c.req.query()
    const { by = 'pipeline' } = query
    if (by !== 'pipeline' && by !== 'day') throw new CodedError('request-invalid', 'by is pipeline or day')
    const { span, ...told } = spanOfDays(query, now())
    const { countedUntil, ...map } = views.heat(tenant, span, by)
    const heat: RuleHeat = { ...told, by, ...map, countedUntil: new Date(countedUntil ?? now()).toISOString() }
    return c.body(plainJson(heat), 200, plain)
  })

  return app
}

/** Texts that are matched as they are; null where one is left out. Throws `request-invalid`. */
function textsOf<K extends string>(query: Readonly<Record<string, string>>, ...names: readonly K[]) {
  const texts = names.map((name) => {
    const value = query[name]
    if (value !== undefined && (value === '' || value.length > MAX_TEXT || hasControl(value))) {
      throw new CodedError('request-invalid', `${name} is not 1 to ${MAX_TEXT} printable characters`)
    }
    return [name, value ?? null]
  })
  return Object.fromEntries(texts) as Record<K, string | null>
}

function pipelineOf({ pipeline = null }: Readonly<Record<string, string | null>>): string | null {
  if (pipeline !== null && !isName(pipeline)) throw new CodedError('request-invalid', 'pipeline is not a name')
  return pipeline
}

function decisionOf({ decision = null }: Readonly<Record<string, string | null>>): Deploy['decision'] | null {
  if (decision === null || decision === 'allow' || decision === 'deny' || decision === 'unknown') return decision
  throw new CodedError('request-invalid', 'decision is allow, deny or unknown')
}
