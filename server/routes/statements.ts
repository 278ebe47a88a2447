import { Hono } from 'hono'
import { CodedError, fromUtf8, isHex } from '@countersign/core'
import {
  coverageJson,
  HEAD_PROOF_MEDIA_TYPE,
  type LogStatement,
  parseLogStatement,
  type SignedLogStatement,
  writeHeadProof,
  writeNote,
} from '@countersign/formats'
import { type AppEnv, tenantFor } from '../access.ts'
import { readObject } from '../body.ts'
import type { Deps } from '../verbs/deps.ts'
import { coverChain } from '../verbs/cover-chain.ts'
import { makeStatement } from '../verbs/make-statement.ts'
import { proveHead } from '../verbs/prove-head.ts'
import { limitOf } from './limit.ts'

const TEXT = 'text/plain; charset=utf-8'
const IMMUTABLE = 'public, max-age=31536000, immutable'
const BRIEFLY = 'public, max-age=1'

/** What the log stated, for anybody: sizes, times and roots. */
export function publicStatementRoutes({ store, statements }: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.get('/statements', (c) => {
    const cursor = c.req.query('cursor')
    const before = cursor === undefined ? null : numberOf(cursor, 'the cursor')
    const { items, next } = store.statements.page(limitOf(c.req.query('limit')), before)
    const lines = items.map((note) => lineOf(parseLogStatement(note)))
    return c.json({ items: lines, next }, 200, { 'cache-control': BRIEFLY })
  })

  app.get('/statements/:number', (c) => {
    const asked = c.req.param('number')
    const latest = asked === 'latest'
    const note = latest ? statements.newest?.note : store.statements.note(numberOf(asked, 'the number'))
    if (note === undefined || note === null) {
      throw new CodedError('not-found', latest ? 'there is no statement yet' : `there is no statement ${asked}`)
    }
    const bytes = note instanceof Uint8Array ? note : writeNote(note)
    return c.body(new Uint8Array(bytes), 200, {
      'content-type': TEXT,
      'cache-control': latest ? BRIEFLY : IMMUTABLE,
    })
  })
  return app
}

/** Making a statement, and what statements say of a tenant's chains. */
export function statementRoutes(deps: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.post('/statements', async (c) => {
    tenantFor(c.get('caller'), 'maintain')
    await readObject(c, [], 1024)
    const { statement, made } = await makeStatement(deps, true)
    if (statement === null) throw new CodedError('not-found', 'the log has nothing to state yet')
    return c.body(new Uint8Array(writeNote(statement.note)), made ? 201 : 200, { 'content-type': TEXT })
  })

  app.get('/chains/:id/coverage', (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const id = chainOf(c.req.param('id'))
    const [number, cursor] = [c.req.query('statement'), c.req.query('cursor')]
    const { items, next, statements } = coverChain(deps, tenant, id, {
      number: number === undefined ? null : numberOf(number, 'the statement'),
      limit: limitOf(c.req.query('limit')),
      cursor: cursor === undefined ? null : numberOf(cursor, 'the cursor'),
    })
    const notes = statements.map(({ note }) => fromUtf8(writeNote(note)))
    return c.json({ statements: notes, items: items.map(coverageJson), next })
  })

  app.get('/chains/:id/head', (c) => {
    const tenant = tenantFor(c.get('caller'), 'read')
    const id = chainOf(c.req.param('id'))
    const number = c.req.query('statement')
    const proof = proveHead(deps, tenant, id, number === undefined ? null : numberOf(number, 'the statement'))
    return c.body(new Uint8Array(writeHeadProof(proof)), 200, { 'content-type': HEAD_PROOF_MEDIA_TYPE })
  })
  return app
}

function lineOf(statement: SignedLogStatement): Omit<LogStatement, 'sha256' | 'sha3_256' | 'heads' | 'previous'> & {
  readonly chains: number
} {
  const { origin, number, start, end, covers, size, heads, time } = statement
  return { origin, number, start, end, covers, size, chains: heads.count, time }
}

function chainOf(id: string): string {
  if (!isHex(id, 32)) throw new CodedError('request-invalid', 'a chain id is 32 lower-case hex digits')
  return id
}

/** Throws `request-invalid` for what cannot be the number of a statement. */
export function numberOf(text: string, what: string): number {
  const number = /^(?:0|[1-9][0-9]{0,14})$/.test(text) ? Number(text) : null
  if (number === null) throw new CodedError('request-invalid', `${what} is not a number of a statement`)
  return number
}
