import type { ServerType } from '@hono/node-server'
import { CodedError } from '@countersign/core'

export const DEFAULT_PORT = 8440

/** Host and port to listen on, from `HOST:PORT`. Throws `usage`. */
export function splitListen(listen: string | undefined): [string, number] {
  if (listen === undefined || listen === '') return ['127.0.0.1', DEFAULT_PORT]
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+):([0-9]+)$/.exec(listen)
  // Without a host Node would listen on every address there is.
  if (match === null)
    throw new CodedError('usage', `COUNTERSIGN_LISTEN=${listen} is not HOST:PORT`, {
      fix: 'For example: 127.0.0.1:8440',
    })
  return [match[1]!.replace(/^\[|\]$/g, ''), portOf(match[2]!)]
}

/** Throws `usage`. */
export function portOf(text: string): number {
  const port = Number(text)
  if (!/^[0-9]{1,5}$/.test(text) || port > 65_535) throw new CodedError('usage', `${text} is not a port`)
  return port
}

/** The port that a server listens on by now. Throws `usage` where it cannot. */
export function listening(
  server: ServerType,
  settings: { readonly host: string; readonly port: number },
): Promise<number> {
  return new Promise((done, fail) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const reason = {
        EADDRINUSE: 'is in use',
        EACCES: 'is not allowed',
        EADDRNOTAVAIL: 'is not an address of this machine',
      }[cause.code ?? '']
      const what = `${settings.host}:${settings.port} ${reason ?? `could not be opened (${cause.code ?? 'failed'})`}`
      fail(new CodedError('usage', what, { fix: 'Choose another with --port N, or 0 for a free one.', cause }))
    })
    server.once('listening', () => {
      const address = server.address()
      done(typeof address === 'object' && address !== null ? address.port : settings.port)
    })
  })
}
