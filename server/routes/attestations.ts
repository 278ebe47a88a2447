import { Hono } from 'hono'
import { CodedError, fromUtf8, isHex, type JsonValue, parseJson } from '@countersign/core'
import { isName, MAX_BUNDLE_BYTES } from '@countersign/formats'
import { type AppEnv, tenantFor } from '../access.ts'
import { readBody, readObject } from '../body.ts'
import type { Query } from '../store.ts'
import { appendAttestation } from '../verbs/append-attestation.ts'
import type { Deps } from '../verbs/deps.ts'

const MAX_DIGESTS = 1_000
const MAX_FOUND = 50

export function attestationRoutes(deps: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.post('/attestations', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'append')
    const late = c.req.query('late')
    if (late !== undefined && late !== '1') throw new CodedError('request-invalid', 'late is 1 or left out')
    const idempotencyKey = c.req.header('idempotency-key') ?? null
    if (idempotencyKey !== null && !/^[\x21-\x7e]{1,255}$/.test(idempotencyKey)) {
      throw new CodedError('request-invalid', 'the idempotency key is not 1 to 255 printable characters')
    }
    const body = await readBody(c, MAX_BUNDLE_BYTES)
    const reply = await appendAttestation(deps, { tenant, body, late: late === '1', idempotencyKey })
    // The receipt is JSON already: it goes out as it was stored, byte for byte.
    const text = `{"link":"${reply.link}","chain":"${reply.chain}","index":${reply.index},"late":${reply.late},"receipt":${fromUtf8(reply.receipt)}}`
    return c.body(text, reply.created ? 201 : 200, { 'content-type': 'application/json' })
  })

  app.get('/attestations', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const query = queryOf(c.req.query())
    return c.json(await deps.store.search(tenant, query, limitOf(c.req.query('limit')), c.req.query('cursor') ?? null))
  })

  app.get('/attestations/:link', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const link = c.req.param('link')
    if (!isHex(link, 64)) throw new CodedError('request-invalid', 'a link digest is 64 lower-case hex digits')
    const [stored] = await deps.store.bundles(tenant, [link])
    if (stored === undefined) throw new CodedError('not-found', `there is no attestation ${link.slice(0, 12)}`)
    const { bundle, receipt, ...facts } = stored
    return c.json({ ...facts, bundle: jsonOf(bundle), receipt: jsonOf(receipt) })
  })

  app.post('/lookups', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const { digests } = await readObject(c, ['digests'], 128 * 1024)
    const good =
      Array.isArray(digests) &&
      digests.length <= MAX_DIGESTS &&
      digests.every((d) => typeof d === 'string' && isHex(d, 64))
    if (!good)
      throw new CodedError('request-invalid', `digests are at most ${MAX_DIGESTS} times 64 lower-case hex digits`)
    return c.json({ chains: await deps.store.lookup(tenant, digests as string[], MAX_FOUND) })
  })

  app.get('/chains/:id', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const id = c.req.param('id')
    if (!isHex(id, 32)) throw new CodedError('request-invalid', 'a chain id is 32 lower-case hex digits')
    const steps = await deps.store.chain(tenant, id)
    if (steps.length === 0) throw new CodedError('not-found', `there is no chain ${id}`)
    const lines = steps.map(({ bundle, receipt }) => `${fromUtf8(bundle)}\n${fromUtf8(receipt)}\n`)
    return c.body(lines.join(''), 200, { 'content-type': 'application/vnd.in-toto.bundle' })
  })

  return app
}

function jsonOf(bytes: Uint8Array): JsonValue {
  return parseJson(bytes)
}

/** Exactly one of the four ways to search. */
function queryOf(given: Record<string, string>): Query {
  const ways = (['artifact', 'commit', 'chain', 'pipeline'] as const).filter((by) => given[by] !== undefined)
  const [by] = ways
  if (by === undefined || ways.length > 1)
    throw new CodedError('request-invalid', 'search by exactly one of artifact, commit, chain, pipeline')
  const value = given[by]!
  const good = {
    artifact: isHex(value, 64),
    commit: isHex(value, 40) || isHex(value, 64),
    chain: isHex(value, 32),
    pipeline: isName(value),
  }[by]
  if (!good) throw new CodedError('request-invalid', `${by} is not what it should be`)
  return { by, value }
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return 50
  const limit = Number(text)
  if (!/^[0-9]{1,3}$/.test(text) || limit < 1 || limit > 200)
    throw new CodedError('request-invalid', 'limit is from 1 to 200')
  return limit
}
