import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DerReader, derSequence, parseDer, TAG } from '@countersign/formats/x509'
import { certificate, type KeyKind, newKey, type TestCertificate, TIME_STAMPING } from './certificates.ts'
import { genTime, timestampResponse, timestampToken, type TokenOptions } from './tokens.ts'

const DAY = 86_400_000
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'

/** What a local authority can be told to do wrong. */
export const LIES = [
  'wrong-imprint',
  'wrong-nonce',
  'no-nonce',
  'wrong-certificate',
  'injected-certificates',
  'purpose-not-critical',
  'extra-purpose',
  'expired-certificate',
  'backdated',
  'future',
  'no-certificates',
  'rejection',
  'unavailable',
  'stalling',
  'oversized',
  'not-der',
  'html',
  'server-error',
  'redirect',
] as const
export type Lie = (typeof LIES)[number]

export interface LocalTsaOptions {
  /** Kind of its keys; P-256 by default. */
  readonly key?: KeyKind
  /** Its clock, milliseconds since 1970. */
  readonly clock?: () => number
  readonly port?: number
  /** Status of its good answers; 200 by default, 201 as some send. */
  readonly status?: number
}

/** A timestamp authority on loopback: a root, an intermediate, and a signer under it. */
export interface LocalTsa {
  readonly url: string
  /** DER of its root, to be pinned. */
  readonly root: Uint8Array
  readonly intermediate: Uint8Array
  readonly certificate: Uint8Array
  /** How many requests it got. */
  readonly requests: number
  /** What it does wrong from now on; null for nothing. */
  lie(lie: Lie | null): void
  close(): Promise<void>
}

/** Starts one with new keys. */
export async function startLocalTsa({
  key = 'P-256',
  clock = Date.now,
  port = 0,
  status: good = 200,
}: LocalTsaOptions = {}): Promise<LocalTsa> {
  const at = (days: number) => new Date(clock() + days * DAY).toISOString()
  const life = { from: at(-400), until: at(3650) }
  const root = certificate({ ...life, name: 'Local TSA root', key: newKey(key), issuer: null, ca: true, pathLength: 1 })
  const intermediate = certificate({
    ...life,
    name: 'Local TSA CA',
    key: newKey(key),
    issuer: root,
    ca: true,
    pathLength: 0,
    purposes: [TIME_STAMPING],
  })
  const own = { ...life, name: 'Local TSA', key: newKey(key), issuer: intermediate }
  const signer = certificate(own)
  const another = certificate({ ...own, serial: 2, key: newKey(key) })
  const spoofed = certificate({ ...life, name: 'Spoofed TSA', key: newKey(key), issuer: null, serial: 66 })
  const lying: Partial<Record<Lie, TestCertificate>> = {
    'purpose-not-critical': certificate({ ...own, serial: 3, purposesCritical: false }),
    'extra-purpose': certificate({ ...own, serial: 4, purposes: [TIME_STAMPING, SERVER_AUTH] }),
    'expired-certificate': certificate({ ...own, serial: 5, until: at(-1) }),
  }
  let lie: Lie | null = null
  let requests = 0

  function tokenFor({ imprint, nonce }: { imprint: Uint8Array; nonce: Uint8Array | null }): Uint8Array {
    const by = (lie === null ? undefined : lying[lie]) ?? signer
    const shift = lie === 'backdated' ? -3 * DAY : lie === 'future' ? 3 * DAY : 0
    const options: TokenOptions = {
      imprint: lie === 'wrong-imprint' ? randomBytes(32) : imprint,
      nonce: lie === 'no-nonce' ? null : lie === 'wrong-nonce' ? randomBytes(8) : nonce,
      time: genTime(clock() + shift),
      serial: requests,
      signer: by,
      certificates: [by.der, intermediate.der],
    }
    if (lie === 'no-certificates') return timestampToken({ ...options, certificates: [] })
    if (lie === 'injected-certificates') {
      return timestampToken({ ...options, certificates: [spoofed.der, by.der, derSequence(), intermediate.der] })
    }
    // Signed by one key, and named and identified as another of the same CA.
    if (lie === 'wrong-certificate') {
      return timestampToken({
        ...options,
        named: another,
        identified: another,
        certificates: [another.der, intermediate.der],
      })
    }
    return timestampToken(options)
  }

  function answer(body: Uint8Array, response: ServerResponse): void {
    const reply = (bytes: Uint8Array, status = good, type = 'application/timestamp-reply') =>
      response.writeHead(status, { 'content-type': type }).end(bytes)
    if (lie === 'stalling') return
    if (lie === 'server-error') reply(Buffer.from('busy'), 503, 'text/plain')
    else if (lie === 'redirect') response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end()
    else if (lie === 'html') reply(Buffer.from('<html>sign in</html>'), 200, 'text/html')
    else if (lie === 'not-der') reply(randomBytes(100))
    else if (lie === 'rejection') reply(timestampResponse(null, 2, 0))
    else if (lie === 'unavailable') reply(timestampResponse(null, 2, 14))
    else if (lie === 'oversized') {
      response.writeHead(200, { 'content-type': 'application/timestamp-reply' })
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536))) continue
        if (!response.destroyed) response.once('drain', more)
      }
      more()
    } else {
      const request = parseTimestampRequest(body)
      reply(request === null ? timestampResponse(null, 2, 5) : timestampResponse(tokenFor(request)))
    }
  }

  const server = createServer((request, response) => {
    requests++
    void bodyOf(request).then((body) => answer(body, response))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    root: root.der,
    intermediate: intermediate.der,
    certificate: signer.der,
    get requests() {
      return requests
    },
    lie(now) {
      lie = now
    },
    async close() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return new Uint8Array(Buffer.concat(parts))
}

/** What of a request (RFC 3161 §2.4.1) an answer repeats; null for one that cannot be read. */
export function parseTimestampRequest(body: Uint8Array): { imprint: Uint8Array; nonce: Uint8Array | null } | null {
  try {
    const reader = new DerReader(
      parseDer(body, 'the request', 'anchor-invalid').der,
      'the request',
      'anchor-invalid',
    ).sequence()
    if (reader.number(1) !== 1) return null
    const wanted = reader.sequence()
    wanted.next(TAG.sequence)
    const imprint = wanted.octets()
    reader.optional(TAG.oid)
    const nonce = reader.optional(TAG.integer)?.content ?? null
    reader.flag()
    reader.end()
    return { imprint, nonce }
  } catch {
    return null
  }
}
