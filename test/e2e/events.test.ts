import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Server, startServer } from '../demo/world.ts'
import { Hook } from '../hook.ts'
import { Bench } from './cli.ts'

const bench = new Bench()
let server: Server
let hook: Hook
let env: Record<string, string>
let stopped = false

beforeAll(async () => {
  hook = await Hook.open()
  server = await startServer(bench.dir('server'), ['--webhook-allow', hook.host])
  env = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token, COUNTERSIGN_SPOOL: bench.path('spool') }
  expect(bench.cli(bench.root, ['key', 'new', bench.path('build.key')]).code).toBe(0)
})
afterAll(async () => {
  if (!stopped) await server.stop()
  await hook.close()
  bench.remove()
})

const cli = (...args: string[]) => bench.cliLater(bench.root, args, env)
const lines = (out: string) =>
  out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

describe('countersign events and webhook', () => {
  test('tell what happens, to people, programs and addresses, until the server stops', async () => {
    const follower = bench.start(
      bench.root,
      ['events', '--follow', '--type', 'key.enrolled', '--since', '2026-01-01T00:00:00Z', '--format', 'json'],
      env,
    )
    const followed = new Promise<string>((done) => follower.stdout.once('data', (chunk) => done(String(chunk))))
    const added = await cli('webhook', 'add', `http://${hook.host}/`, '--type', 'key.*')
    expect([added.code, added.err]).toEqual([
      0,
      expect.stringContaining('is told of key.enrolled, key.rotated, key.revoked'),
    ])
    expect(added.out).toMatch(/^whsec_[A-Za-z0-9+/=]{44}\n$/)
    const id = /wh_[0-9a-f]{12}/.exec(added.err)![0]
    expect(await cli('webhook', 'test', id)).toMatchObject({
      code: 0,
      out: expect.stringContaining('taken with HTTP 204'),
    })

    const enrolled = await cli('key', 'enroll', `${bench.path('build.key')}.pub`, '--name', 'build')
    expect(enrolled.code).toBe(0)
    await hook.called(2)
    expect(hook.events[1]).toMatchObject({ type: 'dev.countersign.key.enrolled', id: 'k1', data: { name: 'build' } })
    expect(lines(await followed)).toMatchObject([{ event: 'key.enrolled', name: 'build', eventId: 'k1' }])
    follower.kill('SIGTERM')

    const text = await cli('events')
    expect(text).toMatchObject({
      code: 0,
      out: expect.stringMatching(/key\.enrolled +key [0-9a-f]{12} of build enrolled by/),
    })
    const cursor = /--cursor (\S+)/.exec(text.err)![1]!
    expect((await cli('events', '--cursor', cursor)).out).toBe('')
    expect(lines((await cli('events', '--type', 'key.*', '--format', 'cloudevents')).out)).toMatchObject([
      { specversion: '1.0', id: 'k1' },
    ])
    expect(lines((await cli('events', '--type', 'key.*', '--format', 'ocsf')).out)).toMatchObject([
      { class_uid: 3004, type_uid: 300401, activity_id: 1, entity: { type: 'key' }, metadata: { tenant_uid: 'local' } },
    ])
    expect(await cli('events', '--type', 'nothing')).toMatchObject({ code: 2, err: expect.stringContaining('usage') })

    const rotated = await cli('webhook', 'rotate', id)
    expect(rotated).toMatchObject({ code: 0, out: expect.stringMatching(/^whsec_/) })
    expect((await cli('webhook', 'deliveries', id)).out).toMatch(/k1 +delivered +1×/)
    expect((await cli('webhook', 'list')).out).toContain(id)
    expect((await cli('webhook', 'replay', id, '--since', '2026-01-01T00:00:00Z')).code).toBe(0)
    await hook.called(3)
    expect(hook.calls[2]!.headers['webhook-id']).toBe(hook.calls[1]!.headers['webhook-id'])
    expect(await cli('webhook', 'add', 'https://169.254.169.254/')).toMatchObject({
      code: 1,
      err: expect.stringContaining('address-refused'),
    })
    expect((await cli('webhook', 'remove', id)).code).toBe(0)

    // An open stream does not keep a server that stops.
    const stream = await fetch(`${server.url}/v1/events`, {
      headers: { authorization: `Bearer ${server.token}`, accept: 'text/event-stream' },
    })
    const whole = stream.text()
    stopped = true
    await server.stop()
    expect(await whole).toMatch(/^retry: 2000\nid: s0r1/)
  })
})
