import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { verifyWebhook } from '@countersign/client'
import { CodedError } from '@countersign/core'
import { newSecret, newSigningKey, webhookHeaders } from '../../server/events/signature.ts'
import { Hook } from '../hook.ts'
import { honestRun } from '../pipeline.ts'
import { openTestServer, type TestServer } from '../server.ts'

// T-96: a request of a webhook that somebody has seen is sent again, or bent.

const NOW = Date.parse('2026-11-22T02:00:00.000Z')
const own = { secrets: [{ secret: newSecret(), until: null }], key: newSigningKey() }
const secrets = own.secrets.map(({ secret }) => secret)
const body = new TextEncoder().encode('{"type":"dev.countersign.conflict"}')
const signed = () => webhookHeaders({ id: 'msg_0123', now: NOW, body, own })

const outcome = async (headers: Record<string, string>, sent = body, now = NOW, by: readonly string[] = secrets) => {
  try {
    const request = { headers: { get: (name: string) => headers[name] ?? null }, body: sent }
    return (await verifyWebhook(request, by, now)).id
  } catch (error) {
    return error instanceof CodedError ? error.code : 'internal'
  }
}

describe('T-96: a request that was seen', () => {
  test('counts as it is, for five minutes', async () => {
    expect(await outcome(signed())).toBe('msg_0123')
    expect(await outcome(signed(), body, NOW + 4 * 60_000)).toBe('msg_0123')
    for (const later of [-6, 6, 60 * 24])
      expect([later, await outcome(signed(), body, NOW + later * 60_000)]).toEqual([later, 'webhook-unsigned'])
  })

  test('is refused with another time, id, body or secret', async () => {
    const headers = signed()
    const later = String(NOW / 1000 + 3_600)
    const bent: [string, Promise<string>][] = [
      ['time', outcome({ ...headers, 'webhook-timestamp': later }, body, NOW + 3_600_000)],
      ['id', outcome({ ...headers, 'webhook-id': 'msg_0124' })],
      ['body', outcome(headers, new TextEncoder().encode('{"type":"dev.countersign.conflict" }'))],
      // What is between the full stops is moved from one to the other.
      ['borders', outcome({ ...headers, 'webhook-id': `msg_0123.${headers['webhook-timestamp']!}` })],
      ['secret', outcome(headers, body, NOW, [newSecret()])],
      ['no secret', outcome(headers, body, NOW, [])],
      ['no signature', outcome({ ...headers, 'webhook-signature': '' })],
      [
        'another kind',
        outcome({ ...headers, 'webhook-signature': headers['webhook-signature']!.replace('v1,', 'v2,') }),
      ],
      ['a cut signature', outcome({ ...headers, 'webhook-signature': headers['webhook-signature']!.slice(0, 20) })],
      ['no time', outcome({ ...headers, 'webhook-timestamp': 'now' })],
    ]
    for (const [what, refused] of bent)
      expect([what, await refused]).toEqual([what, expect.stringMatching(/^webhook-/)])
  })

  test('counts for ever where nobody looks at its time (red control)', async () => {
    const headers = signed()
    const years = 5 * 365 * 86_400_000
    expect(await outcome(headers, body, NOW + years)).toBe('webhook-unsigned')
    // A receiver without that check takes the request's word for what time it is.
    const claimed = Number(headers['webhook-timestamp']) * 1_000
    expect(await outcome(headers, body, claimed)).toBe('msg_0123')
  })

  test('counts again, under any id and at any time, where only its body is signed (red control)', async () => {
    const bodyAlone = webhookHeaders({ id: 'none', now: 0, body, own })
    const later = { 'webhook-id': 'msg_0999', 'webhook-timestamp': String(NOW / 1000 + 3_600) }
    const bent = { ...signed(), ...later }
    expect(await outcome(bent, body, NOW + 3_600_000)).toBe('webhook-unsigned')
    // A receiver that leaves both out of what it verifies, sent what was signed without them.
    const verified = { ...bodyAlone, 'webhook-id': 'none', 'webhook-timestamp': '0' }
    const takes = async (headers: Record<string, string>) =>
      (await outcome({ ...headers, ...verified }, body, 0)) === 'none' ? headers['webhook-id'] : 'refused'
    expect([await takes(bent), await takes(signed())]).toEqual(['msg_0999', 'msg_0123'])
  })
})

describe('T-96: what is sent again by us', () => {
  let server: TestServer
  let hook: Hook
  beforeAll(async () => {
    hook = await Hook.open()
    server = await openTestServer({ allowed: [hook.host] })
    await server.deps.events.webhooks.start()
  })
  afterAll(async () => {
    await hook.close()
    await server.close()
  })

  test('has the id that it had, so that whoever remembers ids handles it once', async () => {
    const run = honestRun()
    await server.enrol([run.who.github, run.who.codebuild, run.who.cloudbuild, run.who.azure])
    await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
    const reply = await server.request('POST', '/v1/webhooks', {
      body: JSON.stringify({ url: `http://${hook.host}/`, types: ['step.accepted'] }),
    })
    const { id } = (await reply.json()) as { id: string }
    for (const { bundle } of run.steps) await server.append(bundle)
    server.deps.events.pulse.wake()
    await hook.called(4)
    const since = '2026-11-01T00:00:00Z'
    await server.request('POST', `/v1/webhooks/${id}/replay`, { body: JSON.stringify({ since }) })
    await hook.called(8)
    const handled = new Map(hook.calls.map(({ headers, body: text }) => [headers['webhook-id'], text]))
    expect([hook.calls.length, handled.size]).toEqual([8, 4])
    // Red control: whoever remembers none handles all of them.
    expect(hook.calls.filter(({ body: text }, i) => hook.calls.findIndex((one) => one.body === text) < i)).toHaveLength(
      4,
    )
    // By who writes what he handles under its id, each event is there once.
    expect(new Set([...handled.values()].map((text) => (JSON.parse(text) as { id: string }).id)).size).toBe(4)
  })
})
