import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canonicalJson, publicKeyPem } from '@countersign/core'
import { openapi } from '../../server/openapi.ts'
import { honestRun, party, type Run, seal, sha256 } from '../pipeline.ts'
import { openTestServer, type TestServer, token } from '../server.ts'
import { fresh, replaced, texts } from './texts.ts'

// T-91: text that is SQL. It must reach the database as a value, wherever a request may hold it.

const HOSTILE = [
  "'",
  '"',
  '`',
  ';',
  '--',
  '\\',
  "' OR '1'='1",
  "' OR 1=1 --",
  '" OR ""="',
  "'; DROP TABLE attestations; --",
  "'); DELETE FROM tokens; --",
  "x' UNION SELECT id, hash, scopes FROM tokens --",
  "x' UNION SELECT bundle FROM attestations WHERE tenant = 'other' --",
  "1; ATTACH DATABASE '/tmp/countersign-evil.db' AS evil; --",
  "' || (SELECT hash FROM tokens LIMIT 1) || '",
  '?1',
  ':tenant',
  '$1',
  '%',
  '_',
  '*',
  "acme' --",
  'NULL --',
  '0x27 --',
  '\u0000',
  "a\u0000' OR 1=1 --",
  'ʼ; DROP TABLE keys',
]

let server: TestServer
let run: Run
let before: Readonly<Record<string, string>>

beforeAll(async () => {
  server = await openTestServer({ tenants: ['acme', 'other'] })
  run = honestRun()
  await server.enrol([run.who.github, run.who.codebuild, run.who.cloudbuild, run.who.azure])
  await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
  for (const { bundle } of run.steps) expect((await server.append(bundle)).status).toBe(201)
  const gate = { artifact: run.app.digest.sha256, pipeline: 'shop/web', environment: 'production' }
  expect((await server.request('POST', '/v1/gate', { body: JSON.stringify(gate) })).status).toBe(200)
  while ((await server.store.views.count(1_000)) > 0);
  before = dump()
})
afterAll(() => server.close())

/** What the database holds, a digest a table; but for the inbox, where refusals belong, and idempotency keys. */
function dump(): Readonly<Record<string, string>> {
  const db = new Database(server.file, { readonly: true })
  try {
    const tables = db.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name").all()
    const kept = (tables as { name: string; sql: string }[]).filter(
      ({ name }) => !['inbox', 'idempotency', 'sqlite_sequence'].includes(name),
    )
    const rows = kept.map(({ name, sql }) => [
      name,
      sha256(JSON.stringify([sql, db.prepare(`SELECT * FROM "${name}"`).all()])),
    ])
    return { ...(Object.fromEntries(rows) as Record<string, string>), tables: sha256(JSON.stringify(tables)) }
  } finally {
    db.close()
  }
}

