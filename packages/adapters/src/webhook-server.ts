import { createPrivateKey, X509Certificate } from 'node:crypto'
import {
  createServer as createPlainServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { CodedError } from '@countersign/core'
import { readBody, refuse, send } from './http-answer.ts'

/** How long a connection may take its time, milliseconds, and how much its headers may be, bytes (T-94). */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 90_000,
  maxHeaderSize: 16 * 1024,
}
const MAX_CONNECTIONS = 512
/** Most requests whose bodies are held at once: some 256 MB where each is as large as it may be. */
const MAX_REQUESTS = 32
/** How long one that stops waits for answers; milliseconds. */
const ANSWERS_MS = 5_000
/** How often it is looked whether the certificate was renewed; milliseconds. */
const RENEWED_MS = 60_000

/** PEM. */
export interface Certified {
  readonly cert: Uint8Array
  readonly key: Uint8Array
}

export interface WebhookRoute {
  readonly maxBytes: number
  /** The answer to a body, as JSON; what it throws is answered with 500, which is no yes. */
  readonly answer: (body: Uint8Array, headers: IncomingHttpHeaders) => Promise<WebhookAnswer>
  /** The answer to one whose headers say all: its body is not read. Null, or left out: the body is needed. */
  readonly glance?: (headers: IncomingHttpHeaders) => WebhookAnswer | null
}

export interface WebhookAnswer {
  /** 200 unless it is given. */
  readonly status?: number
  readonly json: object
}

export interface WebhookServerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /**
   * Read when it begins, and again now and then: whoever renews the certificate restarts nothing. Null: in clear, for
   * whoever is before it on this machine.
   */
  readonly certified: (() => Certified) | null
  /** Only who has a certificate of it is answered; null: whoever comes. PEM. */
  readonly clientCa: Uint8Array | null
  /** By path. */
  readonly routes: ReadonlyMap<string, WebhookRoute>
  /** What went wrong here; nothing of it is in the answer. */
  readonly failed: (error: unknown) => void
}

export interface WebhookServer {
  readonly port: number
  /** Resolves when what was begun is answered. */
  stop(): Promise<void>
}

/** Serves webhooks: `POST` of JSON to its routes, and `GET /healthz`. Throws `usage` where it cannot listen, or speak TLS. */
export async function serveWebhook(options: WebhookServerOptions): Promise<WebhookServer> {
  const { host, port, certified, clientCa, routes, failed } = options
  let open = 0
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const path = (request.url ?? '').split('?')[0]!
    if (path === '/healthz' && request.method === 'GET') return sendJson(response, 200, '{"status":"ok"}')
    const route = routes.get(path)
    if (route === undefined) return refuse(request, response, 404)
    if (request.method !== 'POST') return refuse(request, response, 405, { allow: 'POST' })
    if (clientCa !== null && !(request.socket as TLSSocket).authorized) return refuse(request, response, 401)
    const seen = route.glance?.(request.headers) ?? null
    if (seen !== null) return tell(request, response, seen)
    if (open >= MAX_REQUESTS) return refuse(request, response, 503, { 'retry-after': '1' })
    open++
    void (async () => {
      try {
        const body = await readBody(request, route.maxBytes)
        if (body === null) return refuse(request, response, 413)
        tell(request, response, await route.answer(body, request.headers))
      } catch (error) {
        // Whoever went in the middle of a request is not our failure.
        if (request.complete) failed(error)
        refuse(request, response, 500)
      } finally {
        open--
      }
    })()
  }
  const server =
    certified === null
      ? createPlainServer(LIMITS, listener)
      : createServer(
          {
            ...LIMITS,
            ...pemOf(certified()),
            minVersion: 'TLSv1.2',
            // A probe has no certificate, and learns nothing.
            ...(clientCa === null ? {} : { ca: Buffer.from(clientCa), requestCert: true, rejectUnauthorized: false }),
          },
          listener,
        )
  server.maxConnections = MAX_CONNECTIONS
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(new CodedError('usage', `${host}:${port} could not be opened (${cause.code ?? 'failed'})`, { cause })),
    )
    server.listen(port, host, resolve)
  })
  const renewal = setInterval(() => {
    if (certified === null || !('setSecureContext' in server)) return
    try {
      // Whom it leaves out is forgotten: any certificate of a public authority would do then.
      const ca = clientCa === null ? {} : { ca: Buffer.from(clientCa) }
      server.setSecureContext({ ...pemOf(certified()), ...ca, minVersion: 'TLSv1.2' })
    } catch (error) {
      failed(error)
    }
  }, RENEWED_MS).unref()
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        clearInterval(renewal)
        const cut = setTimeout(() => server.closeAllConnections(), ANSWERS_MS)
        server.close(() => {
          clearTimeout(cut)
          resolve()
        })
        server.closeIdleConnections()
      }),
  }
}

/** Throws `usage` for what no TLS could be spoken with: of a renewal one half may be there before the other. */
function pemOf({ cert, key }: Certified) {
  const pem = { cert: Buffer.from(cert), key: Buffer.from(key) }
  let fit: boolean
  try {
    fit = new X509Certificate(pem.cert).checkPrivateKey(createPrivateKey(pem.key))
  } catch (cause) {
    throw new CodedError('usage', 'the certificate for TLS, or its key, is not PEM that can be read', { cause })
  }
  if (fit) return pem
  throw new CodedError('usage', 'the key for TLS is not that of the certificate', {
    fix: 'Name the key that the certificate was issued for; where both were just renewed, try again.',
  })
}

function sendJson(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
) {
  send(response, status, Buffer.from(text), { ...headers, 'content-type': 'application/json' })
}

function tell(request: IncomingMessage, response: ServerResponse, { status = 200, json }: WebhookAnswer): void {
  sendJson(response, status, JSON.stringify(json), request.complete ? {} : { connection: 'close' })
}
