import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestServer, type TestServer } from '../../test/server.ts'
import { PAGES } from './pages.ts'

/** Most bytes, gzipped, that come before anything is seen. */
const FIRST_LOAD = 150_000

let server: TestServer
beforeAll(async () => {
  server = await openTestServer()
})
afterAll(() => server.close())

const get = (path: string, headers: Record<string, string> = {}) =>
  server.request('GET', path, { token: null, headers })

const DIGEST = 'a'.repeat(64)
const CHAIN = 'b'.repeat(32)
const pathOf = (pattern: string) => pattern.replace(':digest', `sha256:${DIGEST}`).replace(/:(?:chain|other)/g, CHAIN)

test.each(PAGES)('%s is a page, under a policy that lets nothing else in', async (pattern) => {
  const reply = await get(pathOf(pattern))
  expect(reply.status).toBe(200)
  expect(reply.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(reply.headers.get('cache-control')).toBe('no-cache')
  const policy = reply.headers.get('content-security-policy')!
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).toContain("require-trusted-types-for 'script'")
  expect(policy).not.toMatch(/unsafe|https?:|data:|\*/)
  const html = await reply.text()
  expect(html).toContain('<div id="page">')
  // Nothing in it that the policy would refuse.
  expect(html).not.toMatch(/<style|style="|<script(?![^>]*\ssrc="\/assets\/)|\son[a-z]+=/)
})

test.each([
  ['/v1/pages', 401],
  ['/v1', 401],
  ['/artifact', 404],
  ['/artifact/a/b', 404],
  ['/index.html', 404],
  ['/assets/../package.json', 404],
  ['/assets/%2e%2e%2findex.html', 404],
  ['/assets/%2e%2e/index.html', 404],
  ['/src/main.tsx', 404],
] as const)('%s gets no page', async (path, status) => {
  const reply = await get(path)
  expect(reply.status).toBe(status)
  expect(reply.headers.get('content-type')).toBe('application/problem+json')
})

/** The files that the page names, all of them before anything is seen. */
async function firstFiles(): Promise<string[]> {
  const html = await (await get('/')).text()
  return [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1]!)
}

test('what is named by its content is kept for ever, packed as the reader asks', async () => {
  const [script] = (await firstFiles()).filter((path) => path.endsWith('.js'))
  const whole = await get(script!)
  expect(whole.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(whole.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
  expect(whole.headers.get('content-encoding')).toBeNull()
  expect(whole.headers.get('vary')).toBe('accept-encoding')
  const bytes = Buffer.from(await whole.arrayBuffer())
  const br = await get(script!, { 'accept-encoding': 'gzip, deflate, br' })
  expect(br.headers.get('content-encoding')).toBe('br')
  expect(brotliDecompressSync(Buffer.from(await br.arrayBuffer())).equals(bytes)).toBe(true)
  const gz = await get(script!, { 'accept-encoding': 'gzip, br;q=0' })
  expect(gz.headers.get('content-encoding')).toBe('gzip')
  expect(gunzipSync(Buffer.from(await gz.arrayBuffer())).equals(bytes)).toBe(true)
})

test(`the first load is below ${FIRST_LOAD} bytes`, async () => {
  const files = await firstFiles()
  expect(files.length).toBeGreaterThan(2)
  const sizes = await Promise.all(
    ['/', ...files].map(async (path) => {
      const reply = await get(path, { 'accept-encoding': 'gzip' })
      const bytes = Buffer.from(await reply.arrayBuffer())
      // What is too small to be packed is sent as it is.
      return reply.headers.get('content-encoding') === 'gzip'
        ? bytes.length
        : Math.max(bytes.length, gzipSync(bytes).length)
    }),
  )
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(FIRST_LOAD)
})
