import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What is answered in the server's place; `never` for nothing, null to let the request through. */
export type Answer = { readonly status: number; readonly body: object } | 'never' | null

/** Stands in front of a server: lets requests through to it, or answers them by itself. */
export class Front {
  /** Asked for each request, as `GET /v1/keys`. */
  answer: (request: string) => Answer = () => null
  readonly #server: Server

  private constructor(behind: string) {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const own = this.answer(`${request.method} ${request.url}`)
        if (own === 'never') return
        if (own !== null) {
          response.writeHead(own.status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(own.body))
          return
        }
        const { host: _, ...headers } = request.headers as Record<string, string>
        const body = request.method === 'GET' ? {} : { body: Buffer.concat(chunks) }
        void fetch(behind + request.url!, { method: request.method!, headers, ...body }).then(async (reply) => {
          response.writeHead(reply.status, { 'content-type': reply.headers.get('content-type') ?? '' })
          response.end(Buffer.from(await reply.arrayBuffer()))
        })
      })
    })
  }

  static async before(behind: string): Promise<Front> {
    const front = new Front(behind)
    await once(front.#server.listen(0, '127.0.0.1'), 'listening')
    return front
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}
