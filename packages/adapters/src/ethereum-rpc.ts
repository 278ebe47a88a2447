import { CodedError, fromHex, type JsonObject, type JsonValue, parseJson } from '@countersign/core'
import { boundedBytes, isLoopback, reasonOf } from './http.ts'

/** Longest time for one request, answer included; milliseconds. */
const TIMEOUT_MS = 10_000
/** Most bytes of an answer, but for a whole block. */
const MAX_ANSWER_BYTES = 1 << 20
/** A block of 60 million gas is 6 MB of calldata at most: twice that in hex, and its fields. */
export const MAX_BLOCK_BYTES = 1 << 25

/** What an Ethereum node answered instead of a result. */
export class RpcRefusal extends Error {
  readonly host: string

  constructor(host: string, error: JsonValue) {
    const { code, message } = isObject(error) ? error : {}
    // Somebody else's words: only what cannot hide an address, an escape or a key.
    const words = typeof message === 'string' ? message.replace(/[^A-Za-z0-9 .,()'-]/g, ' ').slice(0, 120) : ''
    const number = typeof code === 'number' ? ` (${code})` : ''
    super(`${words.replace(/[A-Za-z0-9]{24,}/g, '…') || 'an error'}${number}`)
    this.host = host
  }
}

export function unreachable(what: string, cause?: unknown): CodedError {
  return new CodedError('anchor-unreachable', what, cause === undefined ? {} : { cause })
}

/** JSON-RPC of one Ethereum node. */
export interface EthereumRpc {
  /** For people: host and port. The rest of the URL may hold a key, and is never said. */
  readonly host: string
  /** The result, which is hostile. Throws `anchor-unreachable`, and {@link RpcRefusal} for an error that the node returned. */
  call(method: string, params: readonly JsonValue[], maxBytes?: number): Promise<JsonValue>
}

export interface EthereumRpcOptions {
  readonly fetch?: typeof fetch
  /** Milliseconds, 10,000 by default. */
  readonly timeoutMs?: number
}

/** A node at a URL: `https`, or `http` on this machine. Redirects are not followed. Throws `anchor-refused` for its URL. */
export function httpRpc(address: string, options: EthereumRpcOptions = {}): EthereumRpc {
  const url = urlOf(address)
  const send = options.fetch ?? fetch
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS
  return {
    host: url.host,
    async call(method, params, maxBytes = MAX_ANSWER_BYTES) {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
      const signal = AbortSignal.timeout(timeoutMs)
      let answer: JsonValue
      try {
        const headers = { 'content-type': 'application/json', accept: 'application/json' }
        // A redirect could lead to what only this machine can reach (T-89).
        const response = await send(url, { method: 'POST', headers, body, redirect: 'manual', signal })
        if (response.status !== 200) {
          await response.body?.cancel()
          throw unreachable(`${url.host} answered with status ${response.status}`)
        }
        const bytes = await boundedBytes(response, maxBytes)
        if (bytes === null) throw unreachable(`the answer of ${url.host} exceeds ${maxBytes} bytes`)
        answer = parseJson(bytes, { maxBytes })
      } catch (error) {
        if (error instanceof CodedError && error.code === 'anchor-unreachable') throw error
        // The cause names the URL: it stays here.
        const reason = error instanceof CodedError ? error.code : reasonOf(error)
        throw unreachable(`${url.host} did not answer ${method}: ${reason}`)
      }
      if (!isObject(answer) || !('result' in answer || 'error' in answer)) {
        throw unreachable(`${url.host} answered ${method} with something else than JSON-RPC`)
      }
      if (answer['error'] !== undefined && answer['error'] !== null) throw new RpcRefusal(url.host, answer['error'])
      return answer['result'] ?? null
    },
  }
}

function urlOf(text: string): URL {
  const invalid = (what: string) =>
    new CodedError('anchor-refused', `the URL of an Ethereum node ${what}`, { fix: 'Correct the setting.' })
  const url = URL.parse(text)
  if (url === null) throw invalid('is not a URL')
  if (url.username !== '' || url.password !== '' || url.hash !== '') throw invalid('has a user name or a fragment')
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url))) {
    throw invalid(`at ${url.host} is not https; plain http is for a node on this machine`)
  }
  return url
}

