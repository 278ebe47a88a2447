import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LocalIssuer, ruleFor, send, startIssuer } from '../identity/local-issuer.ts'
import { Bench } from './cli.ts'
import { type Running, startServer } from './server.ts'

// A server as a process of its own, an issuer on loopback, and the command line: who is let in without a secret.

const AUDIENCE = 'countersign:log.example.com'

let bench: Bench
let dir: string
let issuer: LocalIssuer
let server: Running
const start = () => startServer(dir, ['--origin', 'log.example.com'])

beforeAll(async () => {
  bench = new Bench()
  dir = mkdtempSync(join(tmpdir(), 'countersign-issuers-'))
  issuer = await startIssuer({ audience: AUDIENCE })
  server = await start()
})
afterAll(async () => {
  await server.end('SIGTERM')
  await issuer.close()
  rmSync(dir, { recursive: true, force: true })
  bench.remove()
})

const cli = (...args: readonly string[]) =>
  bench.cli(bench.root, ['issuer', ...args], { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token })
const show = async (token: string) => {
  const body = JSON.stringify({ token })
  const reply = await fetch(`${server.url}/v1/sessions`, { method: 'POST', body })
  const answer = (await reply.json()) as { code?: string; accessToken?: string }
  return { status: reply.status, code: answer.code ?? null, accessToken: answer.accessToken ?? '' }
}
const read = async (accessToken: string) =>
  (await fetch(`${server.url}/v1/keys`, { headers: { authorization: `Bearer ${accessToken}` } })).status

describe('the command line and a server', () => {
  test('say whose tokens are taken', () => {
    expect(cli('list')).toMatchObject({ code: 0, out: expect.stringContaining('No issuer is trusted') })
    const add = ['add', 'github', '--issuer', issuer.url, '--repository-id', '74123456']
    expect(cli(...add)).toMatchObject({ code: 0, out: expect.stringContaining('github-74123456') })
    // Again is no fault, and another rule of its name is one.
    expect(cli(...add)).toMatchObject({ code: 0 })
    const other = cli(...add, '--session', '60')
    expect([other.code, other.err]).toEqual([1, expect.stringContaining('request-invalid')])
    const { items } = JSON.parse(cli('list', '--format', 'json').out) as { items: object[] }
    expect(items).toMatchObject([
      { id: 'github-74123456', system: 'github-actions', issuer: issuer.url, session: 3600 },
    ])
    expect(cli('list').out).toContain('repository_id = 74123456')
  })

  test('refuse rules that let strangers in, and wrong usage', () => {
    const lax = cli('add', 'github', '--claim', 'repository=acme/widget')
    expect([lax.code, lax.err]).toEqual([1, expect.stringContaining('issuer-invalid')])
    for (const args of [
      ['add'],
      ['add', 'travis'],
      ['add', 'jenkins'],
      ['add', 'github', '--file', 'x.json'],
      ['test'],
    ]) {
      expect([args, cli(...args).code]).toEqual([args, 2])
    }
    expect(cli('remove', 'nobody')).toMatchObject({ code: 1, err: expect.stringContaining('not-found') })
    expect(cli('--help').out).toContain('add')
  })

  test('take a rule from a file', () => {
    const { claims, ...rest } = ruleFor('jenkins', { issuer: `${issuer.url}/jenkins`, id: 'from-file' })
    bench.write('rule.json', JSON.stringify({ ...rest, claims }))
    expect(cli('add', '--file', 'rule.json')).toMatchObject({ code: 0, out: expect.stringContaining('from-file') })
    bench.write('rule.json', JSON.stringify({ ...rest, claims, more: 1 }))
    expect(cli('add', '--file', 'rule.json')).toMatchObject({ code: 1, err: expect.stringContaining('issuer-invalid') })
    expect(cli('remove', 'from-file')).toMatchObject({ code: 0 })
    expect(cli('list').out).not.toContain('from-file')
    expect(cli('list', '--all').out).toContain('from-file')
  })

  test('try a token without using it up', async () => {
    // The issuer is in this process, which waits while a command runs: the server asks it before.
    expect(await show(issuer.token('github-actions'))).toMatchObject({ status: 201 })
    const token = issuer.token('github-actions')
    bench.write('token.jwt', `${token}\n`)
    for (let i = 0; i < 2; i++) {
      const tried = cli('test', '--token-file', 'token.jwt')
      expect([tried.code, tried.out]).toEqual([0, expect.stringContaining('would be let in by github-74123456')])
      expect(tried.out).not.toContain(token)
    }
    expect(await show(token)).toMatchObject({ status: 201 })
    const used = cli('test', '--token-file', 'token.jwt', '--format', 'json')
    expect([used.code, JSON.parse(used.out)]).toMatchObject([1, { admitted: false, used: true }])
    bench.write('token.jwt', issuer.token('github-actions', { repository_id: '1' }))
    const other = cli('test', '--token-file', 'token.jwt')
    expect([other.code, other.out]).toEqual([1, expect.stringContaining('issuer-unknown')])
    bench.write('token.jwt', 'no token')
    expect(cli('test', '--token-file', 'token.jwt')).toMatchObject({ code: 1 })
  })
})

