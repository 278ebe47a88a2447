import { execFile } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Code, utf8 } from '@countersign/core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { commitAt, createAttestation } from './github.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })
const SHA = 'a'.repeat(40)
const BUNDLE = utf8('{"mediaType":"m"}')

interface Asked {
  readonly call: string
  readonly accept: string | undefined
  readonly authorization: string | undefined
  readonly body: string
}
interface Answer {
  readonly status: number
  readonly body: string
  readonly headers?: Record<string, string>
}

const asked: Asked[] = []
let answer: Answer
let server: Server
let url: string
beforeAll(async () => {
  server = createServer(async (request, reply) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const { accept, authorization } = request.headers
    asked.push({
      call: `${request.method} ${request.url}`,
      accept,
      authorization,
      body: Buffer.concat(parts).toString(),
    })
    reply.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(answer.body)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())
beforeEach(() => void asked.splice(0))

const says = (status: number, body: string, headers: Record<string, string> = {}) => {
  answer = { status, body, headers }
}

describe('the commit of a tag', () => {
  const tag = { repository: 'tj/changed-files', ref: 'v35/x' }

  test('is asked for as such, in the name of the job, of GitHub Enterprise too', async () => {
    says(200, `${SHA}\n`, { 'content-type': 'application/vnd.github.sha; charset=utf-8' })
    expect(await commitAt({ url: `${url}/api/v3/`, token: 'secret' }, tag)).toBe(SHA)
    expect(asked).toEqual([
      {
        call: 'GET /api/v3/repos/tj/changed-files/commits/v35%2Fx',
        accept: 'application/vnd.github.v3.sha',
        authorization: 'token secret',
        body: '',
      },
    ])
    expect(await commitAt({ url, token: null }, tag)).toBe(SHA)
    expect(asked[1]!.authorization).toBeUndefined()
  })

  test.each([
    ['something else', 200, SHA.slice(1)],
    ['JSON', 200, `{"sha":"${SHA}"}`],
    ['another status', 203, SHA],
  ])('%s is none', async (_, status, body) => {
    says(status, body)
    expect(await commitAt({ url, token: null }, tag)).toBeNull()
  })

  test('is not looked for where a redirect leads, or in an endless answer', async () => {
    says(302, '', { location: `${url}/elsewhere` })
    expect(await commitAt({ url, token: 'secret' }, tag)).toBeNull()
    expect(asked.length).toBe(1)
    says(200, ' '.repeat(2000) + SHA)
    await expect(commitAt({ url, token: null }, tag)).rejects.toThrow(coded('service-answer'))
  })

  test('is asked of nobody who is no GitHub', async () => {
    for (const wrong of ['http://github.example', 'https://a:b@github.example', 'file:///etc', 'x']) {
      await expect(commitAt({ url: wrong, token: 'secret' }, tag)).rejects.toThrow(coded('usage'))
    }
    await expect(commitAt({ url, token: null }, { ...tag, repository: '../x' })).rejects.toThrow(coded('usage'))
    expect(asked).toEqual([])
    await expect(commitAt({ url: 'http://127.0.0.1:1', token: 'secret' }, tag)).rejects.toThrow(
      expect.objectContaining({
        code: 'service-unreachable',
        message: expect.not.stringContaining('secret') as string,
      }),
    )
  })
})

describe('an attestation', () => {
  test('is given as it is, and its id comes back', async () => {
    says(201, '{"id":7}')
    expect(await createAttestation({ url, token: 'secret' }, 'shop/web', BUNDLE)).toBe('7')
    expect(asked).toMatchObject([
      {
        call: 'POST /repos/shop/web/attestations',
        authorization: 'token secret',
        body: '{"bundle":{"mediaType":"m"}}',
      },
    ])
  })

  test.each<[string, number, string, Code]>([
    ['without the permission', 403, '{"message":"Resource not accessible by integration"}', 'service-refused'],
    ['without a token', 401, '{}', 'service-refused'],
    ['to a repository that is not there', 404, '{}', 'service-answer'],
    ['that was not made', 200, '{"id":7}', 'service-answer'],
    ['of an id that is none', 201, '{"id":"../x"}', 'service-answer'],
    ['that nothing is said of', 201, '', 'service-answer'],
  ])('%s is refused', async (_, status, body, code) => {
    says(status, body)
    const given = createAttestation({ url, token: 'secret' }, 'shop/web', BUNDLE)
    await expect(given).rejects.toThrow(coded(code))
    // What the client throws holds what was sent.
    await given.catch((error: Error) =>
      expect(JSON.stringify([error, error.cause, error.stack])).not.toContain('secret'),
    )
  })
})

test('a runner behind a proxy asks through it', async () => {
  const through: string[] = []
  const proxy = createServer().on('connect', ({ url: to, headers }, socket) => {
    through.push(`${to} ${headers['proxy-authorization']}`)
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
  })
  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done))
  // A process of its own: the client looks for a proxy when it is loaded.
  const script = `import { commitAt } from '${new URL('./github.ts', import.meta.url)}'
    await commitAt({ url: 'https://api.github.com', token: null }, { repository: 'a/b', ref: 'v1' }).catch((error) => console.log(error.code))`
  const env = { https_proxy: `http://me:pass@127.0.0.1:${(proxy.address() as AddressInfo).port}` }
  const code = await new Promise<string>((done) =>
    execFile(process.execPath, ['--input-type=module', '-e', script], { env }, (_, out) => done(out.trim())),
  )
  proxy.close()
  expect(code).toBe('service-unreachable')
  expect(through).toEqual([`api.github.com:443 Basic ${Buffer.from('me:pass').toString('base64')}`])
})
