import { printable } from './plain.ts'
import { csrf, token } from './session.ts'

/** What the server says where it does not do as asked (RFC 9457). */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly what: string
  readonly why: string
  readonly fix: string

  constructor(status: number, { code, what, why, fix }: { code: string; what: string; why: string; fix: string }) {
    super(`${code}: ${what}`)
    this.status = status
    this.code = code
    this.what = what
    this.why = why
    this.fix = fix
  }
}

const UNREACHABLE = {
  code: 'server-unreachable',
  what: 'the server does not answer',
  why: 'The request did not come through.',
  fix: 'See whether the server runs and the network is up, then try again.',
}

/** Told where somebody turns out not to be signed in any longer. */
let onSignedOut: () => void = () => undefined
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener
}

interface Asked {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly body?: unknown
  readonly signal?: AbortSignal
  readonly accept?: string
}

/** Asks the server. Throws `Problem`, and what an aborted fetch throws. */
export async function ask(path: string, { method = 'GET', body, signal, accept }: Asked = {}): Promise<Response> {
  const headers = new Headers(accept === undefined ? {} : { accept })
  if (token.value !== null) headers.set('authorization', `Bearer ${token.value}`)
  if (method !== 'GET' && csrf.value !== null) headers.set('x-countersign-csrf', csrf.value)
  if (body !== undefined) headers.set('content-type', 'application/json')
  let response: Response
  try {
    response = await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      // What the log shows now is held against what it showed before: an answer that was kept would be neither.
      cache: 'no-store',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (error) {
    if (signal?.aborted === true) throw error
    throw new Problem(0, UNREACHABLE)
  }
  if (response.ok) return response
  const problem = await problemIn(response)
  if (problem.status === 401) onSignedOut()
  throw problem
}

/** JSON from the server. Names in it are the signers' own words: none of them changes what is seen around it (T-92). */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await ask(path, { accept: 'application/json', ...(signal === undefined ? {} : { signal }) })
  return jsonIn(await response.text()) as T
}

function jsonIn(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) => (typeof value === 'string' ? printable(value) : value))
}

/** Bytes from the server. */
export async function getBytes(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  const response = await ask(path, signal === undefined ? {} : { signal })
  return new Uint8Array(await response.arrayBuffer())
}

/** Does something at the server; its answer, null where that is empty. */
export async function send<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body: unknown = {}): Promise<T | null> {
  const response = await ask(path, { method, body })
  const text = await response.text()
  return text === '' ? null : (jsonIn(text) as T)
}

async function problemIn(response: Response): Promise<Problem> {
  const text = (value: unknown, otherwise: string) => (typeof value === 'string' ? value : otherwise)
  const body = (await response
    .text()
    .then(jsonIn, () => null)
    .catch(() => null)) as Record<string, unknown> | null
  return new Problem(response.status, {
    code: text(body?.['code'], 'server-answer'),
    what: text(body?.['detail'], `the server answered ${response.status}`),
    why: text(body?.['why'], 'It gave no reason.'),
    fix: text(body?.['fix'], 'Try again, and look into the log of the server.'),
  })
}
