import { Hono } from 'hono'
import { CodedError, isHex, type JsonValue, parseJson } from '@countersign/core'
import { CHAIN_MEDIA_TYPE, isName, MAX_BUNDLE_BYTES, writeReceipt } from '@countersign/formats'
import { type AppEnv, tenantFor } from '../access.ts'
import { readBody, readObject, TooLarge } from '../body.ts'
import type { ChainStep, Query } from '../store.ts'
import { appendAttestation } from '../verbs/append-attestation.ts'
import type { Deps } from '../verbs/deps.ts'
import { keepUnread } from '../verbs/keep-unread.ts'
import { limitOf } from './limit.ts'

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
    const body = await readBody(c, MAX_BUNDLE_BYTES).catch(async (error: unknown) => {
      if (error instanceof TooLarge) await keepUnread(deps, tenant, error)
      throw error
    })
    const reply = await appendAttestation(deps, { tenant, body, late: late === '1', idempotencyKey })
    // The receipt is JSON already.
    const text = `{"link":"${reply.link}","chain":"${reply.chain}","index":${reply.index},"late":${reply.late},"receipt":${reply.receipt}}`
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
    const proof = stored === undefined ? null : deps.log.prove(tenant, link)
    // What no checkpoint covers yet has not been acknowledged to anybody.
    if (stored === undefined || proof === null) {
      throw new CodedError('not-found', `there is no attestation ${link.slice(0, 12)}`)
    }
    const { bundle, ...facts } = stored
    return c.json({ ...facts, bundle: jsonOf(bundle), receipt: jsonOf(writeReceipt({ proof })) })
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
    const steps = deps.store.chain(tenant, id)[Symbol.asyncIterator]()
    // The first is asked for here: only until it is known can the answer still become another.
    const first = await steps.next()
    if (first.done === true) throw new CodedError('not-found', `there is no chain ${id}`)
    const receiptOf = (link: string) => {
      const proof = deps.log.prove(tenant, link)
      return proof === null ? null : writeReceipt({ proof })
    }
    return c.body(chainFile(first.value, steps, receiptOf, c.get('broken')), 200, { 'content-type': CHAIN_MEDIA_TYPE })
  })

  return app
}

/** Bytes that go out at once, at least: a piece for each step would cost more than the step. */
const CHAIN_CHUNK = 64 * 1024
const NEW_LINE = Uint8Array.of(0x0a)

/**
 * A chain file as it is asked for, each step followed by its receipt. A store that fails in the middle breaks the
 * answer off, for what has been sent would pass as the whole chain if it ended well.
 */
function chainFile(
  first: ChainStep,
  rest: AsyncIterator<ChainStep>,
  receiptOf: (link: string) => Uint8Array | null,
  broken: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  let next: IteratorResult<ChainStep> = { done: false, value: first }
  let wanted = true
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    try {
      const parts: Uint8Array[] = []
      for (let size = 0; size < CHAIN_CHUNK && next.done !== true; next = await rest.next()) {
        const { bundle, link } = next.value
        const receipt = receiptOf(link)
        // No checkpoint covers it yet, so nobody was told that it was accepted.
        if (receipt === null) continue
        parts.push(bundle, NEW_LINE, receipt, NEW_LINE)
        size += bundle.length + receipt.length
      }
      if (!wanted) return
      if (parts.length > 0) controller.enqueue(new Uint8Array(Buffer.concat(parts)))
      if (next.done === true) controller.close()
    } catch (error) {
      broken(error)
      controller.error(error)
    }
  }
  const cancel = async () => {
    wanted = false
    await rest.return?.()
  }
  // Nothing is read ahead of the client: a slow one holds one piece.
  return new ReadableStream({ pull, cancel }, { highWaterMark: 0 })
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
