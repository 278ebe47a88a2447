import { inspect } from 'node:util'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CodedError } from '@countersign/core'
import { addressIn, ask, isLoopback, membersOf, type Service } from './http.ts'

let server: Server
let url: string
const asked: string[] = []
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url!)
    if (request.url === '/stall') return
    if (request.url === '/half') return void response.writeHead(200).write('x')
    if (request.url === '/redirect') return void response.writeHead(302, { location: '/elsewhere' }).end()
    if (request.url === '/zeros') {
      return void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(1_000_000)))
    }
    if (request.url === '/cut')
      return void response.writeHead(200, { 'content-length': '10' }).write('x', () => response.destroy())
    response.writeHead(418).end('0123456789')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const service = (more: Partial<Service> = {}): Service => ({
  timeoutMs: 5_000,
  maxBytes: 10,
  fault: (what, why) => new CodedError('server-unreachable', `${why}: ${what}`),
  ...more,
})
async function faultOf(path: string, more: Partial<Service> = {}): Promise<string> {
  const headers = [['authorization', 'Bearer secret-token']] as const
  const error = await ask(url + path, { headers, body: 'secret-body', method: 'POST' }, service(more)).then(
    () => null,
    (thrown: unknown) => thrown as CodedError,
  )
  expect(error).toBeInstanceOf(CodedError)
  expect(inspect(error, { depth: 9 })).not.toMatch(/secret/)
  return error!.what.replace(new URL(url).host, 'HOST')
}

describe('an answer', () => {
  test('is whole, whatever its status', async () => {
    const { status, body } = await ask(url, {}, service())
    expect([status, Buffer.from(body).toString()]).toEqual([418, '0123456789'])
    expect((await ask(`${url}/redirect`, {}, service())).status).toBe(302)
    expect(asked).not.toContain('/elsewhere')
  })

  test('that is too large, late, cut off or not there is none, and the fault repeats nothing that was sent', async () => {
    expect(await faultOf('/', { maxBytes: 9 })).toBe('too-large: the answer of HOST exceeds 9 bytes')
    expect(await faultOf('/zeros')).toBe('too-large: the answer of HOST exceeds 10 bytes')
    expect(await faultOf('/stall', { timeoutMs: 100 })).toBe('no-answer: HOST did not answer: no answer in time')
    expect(await faultOf('/half', { timeoutMs: 100 })).toBe('no-answer: HOST did not answer: no answer in time')
    expect(await faultOf('/cut')).toMatch(/^no-answer: HOST did not answer: /)
    const failing = () => Promise.reject(new Error('secret-token'))
    expect(await faultOf('/', { fetch: failing, name: 'the clock' })).toBe(
      'no-answer: the clock did not answer: the request failed',
    )
  })
})

test('an address is https, or http to this machine, and nothing beside', () => {
  for (const good of ['https://a.example', 'http://localhost:1', 'http://127.9.9.9', 'http://[::1]:2/']) {
    expect(addressIn(good, { path: false })).toBeInstanceOf(URL)
  }
  expect((addressIn('https://a.example/b/c', { path: true }) as URL).pathname).toBe('/b/c')
  expect(addressIn('https://a.example/b', { path: false })).toBe('has more than a host')
  expect(addressIn('https://a.example/?b', { path: true })).toBe('has more than a host and a path')
  expect(addressIn('https://a@a.example/', { path: true })).toBe('has more than a host and a path')
  expect(addressIn('a.example', { path: true })).toBe('is not a URL')
  for (const bad of ['http://a.example', 'http://localhost.example', 'http://127.0.0.1.example', 'ftp://localhost']) {
    expect(addressIn(bad, { path: false })).toBe('is not https; plain http is for this machine')
  }
  expect(isLoopback(new URL('http://0.0.0.0'))).toBe(false)
})

test('members are those of one JSON object, strictly read', () => {
  expect(membersOf('{"a":1}')).toEqual({ a: 1 })
  for (const none of ['[]', 'null', '1', '{"a":1,"a":2}', '{', '', '{"a":1}x']) expect(membersOf(none)).toBeNull()
})
