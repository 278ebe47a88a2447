import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { ServerType } from '@hono/node-server'

/**
 * How long a connection may take its time, in milliseconds, and how much its headers may be, in bytes. Who sends a
 * byte now and then holds a socket no longer than this (slow loris, T-94); the largest body takes 140 kB/s.
 */
export const CONNECTION_LIMITS = {
  headersTimeout: 15_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16 * 1024,
}

/** The connections of a server, and what each is being asked, so that a server that stops waits for none in vain. */
export class Connections {
  readonly #open = new Map<Socket, IncomingMessage | null>()
  #stopping = false

  /** To be made before the server listens. */
  constructor(server: ServerType) {
    server.on('connection', (socket: Socket) => {
      this.#open.set(socket, null)
      socket.once('close', () => this.#open.delete(socket))
    })
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const { socket } = request
      this.#open.set(socket, request)
      response.once('close', () => {
        if (this.#open.get(socket) === request) this.#open.set(socket, null)
        // Kept alive, it would keep the server waiting for a request that is then turned away.
        if (this.#stopping) socket.destroySoon()
      })
    })
  }

  /** From now on each connection ends with the answer that is being given. */
  stop(): void {
    this.#stopping = true
  }

  /** Cuts whoever has asked nothing, or not to the end. What was asked to the end is still answered. */
  cutUnfinished(): void {
    for (const [socket, request] of this.#open) if (request === null || !request.complete) socket.destroy()
  }
}
