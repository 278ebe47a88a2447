import { createHmac, generateKeyPairSync, type KeyPairKeyObjectResult, randomBytes, verify } from 'node:crypto'

export const APP_ID = '1234567'
export const SECRET = 'It is a secret to everybody'
export const INSTALLATION = 87654321
export const REPOSITORY = { id: 74123456, full_name: 'acme/shop' }
export const API = 'https://api.github.com'

/** A review as GitHub took it. */
export interface Review {
  readonly run: string
  readonly environment_name: string
  readonly state: 'approved' | 'rejected' | null
  readonly comment: string
}

/**
 * GitHub's API as far as an App needs it that is a deployment protection rule: tokens of an installation for a JWT of the
 * App, narrowed to repositories and permissions, and reviews of runs that wait.
 */
export class FakeGithub {
  #made: KeyPairKeyObjectResult | null = null
  readonly reviews: Review[] = []
  /** Every request: method and address. */
  readonly asked: string[] = []
  /** Statuses that the next requests are answered with, and nothing else is done. */
  readonly failing: number[] = []
  /** Milliseconds since 1970. */
  now = Date.parse('2026-11-21T12:00:00Z')
  /** Runs that wait, by id, and for which environments. */
  readonly waiting = new Map<string, Set<string>>()
  readonly #tokens = new Map<string, { readonly until: number; readonly repositories: readonly number[] }>()
  #reports = 0

  /** Made when it is asked for: that takes its time. */
  get #pair() {
    this.#made ??= generateKeyPairSync('rsa', { modulusLength: 2048 })
    return this.#made
  }

  get privateKey(): string {
    return String(this.#pair.privateKey.export({ type: 'pkcs1', format: 'pem' }))
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const url = new URL(String(input instanceof Request ? input.url : input))
    const method = init?.method ?? 'GET'
    this.asked.push(`${method} ${url.href}`)
    const failing = this.failing.shift()
    if (failing === 0) throw new TypeError('fetch failed')
    if (failing !== undefined) return new Response('{"message":"fails"}', { status: failing })
    const headers = new Headers(init?.headers)
    const bearer = /^Bearer (.+)$/.exec(headers.get('authorization') ?? '')?.[1] ?? ''
    if (url.origin !== API || headers.get('user-agent') === null) return this.#answer(403, 'not from here')
    const body = JSON.parse(String(init?.body ?? 'null')) as Record<string, unknown>
    if (method === 'POST' && url.pathname === `/app/installations/${INSTALLATION}/access_tokens`) {
      return this.#token(bearer, body)
    }
    const run = /^\/repos\/acme\/shop\/actions\/runs\/(\d+)\/deployment_protection_rule$/.exec(url.pathname)?.[1]
    return method === 'POST' && run !== undefined ? this.#review(bearer, run, body) : this.#answer(404, 'Not Found')
  }

  #token(jwt: string, body: Record<string, unknown>): Response {
    const [head, claims, signature] = jwt.split('.')
    const signed = Buffer.from(`${head}.${claims}`)
    const good =
      signature !== undefined && verify('sha256', signed, this.#pair.publicKey, Buffer.from(signature, 'base64url'))
    const parse = (part: string | undefined) =>
      JSON.parse(Buffer.from(part ?? '', 'base64url').toString()) as Record<string, unknown>
    if (!good || parse(head)['alg'] !== 'RS256') return this.#answer(401, 'A JSON web token could not be decoded')
    const { iat, exp, iss } = parse(claims) as { iat: number; exp: number; iss: string }
    const now = this.now / 1000
    if (iss !== APP_ID || iat > now || exp < now || exp > now + 600) return this.#answer(401, 'exp or iat')
    const { repository_ids: repositories, permissions } = body as { repository_ids: number[]; permissions: object }
    if (JSON.stringify(permissions) !== '{"actions":"read","deployments":"write"}')
      return this.#answer(422, 'permissions')
    const token = `ghs_${randomBytes(18).toString('hex')}`
    const until = this.now + 3_600_000
    this.#tokens.set(token, { until, repositories })
    return Response.json({ token, expires_at: new Date(until).toISOString(), permissions }, { status: 201 })
  }

  #review(token: string, run: string, body: Record<string, unknown>): Response {
    const held = this.#tokens.get(token)
    if (held === undefined || held.until < this.now || !held.repositories.includes(REPOSITORY.id))
      return this.#answer(401, 'Bad credentials')
    const {
      environment_name: environment,
      state = null,
      comment,
    } = body as { environment_name: string; state?: 'approved' | 'rejected' | null; comment: string }
    if (typeof comment !== 'string' || comment.length > 1024) return this.#answer(422, 'comment')
    if (state !== null && state !== 'approved' && state !== 'rejected') return this.#answer(422, 'state')
    if (state === null && ++this.#reports > 10) return this.#answer(422, 'too many reports')
    if (this.waiting.get(run)?.has(environment) !== true) return this.#answer(404, 'Not Found')
    if (state !== null) this.waiting.get(run)!.delete(environment)
    this.reviews.push({ run, environment_name: environment, state, comment })
    return new Response(null, { status: 204 })
  }

  #answer(status: number, message: string): Response {
    return Response.json({ message }, { status })
  }

  /** Runs a job that waits, and what GitHub sends then. */
  delivery(sha: string, more: Readonly<Record<string, unknown>> = {}, run = '7000000001', environment = 'production') {
    this.waiting.set(run, (this.waiting.get(run) ?? new Set()).add(environment))
    const body = JSON.stringify({
      action: 'requested',
      environment,
      event: 'push',
      sha,
      ref: 'refs/heads/main',
      deployment_callback_url: `${API}/repos/acme/shop/actions/runs/${run}/deployment_protection_rule`,
      deployment: { id: 42, sha, ref: 'main', task: 'deploy', payload: {}, environment, creator: { login: 'ada' } },
      pull_requests: [],
      repository: { ...REPOSITORY, name: 'shop', private: true, owner: { login: 'acme', id: 1 } },
      organization: { login: 'acme', id: 1 },
      installation: { id: INSTALLATION, node_id: 'MDIzOk' },
      sender: { login: 'ada', id: 2 },
      ...more,
    })
    return { body: new TextEncoder().encode(body), headers: headersOf(body) }
  }
}

export function headersOf(body: string | Uint8Array, secret = SECRET, event = 'deployment_protection_rule') {
  return {
    'content-type': 'application/json',
    'user-agent': 'GitHub-Hookshot/044aadd',
    'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
    'x-github-event': event,
    'x-github-hook-id': '292430182',
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  }
}