describe('a server and its restarts', () => {
  test('a token counts once, and a session goes on', async () => {
    const token = issuer.token('github-actions')
    const { status, accessToken } = await show(token)
    expect([status, await read(accessToken)]).toEqual([201, 200])
    await server.end('SIGTERM')
    server = await start()
    expect(await show(token)).toMatchObject({ status: 401, code: 'identity-token-used' })
    expect(await read(accessToken)).toBe(200)
  })

  test('killed in the midst: no token is ever granted for twice', async () => {
    const tokens = Array.from({ length: 40 }, () => issuer.token('github-actions'))
    let answered = 0
    const before = tokens.map((token) =>
      show(token).then(
        (one) => {
          answered++
          return one.status
        },
        () => null,
      ),
    )
    await expect.poll(() => answered, { interval: 1 }).toBeGreaterThan(3)
    await server.end('SIGKILL')
    const first = await Promise.all(before)
    server = await start()
    const again = await Promise.all(tokens.map(show))
    const outcomes = tokens.map((_, i) => [first[i], again[i]!.status])
    expect(outcomes.filter(([one, two]) => one === 201 && two === 201)).toEqual([])
    // Those that were used up and not answered for are lost: their owners ask for others.
    for (const [one, two] of outcomes) expect([one, two]).toEqual([one, one === 201 ? 401 : two])
    expect(outcomes.filter(([one]) => one === 201).length).toBeGreaterThan(3)
  })
})

describe('an issuer that is down, or changes its key', () => {
  test('is waited for, and its last keys are used', async () => {
    const own = await startIssuer({ audience: AUDIENCE })
    own.answer = (_, response) => send(response, 503, {})
    const rule = JSON.stringify({ ...ruleFor('gitlab-ci'), issuer: own.url, id: 'down' })
    expect((await server.ask('/v1/issuers', rule)).status).toBe(201)
    const token = own.token('gitlab-ci')
    expect(await show(token)).toMatchObject({ status: 503, code: 'issuer-unreachable' })
    bench.write('token.jwt', token)
    expect(cli('test', '--token-file', 'token.jwt')).toMatchObject({
      code: 2,
      err: expect.stringContaining('issuer-unreachable'),
    })
    own.answer = null
    // Asked again after a while; the token was not used up.
    await expect.poll(async () => (await show(token)).status, { interval: 500 }).toBe(201)
    own.answer = (_, response) => send(response, 500, {})
    expect(await show(own.token('gitlab-ci'))).toMatchObject({ status: 201 })
    // A new key that cannot be fetched is unknown.
    own.rotate()
    expect(await show(own.token('gitlab-ci'))).toMatchObject({ status: 401, code: 'identity-token-invalid' })
    await own.close()
  })

  test('signs with the new one from then on, and with the old one until it is retired', async () => {
    // A server that has asked nobody yet.
    await server.end('SIGTERM')
    server = await start()
    const old = issuer.token('github-actions')
    issuer.rotate()
    expect(await show(issuer.token('github-actions'))).toMatchObject({ status: 201 })
    expect(await show(old)).toMatchObject({ status: 201 })
  })
})

describe('afterwards', () => {
  test('no log, metric or answer holds a token or a session', async () => {
    const token = issuer.token('github-actions')
    const { accessToken } = await show(token)
    expect(accessToken).toMatch(/^cst_s/)
    await show(token)
    const altered = await show(`${token}x`)
    // What is logged comes through a pipe, in order, and later than the answer.
    await expect.poll(() => server.logged()).toContain(altered.code)
    const places = [
      server.logged(),
      await (await fetch(`${server.url}/metrics`)).text(),
      await (await server.ask('/v1/inbox')).text(),
      await (await server.ask('/v1/issuers')).text(),
    ]
    expect(places[0]).toContain('identity-token-used')
    expect(places[1]).toContain('countersign_tokens_total{outcome="identity-token-used"} 1')
    for (const part of [...token.split('.').slice(1), accessToken.split('_')[2]!]) {
      for (const place of places) expect(place).not.toContain(part)
    }
  })

  test('a rule that is removed lets nobody in, and ends what was granted', async () => {
    const { accessToken } = await show(issuer.token('github-actions'))
    expect(await read(accessToken)).toBe(200)
    expect(cli('remove', 'github-74123456')).toMatchObject({ code: 0 })
    expect(await read(accessToken)).toBe(401)
    expect(await show(issuer.token('github-actions'))).toMatchObject({ status: 403, code: 'issuer-unknown' })
  })
})
