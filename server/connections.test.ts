import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Connections } from './connections.ts'

let server: Server
let connections: Connections
let answer = () => {}
let asked = 0
beforeEach(async () => {
  asked = 0
  server = createServer((request, response) => {
    asked++
    request.resume()
    if (request.url === '/slow') answer = () => void response.end('late')
    else request.on('end', () => response.end('now'))
  })
  // By itself it would never end a connection that is kept alive.
  server.keepAliveTimeout = 0
  connections = new Connections(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(() => server.closeAllConnections())

async function open(text: string): Promise<{ socket: Socket; said: () => string; ended: Promise<void> }> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  let said = ''
  socket.on('data', (chunk) => (said += String(chunk))).on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(text)
  return { socket, said: () => said, ended: new Promise((done) => socket.once('close', () => done())) }
}
const until = async (what: () => boolean) => {
  while (!what()) await new Promise((next) => setTimeout(next, 5))
}

it('cuts whoever has not asked to the end, and answers whoever has', async () => {
  const unfinished = [
    await open(''),
    await open('GET / HTTP/1.1\r\nhost: x\r\n'),
    await open('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf'),
    await open('POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n'),
  ]
  // Kept alive after an answer: nothing is being asked.
  const idle = await open('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  await until(() => idle.said().includes('now'))
  const whole = await open('GET /slow HTTP/1.1\r\nhost: x\r\n\r\n')
  await until(() => asked === 4)
  let closed = false
  server.close(() => (closed = true))
  connections.stop()
  connections.cutUnfinished()
  await Promise.all([...unfinished, idle].map(({ ended }) => ended))
  expect(closed).toBe(false)
  answer()
  // Kept alive by its client, it ends with its answer all the same.
  await whole.ended
  expect(whole.said()).toContain('late')
  await until(() => closed)
})

it('red control: a server that only closes waits for an upload that never ends', async () => {
  const stalled = await open('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf')
  await until(() => asked === 1)
  let closed = false
  server.close(() => (closed = true))
  server.closeIdleConnections()
  await new Promise((next) => setTimeout(next, 50))
  expect([closed, stalled.socket.destroyed]).toEqual([false, false])
  connections.cutUnfinished()
  await until(() => closed)
})