/** Several nodes, none of which is believed alone (T-83). */
export class EthereumNodes {
  readonly rpcs: readonly EthereumRpc[]
  readonly #graceMs: number

  /**
   * When two have answered, the others have `graceMs` left: one that stalls holds nothing up. Throws `anchor-refused`
   * for less than two hosts.
   */
  constructor(rpcs: readonly EthereumRpc[], graceMs: number) {
    if (rpcs.length < 2 || new Set(rpcs.map(({ host }) => host)).size !== rpcs.length) {
      throw new CodedError('anchor-refused', 'an Ethereum anchor needs at least two nodes, each on a host of its own', {
        fix: 'Give the URLs of at least two nodes that do not belong together.',
      })
    }
    this.rpcs = rpcs
    this.#graceMs = graceMs
  }

  /** What all that answer say, two at least. Throws `anchor-unreachable`. */
  async every<T>(what: string, read: (rpc: EthereumRpc) => Promise<T>): Promise<[T, ...T[]]> {
    const answers: T[] = []
    const reasons: unknown[] = []
    await new Promise<void>((resolve) => {
      let grace: NodeJS.Timeout | null = null
      const settled = () => {
        if (answers.length + reasons.length === this.rpcs.length) {
          clearTimeout(grace ?? undefined)
          resolve()
        } else if (answers.length === 2) grace ??= setTimeout(resolve, this.#graceMs)
      }
      for (const rpc of this.rpcs) {
        read(rpc)
          .then(
            (answer) => answers.push(answer),
            (error: unknown) => reasons.push(error),
          )
          .then(settled, settled)
      }
    })
    if (answers.length >= 2) return [...answers] as unknown as [T, ...T[]]
    throw unreachable(`less than two nodes told ${what}: ${reasons.map(messageOf).join('; ')}`)
  }

  /** What all that answer agree on, two at least: what one says and another does not never counts. Throws `anchor-unreachable`. */
  async agreed<T>(what: string, read: (rpc: EthereumRpc) => Promise<T>): Promise<T> {
    const answers = await this.every(what, async (rpc) => ({ host: rpc.host, told: await read(rpc) }))
    const [first] = answers
    const other = answers.find(({ told }) => spell(told) !== spell(first.told))
    if (other === undefined) return first.told
    throw unreachable(`${first.host} and ${other.host} do not agree on ${what}`)
  }
}

function spell(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part))
}

export function messageOf(error: unknown): string {
  if (error instanceof CodedError) return error.what
  if (error instanceof RpcRefusal) return `${error.host} refused: ${error.message}`
  throw error
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const nonsense = (what: string) => unreachable(`a node told something else than ${what}`)

/** Whole number in hex with `0x`, as JSON-RPC has it. Throws `anchor-unreachable`. */
export function quantity(value: JsonValue | undefined, what: string): bigint {
  if (typeof value !== 'string' || !/^0x[0-9a-fA-F]{1,64}$/.test(value)) throw nonsense(what)
  return BigInt(value)
}

/** {@link quantity} up to 2^53 − 1. */
export function count(value: JsonValue | undefined, what: string): number {
  const number = quantity(value, what)
  if (number > BigInt(Number.MAX_SAFE_INTEGER)) throw nonsense(what)
  return Number(number)
}

/** Bytes in hex with `0x`; with `length`, exactly that many. Throws `anchor-unreachable`. */
export function data(value: JsonValue | undefined, what: string, length?: number): Uint8Array {
  if (typeof value !== 'string' || !value.startsWith('0x') || value.length % 2 !== 0) throw nonsense(what)
  const digits = value.slice(2).toLowerCase()
  if (/[^0-9a-f]/.test(digits) || (length !== undefined && digits.length !== 2 * length)) throw nonsense(what)
  return fromHex(digits)
}

/** An object, or null where the node knows of none. Throws `anchor-unreachable`. */
export function objectOrNull(value: JsonValue, what: string): JsonObject | null {
  if (value !== null && !isObject(value)) throw nonsense(what)
  return value
}
