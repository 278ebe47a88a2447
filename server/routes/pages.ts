import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { type Context, Hono } from 'hono'
import type { AppEnv } from '../access.ts'

/** Where the build of the dashboard lies. */
const DIST = join(import.meta.dirname, '..', 'dashboard', 'dist')

/** The dashboard's own addresses: it draws them all from one page. No other path ever gets it. */
export const PAGES: readonly string[] = [
  '/',
  '/artifact/:digest',
  '/run/:chain',
  '/run/:chain/diff/:other',
  '/deploys',
  '/identities',
  '/contracts',
  '/anchors',
  '/coverage',
  '/inbox',
  '/audit',
  '/sign-in',
  '/settings',
]

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** No script, style, image or answer but our own; no text becomes markup, and no address a worker, but by our one policy. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types countersign-worker',
].join('; ')

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/** A file with what it was packed into when it was built. */
interface Served {
  readonly type: string
  readonly whole: Uint8Array<ArrayBuffer>
  readonly packed: Readonly<Partial<Record<'br' | 'gzip', Uint8Array<ArrayBuffer>>>>
}

const PACKED = { br: '.br', gzip: '.gz' } as const

/** The dashboard: files that hold nothing of any tenant. What they show they ask the API for, as whoever is signed in. */
export function pageRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  // Read once, when somebody comes: most servers in tests are never looked at.
  let files: ReadonlyMap<string, Served> | null = null
  const fileAt = (path: string) => (files ??= filesIn(DIST)).get(path)

  for (const pattern of PAGES) {
    app.get(pattern, (c) => {
      const page = fileAt('index.html')
      return page === undefined ? c.notFound() : answer(c, page, 'no-cache')
    })
  }
  // Named by what is in them: what was served once never changes.
  app.get('/assets/:file', (c) => {
    const file = fileAt(`assets/${c.req.param('file')}`)
    return file === undefined ? c.notFound() : answer(c, file, 'public, max-age=31536000, immutable')
  })
  return app
}

function answer(c: Context<AppEnv>, { type, whole, packed }: Served, cacheControl: string): Response {
  const wanted = c.req.header('accept-encoding') ?? ''
  const encoding = (['br', 'gzip'] as const).find((name) => packed[name] !== undefined && accepts(wanted, name))
  return c.body(encoding === undefined ? whole : packed[encoding]!, 200, {
    ...HEADERS,
    'content-type': type,
    'cache-control': cacheControl,
    vary: 'accept-encoding',
    ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
  })
}

/** Whether an `Accept-Encoding` takes this one (RFC 9110 §12.5.3). */
function accepts(header: string, encoding: string): boolean {
  return header.split(',').some((part) => {
    const [name, ...rest] = part.split(';').map((text) => text.trim().toLowerCase())
    return name === encoding && !rest.some((text) => /^q=0(?:\.0*)?$/.test(text))
  })
}

/** Every file of the build by its path; none where it was not built. */
function filesIn(directory: string): ReadonlyMap<string, Served> {
  const names = new Set(namesIn(directory))
  const read = (name: string) => new Uint8Array(readFileSync(join(directory, name)))
  const own = [...names].filter((name) => Object.hasOwn(TYPES, extname(name)))
  return new Map(
    own.map((name) => {
      const packed = Object.entries(PACKED).flatMap(([encoding, ending]) =>
        names.has(name + ending) ? [[encoding, read(name + ending)]] : [],
      )
      return [name, { type: TYPES[extname(name)]!, whole: read(name), packed: Object.fromEntries(packed) }]
    }),
  )
}

function namesIn(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    return entries.map((name) => name.replaceAll('\\', '/'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
