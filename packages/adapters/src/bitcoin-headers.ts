import { CodedError, type Crypto, fromHex, hex, isHex } from '@countersign/core'
import { BITCOIN_HEADER_BYTES } from '@countersign/formats/anchor'
import { type OtsAnswer, type OtsHttpOptions, type OtsService, otsService } from './ots-http.ts'

/** An answer is a header or less; a node's `chaininfo` is the largest of them. */
const MAX_ANSWER_BYTES = 16_384

/** Somebody who knows the headers of a chain. What he says is hostile: two of them must agree. */
export interface BitcoinHeaderSource {
  readonly name: string
  /**
   * Headers from a height on, 80 bytes each, as many of `count` as his chain has; none beyond its end. Throws
   * `anchor-unreachable`.
   */
  headers(height: number, count: number): Promise<readonly Uint8Array[]>
  /** Height of his newest block. Throws `anchor-unreachable`. */
  tip(): Promise<number>
}

export interface BitcoinHeaderOptions extends OtsHttpOptions {
  /** `https`, or `http` to this machine only. */
  readonly url: string
  readonly crypto: Pick<Crypto, 'sha256'>
}

/** Headers from an Esplora API, such as `https://blockstream.info/api` or `https://mempool.space/api`. Throws `usage`. */
export function esploraHeaders(options: BitcoinHeaderOptions): BitcoinHeaderSource {
  const service = otsService(options.url, 'a source of headers', options)
  return sourceOf(service, options.crypto, {
    hash: (height) => `/block-height/${height}`,
    header: (hash) => `/block/${hash}/header`,
    async tip() {
      return textOf(service, await service.ask('/blocks/tip/height', MAX_ANSWER_BYTES))
    },
  })
}

/** Headers from the REST interface of a Bitcoin Core node (`-rest=1`), such as `http://127.0.0.1:8332`. Throws `usage`. */
export function coreHeaders(options: BitcoinHeaderOptions): BitcoinHeaderSource {
  const service = otsService(options.url, 'a source of headers', options)
  return sourceOf(service, options.crypto, {
    hash: (height) => `/rest/blockhashbyheight/${height}.hex`,
    header: (hash) => `/rest/headers/1/${hash}.hex`,
    async tip() {
      const text = textOf(service, await service.ask('/rest/chaininfo.json', MAX_ANSWER_BYTES))
      return /"blocks":\s*(\d+)/.exec(text)?.[1] ?? ''
    },
  })
}

/**
 * The headers that enough sources agree on, from a height on: two of them, or the one that there is. Empty where they
 * agree that there is no such block yet. A source that does not answer stops nobody. Throws `anchor-unreachable` where
 * too few answer, or they differ on the first.
 */
export async function agreedHeaders(
  sources: readonly BitcoinHeaderSource[],
  height: number,
  count: number,
  deadlineMs: number,
): Promise<readonly Uint8Array[]> {
  const needed = Math.min(2, sources.length)
  const asked = sources.map((source) => withDeadline(source.headers(height, count), deadlineMs, source.name))
  const settled = await Promise.allSettled(asked)
  const runs = settled.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
  if (needed === 0 || runs.length < needed) {
    const reasons = settled.flatMap((answer) => (answer.status === 'rejected' ? [whatOf(answer.reason)] : []))
    throw new CodedError('anchor-unreachable', `too few sources of headers answered: ${reasons.join('; ')}`)
  }
  for (let length = count; length > 0; length--) {
    const votes = new Map<string, number>()
    for (const run of runs) {
      if (run.length < length) continue
      const text = run.slice(0, length).map(hex).join('')
      votes.set(text, (votes.get(text) ?? 0) + 1)
    }
    const agreed = [...votes].find(([, number]) => number >= needed)
    if (agreed !== undefined) return headersIn(fromHex(agreed[0]))
  }
  if (runs.filter((run) => run.length === 0).length >= needed) return []
  throw new CodedError('anchor-unreachable', `the sources of headers do not agree on block ${height}`)
}

interface Routes {
  hash(height: number): string
  header(hash: string): string
  tip(): Promise<string>
}

function sourceOf(service: OtsService, crypto: Pick<Crypto, 'sha256'>, routes: Routes): BitcoinHeaderSource {
  async function header(height: number): Promise<Uint8Array | null> {
    const named = await service.ask(routes.hash(height), MAX_ANSWER_BYTES)
    if (named.status === 404) return null
    const hash = textOf(service, named)
    if (!isHex(hash, 64)) throw wrong(service, `no hash of block ${height}`)
    const text = textOf(service, await service.ask(routes.header(hash), MAX_ANSWER_BYTES))
    if (!isHex(text, 2 * BITCOIN_HEADER_BYTES)) throw wrong(service, `no header of block ${height}`)
    const bytes = fromHex(text)
    if (hex(crypto.sha256(crypto.sha256(bytes)).toReversed()) !== hash) {
      throw wrong(service, `another header than it names for block ${height}`)
    }
    return bytes
  }
  return {
    name: service.name,
    async headers(height, count) {
      const found: Uint8Array[] = []
      while (found.length < count) {
        const next = await header(height + found.length)
        if (next === null) break
        found.push(next)
      }
      return found
    },
    async tip() {
      const text = await routes.tip()
      if (!/^\d{1,9}$/.test(text)) throw wrong(service, 'no height of its newest block')
      return Number(text)
    },
  }
}

function headersIn(bytes: Uint8Array): Uint8Array[] {
  const count = bytes.length / BITCOIN_HEADER_BYTES
  return Array.from({ length: count }, (_, i) => bytes.slice(i * BITCOIN_HEADER_BYTES, (i + 1) * BITCOIN_HEADER_BYTES))
}

function textOf(service: OtsService, { status, body }: OtsAnswer): string {
  if (status !== 200) throw wrong(service, `status ${status}`)
  return new TextDecoder().decode(body).trim()
}

function wrong({ name }: OtsService, what: string): CodedError {
  return new CodedError('anchor-unreachable', `${name} answered with ${what}`)
}

function whatOf(error: unknown): string {
  return error instanceof CodedError ? error.what : 'an unexpected error'
}

/** Each request of a source has its time; one that takes all of it, for each of them, does not hold the others up. */
async function withDeadline<T>(asked: Promise<T>, deadlineMs: number, name: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new CodedError('anchor-unreachable', `${name} did not answer: no answer in time`)),
      deadlineMs,
    )
  })
  try {
    return await Promise.race([asked, late])
  } finally {
    clearTimeout(timer)
  }
}
