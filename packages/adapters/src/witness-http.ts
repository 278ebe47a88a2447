import { CodedError } from '@countersign/core'
import type { NoteKey } from '@countersign/formats'
import type { Witness } from '@countersign/log'
import { addressIn, ask } from './http.ts'

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
  const { fetch, timeoutMs = TIMEOUT_MS } = options
  return {
    key,
    async addCheckpoint(body) {
      const headers = [['content-type', 'text/plain; charset=utf-8']] as const
      const answer = await ask(
        target,
        { method: 'POST', headers, body },
        {
          name: `the witness ${key.name}`,
          timeoutMs,
          maxBytes: MAX_ANSWER_BYTES,
          ...(fetch === undefined ? {} : { fetch }),
          fault: (what, why) =>
            why === 'too-large'
              ? new CodedError('server-answer', what)
              : new CodedError('server-unreachable', what, {
                  fix: 'Check the URL in the policy and the network; it is asked again.',
                }),
        },
      )
      return { status: answer.status, type: answer.headers.get('content-type') ?? '', body: answer.body }
    },
  }
}

function prefixOf(text: string, name: string): string {
  const url = addressIn(text, { path: true })
  if (typeof url === 'string') throw new CodedError('policy-invalid', `the URL of the witness ${name} ${url}`)
  return url.origin + url.pathname.replace(/\/+$/, '')
}
