import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { CodedError } from '@countersign/core'
import { readEventSettings } from './event-settings.ts'

const directory = mkdtempSync(join(tmpdir(), 'countersign-mail-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const env = { MAIL_PASSWORD: 'a secret' }
const GOOD = { host: 'smtp.example.com', from: 'countersign@example.com', recipients: ['example.com'] }
const mailOf = async (value: unknown) => {
  const mail = join(directory, 'mail.json')
  writeFileSync(mail, JSON.stringify(value))
  return (await readEventSettings({ allow: undefined, mail }, env)).mail
}
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'read',
    (error: unknown) => (error instanceof CodedError ? error.code : 'internal'),
  )

describe('who may be told', () => {
  test('is nobody inside, and by no mail, unless somebody says so', async () => {
    expect(await readEventSettings({ allow: undefined, mail: undefined }, {})).toEqual({ allowed: [], mail: null })
    const given = { COUNTERSIGN_WEBHOOK_ALLOW: 'Hooks.Internal, 10.0.0.1:8080' }
    const read = (allow?: string[]) => readEventSettings({ allow, mail: undefined }, given)
    expect((await read()).allowed).toEqual(['hooks.internal', '10.0.0.1:8080'])
    expect((await read(['[fd00::1]:443'])).allowed).toEqual(['[fd00::1]:443'])
    for (const wrong of ['https://a.example', 'a b', '*', '*.example.com', 'a:b', '-a', 'user@a'])
      expect([wrong, await codeOf(read([wrong]))]).toEqual([wrong, 'usage'])
  })

  test('is written to as the settings of mail say', async () => {
    const mail = { port: 587, security: 'starttls', user: null, password: null }
    expect(await mailOf(GOOD)).toEqual({ ...GOOD, ...mail })
    const login = { user: 'countersign', password: { env: 'MAIL_PASSWORD' } }
    expect(await mailOf({ ...GOOD, ...login, security: 'tls' })).toMatchObject({ port: 465, password: 'a secret' })
    for (const wrong of [
      { ...GOOD, recipients: [] },
      { ...GOOD, recipients: ['Example.com'] },
      { ...GOOD, recipients: ['*'] },
      { ...GOOD, from: 'nobody' },
      { ...GOOD, from: 'a@example.com\r\nBcc: b@example.com' },
      { ...GOOD, security: 'some' },
      { ...GOOD, port: 0 },
      { ...GOOD, user: 'countersign' },
      // Everybody on the way would read it.
      { ...GOOD, ...login, security: 'none' },
      { ...GOOD, ...login, password: 'in the file itself' },
      { ...GOOD, ...login, password: { env: 'NOT_SET' } },
      { ...GOOD, more: 1 },
      { host: 'smtp.example.com' },
      [],
    ])
      expect([wrong, await codeOf(mailOf(wrong))]).toEqual([wrong, 'provider-setup-invalid'])
  })
})
