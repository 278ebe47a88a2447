import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestServer } from './server.ts'

/** A request that came to a hook. */
export interface Called {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Somebody else's endpoint, on this machine. */
export class Hook {
  readonly calls: Called[] = []
  /** What is answered; null for nothing at all. */
  answer: (call: Called) => { status: number; headers?: Record<string, string> } | null = () => ({ status: 204 })
  readonly #server: Server
  #news: () => void = () => undefined

  private constructor(server: Server) {
    this.#server = server
  }

  static async open(): Promise<Hook> {
    const server = createServer()
    const hook = new Hook(server)
    server.on('request', (request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        const call = { path: request.url!, headers: request.headers, body: Buffer.concat(parts).toString() }
        hook.calls.push(call)
        const answer = hook.answer(call)
        if (answer !== null) response.writeHead(answer.status, answer.headers).end()
        hook.#news()
      })
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    return hook
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get host(): string {
    return `127.0.0.1:${this.port}`
  }

  /** Events that came, in their order, as CloudEvents. */
  get events(): { id: string; type: string }[] {
    return this.calls.map(({ body }) => JSON.parse(body) as { id: string; type: string })
  }

  /** Resolves when so many requests have come, in all. */
  async called(count: number): Promise<void> {
    while (this.calls.length < count) await new Promise<void>((done) => (this.#news = done))
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((done) => this.#server.close(done))
  }
}

/** A good request of each route of webhooks but the list, by its method and path; `server` sends them nothing. */
export function webhookRequests(server: TestServer): Record<string, () => Promise<Response>[]> {
  const add = () => server.request('POST', '/v1/webhooks', { body: JSON.stringify({ url: 'https://hook.example/' }) })
  const of = (method: string, more: string, body?: object) => {
    const send = async () => {
      const { id } = (await (await add()).json()) as { id: string }
      const sent = body === undefined ? {} : { body: JSON.stringify(body) }
      return server.request(method, `/v1/webhooks/${id}${more}`, sent)
    }
    return [`${method} /v1/webhooks/{id}${more}`, () => [send()]] as const
  }
  return {
    'POST /v1/webhooks': () => [add()],
    ...Object.fromEntries([
      of('POST', '/test', {}),
      of('POST', '/rotate', {}),
      of('POST', '/replay', { dead: true }),
      of('GET', '/deliveries'),
      of('DELETE', ''),
    ]),
  }
}
