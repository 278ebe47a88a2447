import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hashSecret } from '../../server/access.ts'
import { createApp } from '../../server/app.ts'
import type { Store } from '../../server/store.ts'
import { openTestServer, SECRET, type TestServer, token } from '../server.ts'

// T-96: a token's secret is not told by how long its refusal takes, nor by what the refusal says. Times are not
// measured here: what is checked is that nothing compares a secret but the one function that takes as long for any.

let server: TestServer
/** The ids that were looked up. */
const looked: string[] = []
let time = 0
beforeAll(async () => {
  const watch = (store: Store) =>
    new Proxy(store, {
      get(target, name: keyof Store) {
        const member: unknown = target[name]
        if (name !== 'token') return typeof member === 'function' ? member.bind(target) : member
        return (id: string) => {
          looked.push(id)
          return target.token(id)
        }
      },
    })
  server = await openTestServer({ wrap: watch })
})
afterAll(() => server.close())

const app = () => createApp({ deps: server.deps, log: () => undefined, clock: () => time, stopping: () => false })
const ask = (of: ReturnType<typeof app>, given: string) =>
  Promise.resolve(of.request('/v1/keys', { headers: { authorization: `Bearer ${given}` } }))

/** All that a caller sees, but for the id of his request. */
async function answer(reply: Response): Promise<unknown> {
  const body = (await reply.json()) as Record<string, unknown>
  const id = body['requestId']
  expect(reply.headers.get('x-request-id')).toBe(id)
  const headers = [...reply.headers].filter(([name]) => name !== 'x-request-id')
  return { status: reply.status, headers, body: { ...body, requestId: '' } }
}

describe('T-96: tokens', () => {
  test('are looked up by their id, and their secrets are kept as hashes only', async () => {
    looked.length = 0
    expect((await ask(app(), token('acme'))).status).toBe(200)
    expect(looked).toEqual(['acmeall'])
    const db = new Database(server.file, { readonly: true })
    const rows = db.prepare('SELECT * FROM tokens').all() as { id: string; hash: Buffer }[]
    db.close()
    expect(rows.length).toBeGreaterThan(1)
    for (const row of rows) {
      expect(new Uint8Array(row.hash)).toEqual(hashSecret(SECRET))
      expect(JSON.stringify(Object.values(row).map(String))).not.toContain(SECRET)
    }
    for (const name of ['', '-wal']) expect(readFileSync(`${server.file}${name}`).includes(SECRET)).toBe(false)
  })

  test('that are unknown, wrong, revoked or no tokens at all get one and the same answer', async () => {
    const revoked = token('acme', 'read')
    const running = app()
    expect((await ask(running, revoked)).status).toBe(200)
    const db = new Database(server.file)
    db.prepare('DELETE FROM tokens WHERE id = ?').run('acmeread')
    db.close()
    // Known tokens are remembered for two seconds.
    expect((await ask(running, revoked)).status).toBe(200)
    time += 2_001
    const answers = []
    for (const given of [
      revoked,
      `cst_never_${SECRET}`,
      `cst_acmeall_${'t'.repeat(32)}`,
      `cst_acmeall_${SECRET.slice(0, 31)}t`,
      `cst_acmeall_${SECRET}s`,
      'x',
    ]) {
      answers.push(await answer(await ask(running, given)))
    }
    for (const one of answers) expect(one).toEqual(answers[0])
    expect(answers[0]).toMatchObject({ status: 401, body: { code: 'token-missing' } })
    // Red control: the comparison of answers sees a difference where there is one.
    expect(await answer(await app().request('/v1/nothing/x', {}))).toEqual(answers[0])
    expect(await answer(await app().request('/nothing'))).not.toEqual(answers[0])
  })

  test('that are guessed are not remembered: a flood of them takes no memory, and hides no later token', async () => {
    const running = app()
    const late = `cst_late_${SECRET}`
    expect((await ask(running, late)).status).toBe(401)
    await server.store.createToken(
      { id: 'late', tenant: 'acme', hash: hashSecret(SECRET), scopes: ['read'] },
      '2026-11-01T12:00:00.000Z',
    )
    expect((await ask(running, late)).status).toBe(200)
  })
})

const ROOT = join(import.meta.dirname, '..', '..')
const walk = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? walk(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`],
  )

/** The last name of an operand is a secret's. */
const SECRET_NAME = /(?:^|[^\w])\w*(?:secret|hash|token|password|passphrase|mac|authorization)(?:\(.*\))?[!?]?$/i
/** Whether there is one at all may be asked. */
const ABSENCE = /^(?:null|undefined|true|false|-?\d+|''|"")$/
const COMPARISONS = /([^\s(&|!;]+(?:\([^()]*\))?)\s*[!=]==?\s*([^\s)&|;]+(?:\([^()]*\))?)/g
const COMPARERS =
  /\b\w*(?:secret|hash|token|password|passphrase|mac)\.(?:equals|startsWith|endsWith|includes|localeCompare|indexOf)\(|Buffer\.compare\(/i

/** Lines that compare a secret so that the time tells how much of it was right. */
function compared(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, ' ')
  return code.split('\n').filter((line) => {
    if (COMPARERS.test(line)) return true
    return [...line.matchAll(COMPARISONS)].some(([whole, left, right]) => {
      if (ABSENCE.test(left!) || ABSENCE.test(right!) || /typeof/.test(line.slice(0, line.indexOf(whole)))) return false
      return [left!, right!].some((side) => !/^['"`]/.test(side) && SECRET_NAME.test(side))
    })
  })
}

describe('T-96: the source', () => {
  const files = walk('server').filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))

  test('compares no secret but in constant time', () => {
    expect(files.length).toBeGreaterThan(20)
    for (const path of files) expect([path, compared(readFileSync(join(ROOT, path), 'utf8'))]).toEqual([path, []])
    expect(readFileSync(join(ROOT, 'server/access.ts'), 'utf8')).toMatch(/timingSafeEqual\(hashSecret\(/)
  })

  test.each([
    'if (token.hash === given) return',
    'if (hex(given) !== row.hash) throw no',
    'return secret == held',
    'if (given.secret !== expected.secret) throw no',
    'return hash.equals(other)',
    'return Buffer.compare(a, token.hash) === 0',
    "if (c.req.header('x') === secret) ok()",
  ])('red control: the check sees %s', (line) => expect(compared(line)).toEqual([line]))

  test.each([
    'if (token === null) throw no',
    "if (typeof token !== 'string') throw no",
    '// the hash === the secret',
    'if (token === undefined || hash.length !== 32) throw no',
    'const same = timingSafeEqual(hashSecret(given), token.hash)',
  ])('and lets %s be', (line) => expect(compared(line)).toEqual([]))
})
