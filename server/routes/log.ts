import { type Context, Hono } from 'hono'
import { CodedError, isHex } from '@countersign/core'
import { writeTlogProof } from '@countersign/formats'
import type { TreeName } from '@countersign/log'
import { parseTilePath, TILE_WIDTH, writeEntries } from '@countersign/merkle'
import { type AppEnv, tenantFor } from '../access.ts'
import type { Deps } from '../verbs/deps.ts'

const TEXT = 'text/plain; charset=utf-8'
const BYTES = 'application/octet-stream'
/** A tile of one width never changes (C2SP tlog-tiles). */
const IMMUTABLE = 'public, max-age=31536000, immutable'
/** A checkpoint is followed by the next: caches may spare us some of who asks. */
const BRIEFLY = 'public, max-age=1'
const HASH_BYTES = 32

/** What anybody may read of the log, by the read API of C2SP tlog-tiles: roots and hashes, and nothing they are of. */
export function publicLogRoutes({ log }: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  app.get('/checkpoint', (c) =>
    c.body(new Uint8Array(log.checkpoint), 200, { 'content-type': TEXT, 'cache-control': BRIEFLY }),
  )
  app.get('/tile/:path{.+}', (c) => tile(c, 'sha256', `tile/${c.req.param('path')}`))
  // The same entries under the other hash; tlog-tiles knows one tree only, so it has its own prefix.
  app.get('/sha3/tile/:path{.+}', (c) => tile(c, 'sha3_256', `tile/${c.req.param('path')}`))

  function tile(c: Context<AppEnv>, tree: TreeName, path: string) {
    const ref = parseTilePath(path)
    if (ref.level === 'entries' || !isWithin(ref.level, ref.index, ref.width)) throw missing(path)
    const data = log.data.tile(tree, ref)
    const size = ref.width * HASH_BYTES
    if (data === null || data.length < size) throw new CodedError('log-corrupt', `${path} is missing`)
    return c.body(data.slice(0, size), 200, { 'content-type': BYTES, 'cache-control': IMMUTABLE })
  }

  function isWithin(level: number, index: number, width: number): boolean {
    return (index * TILE_WIDTH + width) * TILE_WIDTH ** level <= log.signedSize
  }
  return app
}

/** What needs a token: the entries, which tell when something was accepted, and the proofs that open them. */
export function logRoutes({ log }: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.get('/log/tile/entries/:path{.+}', (c) => {
    tenantFor(c.get('caller'), 'read')
    const path = `tile/entries/${c.req.param('path')}`
    const { index, width } = parseTilePath(path)
    const begin = index * TILE_WIDTH
    if (begin + width > log.size) throw missing(path)
    const entries = log.data.entries(begin, begin + width)
    if (entries.length !== width) throw new CodedError('log-corrupt', `entries of ${path} are missing`)
    return c.body(new Uint8Array(writeEntries(entries)), 200, { 'content-type': BYTES })
  })

  app.get('/attestations/:link/proof', (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const link = c.req.param('link')
    if (!isHex(link, 64)) throw new CodedError('request-invalid', 'a link digest is 64 lower-case hex digits')
    const proof = log.prove(tenant, link)
    if (proof === null) throw log.missing(tenant, link)
    return c.body(new Uint8Array(writeTlogProof(proof)), 200, {
      'content-type': TEXT,
      'content-disposition': `attachment; filename="${link}.tlog-proof"`,
    })
  })
  return app
}

function missing(path: string): CodedError {
  return new CodedError('not-found', `the log has no ${path.slice(0, 60)}`)
}