/** Fails for an answer that only a mishap gives, or that holds what nobody asked for; `own` where all is the caller's to read. */
async function expectHarmless(what: unknown, reply: Response, own = false): Promise<void> {
  const text = await reply.text()
  expect([what, reply.status, reply.status < 500]).toEqual([what, reply.status, true])
  expect([what, /SQLITE|syntax error|no such (?:table|column)|near "/i.test(text)]).toEqual([what, false])
  if (!own) expect([what, text.includes(run.app.digest.sha256)]).toEqual([what, false])
}

const { paths } = openapi('0') as {
  paths: Record<string, Record<string, { parameters?: { name: string; in: string }[]; security?: unknown }>>
}

describe('T-91: hostile text', () => {
  test('in every path, query and header of the document', async () => {
    let asked = 0
    for (const [path, operations] of Object.entries(paths)) {
      for (const [method, { parameters = [] }] of Object.entries(operations)) {
        for (const { name, in: where } of parameters) {
          for (const evil of HOSTILE) {
            const encoded = encodeURIComponent(evil)
            const target = where === 'path' ? path.replace(`{${name}}`, encoded) : path
            const more = ['limit', 'cursor'].includes(name) && path === '/v1/attestations' ? 'pipeline=p&' : ''
            // What there is none of: an answer would hold what is the tenant's own.
            const none = path === '/v1/events' && name !== 'type' ? 'type=mismatch&' : more
            const query = where === 'query' ? `?${none}${name}=${encoded}` : none === '' ? '' : `?${none.slice(0, -1)}`
            // What no header can hold never comes to us.
            // eslint-disable-next-line no-control-regex
            if (where === 'header' && /[^\x20-\xff]/.test(evil)) continue
            const headers = where === 'header' ? { [name]: evil } : {}
            const body = method === 'get' ? {} : { body: '{}' }
            const reply = await server.request(method.toUpperCase(), `${target}${query}`, { headers, ...body })
            await expectHarmless([method, path, name, evil], reply, path === '/v1/events')
            asked++
          }
        }
      }
    }
    expect(asked).toBeGreaterThan(15 * HOSTILE.length)
    expect(dump()).toEqual(before)
  })

  test('in tokens', async () => {
    for (const evil of HOSTILE) {
      for (const given of [evil, `cst_${evil}_${'s'.repeat(32)}`, `${token('acme')}${evil}`]) {
        // eslint-disable-next-line no-control-regex
        if (/[^\x20-\xff]/.test(given)) continue
        const reply = await server.request('GET', '/v1/keys', { token: given })
        expect([given, reply.status]).toEqual([given, 401])
      }
    }
    // The port itself takes any text.
    for (const evil of HOSTILE) expect(await server.store.token(evil)).toBeNull()
    expect(dump()).toEqual(before)
  })

  test('in every field of what is sent', async () => {
    const post = (path: string, value: unknown) => server.request('POST', path, { body: JSON.stringify(value) })
    const pem = publicKeyPem(party('x').publicKey)
    for (const evil of HOSTILE) {
      await expectHarmless(['digests', evil], await post('/v1/lookups', { digests: [evil] }))
      await expectHarmless(['field', evil], await post('/v1/lookups', { digests: [], [evil]: 1 }))
      await expectHarmless(['name', evil], await post('/v1/keys', { name: evil, publicKey: pem }))
      await expectHarmless(['key', evil], await post('/v1/keys', { name: 'x', publicKey: evil }))
      const yaml = new TextDecoder().decode(run.contractBytes)
      for (const text of [
        evil,
        yaml.replace('shop/web', evil),
        yaml.replace('  build:', `  ${JSON.stringify(evil)}:`),
      ]) {
        await expectHarmless(['yaml', evil], await server.request('PUT', '/v1/contracts/shop/web', { body: text }))
      }
    }
    expect(dump()).toEqual(before)
  })

  test('in every text of a signed step: refused, or kept as what it is', async () => {
    let accepted = 0
    const places = texts(JSON.parse(JSON.stringify(fresh())))
    expect(places.length).toBeGreaterThan(20)
    for (const place of places) {
      for (const evil of HOSTILE) {
        const reply = await server.append(seal(run.who.github, canonicalJson(replaced(fresh(), place, evil))))
        if (reply.ok) accepted++
        await expectHarmless([place, evil], reply)
      }
    }
    // Some texts are free: there it stands now, and does nothing.
    expect(accepted).toBeGreaterThan(0)
    const { count } = inDatabase<{ count: number }>('SELECT count(*) AS count FROM attestations')
    expect(count).toBe(run.steps.length + accepted)
    expect(inDatabase<{ count: number }>('SELECT count(*) AS count FROM tokens').count).toBeGreaterThan(3)
    expect((await server.request('GET', `/v1/chains/${run.chain.id}`)).status).toBe(200)
  })

  test('in the fields that signing checks, through the port of the store', async () => {
    const { store } = server
    for (const evil of HOSTILE) {
      expect(await store.contract('acme', evil)).toBeNull()
      expect(await store.contractByDigest(evil, evil)).toBeNull()
      expect(await store.binding(evil, evil)).toBeNull()
      expect(await store.bundles('acme', [evil])).toEqual([])
      expect(await store.bundles(evil, [run.build.link])).toEqual([])
      expect(await store.lookup('acme', [evil], 5)).toEqual([])
      expect(await store.refusedBody(evil, 1)).toBeNull()
      expect(await server.chain(evil)).toEqual([])
      expect(await store.revokeKey('acme', evil, { at: evil, by: evil, since: evil, reason: null })).toBe(false)
      for (const by of ['artifact', 'commit', 'chain', 'pipeline'] as const) {
        expect((await store.search('acme', { by, value: evil }, 5, null)).items).toEqual([])
        expect((await store.search(evil, { by: 'pipeline', value: 'shop/web' }, 5, null)).items).toEqual([])
      }
    }
  })
})

function inDatabase<T>(sql: string): T {
  const db = new Database(server.file, { readonly: true })
  try {
    return db.prepare(sql).get() as T
  } finally {
    db.close()
  }
}

const ROOT = join(import.meta.dirname, '..', '..', 'server')
const walk = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? walk(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`],
  )
const sources = walk('.')
  .filter((path) => path.endsWith('.ts') && !/\.(?:test|config)\.ts$/.test(path))
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))

/** One string without anything put into it, or the name of a constant that is one. */
const LITERAL = /^(?:'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\$]|\$(?!\{))*`|[A-Z][A-Z_]*)\s*(?:,?\s*\)|,)/

/** Places where text that is not written down in the source may become SQL. */
function dynamicSql(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/[^\n]*/g, ' ')
  const faults: string[] = []
  for (const call of code.matchAll(/\.(?:prepare|exec|pragma|loadExtension)(?:<(?:[^<>]|<[^<>]*>)*>)?\(\s*/g)) {
    const given = code.slice(call.index + call[0].length)
    if (!LITERAL.test(given)) faults.push(`${call[0].trim()}${given.split('\n', 1)[0]}`)
  }
  for (const raw of code.matchAll(/\bsql\.(?:raw|identifier)\b[^\n]*/g)) faults.push(raw[0])
  // A constant in capitals is a string as it stands.
  for (const [whole, , value] of code.matchAll(
    /\bconst ([A-Z][A-Z_]*)[^=\n]*=\s*([^\n]*(?:SELECT|INSERT|UPDATE|DELETE|PRAGMA)[^\n]*)/g,
  )) {
    if (!/^(?:'[^']*'|"[^"]*"|`[^`$]*`)$/.test(value!.trim())) faults.push(whole)
  }
  return faults
}

describe('T-91: no SQL is put together', () => {
  test('in the stores', () => {
    const stores = sources.filter(({ path }) => path.includes('/stores/'))
    expect(stores.length).toBeGreaterThan(5)
    const all = stores.map(({ text }) => text).join('\n')
    expect(all.match(/\.prepare\b/g)!.length).toBeGreaterThan(10)
    for (const { path, text } of stores) expect([path, dynamicSql(text)]).toEqual([path, []])
  })

  test('and nowhere but in stores is there any', () => {
    for (const { path, text } of sources) {
      // How the server is bundled names what is left out of it.
      if (path.includes('/stores/') || path.endsWith('/rolldown.config.ts')) continue
      expect([path, /better-sqlite3|drizzle|\.prepare\(/.test(text)]).toEqual([path, false])
    }
  })

  test.each([
    "db.prepare(`SELECT * FROM a WHERE b = '${b}'`)",
    "db.prepare('SELECT * FROM a WHERE b = ' + b)",
    'db.prepare(text)',
    'db.prepare<[string], Row>(`SELECT ${columns} FROM a`)',
    "db.exec('DELETE FROM ' + table)",
    'db.exec(`${statement}`)',
    'db.pragma(`user_version = ${n}`)',
    "this.#db.exec(['BEGIN', x].join(';'))",
    'where(sql.raw(given))',
    'order(sql.identifier(given))',
    "const QUERY = 'SELECT * FROM a WHERE b = ' + b",
  ])('red control: the check sees %s', (line) => expect(dynamicSql(line)).toHaveLength(1))

  test.each([
    "db.prepare('SELECT * FROM a WHERE b = ?').get(b)",
    'db.prepare<[string, string], { a: string }>(QUERY)',
    'db.prepare(`\n  SELECT a\n  FROM b WHERE c = ?`)',
    "db.pragma('journal_mode = WAL')",
    'set({ a: sql`coalesce(${keys.revokedAt}, ${at})` })',
    "const QUERY = 'SELECT * FROM a WHERE b = ?'",
  ])('and lets %s be', (line) => expect(dynamicSql(line)).toEqual([]))

  test('red control: put together, the same texts read and destroy what is not theirs', () => {
    const db = new Database(':memory:')
    db.exec("CREATE TABLE a (tenant, secret); INSERT INTO a VALUES ('acme', 1), ('other', 2)")
    const naive = (tenant: string) => `SELECT * FROM a WHERE tenant = '${tenant}'`
    expect(db.prepare(naive(HOSTILE[6]!)).all()).toHaveLength(2)
    expect(db.prepare('SELECT * FROM a WHERE tenant = ?').all(HOSTILE[6]!)).toHaveLength(0)
    db.exec(naive("'; DROP TABLE a; --"))
    expect(() => db.prepare('SELECT * FROM a')).toThrow(/no such table/)
    db.close()
  })
})
