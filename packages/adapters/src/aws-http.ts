import { CodedError } from '@countersign/core'
import { type Answer, addressIn, ask, type Question } from './http.ts'
import { type KmsCodes, MAX_KMS_BYTES } from './kms-door.ts'

/** Longest time for one request, answer included; milliseconds. */
export const AWS_TIMEOUT_MS = 5_000

export interface AwsHttp {
  readonly fetch: typeof fetch
  readonly timeoutMs: number
  readonly codes: KmsCodes
}

/**
 * One request and its bounded answer, whatever its status. Redirects are not followed. Throws `unreachable` of its
 * codes, which says the host and never what was sent.
 */
export async function askAws(url: URL, question: Question, { fetch, timeoutMs, codes }: AwsHttp): Promise<Answer> {
  const fault = (what: string) => unreachable(what, codes)
  return ask(url, question, { fetch, timeoutMs, maxBytes: MAX_KMS_BYTES, fault })
}

/** `https`, or `http` to this machine; a host and nothing else. Throws `invalid` of its codes. */
export function awsEndpoint(text: string, codes: KmsCodes): URL {
  const url = addressIn(text, { path: false })
  if (typeof url === 'string') throw new CodedError(codes.invalid, `the endpoint of AWS KMS ${url}`)
  return url
}

export function unreachable(what: string, codes: KmsCodes): CodedError {
  return new CodedError(codes.unreachable, what)
}
