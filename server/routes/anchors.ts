import { Hono } from 'hono'
import { type AnchorEntry, isAnchorName } from '@countersign/anchor'
import { CodedError, reportOf } from '@countersign/core'
import { ANCHOR_MEDIA_TYPE, ANCHOR_TRUST_MEDIA_TYPE, anchorRootsJson } from '@countersign/formats/anchor'
import { type AppEnv, tenantFor } from '../access.ts'
import { readObject } from '../body.ts'
import { plainJson } from '../plain-json.ts'
import type { Standing } from '../verbs/anchors.ts'
import type { Deps } from '../verbs/deps.ts'
import { limitOf } from './limit.ts'
import { numberOf } from './statements.ts'

const IMMUTABLE = 'public, max-age=31536000, immutable'
const BRIEFLY = 'public, max-age=1'
const JSON_TYPE = { 'content-type': 'application/json' }

/** The proofs from outside, for anybody who has the statements. */
export function publicAnchorRoutes({ store }: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.get('/statements/:number/anchors', async (c) => {
    const number = numberOf(c.req.param('number'), 'the number')
    if (store.statements.note(number) === null) throw new CodedError('not-found', `there is no statement ${number}`)
    const items = (await store.anchors.of(number)).map(({ anchor, state, finalAt }) => ({
      anchor,
      phase: state.phase,
      finalAt: isoOrNull(finalAt),
    }))
    return c.json({ items }, 200, { 'cache-control': BRIEFLY })
  })

  app.get('/statements/:number/anchors/:anchor', async (c) => {
    const number = numberOf(c.req.param('number'), 'the number')
    const anchor = nameOf(c.req.param('anchor'))
    const proof = await store.anchors.proof(anchor, number)
    if (proof !== null) {
      const headers = { 'content-type': ANCHOR_MEDIA_TYPE, 'cache-control': IMMUTABLE }
      return c.body(new Uint8Array(proof), 200, headers)
    }
    const entry = (await store.anchors.of(number)).find((one) => one.anchor === anchor)
    const how = entry === undefined ? 'is not in' : entry.dead === null ? `is ${entry.state.phase} in` : 'failed in'
    throw new CodedError('not-found', `statement ${number} ${how} ${anchor}: there is no proof yet`, {
      fix: 'Proofs come with time; how far they are: GET /statements/NUMBER/anchors',
    })
  })
  return app
}

/** How far the statements are on their way, what it cost, and what whoever runs the server can do about it. */
export function anchorRoutes({ store, anchors, anchorBelief }: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.get('/anchors', async (c) => {
    tenantFor(c.get('caller'), 'read')
    const cursor = c.req.query('cursor')
    const limit = limitOf(c.req.query('limit'))
    const before = cursor === undefined ? null : numberOf(cursor, 'the cursor')
    const [standings, statements] = await Promise.all([
      anchors.standings(),
      store.anchors.statements(limit + 1, before),
    ])
    const items = statements.slice(0, limit).map(({ number, entries }) => ({ number, anchors: entries.map(entryJson) }))
    const next = statements.length > limit ? String(items.at(-1)!.number) : null
    // It quotes what others answered.
    return c.body(plainJson({ anchors: standings.map(standingJson), items, next }), 200, JSON_TYPE)
  })

  app.get('/anchors/trust', (c) => {
    tenantFor(c.get('caller'), 'read')
    const anchors = anchorRootsJson(anchorBelief)
    return c.body(plainJson({ mediaType: ANCHOR_TRUST_MEDIA_TYPE, anchors }), 200, JSON_TYPE)
  })

  app.get('/anchors/:number', async (c) => {
    tenantFor(c.get('caller'), 'read')
    const number = numberOf(c.req.param('number'), 'the number')
    if (store.statements.note(number) === null) throw new CodedError('not-found', `there is no statement ${number}`)
    const entries = await store.anchors.of(number)
    return c.body(plainJson({ number, anchors: entries.map(entryJson) }), 200, JSON_TYPE)
  })

  app.post('/anchors/check', async (c) => {
    tenantFor(c.get('caller'), 'maintain')
    await readObject(c, [], 1024)
    return c.body(plainJson({ items: await anchors.check() }), 200, JSON_TYPE)
  })

  app.post('/anchors/drive', async (c) => {
    tenantFor(c.get('caller'), 'maintain')
    await readObject(c, [], 1024)
    anchors.drive(true)
    return c.body(null, 202)
  })

  app.post('/anchors/:number/:anchor/retry', async (c) => {
    tenantFor(c.get('caller'), 'maintain')
    await readObject(c, [], 1024)
    const number = numberOf(c.req.param('number'), 'the number')
    const entry = await anchors.retry(nameOf(c.req.param('anchor')), number)
    return c.body(plainJson({ number, ...entryJson(entry) }), 200, JSON_TYPE)
  })
  return app
}

function nameOf(text: string): string {
  if (!isAnchorName(text)) throw new CodedError('request-invalid', 'that is not the name of an anchor')
  return text
}

function entryJson(entry: AnchorEntry): object {
  const { anchor, state, queuedAt, at, due, failing, dead, costs, finalAt } = entry
  return {
    anchor,
    phase: state.phase,
    queuedAt: iso(queuedAt),
    lookedAt: iso(at),
    // Nobody looks at what is final, or dead.
    nextLook: finalAt === null && dead === null ? iso(due) : null,
    finalAt: isoOrNull(finalAt),
    failing:
      failing === null
        ? null
        : { since: iso(failing.since), tries: failing.tries, code: failing.code, what: failing.what },
    dead: dead === null ? null : { at: iso(dead.at), ...reportOf(new CodedError(dead.code, dead.what)) },
    costs,
  }
}

function standingJson({ gap, waiting, newestFinal, at, ...standing }: Standing): object {
  const { name, kind, on, first, last, counts, provenTo, costs } = standing
  return {
    anchor: name,
    kind,
    on,
    since: iso(at),
    first,
    last,
    counts,
    newestFinal: newestFinal?.number ?? null,
    provenTo,
    waiting: waiting === null ? null : { number: waiting.number, since: iso(waiting.queuedAt) },
    gap: gap === null ? null : { number: gap.number, seconds: Math.floor(gap.waits / 1000) },
    costs,
  }
}

function iso(time: number): string {
  return new Date(time).toISOString()
}

function isoOrNull(time: number | null): string | null {
  return time === null ? null : iso(time)
}
