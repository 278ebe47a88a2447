import { CodedError } from '@countersign/core'
import type { NoteKey } from '@countersign/formats'
import type { Witness, WitnessAnswer } from '@countersign/log'

/** Longest time for one request, answer included; milliseconds. */
const TIMEOUT_MS = 5_000
/** An answer is a hundred signature lines at most. */
const MAX_ANSWER_BYTES = 65_536

export interface HttpWitnessOptions {
  readonly key: NoteKey
  /** Submission prefix (C2SP tlog-witness): `https`, or `http` to this machine only. */
  readonly url: string
  readonly fetch?: typeof fetch
  /** Milliseconds, 5,000 by default. */
  readonly timeoutMs?: number
}

/** A witness over HTTP (C2SP tlog-witness). Redirects are not followed. Throws `policy-invalid` for its URL. */
export function httpWitness({ key, url, ...options }: HttpWitnessOptions): Witness {
  const target = `${prefixOf(url, key.name)}/add-checkpoint`
  const send = options.fetch ?? fetch
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS
  return {
    key,
    async addCheckpoint(body) {
      const signal = AbortSignal.timeout(timeoutMs)
      try {
        const response = await send(target, {
          method: 'POST',
          headers: { 'content-type': 'text/plain; charset=utf-8' },
          body: body as Uint8Array<ArrayBuffer>,
          // A redirect could lead to what only this machine can reach (T-89).
          redirect: 'manual',
          signal,
        })
        return await answerOf(response, key.name)
      } catch (cause) {
        if (cause instanceof CodedError) throw cause
        throw new CodedError('server-unreachable', `the witness ${key.name} did not answer: ${reasonOf(cause)}`, {
          fix: 'Check the URL in the policy and the network; it is asked again.',
          cause,
        })
      }
    },
  }
}

async function answerOf(response: Response, name: string): Promise<WitnessAnswer> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    // Counted after unpacking: a small body can unpack to an endless one (T-71).
    if (size > MAX_ANSWER_BYTES) {
      throw new CodedError('server-answer', `the answer of the witness ${name} exceeds ${MAX_ANSWER_BYTES} bytes`)
    }
    parts.push(part)
  }
  const { status, headers } = response
  return { status, type: headers.get('content-type') ?? '', body: new Uint8Array(Buffer.concat(parts)) }
}

function prefixOf(text: string, name: string): string {
  const invalid = (what: string) => new CodedError('policy-invalid', `the URL of the witness ${name} ${what}`)
  const url = URL.parse(text)
  if (url === null) throw invalid('is not a URL')
  const plain = url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (!plain) throw invalid('has more than a host and a path')
  const loopback = /^(localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/.test(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback)) {
    throw invalid('is not https; plain http is for a witness on this machine')
  }
  return url.origin + url.pathname.replace(/\/+$/, '')
}

function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'no answer in time'
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return /^[A-Z0-9_]{1,60}$/.test(code) ? code : 'the request failed'
}
