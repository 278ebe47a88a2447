import type { IncomingMessage, ServerResponse } from 'node:http'

type Headers = Readonly<Record<string, string>>

/** The body; null for one that is too large, which is not read to its end. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array | null> {
  const announced = request.headers['content-length']
  if (announced !== undefined && Number(announced) > maxBytes) return null
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += part.length
    if (size > maxBytes) return null
    parts.push(part)
  }
  return new Uint8Array(Buffer.concat(parts))
}

/** An answer with no body; the rest of a request's that nobody reads ends with its connection. */
export function refuse(request: IncomingMessage, response: ServerResponse, status: number, headers: Headers = {}) {
  const close = request.complete ? {} : { connection: 'close' }
  send(response, status, new Uint8Array(), { ...headers, ...close })
}

/** Nothing where an answer has begun, or nobody waits for one. */
export function send(response: ServerResponse, status: number, body: Uint8Array, headers: Headers): void {
  if (response.headersSent || response.destroyed) return
  response.writeHead(status, { ...headers, 'content-length': body.length, 'x-content-type-options': 'nosniff' })
  response.end(body)
}
