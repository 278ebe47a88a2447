import { afterEach, describe, expect, test } from 'vitest'
import { type Code, fromUtf8, utf8 } from '@countersign/core'
import { serve } from '../../../test/anchors/local-ots.ts'
import { otsService, otsUrl } from './ots-http.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})
async function url(listener: Parameters<typeof serve>[0]): Promise<string> {
  const served = await serve(listener)
  closing.push(() => served.close())
  return served.url
}

test('asks below its URL, and sends nothing but what it is told to', async () => {
  const seen: unknown[] = []
  const at = await url((request, response) => {
    const { accept, authorization, cookie } = request.headers
    seen.push([request.method, request.url, accept, request.headers['content-type'], authorization, cookie])
    response.writeHead(203).end('answer')
  })
  const service = otsService(`${at}/below/`, 'a service')
  const { status, body } = await service.ask('/digest', 9, { accept: 'a/b', type: 'c/d', body: utf8('x') })
  expect([status, fromUtf8(body)]).toEqual([203, 'answer'])
  expect(seen).toEqual([['POST', '/below/digest', 'a/b', 'c/d', undefined, undefined]])
})

test('follows no redirect (T-89)', async () => {
  let reached = false
  const target = await url((_, response) => {
    reached = true
    response.end()
  })
  for (const status of [301, 302, 303, 307, 308]) {
    const at = await url((_, response) => response.writeHead(status, { location: target }).end())
    expect((await otsService(at, 'a service').ask('/', 9)).status).toBe(status)
  }
  expect(reached).toBe(false)
  await otsService(target, 'a service').ask('/', 9)
  expect(reached).toBe(true)
})

test('takes an answer of the most bytes, and none of one more', async () => {
  const at = await url((_, response) => response.end('123456789'))
  expect((await otsService(at, 'a service').ask('/', 9)).body.length).toBe(9)
  await expect(otsService(at, 'a service').ask('/', 8)).rejects.toThrow(coded('anchor-unreachable'))
})

describe('an error', () => {
  test.each([
    ['no answer in time', () => undefined],
    ['ECONNRESET|the request failed|UND_ERR', (request: { socket: { destroy(): void } }) => request.socket.destroy()],
  ] as const)('says who and what: %s', async (what, listener) => {
    const at = await url(listener as Parameters<typeof serve>[0])
    const asked = otsService(`${at}/path`, 'a service', { timeoutMs: 100 }).ask('/', 9)
    await expect(asked).rejects.toThrow(new RegExp(`127\\.0\\.0\\.1:\\d+/path did not answer: (?:${what})`))
  })
})

test.each([
  'calendar.example',
  'ftp://calendar.example/',
  'http://calendar.example/',
  'http://127.0.0.1.calendar.example/',
  'http://10.0.0.1/',
  'https://user:secret@calendar.example',
  'https://calendar.example/?a=b',
  'https://calendar.example/#a',
  'file:///etc/passwd',
])('takes no URL like %s', (text) => {
  expect(otsUrl(text)).toBe(null)
  expect(() => otsService(text, 'a calendar')).toThrow(coded('usage'))
  expect(otsUrl('https://calendar.example/a/')).toBe('https://calendar.example/a')
  expect(otsUrl('http://[::1]:14788')).toBe('http://[::1]:14788')
})
