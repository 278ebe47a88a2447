import { createRequire } from 'node:module'
import type { IncomingMessage, RequestOptions } from 'node:http'
import type { Fetch } from '@countersign/client'

// Not imported: an import reads every export of a module, and one of these loads all that `fetch` needs, 60 ms of it.
const require = createRequire(import.meta.url)

/**
 * What a client needs of `fetch`, by Node's own HTTP: a command that asks a server something is over before `fetch` would
 * be loaded. Follows no redirect; unpacks gzip, and asks for nothing else.
 */
export const httpFetch: Fetch = (address, { method, headers, body, signal }) =>
  new Promise((done, failed) => {
    const options = { method, headers: { ...headers, 'accept-encoding': 'gzip' }, signal }
    const asked = requestFor(address)(address, options, (answer) => {
      done({ status: answer.statusCode!, headers: headersOf(answer), body: bodyOf(answer, signal) })
    })
    asked.on('error', (error) => failed(signal.aborted ? signal.reason : error))
    asked.end(body)
  })

type Send = (url: string, options: RequestOptions, answered: (answer: IncomingMessage) => void) => ClientRequest
type ClientRequest = import('node:http').ClientRequest

function requestFor(address: string): Send {
  return (require(address.startsWith('https:') ? 'node:https' : 'node:http') as { request: Send }).request
}

function headersOf({ headers }: IncomingMessage): { get(name: string): string | null } {
  return {
    get(name) {
      const value = headers[name.toLowerCase()]
      return value === undefined ? null : String(value)
    },
  }
}

async function* bodyOf(answer: IncomingMessage, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* unpacked(answer)
  } catch (error) {
    // Cut off, it says that the connection was reset.
    throw signal.aborted ? signal.reason : error
  } finally {
    answer.destroy()
  }
}

function unpacked(answer: IncomingMessage): AsyncIterable<Uint8Array> {
  const coding = answer.headers['content-encoding'] ?? 'identity'
  if (coding === 'identity') return answer
  if (coding !== 'gzip') throw new Error('an encoding that was not asked for')
  const { createGunzip } = require('node:zlib') as typeof import('node:zlib')
  const { pipeline } = require('node:stream') as typeof import('node:stream')
  // What fails on either side is thrown to whoever reads.
  return pipeline(answer, createGunzip(), () => undefined)
}
