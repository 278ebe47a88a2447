import { connect } from 'node:http2'
import { createConnection } from 'node:net'
import { concat, utf8 } from '@countersign/core'
import type { Environment } from '@countersign/record'
import type { IdentityTokens } from '@countersign/sign'
import { isToken, unavailable } from './identity-http.ts'

const FIX =
  'Mount the socket of the SPIFFE agent, set SPIFFE_ENDPOINT_SOCKET=unix:///path/to/it, and register the workload.'
const MAX_ANSWER_BYTES = 262_144

/** SPIFFE: a JWT-SVID from the Workload API (SPIFFE Workload API, §6.2.1), gRPC over the unix socket that is named. */
export function spiffeTokens(environment: Environment, timeoutMs = 10_000): IdentityTokens {
  return {
    system: 'spiffe',
    audience: null,
    renewable: true,
    repeats: true,
    async token(audience) {
      const path = /^unix:(?:\/\/)?(\/.+)$/.exec(environment['SPIFFE_ENDPOINT_SOCKET'] ?? '')?.[1]
      if (path === undefined) throw unavailable('SPIFFE_ENDPOINT_SOCKET names no unix socket', FIX)
      // JWTSVIDRequest: audience = 1.
      const message = await call(path, '/SpiffeWorkloadAPI/FetchJWTSVID', member(1, utf8(audience)), timeoutMs)
      // JWTSVIDResponse: svids = 1; JWTSVID: svid = 2. The first is the one to use where several are registered.
      const first = field(message, 1)
      const token = first === null ? '' : Buffer.from(field(first, 2) ?? []).toString('utf8')
      if (!isToken(token)) throw unavailable('the SPIFFE agent answered something else than a token', FIX)
      return token
    },
  }
}

/** One unary call of gRPC (PROTOCOL-HTTP2); resolves with the first message. */
function call(socket: string, method: string, request: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const session = connect('http://localhost', { createConnection: () => createConnection(socket) })
    const fail = (what: string) => {
      reject(unavailable(`the SPIFFE agent gave no token: ${what}`, FIX))
      session.destroy()
    }
    const timer = setTimeout(() => fail('no answer in time'), timeoutMs)
    session.once('close', () => clearTimeout(timer))
    session.once('error', () => fail('its socket does not answer'))
    const stream = session.request({
      ':method': 'POST',
      ':path': method,
      'content-type': 'application/grpc',
      te: 'trailers',
      // Without it the agent refuses: whoever is made to fetch a URL cannot set it.
      'workload.spiffe.io': 'true',
    })
    const parts: Buffer[] = []
    let size = 0
    let status: unknown
    stream.on('response', (headers) => (status = headers['grpc-status']))
    stream.on('trailers', (headers) => (status = headers['grpc-status']))
    stream.on('error', () => fail('its socket does not answer'))
    stream.on('data', (part: Buffer) => {
      size += part.length
      if (size > MAX_ANSWER_BYTES) return fail('its answer is too long')
      parts.push(part)
    })
    stream.on('end', () => {
      const answer = Buffer.concat(parts)
      const length = answer.length < 5 ? -1 : answer.readUInt32BE(1)
      if (status !== '0') return fail(status === '7' ? 'this workload is not registered' : 'it refused')
      if (length < 0 || answer[0] !== 0 || answer.length < 5 + length) return fail('its answer is cut off')
      resolve(new Uint8Array(answer.subarray(5, 5 + length)))
      session.close()
    })
    const head = Buffer.alloc(5)
    head.writeUInt32BE(request.length, 1)
    stream.end(Buffer.concat([head, request]))
  })
}

/** A length-delimited member of a protobuf message. */
function member(number: number, bytes: Uint8Array): Uint8Array {
  const { length } = bytes
  const size = length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >> 7]
  return concat(Uint8Array.of((number << 3) | 2, ...size), bytes)
}

/** The first member of that number, which must be length-delimited; null where there is none, or nothing readable. */
function field(message: Uint8Array, number: number): Uint8Array | null {
  let at = 0
  const varint = () => {
    let value = 0
    for (let scale = 1; scale <= 2 ** 28; scale *= 128) {
      const byte = message[at++] ?? 0
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
    return Number.NaN
  }
  while (at < message.length) {
    const tag = varint()
    if (tag % 8 !== 2) return null
    const length = varint()
    if (!(length <= message.length - at)) return null
    if (Math.floor(tag / 8) === number) return message.subarray(at, at + length)
    at += length
  }
  return null
}
