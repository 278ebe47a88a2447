import { Hono } from 'hono'
import { CodedError, hasControl, isHex, parseJson } from '@countersign/core'
import { actorOf, type AppEnv, tenantFor } from '../access.ts'
import { readBody, readObject } from '../body.ts'
import { plainJson } from '../plain-json.ts'
import type { Deps } from '../verbs/deps.ts'
import { admitRemark, eraseRemark, oneRemark, placeOf, remarksPage, type ToldRemark } from '../verbs/remarks.ts'
import { limitOf } from './limit.ts'

/** Most bytes of a note with its signature, certificate and timestamps. */
const MAX_BODY = 256 * 1024
const MAX_GROUND = 256
const JSON_TYPE = { 'content-type': 'application/json' } as const

/** What people say, under signature, of steps, artifacts and what was refused. */
export function remarkRoutes(deps: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.post('/notes', async (c) => {
    const caller = c.get('caller')
    const tenant = tenantFor(caller, 'note')
    const body = await readBody(c, MAX_BODY)
    const mayResolve = () => void tenantFor(caller, 'maintain')
    const { created, told } = await admitRemark(deps, { tenant, holder: caller.holder, mayResolve, body })
    return c.body(plainJson(shown(told)), created ? 201 : 200, JSON_TYPE)
  })

  app.get('/notes', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const { about = null, open } = c.req.query()
    if (open !== undefined && open !== '1') throw new CodedError('request-invalid', 'open is 1 or left out')
    if (about !== null && !/^(?:(?:artifact|refusal|step)\/[0-9a-f]{64}|chain\/[0-9a-f]{32})$/.test(about)) {
      throw new CodedError('request-invalid', 'about is step/, artifact/, refusal/ or chain/ and a digest or chain id')
    }
    const limit = limitOf(c.req.query('limit'))
    const asked = { about, open: open === '1' }
    const { items, next } = await remarksPage(deps, tenant, asked, limit, c.req.query('cursor') ?? null)
    return c.body(plainJson({ items: items.map(shown), next, place: placeOf(deps, tenant) }), 200, JSON_TYPE)
  })

  app.get('/notes/:note', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    return c.body(plainJson(shown(await oneRemark(deps, tenant, idOf(c.req.param('note'))))), 200, JSON_TYPE)
  })

  app.post('/notes/:note/erase', async (c) => {
    const caller = c.get('caller')
    const tenant = tenantFor(caller, 'admin')
    const id = idOf(c.req.param('note'))
    const { ground } = await readObject(c, ['ground'], 4096)
    if (typeof ground !== 'string' || ground === '' || ground.length > MAX_GROUND || hasControl(ground)) {
      throw new CodedError('request-invalid', `ground is not 1 to ${MAX_GROUND} printable characters`)
    }
    const told = await eraseRemark(deps, { tenant, by: actorOf(caller) }, id, ground)
    return c.body(plainJson(shown(told)), 200, JSON_TYPE)
  })

  return app
}

function idOf(text: string): string {
  if (!isHex(text, 64)) throw new CodedError('request-invalid', 'the id of a note is 64 lower-case hex digits')
  return text
}

function shown({ line, ...told }: ToldRemark) {
  return { ...told, note: line === null ? null : parseJson(line) }
}
