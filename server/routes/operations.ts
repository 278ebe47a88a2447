import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Hono } from 'hono'
import type { AppEnv } from '../access.ts'
import { openapi } from '../openapi.ts'
import type { AnchorWarning } from '../verbs/anchors.ts'
import type { Deps } from '../verbs/deps.ts'
import { statementWarnings } from '../verbs/make-statement.ts'

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Countersign API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`
const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#api', deepLinking: true, validatorUrl: null })\n`

/** Files of the viewer that are served, with their types. */
const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
}

/** None where they cannot be read: what the store fails to do is told by `readyz`. */
function anchorWarnings({ anchors }: Deps): Promise<readonly AnchorWarning[]> {
  return anchors.warnings().catch(() => [])
}

/** Health, metrics and the API's description: no token, and nothing of any tenant. */
export function operationRoutes(deps: Deps, stopping: () => boolean): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  const viewer = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))

  // Says no only where a restart helps: whoever runs the server restarts it for a no.
  app.get('/healthz', async (c) => {
    if (!deps.store.alive()) return c.json({ status: 'store-failed' }, 503)
    // On the way up again what is stored is held against the lock.
    if (!deps.log.working) return c.json({ status: 'log-stopped' }, 503)
    const warnings = [...statementWarnings(deps), ...(await anchorWarnings(deps))]
    return c.json(warnings.length === 0 ? { status: 'ok' } : { status: 'ok', warnings })
  })
  app.get('/readyz', async (c) => {
    if (stopping()) return c.json({ status: 'stopping' }, 503)
    if (!deps.log.working) return c.json({ status: 'log-stopped' }, 503)
    const { failingWitnesses } = deps.log
    const failing = failingWitnesses.length === 0 ? {} : { failingWitnesses }
    if (deps.log.stalled) return c.json({ status: 'witness-quorum', ...failing }, 503)
    try {
      await deps.store.ready()
      await deps.log.ready()
      return c.json({ status: 'ready', ...failing })
    } catch {
      return c.json({ status: 'store-failed' }, 503)
    }
  })
  app.get('/metrics', async (c) => {
    // A store that fails is told of elsewhere; the other metrics are needed then more than ever.
    const standings = await deps.anchors.standings().catch(() => null)
    if (standings !== null) deps.metrics.anchored(standings)
    return c.body(await deps.metrics.text(), 200, { 'content-type': deps.metrics.contentType })
  })
  app.get('/openapi.json', (c) => c.json(openapi(deps.version)))
  app.get('/docs', (c) => c.html(PAGE))
  app.get('/docs/start.js', (c) => c.body(START, 200, { 'content-type': 'text/javascript; charset=utf-8' }))
  app.get('/docs/:file', (c) => {
    const file = c.req.param('file')
    const type = Object.hasOwn(ASSETS, file) ? ASSETS[file] : undefined
    if (type === undefined) return c.notFound()
    return c.body(new Uint8Array(readFileSync(join(viewer, file))), 200, {
      'content-type': type,
      'cache-control': 'public, max-age=86400',
    })
  })
  return app
}
