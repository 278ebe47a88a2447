import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { CodedError } from '@countersign/core'
import { MAX_ADD_CHECKPOINT_BYTES } from '@countersign/formats'
import type { WitnessAnswer } from '@countersign/log'
import { readBody, refuse, send } from './http-answer.ts'

/** How long a connection may take its time, milliseconds, and how much its headers may be, bytes (T-94). */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 60_000,
  maxHeaderSize: 16 * 1024,
}
const MAX_CONNECTIONS = 512
/** Most requests whose bodies are held at once: some 32 MB. */
const MAX_REQUESTS = 32
/** How long a witness that stops waits for answers; milliseconds. */
const ANSWERS_MS = 5_000

export interface WitnessServerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** The answer to a body of at most `MAX_ADD_CHECKPOINT_BYTES`; what it throws is answered with 500. */
  readonly answer: (body: Uint8Array) => Promise<WitnessAnswer>
  /** What went wrong here; nothing of it is in the answer. */
  readonly failed: (error: unknown) => void
}

export interface WitnessServer {
  readonly port: number
  /** Resolves when what was begun is answered. */
  stop(): Promise<void>
}

/** Serves `POST /add-checkpoint` (C2SP tlog-witness), and nothing else. Throws `usage` where it cannot listen. */
export async function serveWitness(options: WitnessServerOptions): Promise<WitnessServer> {
  const { host, port, answer, failed } = options
  let open = 0
  const server = createServer(LIMITS, (request, response) => {
    if (request.url !== '/add-checkpoint') return refuse(request, response, 404)
    if (request.method !== 'POST') return refuse(request, response, 405, { allow: 'POST' })
    if (open >= MAX_REQUESTS) return refuse(request, response, 503, { 'retry-after': '1' })
    open++
    void (async () => {
      try {
        const body = await readBody(request, MAX_ADD_CHECKPOINT_BYTES)
        if (body === null) return refuse(request, response, 413)
        const { status, type, body: bytes } = await answer(body)
        send(response, status, bytes, type === '' ? {} : { 'content-type': type })
      } catch (error) {
        // Whoever went in the middle of a request is not our failure.
        if (request.complete) failed(error)
        refuse(request, response, 500)
      } finally {
        open--
      }
    })()
  })
  server.maxConnections = MAX_CONNECTIONS
  // Each with the answers it still waits for.
  const waiting = new Map<Socket, number>()
  let stopping = false
  server.on('connection', (socket: Socket) => {
    waiting.set(socket, 0)
    socket.once('close', () => waiting.delete(socket))
  })
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    waiting.set(socket, (waiting.get(socket) ?? 0) + 1)
    response.once('close', () => {
      const left = (waiting.get(socket) ?? 1) - 1
      if (waiting.has(socket)) waiting.set(socket, left)
      if (stopping && left === 0) socket.destroySoon()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(new CodedError('usage', `${host}:${port} could not be opened (${cause.code ?? 'failed'})`, { cause })),
    )
    server.listen(port, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), ANSWERS_MS)
        server.close(() => {
          clearTimeout(cut)
          resolve()
        })
        stopping = true
        for (const [socket, answers] of waiting) if (answers === 0) socket.destroy()
      }),
  }
}
