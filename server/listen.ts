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

/** Where a server that listens there is reached from this machine. */
export function addressOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Throws `usage`. */
export function portOf(text: string): number {
  const port = Number(text)
  if (!/^[0-9]{1,5}$/.test(text) || port > 65_535)
    throw new CodedError('usage', `${text} is not a port`, { fix: 'Choose one from 1 to 65535, or 0 for a free one.' })
  return port
}

interface Place {
  readonly host: string
  readonly port: number
}

const CHOOSE_PORT = 'Choose another with --port N, or 0 for a free one.'
const CHOOSE_HOST = 'Name an address of this machine: --host 127.0.0.1 for itself alone, or 0.0.0.0 for all it has.'

const hostOf = ({ host }: Place) => host
const placeOf = ({ host, port }: Place) => `${host}:${port}`

/** What the system's codes mean for whoever starts a server: of what, what is wrong, what to do. */
const UNOPENED: Readonly<Record<string, readonly [of: (place: Place) => string, what: string, fix: string]>> = {
  EADDRINUSE: [placeOf, 'is in use', CHOOSE_PORT],
  EACCES: [placeOf, 'is not allowed to this user', CHOOSE_PORT],
  EADDRNOTAVAIL: [hostOf, 'is not an address of this machine', CHOOSE_HOST],
  ENOTFOUND: [hostOf, 'is neither an address nor a name that is known here', CHOOSE_HOST],
  EAI_AGAIN: [hostOf, 'is neither an address nor a name that is known here', CHOOSE_HOST],
}

/** The port that a server listens on by now. Throws `usage` where it cannot. */
export function listening(server: ServerType, settings: Place): Promise<number> {
  return new Promise((done, fail) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const code = cause.code ?? 'failed'
      const other = [placeOf, `could not be opened (${code})`, `${CHOOSE_PORT} ${CHOOSE_HOST}`] as const
      const [of, what, fix] = UNOPENED[code] ?? other
      fail(new CodedError('usage', `${of(settings)} ${what}`, { fix, cause }))
    })
    server.once('listening', () => {
      const address = server.address()
      done(typeof address === 'object' && address !== null ? address.port : settings.port)
    })
  })
}
