import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { base64url, CodedError, type JsonObject, utf8 } from '@countersign/core'
import { addressIn, ask, membersOf } from './http.ts'

export interface GithubAppOptions {
  /** `https://api.github.com`, or `https://HOST/api/v3`. */
  readonly api: string
  /** Number, or client id, of the App. */
  readonly appId: string
  /** PEM of an RSA key. */
  readonly privateKey: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly timeoutMs?: number
  readonly fetch?: typeof fetch
}

/** A run that waits for a deployment protection rule. */
export interface WaitingRun {
  /** `acme/shop`, and its number. */
  readonly repository: string
  readonly repositoryId: number
  readonly installation: number
  readonly run: string
  readonly environment: string
}

const TIMEOUT_MS = 10_000
const MAX_ANSWER_BYTES = 1 << 20
/** GitHub takes tokens of an App for ten minutes at most; clocks differ. */
const JWT_BACK_S = 60
const JWT_LIFE_S = 480
/** How long before its end an installation's token is not used any more; milliseconds. */
const MARGIN_MS = 120_000
const MAX_TOKENS = 1_000
/** Most characters of a comment. */
export const MAX_COMMENT = 1_024

/**
 * A GitHub App as a deployment protection rule (REST, “Review custom deployment protection rules for a workflow run”).
 * Everything goes to the one API that it was set up with, under a token for one repository, with the two permissions that
 * it takes. Throws `service-unreachable`, `service-answer`, and `service-refused` for what asking again will not change.
 */
export class GithubApp {
  readonly #options: GithubAppOptions
  readonly #base: string
  readonly #key: KeyObject
  readonly #tokens = new Map<number, { readonly token: string; readonly until: number }>()

  /** Throws `signer-setup-invalid` for a key that is no RSA key, and for an address that nothing is sent to. */
  constructor(options: GithubAppOptions) {
    const url = addressIn(options.api, { path: true })
    if (typeof url === 'string') throw new CodedError('signer-setup-invalid', `the address of the API ${url}`)
    this.#base = url.origin + url.pathname.replace(/\/+$/, '')
    this.#options = options
    try {
      this.#key = createPrivateKey(options.privateKey)
    } catch {
      // Its cause could quote the key.
      throw new CodedError('signer-setup-invalid', 'the private key of the App cannot be read')
    }
    if (this.#key.asymmetricKeyType !== 'rsa') {
      throw new CodedError('signer-setup-invalid', 'the private key of the App is no RSA key')
    }
  }

  /** Where the answer for a run goes: the one address that a payload may name. */
  callbackFor({ repository, run }: Pick<WaitingRun, 'repository' | 'run'>): string {
    return `${this.#base}/repos/${repository}/actions/runs/${run}/deployment_protection_rule`
  }

  /** Approves or rejects; without a state it only tells how it stands (ten times at most). */
  async review(run: WaitingRun, state: 'approved' | 'rejected' | null, comment: string): Promise<void> {
    const token = await this.#tokenFor(run)
    const body = {
      environment_name: run.environment,
      ...(state === null ? {} : { state }),
      comment: [...comment].slice(0, MAX_COMMENT).join(''),
    }
    const { status } = await this.#send(new URL(this.callbackFor(run)), token, body)
    if (status === 204 || status === 200) return
    // A token that was withdrawn is asked for again.
    if (status === 401) this.#tokens.delete(run.repositoryId)
    throw this.#fault(status)
  }

  /** The App's own token (RFC 7519, RS256), for minutes. */
  jwt(): string {
    const now = Math.floor(this.#options.now() / 1000)
    const part = (value: JsonObject) => base64url(utf8(JSON.stringify(value)))
    const claims = { iat: now - JWT_BACK_S, exp: now + JWT_LIFE_S, iss: this.#options.appId }
    const signed = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`
    return `${signed}.${base64url(new Uint8Array(sign('sha256', utf8(signed), this.#key)))}`
  }

  async #tokenFor({ repositoryId, installation }: WaitingRun): Promise<string> {
    const held = this.#tokens.get(repositoryId)
    if (held !== undefined && this.#options.now() < held.until) return held.token
    const url = new URL(`${this.#base}/app/installations/${installation}/access_tokens`)
    const wanted = { repository_ids: [repositoryId], permissions: { actions: 'read', deployments: 'write' } }
    const { status, body } = await this.#send(url, this.jwt(), wanted)
    if (status !== 201) throw this.#fault(status)
    const told = membersOf(body)
    const { token, expires_at: ends } = told ?? {}
    const until = typeof ends === 'string' ? Date.parse(ends) : Number.NaN
    if (typeof token !== 'string' || !/^[\x21-\x7e]{1,4096}$/.test(token) || Number.isNaN(until)) {
      throw new CodedError('service-answer', `${this.#host} answered with no token`)
    }
    if (this.#tokens.size >= MAX_TOKENS) this.#tokens.clear()
    this.#tokens.set(repositoryId, { token, until: until - MARGIN_MS })
    return token
  }

  get #host(): string {
    return new URL(this.#base).host
  }

  #send(url: URL, token: string, body: JsonObject) {
    const { timeoutMs = TIMEOUT_MS, fetch: own } = this.#options
    const headers = [
      ['accept', 'application/vnd.github+json'],
      ['authorization', `Bearer ${token}`],
      ['content-type', 'application/json'],
      ['user-agent', 'countersign'],
      ['x-github-api-version', '2022-11-28'],
    ] as const
    return ask(
      url,
      { method: 'POST', headers, body: JSON.stringify(body) },
      {
        timeoutMs,
        maxBytes: MAX_ANSWER_BYTES,
        ...(own === undefined ? {} : { fetch: own }),
        fault: (what) => new CodedError('service-unreachable', what),
      },
    )
  }

  #fault(status: number): CodedError {
    // What it will not do however often it is asked; all else may pass.
    const final = status === 403 || status === 404 || status === 410 || status === 422
    return new CodedError(
      final ? 'service-refused' : 'service-unreachable',
      `${this.#host} answered with status ${status}`,
    )
  }
}
