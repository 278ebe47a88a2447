import { createServer, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Code } from '@countersign/core'
import { awsCredentials, type AwsCredentialSource, awsCredentialSource } from './aws-credentials.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const NOW = Date.UTC(2026, 10, 20)
const GIVEN = { AccessKeyId: 'ASIAFETCHED', SecretAccessKey: 'fetched/secret', Token: 'fetched==' }
const FETCHED = { accessKeyId: 'ASIAFETCHED', secretAccessKey: 'fetched/secret', sessionToken: 'fetched==' }

let directory: string
let url: string
let asked: string[] = []
let reply: (request: IncomingMessage) => { status?: number; body: string } | null
const server = createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`)
  const made = reply(request)
  if (made !== null) response.writeHead(made.status ?? 200, { location: '/elsewhere' }).end(made.body)
})
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'countersign-aws-'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
  rmSync(directory, { recursive: true, force: true })
})
beforeEach(() => {
  asked = []
})

const given = (minutes: number, more: object = {}) => ({
  body: JSON.stringify({ ...GIVEN, Expiration: new Date(NOW + minutes * 60_000).toISOString(), ...more }),
})
const container = (more: object = {}): AwsCredentialSource => ({
  from: 'container',
  url: `${url}/creds`,
  token: 'Basic-x',
  tokenFile: null,
  ...more,
})

describe('the source', () => {
  const KEYS = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'se/cret' }
  test('is the environment’s keys, then the agent of the container, then the instance', () => {
    const agent = { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials' }
    expect(awsCredentialSource({ ...KEYS, ...agent, AWS_SESSION_TOKEN: ' tok ' })).toEqual({
      from: 'environment',
      accessKeyId: 'AKIAEXAMPLE',
      secretAccessKey: 'se/cret',
      sessionToken: 'tok',
    })
    expect(awsCredentialSource({ ...agent, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/t' })).toEqual({
      from: 'container',
      url: 'http://169.254.170.23/v1/credentials',
      token: null,
      tokenFile: '/t',
    })
    expect(awsCredentialSource({ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/x' })).toMatchObject({
      url: 'http://169.254.170.2/v2/x',
    })
    expect(awsCredentialSource({})).toEqual({ from: 'instance', url: 'http://169.254.169.254' })
  })

  test.each<[string, Record<string, string>]>([
    ['half a pair', { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE' }],
    ['the other half', { AWS_SECRET_ACCESS_KEY: 'se/cret' }],
    ['a secret of two lines', { ...KEYS, AWS_SECRET_ACCESS_KEY: 'se\ncret' }],
    ['an agent over plain http elsewhere', { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://example.com/c' }],
    ['an agent that a relative address leads away from', { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '.example.com/' }],
    ['a user in the address', { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '@example.com/' }],
    ['nobody', { AWS_EC2_METADATA_DISABLED: 'true' }],
  ])('is not %s', (_, env) => {
    const wrong = () => awsCredentialSource(env)
    expect(wrong).toThrow(coded('anchor-setup-invalid'))
    expect(wrong).not.toThrow(/cret/)
  })
})

describe('credentials of a container', () => {
  test('are asked for with its token, and kept until five minutes before they end', async () => {
    let now = NOW
    const tokens: unknown[] = []
    reply = ({ headers }) => {
      tokens.push(headers.authorization)
      return given(60)
    }
    const provider = awsCredentials({ source: container(), now: () => now })
    expect(await Promise.all([provider.current(), provider.current()])).toEqual([FETCHED, FETCHED])
    now += 54 * 60_000
    await provider.current()
    expect(asked).toEqual(['GET /creds'])
    now += 60_000
    await provider.current()
    expect(asked.length).toBe(2)
    now = NOW
    await provider.current()
    expect(asked.length).toBe(2)
    expect(provider.forget()).toBe(true)
    await provider.current()
    expect(asked.length).toBe(3)
    expect(tokens).toEqual(['Basic-x', 'Basic-x', 'Basic-x'])
  })

  test('have their token read anew from its file', async () => {
    const tokenFile = join(directory, 'token')
    const tokens: unknown[] = []
    reply = ({ headers }) => {
      tokens.push(headers.authorization)
      return given(1)
    }
    const provider = awsCredentials({ source: container({ token: null, tokenFile }), now: () => NOW })
    await expect(provider.current()).rejects.toThrow(coded('anchor-setup-invalid'))
    for (const token of ['first', 'second']) {
      writeFileSync(tokenFile, `${token}\n`)
      await provider.current()
    }
    expect(tokens).toEqual(['first', 'second'])
  })

  test.each<[string, () => ReturnType<typeof reply>]>([
    ['a refusal', () => ({ status: 500, body: 'fetched/secret' })],
    ['a redirect', () => ({ status: 302, body: '' })],
    ['no JSON', () => ({ body: 'fetched/secret' })],
    ['a list', () => ({ body: '[]' })],
    ['no end', () => given(60, { Expiration: null })],
    ['a token that is none', () => given(60, { Token: 'a\nb' })],
    ['no secret', () => given(60, { SecretAccessKey: '' })],
    ['a whole library', () => ({ body: 'x'.repeat(200_000) })],
    ['nothing at all', () => null],
  ])('are not %s', async (what, make) => {
    reply = make
    const provider = awsCredentials({ source: container(), now: () => NOW, timeoutMs: 300 })
    const failed = await provider.current().then(String, String)
    expect(failed.includes('exceeds 65536 bytes')).toBe(what === 'a whole library')
    expect(failed).toMatch(/^CodedError: anchor-unreachable: /)
    expect(failed).not.toMatch(/secret|Basic-x/)
    expect(asked.length).toBe(1)
    reply = () => given(60)
    expect(await provider.current()).toEqual(FETCHED)
  })
})

describe('credentials of an instance', () => {
  const instance = (): AwsCredentialSource => ({ from: 'instance', url })
  const path = '/latest/meta-data/iam/security-credentials/'
  const honest: typeof reply = (request) => {
    if (request.method === 'PUT' && request.url === '/latest/api/token') return { body: 'session' }
    if (request.headers['x-aws-ec2-metadata-token'] !== 'session') return { status: 401, body: '' }
    return request.url === path ? { body: 'my-role\n' } : given(60)
  }

  test('are those of its role, asked for with a session', async () => {
    reply = honest
    expect(await awsCredentials({ source: instance(), now: () => NOW }).current()).toEqual(FETCHED)
    expect(asked).toEqual(['PUT /latest/api/token', `GET ${path}`, `GET ${path}my-role`])
  })

  test('are not there where it has no role, and no path that a role is not', async () => {
    const provider = awsCredentials({ source: instance(), now: () => NOW })
    reply = (request) => (request.url === path ? { status: 404, body: '' } : honest(request))
    await expect(provider.current()).rejects.toThrow(coded('anchor-setup-invalid'))
    reply = (request) => (request.url === path ? { body: '../../user-data' } : honest(request))
    await expect(provider.current()).rejects.toThrow(coded('anchor-unreachable'))
    expect(asked.filter((line) => line.includes('user-data'))).toEqual([])
  })
})
