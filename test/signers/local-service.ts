import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type PublicKey, parsePublicKey } from '@countersign/core'

/** What a key service does with requests. From `other-version` on it lies, or answers with what none answers. */
export type ServiceMode =
  | 'honest'
  | 'denied'
  | 'absent'
  | 'disabled'
  | 'throttled'
  | 'broken'
  | 'expired'
  | 'redirect'
  | 'proxy'
  | 'stall'
  | 'endless'
  | 'other-version'
  | 'said-other'
  | 'malformed'
  | 'short'
  | 'no-base64'
  | 'garbage'
  | 'duplicate'
  | 'empty'
  | 'repeats'

/** A key service on loopback, as the contract of signers drives it. */
export interface LocalKeys {
  /** Of the key that is signed with. */
  readonly uri: string
  /** What the environment holds for it, secrets among it. */
  readonly env: Readonly<Record<string, string>>
  /** What no error may hold. */
  readonly secrets: readonly string[]
  mode: ServiceMode
  /** Requests for keys and signatures, oldest first. */
  readonly asked: readonly string[]
  /** The key that lies are signed with: another version of the same. */
  readonly otherVersion: PublicKey
  /** Addresses of keys that cannot sign steps. */
  readonly unfit: readonly string[]
  /** Makes a newer version the one that is used where none is named. */
  rotate(): void
  close(): Promise<void>
}

export interface Version {
  readonly publicKey: PublicKey
  readonly privateKey: KeyObject
}

export function newVersion(algorithm: 'ecdsa-p256' | 'ed25519' = 'ecdsa-p256'): Version {
  const pair =
    algorithm === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    publicKey: parsePublicKey(new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' }))),
    privateKey: pair.privateKey,
  }
}

/** Ed25519 of bytes; of P-256, as whoever holds the bytes signs them. */
export function signBytes({ privateKey, publicKey }: Version, bytes: Uint8Array): Uint8Array {
  return new Uint8Array(sign(publicKey.algorithm === 'ed25519' ? null : 'sha256', bytes, privateKey))
}

export interface Asked {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface Reply {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface LocalService {
  readonly url: string
  readonly host: string
  close(): Promise<void>
}

/** A server that answers in JSON; what `misbehave` says is done in its place. */
export async function startLocalService(
  handle: (asked: Asked) => Reply | Promise<Reply>,
  misbehave: (asked: Asked) => ServiceMode,
): Promise<LocalService> {
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await bodyOf(request)).toString()
    const asked = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body }
    switch (misbehave(asked)) {
      case 'stall':
        return
      case 'redirect':
        return void response.writeHead(307, { location: `${url}/elsewhere` }).end()
      case 'proxy':
        return void response.writeHead(403, { 'content-type': 'text/html' }).end('<h1>no</h1>')
      case 'endless':
        return endless(response)
      case 'garbage':
        return void response.writeHead(200).end('{"signature":')
      case 'empty':
        return void response.writeHead(200).end('{}')
      case 'repeats': {
        // As one would that wants what it was sent to end in a log.
        const echo = JSON.stringify([request.headers, body])
        const error = { code: echo, status: echo, message: echo, innererror: { code: echo } }
        return void response
          .writeHead(400, { 'www-authenticate': 'Bearer error="x"' })
          .end(JSON.stringify({ error, errors: [echo], __type: echo }))
      }
      default: {
        const { status, body: reply, headers = {} } = await handle(asked)
        const text = JSON.stringify(reply)
        const sent = misbehave(asked) === 'duplicate' ? text.replace(/^\{(.*)\}$/s, '{$1,$1}') : text
        response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(sent)
      }
    }
  }
  const server = createServer((request, response) => void serve(request, response).catch(() => response.destroy()))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const url = `http://${host}`
  return {
    url,
    host,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function endless(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  const more = () => {
    while (!response.destroyed && response.write('x'.repeat(65_536)));
    if (!response.destroyed) response.once('drain', more)
  }
  more()
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
  return Buffer.concat(parts)
}
