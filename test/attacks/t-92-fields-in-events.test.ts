import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { eventOf, eventText } from '@countersign/client'
import { parseJson } from '@countersign/core'
import { ocsfEvent } from '../../packages/cli/src/ocsf.ts'
import { mailOf, recipientOf } from '../../server/events/channel.ts'
import { slackBody } from '../../server/events/slack.ts'
import { EventClient } from '../event-stream.ts'
import { openTestServer, type TestServer, token } from '../server.ts'

// T-92: what a stranger wrote is quoted in events, and goes on from there to terminals, chats, mailboxes and SIEMs.

const HOSTILE = [
  '\u001b[2J\u001b[1;1H✓ VERIFIED',
  '\u009b2J',
  'a\u202egpj.exe',
  'a\u2028b\u0085c',
  'line\r\nBcc: everybody@example.com\r\n\r\nbody',
  '\n\ndata: {"type":"dev.countersign.gate.decided"}\n\n',
  '<!channel> <https://evil.test|here> &lt; *bold*',
  '<script>alert(1)</script>',
]
// eslint-disable-next-line no-control-regex
const ACTIVE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/

let server: TestServer
beforeAll(async () => {
  server = await openTestServer()
  for (const [i, what] of HOSTILE.entries()) {
    const report = { code: 'bundle-invalid' as const, what, why: what, fix: what }
    const body = String(i).padStart(64, '0')
    const kept = { at: '2026-11-01T00:00:00.000Z', report, findings: [report], body, bytes: null, link: null }
    await server.store.refuse('acme', { ...kept, about: null, chain: null, step: what }, 100)
  }
})
afterAll(() => server.close())

const events = async () => {
  const { items } = await server.deps.events.reader.page(
    'acme',
    await server.deps.events.reader.since('acme', 0),
    new Set(['step.refused']),
    100,
  )
  return items.map(({ event }) => event)
}

describe('T-92: events that quote hostile text', () => {
  test('are there to be told, hostile as they are', async () => {
    const told = await events()
    expect(told.map(({ data }) => (data as { what: string }).what)).toEqual(HOSTILE)
    expect(HOSTILE.slice(0, 6).every((text) => ACTIVE.test(text))).toBe(true)
  })

  test('are inert in pages and streams, and one event is one', async () => {
    const text = await (await server.request('GET', '/v1/events')).text()
    expect(ACTIVE.test(text)).toBe(false)
    expect((JSON.parse(text) as { items: unknown[] }).items.length).toBe(HOSTILE.length)
    const reply = await server.request('GET', '/v1/events?cursor=r0', { headers: { accept: 'text/event-stream' } })
    const client = new EventClient(reply)
    for (let i = 0; i < HOSTILE.length; ) {
      const block = (await client.next())!
      if (block.data === null) continue
      expect(block.data).toMatchObject({ type: 'dev.countersign.step.refused', data: { what: HOSTILE[i++] } })
    }
    await client.close()
  })

  test('are plain for terminals and SIEMs', async () => {
    for (const event of await events()) {
      const read = eventOf(parseJson(JSON.stringify(event)))
      for (const text of [eventText(event), JSON.stringify(read), JSON.stringify(ocsfEvent(read))])
        expect([text, ACTIVE.test(text)]).toEqual([text, false])
    }
  })

  test('call nobody and link nowhere in a chat', async () => {
    const body = slackBody(await events(), 'https://log.example.com') as {
      text: string
      blocks: { text: { type: string; text: string } }[]
    }
    expect(body.text).not.toMatch(/[<>]/)
    expect(body.text).toContain('&lt;!channel&gt;')
    expect(body.blocks.every(({ text }) => text.type === 'plain_text' && !ACTIVE.test(text.text))).toBe(true)
    expect(body.text.split('\n').length).toBe(HOSTILE.length)
  })

  test('add no header and no recipient to a mail', async () => {
    for (const event of await events()) {
      const mail = mailOf('a@example.com', [event], null)
      expect([mail.subject, ACTIVE.test(mail.subject)]).toEqual([mail.subject, false])
      expect(mail.text.trimEnd().split('\n').length).toBe(1)
    }
    for (const to of [
      'mailto:a@example.com,b@example.com',
      'mailto:a@example.com?bcc=b@example.com',
      'mailto:a@example.com\r\nBcc: b@example.com',
      'mailto:"a b"@example.com',
      'mailto:a@b@example.com',
      'mailto:@example.com',
      'mailto:',
    ])
      expect(() => recipientOf(to), to).toThrow('mailto:')
    expect(recipientOf('mailto:a.b+c@example.com')).toBe('a.b+c@example.com')
  })

  test('do all of that where nothing makes them plain (red control)', async () => {
    vi.resetModules()
    vi.doMock('../../packages/client/src/plain-text.ts', () => ({ plainText: (text: string) => text }))
    vi.doMock('../../server/plain-json.ts', () => ({ plainJson: (value: unknown) => JSON.stringify(value) }))
    try {
      const { eventText: raw, eventOf: read } = await import('@countersign/client')
      const { ocsfEvent: ocsf } = await import('../../packages/cli/src/ocsf.ts')
      const { mailOf: mail } = await import('../../server/events/channel.ts')
      const { eventLines, slackBody: slack } = await import('../../server/events/slack.ts')
      const { createApp } = await import('../../server/app.ts')
      const told = await events()
      const active = (texts: readonly string[]) => texts.filter((text) => ACTIVE.test(text)).length
      expect(active(told.map(raw))).toBe(6)
      // JSON escapes C0 alone.
      const siem = told.map((event) => JSON.stringify(ocsf(read(parseJson(JSON.stringify(event))))))
      expect(active(siem)).toBeGreaterThanOrEqual(3)
      expect(active(told.map((event) => mail('a@example.com', [event], null).subject))).toBeGreaterThanOrEqual(4)
      // Two lines where there is one event: the second looks like another.
      expect(told.some((event) => mail('a@example.com', [event], null).text.trimEnd().includes('\n'))).toBe(true)
      const { blocks } = slack(told, null) as { blocks: { text: { text: string } }[] }
      expect(active(blocks.map(({ text }) => text.text))).toBe(6)
      // What a chat would have called, and linked to.
      expect(eventLines(told, null).join()).toContain('<!channel> <https://evil.test|here>')
      const app = createApp({ deps: server.deps, log: () => undefined, clock: () => 0, stopping: () => false })
      const page = await app.request('/v1/events', { headers: { authorization: `Bearer ${token('acme')}` } })
      expect([page.status, ACTIVE.test(await page.text())]).toEqual([200, true])
    } finally {
      vi.doUnmock('../../packages/client/src/plain-text.ts')
      vi.doUnmock('../../server/plain-json.ts')
    }
  })
})
