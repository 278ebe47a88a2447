import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { asking, fulcioRequest } from '../identity/asking.ts'
import { type LocalIssuer, ruleFor, startIssuer } from '../identity/local-issuer.ts'
import { Bench } from './cli.ts'
import { type Running, startServer } from './server.ts'

// What a monitor of an authority does, on the command line.

let bench: Bench
let dir: string
let issuer: LocalIssuer
let server: Running

beforeAll(async () => {
  bench = new Bench()
  dir = mkdtempSync(join(tmpdir(), 'countersign-certificates-'))
  issuer = await startIssuer({ audience: 'countersign:countersign.local' })
  server = await startServer(dir)
  const rule = { ...ruleFor('github-actions', { issuer: issuer.url }), id: 'ci' }
  expect((await server.ask('/v1/issuers', JSON.stringify(rule))).status).toBe(201)
  for (let i = 0; i < 3; i++) {
    const body = JSON.stringify(fulcioRequest(asking(issuer.token('github-actions'))))
    expect((await fetch(`${server.url}/api/v2/signingCert`, { method: 'POST', body })).status).toBe(200)
  }
})
afterAll(async () => {
  await server.end('SIGTERM')
  await issuer.close()
  rmSync(dir, { recursive: true, force: true })
  bench.remove()
})

const cli = (...args: readonly string[]) =>
  bench.cli(bench.root, ['certificate', ...args], { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token })
const items = (...args: readonly string[]) =>
  (JSON.parse(cli('list', '--format', 'json', ...args).out) as { items: { serial: string; index: number }[] }).items

test('lists what was issued, newest first, and finds it by time and authority', () => {
  const all = items()
  expect(all.map(({ index }) => index)).toEqual([4, 3, 2])
  expect(cli('list').out.split('\n')).toHaveLength(4)
  expect(items('--since', '2099-01-01T00:00:00Z')).toEqual([])
  expect(items('--until', '2099-01-01T00:00:00Z', '--authority', '')).toHaveLength(3)
  expect(items('--authority', 'nobody')).toEqual([])
  expect(cli('list', '--since', 'yesterday')).toMatchObject({ code: 2 })
})

test('shows one under the log, and no other', () => {
  const { serial } = items()[0]!
  const shown = cli('show', serial)
  expect(shown).toMatchObject({
    code: 0,
    out: expect.stringMatching(/entry 4 of countersign\.local[\s\S]*believing/) as string,
  })
  expect(shown.out).toContain(issuer.url)
  expect(cli('show', '7e'.repeat(16))).toMatchObject({ code: 1, err: expect.stringContaining('not-found') as string })
  expect(cli('show', 'x')).toMatchObject({ code: 2 })
})

test('audit finds a certificate that is in the log and in no list', async () => {
  expect(cli('audit')).toMatchObject({ code: 0, out: expect.stringContaining('3 certificates in 5 entries') as string })
  const list = cli('list', '--all', '--format', 'json').out
  await server.end('SIGTERM')
  // Whoever holds the server issues one, and hides whom it names.
  const db = new Database(join(dir, 'countersign.db'))
  db.prepare('DELETE FROM certificates WHERE leaf = 3').run()
  db.close()
  server = await startServer(dir)
  const found = cli('audit', '--format', 'json')
  expect([found.code, JSON.parse(found.out)]).toMatchObject([
    1,
    { verdict: 'fail', certificates: 3, unknown: [{ index: 3 }] },
  ])
  expect(cli('audit')).toMatchObject({ code: 1, out: expect.stringContaining('entry 3: a certificate of') as string })
  // Somebody else's list that has it: of another tenant, or of the time before.
  const known = bench.write('known.json', list)
  expect(cli('audit', '--known', known)).toMatchObject({ code: 0 })
})
