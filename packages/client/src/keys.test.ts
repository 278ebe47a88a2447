import { describe, expect, it } from 'vitest'
import { publicKeyPem } from '@countersign/core'
import { party } from '../../../test/pipeline.ts'
import { type ClientOptions, createClient, enrolByCode } from './index.ts'

const rejects = (running: Promise<unknown>, code: string) =>
  expect(running).rejects.toThrow(expect.objectContaining({ code }))
const TIME = '2026-11-01T12:00:00.000Z'
const key = party('a').publicKey
const ITEM = {
  keyId: key.keyId,
  name: 'ci',
  publicKey: publicKeyPem(key),
  enrolledAt: TIME,
  revokedAt: null,
  reason: null,
  steps: 2,
  lastUsedAt: TIME,
}

/** A client of a server that gives these answers, one after another; and what it was asked. */
function answering(...answers: readonly (readonly [status: number, body: unknown])[]) {
  const asked: { path: string; token: string | null; body: unknown }[] = []
  const options: Omit<ClientOptions, 'token'> = {
    url: 'https://countersign.example',
    wait: () => Promise.resolve(),
    fetch: (url, init) => {
      const [status, body] = answers[asked.length]!
      const headers = new Headers(init?.headers)
      const sent = init?.body === undefined ? null : JSON.parse(new TextDecoder().decode(init.body as Uint8Array))
      asked.push({ path: new URL(String(url)).pathname, token: headers.get('authorization'), body: sent })
      return Promise.resolve(Response.json(body, { status }))
    },
  }
  return { client: createClient({ ...options, token: 'cst_x' }), options, asked }
}

describe('keys', () => {
  it('are read with what happened to them', async () => {
    const events = [
      { at: TIME, by: 'code x', kind: 'enrolled', proven: true, replaces: null },
      { at: TIME, by: 'token y', kind: 'rotated', asOf: TIME, to: 'f'.repeat(64) },
      { at: TIME, by: 'token y', kind: 'revoked', asOf: TIME, reason: 'compromised' },
    ]
    const { client } = answering([200, { ...ITEM, events, later: 'field' }])
    const shown = await client.key(key.keyId)
    expect(shown).toMatchObject({ name: 'ci', steps: 2, publicKey: { keyId: key.keyId }, events })
    const another = { at: TIME, by: 'x', kind: 'resurrected' }
    await rejects(answering([200, { ...ITEM, events: [another] }]).client.key(key.keyId), 'server-answer')
    await rejects(answering([200, { ...ITEM, events }]).client.key('f'.repeat(64)), 'server-answer')
  })

  it('have no time that is none: it would never have come', async () => {
    for (const revokedAt of ['soon', '2026-11-01', '9999-99-99T12:00:00.000Z', '2026-11-01T12:00:00Z']) {
      await rejects(answering([200, { items: [{ ...ITEM, revokedAt }] }]).client.keys(), 'server-answer')
    }
  })

  it('are enrolled by code without a token, which may be repeated', async () => {
    const { options, asked } = answering(
      [503, { code: 'server-busy' }],
      [201, { keyId: key.keyId, name: 'ci' }],
      [201, { keyId: key.keyId, name: 'ci' }],
    )
    expect(await enrolByCode(options, 'cse_x', key, Uint8Array.of(1))).toBe('ci')
    const body = { code: 'cse_x', publicKey: publicKeyPem(key), proof: 'AQ==' }
    expect(asked).toEqual([
      { path: '/v1/enrolments', token: null, body },
      { path: '/v1/enrolments', token: null, body },
    ])
    await rejects(enrolByCode(options, 'cse_x', party('b').publicKey, Uint8Array.of(1)), 'server-answer')
  })

  it('are invited once: a code that nobody saw would lie open', async () => {
    const { client, asked } = answering([503, { code: 'server-busy' }])
    await rejects(client.invite('ci', 60, 1), 'server-busy')
    expect(asked).toHaveLength(1)
  })

  it('are revoked again and again only as of a time that is said', async () => {
    const busy = [503, { code: 'server-busy' }] as const
    const now = answering(busy)
    await rejects(now.client.revoke(key.keyId), 'server-busy')
    const then = answering(busy, [200, { ...ITEM, revokedAt: TIME, events: [] }])
    expect(await then.client.revoke(key.keyId, { since: TIME })).toMatchObject({ revokedAt: TIME })
    expect([now.asked.length, then.asked.length]).toEqual([1, 2])
  })
})
