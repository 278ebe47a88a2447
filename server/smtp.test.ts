import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { honestRun } from '../test/pipeline.ts'
import { codeOf, openTestServer } from '../test/server.ts'
import type { MailSettings } from './mail-settings.ts'
import { smtpMailer } from './smtp.ts'

interface Received {
  readonly to: readonly string[]
  readonly text: string
}

let smtp: SMTPServer
let received: Received[]
let refuse = false
let news: () => void = () => undefined

beforeEach(async () => {
  received = []
  refuse = false
  smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, { envelope }, done) {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        if (refuse) return done(Object.assign(new Error('no room'), { responseCode: 452 }))
        received.push({ to: envelope.rcptTo.map(({ address }) => address), text: Buffer.concat(parts).toString() })
        done()
        news()
      })
    },
  })
  await new Promise<void>((done) => smtp.listen(0, '127.0.0.1', done))
})
afterEach(() => new Promise<void>((done) => smtp.close(done)))

const settings = (more: Partial<MailSettings> = {}): MailSettings => ({
  host: '127.0.0.1',
  port: (smtp.server.address() as AddressInfo).port,
  security: 'none',
  user: null,
  password: null,
  from: 'countersign@example.com',
  recipients: ['example.com'],
  ...more,
})

describe('mail', () => {
  test('tells of alerts, many in one, by a mail server', async () => {
    const server = await openTestServer({
      events: { mailer: smtpMailer(settings(), 'log.example.com'), publicUrl: 'https://log.example.com' },
    })
    try {
      await server.deps.events.webhooks.start()
      const add = (url: string) => server.request('POST', '/v1/webhooks', { body: JSON.stringify({ url }) })
      expect(await codeOf(add('mailto:a@elsewhere.example'))).toBe('request-invalid')
      expect(await codeOf(add('mailto:a@example.com?bcc=b@example.com'))).toBe('request-invalid')
      const made = (await (await add('mailto:a@example.com')).json()) as object
      expect(made).toMatchObject({ format: 'email', secret: null, events: expect.arrayContaining(['conflict']) })
      const run = honestRun()
      await server.enrol([run.who.github, run.who.codebuild, run.who.cloudbuild, run.who.azure])
      await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
      for (const { bundle } of run.steps) expect((await server.append(bundle)).status).toBe(201)
      const came = new Promise<void>((done) => (news = done))
      await server.deps.events.watch()
      server.deps.events.pulse.wake()
      await came
      expect(received.length).toBe(1)
      const [{ to, text }] = received as [Received]
      expect(to).toEqual(['a@example.com'])
      expect(text).toMatch(/^From: countersign@example\.com\r$/m)
      expect(text).toMatch(/^Subject: \[countersign\] 4 events, warning\r$/m)
      expect(text).toMatch(/^Message-ID: <msg_[0-9a-f]{32}@log\.example\.com>\r$/m)
      expect(text).toMatch(/^Auto-Submitted: auto-generated\r$/m)
      const plain = text.replaceAll('=\r\n', '').replaceAll('=3D', '=')
      expect(plain.match(/identity\.first-seen: shop\/web: /g)?.length).toBe(4)
      expect(plain).toContain(`https://log.example.com/run/${run.chain.id}`)
    } finally {
      await server.close()
    }
  })

  test('that is refused, or goes nowhere, is a fault that says no more than that', async () => {
    const mail = { to: 'a@example.com', id: 'msg_1', subject: 'a', text: 'a' }
    refuse = true
    await expect(smtpMailer(settings(), 'test').send(mail)).rejects.toMatchObject({ code: 'service-refused' })
    // Rather not at all than in clear.
    await expect(smtpMailer(settings({ security: 'starttls' }), 'test').send(mail)).rejects.toMatchObject({
      code: 'service-refused',
    })
    await expect(smtpMailer(settings(), 'test').send({ ...mail, to: 'a@elsewhere.example' })).rejects.toMatchObject({
      code: 'request-invalid',
    })
    expect(received).toEqual([])
    refuse = false
    await smtpMailer(settings(), 'test').send(mail)
    expect(received.length).toBe(1)
  })
})
