import { Hono } from 'hono'
import { CodedError, hasControl, isHex, type JsonValue, parseJson } from '@countersign/core'
import { CHAIN_MEDIA_TYPE, isName, MAX_BUNDLE_BYTES, writeReceipt, writeWithheld } from '@countersign/formats'
import { actorOf, type AppEnv, tenantFor } from '../access.ts'
import { readBody, readObject, TooLarge } from '../body.ts'
import type { ChainStep, Query } from '../store.ts'
import { plainJson } from '../plain-json.ts'
import { admitDeviation, deviationLines } from '../verbs/admit-deviation.ts'
import { appendAttestation } from '../verbs/append-attestation.ts'
import type { Deps } from '../verbs/deps.ts'
import { eraseAttestation } from '../verbs/erase-attestation.ts'
import { remarkLines } from '../verbs/remarks.ts'
import { keepUnread } from '../verbs/keep-unread.ts'
import { limitOf } from './limit.ts'

const MAX_DIGESTS = 1_000
const MAX_FOUND = 50
const MAX_GROUND = 256
/** Steps of a chain that one request may withhold. */
const MAX_WITHHELD = 100

export function attestationRoutes(deps: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.post('/attestations', async (c) => {
    const { holder } = c.get('caller')
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
    const reply = await appendAttestation(deps, { tenant, holder, body, late: late === '1', idempotencyKey })
    // Receipt and bundle are JSON already.
    const { link, chain, index, late: wasLate, receipt, bundle } = reply
    const text = `{"link":"${link}","chain":"${chain}","index":${index},"late":${wasLate},"receipt":${receipt},"bundle":${bundle}}`
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
    if (stored === undefined || proof === null) throw deps.log.missing(tenant, link)
    const { bundle, ...facts } = stored
    return c.json({ ...facts, bundle: jsonOf(bundle), receipt: jsonOf(writeReceipt({ proof })) })
  })

  app.post('/attestations/:link/erase', async (c) => {
    const caller = c.get('caller')
    const tenant = tenantFor(caller, 'admin')
    const link = c.req.param('link')
    if (!isHex(link, 64)) throw new CodedError('request-invalid', 'a link digest is 64 lower-case hex digits')
    const { ground } = await readObject(c, ['ground'], 4096)
    if (typeof ground !== 'string' || ground === '' || ground.length > MAX_GROUND || hasControl(ground)) {
      throw new CodedError('request-invalid', `ground is not 1 to ${MAX_GROUND} printable characters`)
    }
    const withheld = await eraseAttestation(deps, { tenant, by: actorOf(caller) }, link, ground)
    const { proof, leaf } = withheld.tombstone!
    const text = { link, erasedAt: leaf.at, ground: leaf.ground, tombstone: proof.index }
    return c.body(plainJson({ ...text, withheld: jsonOf(writeWithheld(withheld)) }), 200, {
      'content-type': 'application/json',
    })
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
    const notes = c.req.query('notes')
    if (notes !== undefined && notes !== '1') throw new CodedError('request-invalid', 'notes is 1 or left out')
    const hidden = await withheldIn(deps, tenant, id, c.req.query('withhold'))
    const steps = deps.store.chain(tenant, id)[Symbol.asyncIterator]()
    // The first is asked for here: only until it is known can the answer still become another.
    const first = await steps.next()
    if (first.done === true) throw new CodedError('not-found', `there is no chain ${id}`)
    const linesOf = ({ link, bundle }: ChainStep) => {
      if (bundle !== null && !hidden.has(link)) {
        const proof = deps.log.prove(tenant, link)
        if (proof !== null) return [bundle, writeReceipt({ proof })]
        if (deps.log.isUnprovable(tenant, link)) return [bundle]
      }
      const kept = hidden.has(link) ? deps.log.withhold(tenant, link, id) : null
      // Neither: no checkpoint covers it yet, so nobody was told that it was accepted. Erased it may be just now.
      const closed = kept ?? deps.log.withheld(tenant, link)
      return closed === null ? [] : [writeWithheld(closed)]
    }
    const beside = await deviationLines(deps, tenant, id)
    if (notes === '1') beside.push(...(await remarkLines(deps, tenant, id, hidden)))
    return c.body(chainFile(first.value, steps, linesOf, c.get('broken'), beside), 200, {
      'content-type': CHAIN_MEDIA_TYPE,
    })
  })

  app.post('/chains/:id/deviations', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'append')
    const id = c.req.param('id')
    if (!isHex(id, 32)) throw new CodedError('request-invalid', 'a chain id is 32 lower-case hex digits')
    const line = await admitDeviation(deps, tenant, id, await readBody(c, 1024 * 1024))
    return c.body(new Uint8Array(line), 200, { 'content-type': 'application/json' })
  })

  return app
}

/**
 * The steps that are to be withheld. One that is not of the chain is refused: a name mistyped would show what was to
 * be kept. Throws `request-invalid`, and `not-found`.
 */
async function withheldIn(
  { store }: Deps,
  tenant: string,
  chain: string,
  asked: string | undefined,
): Promise<ReadonlySet<string>> {
  if (asked === undefined) return new Set()
  const links = new Set(asked.split(','))
  if (links.size > MAX_WITHHELD || ![...links].every((link) => isHex(link, 64))) {
    throw new CodedError('request-invalid', `withhold is at most ${MAX_WITHHELD} link digests, with commas between`)
  }
  const held = [await store.bundles(tenant, [...links]), await store.erased(tenant, [...links])]
  for (const { link, chain: own } of held.flat()) if (own === chain) links.delete(link)
  const [strange] = links
  if (strange !== undefined) throw new CodedError('not-found', `the chain has no step ${strange.slice(0, 12)}`)
  return new Set(asked.split(','))
}

/** Bytes that go out at once, at least: a piece for each step would cost more than the step. */
const CHAIN_CHUNK = 64 * 1024
const NEW_LINE = Uint8Array.of(0x0a)

/**
 * A chain file as it is asked for: what lies beside its steps, then each step followed by its receipt, or what stands for
 * it. A store that fails in the middle breaks the
 * answer off, for what has been sent would pass as the whole chain if it ended well.
 */
function chainFile(
  first: ChainStep,
  rest: AsyncIterator<ChainStep>,
  linesOf: (step: ChainStep) => readonly Uint8Array[],
  broken: (error: unknown) => void,
  beside: readonly Uint8Array[],
): ReadableStream<Uint8Array> {
  let next: IteratorResult<ChainStep> = { done: false, value: first }
  let wanted = true
  let before = beside
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    try {
      const parts = before.flatMap((line) => [line, NEW_LINE])
      before = []
      for (let size = 0; size < CHAIN_CHUNK && next.done !== true; next = await rest.next()) {
        for (const line of linesOf(next.value)) {
          parts.push(line, NEW_LINE)
          size += line.length
        }
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
  const value = by === 'artifact' ? given[by]!.replace(/^sha256:/, '') : given[by]!
  const good = {
    artifact: isHex(value, 64),
    commit: isHex(value, 40) || isHex(value, 64),
    chain: isHex(value, 32),
    pipeline: isName(value),
  }[by]
  if (!good) throw new CodedError('request-invalid', `${by} is not what it should be`)
  return { by, value }
}
