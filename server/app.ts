import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { routePath } from 'hono/route'
import { secureHeaders } from 'hono/secure-headers'
import { CodedError } from '@countersign/core'
import { type AppEnv, authenticate } from './access.ts'
import { BodyBudget } from './body.ts'
import { knownQuery } from './known-query.ts'
import { openapi } from './openapi.ts'
import { plainJson } from './plain-json.ts'
import { isOurFault, problemOf, retryAfter } from './problems.ts'
import { administrationRoutes } from './routes/administration.ts'
import { contractRoutes } from './routes/contracts.ts'
import { anchorRoutes, publicAnchorRoutes } from './routes/anchors.ts'
import { attestationRoutes } from './routes/attestations.ts'
import { certificateRoutes } from './routes/certificates.ts'
import { eventRoutes } from './routes/events.ts'
import { fulcioRoutes } from './routes/fulcio.ts'
import { gateRoutes } from './routes/gate.ts'
import { issuerRoutes, publicIssuerRoutes } from './routes/issuers.ts'
import { keyRoutes, publicKeyRoutes } from './routes/keys.ts'
import { logRoutes, publicLogRoutes } from './routes/log.ts'
import { operationRoutes } from './routes/operations.ts'
import { passkeyRoutes } from './routes/passkeys.ts'
import { auditRoutes, meRoutes, peopleRoutes } from './routes/people.ts'
import { signInRoutes } from './routes/sign-in.ts'
import { packRoutes } from './routes/packs.ts'
import { proposalRoutes } from './routes/proposals.ts'
import { pageRoutes } from './routes/pages.ts'
import { remarkRoutes } from './routes/remarks.ts'
import { publicStatementRoutes, statementRoutes } from './routes/statements.ts'
import { tokenRoutes } from './routes/tokens.ts'
import { viewRoutes } from './routes/views.ts'
import { webhookRoutes } from './routes/webhooks.ts'
import type { Deps } from './verbs/deps.ts'

/** What the app tells its root about requests; never bodies, never tokens. */
export interface RequestLog {
  readonly requestId: string
  readonly method: string
  readonly route: string
  readonly status: number
  readonly ms: number
  readonly code?: string
  /** Only where it was our own fault. */
  readonly error?: unknown
}

export interface AppOptions {
  readonly deps: Deps
  readonly log: (entry: RequestLog) => void
  /** Milliseconds, monotonic. */
  readonly clock: () => number
  /** True once the server is stopping: requests are then turned away. */
  readonly stopping: () => boolean
}

const pageHeaders = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    objectSrc: ["'none'"],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
  },
  xFrameOptions: 'DENY',
  referrerPolicy: 'no-referrer',
})

/** The server's HTTP face. Deny by default: everything under /v1 needs a token. */
export function createApp({ deps, log, clock, stopping }: AppOptions): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  const bodies = new BodyBudget()

  app.use(async (c, next) => {
    const begun = clock()
    const requestId = randomUUID()
    c.set('requestId', requestId)
    c.set('bodies', bodies)
    c.set('broken', (error) => {
      const { method } = c.req
      log({ requestId, method, route: routePath(c, -1), status: 500, ms: clock() - begun, error })
    })
    // Before the answer is made: a header set on one that is made makes it anew, body and all.
    c.header('x-request-id', requestId)
    await next()
    // Only its head is sent, and nobody else would end what was opened for it: a stream of events, a file.
    if (c.req.method === 'HEAD') await c.res.body?.cancel().catch(() => undefined)
    const route = routePath(c, -1)
    const ms = clock() - begun
    const { status } = c.res
    deps.metrics.answered(route, c.req.method, status, ms / 1000)
    const error: unknown = c.error
    const code = error instanceof CodedError ? { code: error.code } : {}
    log({
      requestId,
      method: c.req.method,
      route,
      status,
      ms,
      ...code,
      ...(error !== undefined && isOurFault(error) ? { error } : {}),
    })
  })
  // For pages; the API answers programs with JSON, which nobody frames or scripts.
  app.use('/docs/*', pageHeaders)
  app.use('/docs', pageHeaders)
  app.use('/v1/*', async (c, next) => {
    c.header('x-content-type-options', 'nosniff')
    c.header('cache-control', 'no-store')
    await next()
  })
  app.route('/', operationRoutes(deps, stopping))
  app.route('/', pageRoutes())
  app.route('/', publicLogRoutes(deps))
  app.route('/', publicStatementRoutes(deps))
  app.route('/', publicAnchorRoutes(deps))
  app.route('/', publicIssuerRoutes(deps, stopping))
  app.route('/', fulcioRoutes(deps, stopping))

  app.use('/v1/*', async (_c, next) => {
    if (stopping()) throw new CodedError('server-stopping', 'the server is stopping')
    await next()
  })
  app.route('/', publicKeyRoutes(deps, clock))
  app.route('/', signInRoutes(deps, clock))
  app.use('/v1/*', authenticate({ store: deps.store, clock, now: deps.now, publicUrl: deps.publicUrl }))
  app.use('/v1/*', knownQuery(openapi(deps.version)))
  app.route('/v1', logRoutes(deps))
  app.route('/v1', statementRoutes(deps))
  app.route('/v1', anchorRoutes(deps))
  app.route('/v1', attestationRoutes(deps))
  app.route('/v1', proposalRoutes(deps))
  app.route('/v1', remarkRoutes(deps))
  app.route('/v1', gateRoutes(deps, clock))
  app.route('/v1', viewRoutes(deps))
  app.route('/v1', eventRoutes(deps))
  app.route('/v1', issuerRoutes(deps))
  app.route('/v1', certificateRoutes(deps))
  app.route('/v1', keyRoutes(deps))
  app.route('/v1', tokenRoutes(deps))
  app.route('/v1', meRoutes(deps))
  app.route('/v1', passkeyRoutes(deps))
  app.route('/v1', peopleRoutes(deps))
  app.route('/v1', auditRoutes(deps))
  app.route(
    '/v1',
    packRoutes(deps, (request) => app.fetch(request)),
  )
  app.route('/v1', webhookRoutes(deps))
  app.route('/v1', administrationRoutes(deps))
  app.route('/v1', contractRoutes(deps))

  app.notFound((c) => {
    const problem = problemOf(
      new CodedError('method-unknown', `${c.req.method} ${c.req.path.slice(0, 200)} is not a route`),
      c.get('requestId'),
    )
    return c.body(plainJson(problem), problem.status, { 'content-type': 'application/problem+json' })
  })
  app.onError((error, c) => {
    const problem = problemOf(error, c.get('requestId'))
    const seconds = retryAfter(problem.code)
    const retry = seconds === null ? {} : { 'retry-after': String(seconds) }
    return c.body(plainJson(problem), problem.status, { 'content-type': 'application/problem+json', ...retry })
  })
  return app
}
