import { base64, CodedError, utf8 } from '@countersign/core'
import { addressIn, type Answer, ask, hostOf, isLoopback, membersOf, type Question } from './http.ts'

/** Longest time for one request, answer included; milliseconds. */
const TIMEOUT_MS = 60_000
const MAX_TOKEN_BYTES = 1 << 16
const MAX_REDIRECTS = 3

export interface OciCredentials {
  readonly username: string
  readonly password: string
}

export interface OciHttpOptions {
  /** Null asks as nobody. What has to be looked for is, once a registry asks who we are. */
  readonly credentials: OciCredentials | null | (() => Promise<OciCredentials | null>)
  readonly timeoutMs?: number
  readonly fetch?: typeof fetch
}

/**
 * Requests to one registry, under a token that is asked for once it demands one (distribution-spec, docker token
 * authentication). Credentials and tokens go to the registry, and where its own challenge says; never where a redirect
 * leads. Throws `service-unreachable`, `service-answer` and `service-refused`.
 */
export class OciHttp {
  readonly #origin: string
  readonly #options: OciHttpOptions
  #authorization: string | null = null

  constructor(origin: string, options: OciHttpOptions) {
    this.#origin = origin
    this.#options = options
  }

  get host(): string {
    return hostOf(this.#origin)
  }

  /** An answer of any status but those that ask who we are. */
  async request(path: string, question: Question, maxBytes: number): Promise<Answer> {
    const url = new URL(path, this.#origin)
    if (url.origin !== this.#origin) throw this.answered('led to another place')
    const first = await this.#send(url, this.#signed(question), maxBytes)
    if (first.status !== 401) return this.#allowed(first)
    this.#authorization = await this.#authorize(first.headers.get('www-authenticate') ?? '')
    return this.#allowed(await this.#send(url, this.#signed(question), maxBytes))
  }

  /** The same of what may lie elsewhere: a redirect is followed as nobody, over https, a few times. */
  async download(path: string, maxBytes: number): Promise<Answer> {
    let answer = await this.request(path, {}, maxBytes)
    let from = new URL(path, this.#origin)
    for (let hop = 0; [301, 302, 303, 307, 308].includes(answer.status); hop++) {
      const to = URL.parse(answer.headers.get('location') ?? '', from.href)
      if (hop === MAX_REDIRECTS || to === null || to.username !== '' || !this.#mayAsk(to)) {
        throw this.answered('led nowhere that may be asked')
      }
      answer = await this.#send(to, {}, maxBytes)
      from = to
    }
    return answer
  }

  answered(what: string): CodedError {
    return new CodedError('service-answer', `${this.host} ${what}`)
  }

  #allowed(answer: Answer): Answer {
    if (answer.status !== 401 && answer.status !== 403) return answer
    throw new CodedError('service-refused', `${this.host} answered with status ${answer.status}`, {
      fix: 'Log in to the registry (docker login), with an account that may do this.',
    })
  }

  #signed(question: Question): Question {
    if (this.#authorization === null) return question
    return { ...question, headers: [...(question.headers ?? []), ['authorization', this.#authorization]] }
  }

  #send(url: URL, question: Question, maxBytes: number): Promise<Answer> {
    const { timeoutMs = TIMEOUT_MS, fetch: own } = this.#options
    const headers = [['user-agent', 'countersign'] as const, ...(question.headers ?? [])]
    return ask(
      url,
      { ...question, headers },
      {
        timeoutMs,
        maxBytes,
        ...(own === undefined ? {} : { fetch: own }),
        fault: (what, why) => new CodedError(why === 'too-large' ? 'service-answer' : 'service-unreachable', what),
      },
    )
  }

  /** What is asked to let us in; from a registry on this machine, this machine too. */
  #mayAsk(url: URL): boolean {
    if (url.protocol === 'https:') return true
    return url.protocol === 'http:' && isLoopback(url) && isLoopback(new URL(this.#origin))
  }

  async #authorize(challenge: string): Promise<string> {
    const { credentials: given } = this.#options
    const credentials = typeof given === 'function' ? await given() : given
    const basic =
      credentials === null ? null : `Basic ${base64(utf8(`${credentials.username}:${credentials.password}`))}`
    if (/^basic\b/i.test(challenge)) {
      if (basic !== null) return basic
      throw new CodedError('service-refused', `${this.host} asks for a login, and there is none`, {
        fix: 'Log in to the registry: docker login',
      })
    }
    const told = parametersOf(challenge)
    const realm = told.get('realm')
    const url = realm === undefined ? null : addressIn(realm, { path: true })
    if (url === null || typeof url === 'string' || !this.#mayAsk(url))
      throw this.answered('does not say where to log in')
    for (const name of ['service', 'scope']) {
      const value = told.get(name)
      if (value !== undefined) url.searchParams.set(name, value)
    }
    const headers = basic === null ? [] : [['authorization', basic] as const]
    const { status, body } = await this.#send(url, { headers }, MAX_TOKEN_BYTES)
    if (status === 401 || status === 403) {
      throw new CodedError('service-refused', `${url.host} gives no token for ${this.host}`)
    }
    const answer = status === 200 ? membersOf(body) : null
    const token = answer?.['token'] ?? answer?.['access_token']
    if (typeof token !== 'string' || !/^[\x21-\x7e]{1,32768}$/.test(token)) throw this.answered('let nobody in')
    return `Bearer ${token}`
  }
}

/** Parameters of a Bearer challenge (RFC 9110, §11.2); none for another scheme. */
function parametersOf(challenge: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  if (challenge.length > 4096 || !/^bearer /i.test(challenge)) return found
  for (const [, name, value] of challenge.matchAll(/([a-z_]+)="([^"\\]*)"/gi)) {
    if (!found.has(name!.toLowerCase())) found.set(name!.toLowerCase(), value!)
  }
  return found
}
