import { lookup as lookupByHosts, Resolver } from 'node:dns/promises'
import { type ClientRequest, type IncomingMessage, request as requestInClear } from 'node:http'
import { request as requestByTls } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { CodedError } from '@countersign/core'
import { reasonOf } from './http.ts'
import { isInsideAddress, isPublicAddress } from './public-address.ts'

/** The addresses of a host. */
export type Resolve = (host: string) => Promise<readonly string[]>

/** Hosts inside that the operator lets requests go to, each as `HOST` or `HOST:PORT`, in lower case. */
export type AllowedHosts = readonly string[]

export interface OutboundPost {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** From the look-up of the host to the status; milliseconds. */
  readonly timeoutMs: number
  readonly allowed: AllowedHosts
  readonly resolve?: Resolve
}

export interface Posted {
  readonly status: number
  /** As the `Retry-After` header says, in milliseconds; null where it says nothing that can be read. */
  readonly retryAfterMs: number | null
}

const MAX_URL = 2_000
const LOCALHOST = ['127.0.0.1', '::1']

/**
 * A URL that somebody who may not reach into the house gives us to send to: https, a host, a port, a path and a query,
 * and nothing that is a secret of its own. Plain http only to allowed hosts. Throws `address-refused`.
 */
export function outboundUrl(text: string, allowed: AllowedHosts): URL {
  const url = text.length > MAX_URL ? null : URL.parse(text)
  if (url === null) throw refused('the address is not a URL')
  if (url.username !== '' || url.password !== '') throw refused('the address holds a user or a password')
  if (url.hash !== '') throw refused('the address has a fragment, which is never sent')
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isAllowed(url, allowed))) {
    throw refused('the address is not https')
  }
  if (url.hostname === '') throw refused('the address has no host')
  return url
}

/**
 * The addresses that a URL leads to, each of which may be connected to: one that may not be spoils them all, for which is
 * taken is not for us to say. Throws `address-refused`, and `service-unreachable` where the host has none.
 */
export async function outboundAddresses(
  url: URL,
  allowed: AllowedHosts,
  resolve: Resolve = resolveByDns,
): Promise<readonly string[]> {
  const inside = isAllowed(url, allowed)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const addresses = isIP(host) === 0 ? await named(host, inside, resolve) : [host]
  const may = inside ? isInsideAddress : isPublicAddress
  // Not which: what a name of the house resolves to is nobody's business outside.
  if (!addresses.every(may)) throw refused(`${url.hostname} is not on the public internet`)
  return addresses
}

/**
 * Sends a POST request to whoever somebody named, and gives the status; nothing of the answer is read. The addresses are
 * looked up once, checked, and connected to as they were checked, so that no second look-up brings others (T-89); redirects
 * are not followed, and no proxy is asked. Throws `address-refused` and `service-unreachable`, neither of which says what
 * was sent.
 */
export async function outboundPost(post: OutboundPost): Promise<Posted> {
  const { url, allowed, timeoutMs } = post
  const signal = AbortSignal.timeout(timeoutMs)
  const addresses = await within(outboundAddresses(outboundUrl(url.href, allowed), allowed, post.resolve), signal, url)
  try {
    return await send(post, pinned(addresses), signal)
  } catch (error) {
    throw unreachable(url, signal.aborted ? 'no answer in time' : reasonOf(error))
  }
}

function send({ url, headers, body }: OutboundPost, lookup: LookupFunction, signal: AbortSignal): Promise<Posted> {
  return new Promise((done, failed) => {
    const options = {
      method: 'POST',
      headers: { ...headers, 'content-length': String(body.length) },
      lookup,
      signal,
      // A connection for itself: none is kept that was checked for another.
      agent: false as const,
      maxHeaderSize: 16 * 1024,
    }
    const answered = (answer: IncomingMessage) => {
      const retryAfterMs = secondsOf(answer.headers['retry-after'])
      answer.destroy()
      done({ status: answer.statusCode ?? 0, retryAfterMs })
    }
    const asked: ClientRequest =
      url.protocol === 'https:' ? requestByTls(url, options, answered) : requestInClear(url, options, answered)
    asked.on('error', failed)
    asked.end(body)
  })
}

/** Gives what was checked, whatever is asked for. */
function pinned(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_host, options, answer) => {
    if (options.all === true) answer(null, all)
    else answer(null, all[0]!.address, all[0]!.family)
  }
}

async function named(host: string, inside: boolean, resolve: Resolve): Promise<readonly string[]> {
  if (inside && host === 'localhost') return LOCALHOST
  let addresses: readonly string[]
  try {
    addresses = await resolve(host)
    // What only this machine's own files know.
    if (addresses.length === 0 && inside) addresses = await resolveByHosts(host)
  } catch (error) {
    throw new CodedError('service-unreachable', `${host} has no address: ${reasonOf(error)}`)
  }
  if (addresses.length === 0) throw new CodedError('service-unreachable', `${host} has no address`)
  return addresses
}

/** By the network alone: the machine's own resolver would hold a thread for as long as a name server takes its time. */
const resolveByDns: Resolve = async (host) => {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 })
  const found = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
  return found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
}

async function resolveByHosts(host: string): Promise<readonly string[]> {
  return (await lookupByHosts(host, { all: true, verbatim: true })).map(({ address }) => address)
}

function isAllowed({ hostname, port, protocol }: URL, allowed: AllowedHosts): boolean {
  const own = port === '' ? (protocol === 'https:' ? '443' : '80') : port
  return allowed.includes(hostname) || allowed.includes(`${hostname}:${own}`)
}

async function within<T>(work: Promise<T>, signal: AbortSignal, url: URL): Promise<T> {
  const late = new Promise<never>((_, fail) => {
    const end = () => fail(unreachable(url, 'no answer in time'))
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
  return await Promise.race([work, late])
}

function secondsOf(header: string | undefined): number | null {
  return header !== undefined && /^[0-9]{1,6}$/.test(header) ? Number(header) * 1000 : null
}

function refused(what: string): CodedError {
  return new CodedError('address-refused', what)
}

function unreachable({ host }: URL, reason: string): CodedError {
  return new CodedError('service-unreachable', `${host} did not answer: ${reason}`)
}
