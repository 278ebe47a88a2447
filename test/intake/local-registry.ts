import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface RegistryOptions {
  /** Whether it lists what is attached; else that is kept under a tag. */
  readonly referrers?: boolean
  /** Who may use it; left out: anybody. */
  readonly login?: { readonly kind: 'basic' | 'bearer'; readonly username: string; readonly password: string }
  /** Where blobs are fetched from, by a redirect; left out: from here. */
  readonly blobsAt?: string
}

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const INDEX = 'application/vnd.oci.image.index.v1+json'
const digestOf = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

interface Manifest {
  readonly type: string
  readonly bytes: Buffer
}

/** A registry as the OCI distribution-spec 1.1 has it, as far as images and what is attached to them go; in this process. */
export class LocalRegistry {
  readonly options: RegistryOptions
  readonly blobs = new Map<string, Buffer>()
  readonly manifests = new Map<string, Manifest>()
  /** Requests as they came: method, path, and who asked. */
  readonly asked: { readonly method: string; readonly path: string; readonly authorization: string | null }[] = []
  readonly #uploads = new Set<string>()
  readonly #server: Server

  constructor(options: RegistryOptions = {}) {
    this.options = options
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  async open(): Promise<this> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done))
    return this
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((done) => this.#server.close(done))
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** An image under a tag. Its digest. */
  image(repository: string, tag: string): string {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, layers: [], made: repository }))
    const digest = digestOf(bytes)
    for (const reference of [tag, digest]) this.manifests.set(`${repository} ${reference}`, { type: MANIFEST, bytes })
    return digest
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const url = new URL(request.url ?? '/', `http://${this.host}`)
    const authorization = request.headers.authorization ?? null
    this.asked.push({ method: request.method ?? '', path: url.pathname, authorization })
    const reply = (status: number, headers: Record<string, string> = {}, content: Uint8Array | string = '') => {
      response.writeHead(status, headers)
      response.end(request.method === 'HEAD' ? undefined : content)
    }
    if (url.pathname === '/token') return this.#token(authorization, url, reply)
    if (!this.#admits(authorization, reply)) return
    const path = /^\/v2\/(.+?)\/(manifests|blobs|referrers)\/(.*)$/.exec(url.pathname)
    if (path === null) return reply(url.pathname === '/v2/' ? 200 : 404)
    const [, repository, kind, reference] = path as unknown as [string, string, string, string]
    if (kind === 'referrers') return this.#referrers(repository, reference, reply)
    if (kind === 'manifests') return this.#manifest(request.method!, repository, reference, request, body, reply)
    return this.#blob(request.method!, repository, reference, url, body, reply)
  }

  #token(authorization: string | null, url: URL, reply: Reply): void {
    const { login } = this.options
    const good = authorization === basicOf(login) && url.searchParams.get('service') === 'registry'
    reply(good ? 200 : 401, {}, JSON.stringify({ token: 'let-in' }))
  }

  #admits(authorization: string | null, reply: Reply): boolean {
    const { login } = this.options
    if (login === undefined) return true
    if (authorization === (login.kind === 'basic' ? basicOf(login) : 'Bearer let-in')) return true
    const realm = `Bearer realm="http://${this.host}/token",service="registry",scope="repository:shop/web:pull,push"`
    reply(401, { 'www-authenticate': login.kind === 'basic' ? 'Basic realm="registry"' : realm })
    return false
  }

  #referrers(repository: string, digest: string, reply: Reply): void {
    if (this.options.referrers === false) return reply(404)
    const all = new Map(
      [...this.manifests]
        .filter(([name]) => name.startsWith(`${repository} sha256:`))
        .map(([name, one]) => [name, one]),
    )
    const manifests = [...all.values()].flatMap(({ type, bytes }) => {
      const { subject, artifactType, annotations } = JSON.parse(bytes.toString())
      if (subject?.digest !== digest) return []
      return [{ mediaType: type, digest: digestOf(bytes), size: bytes.length, artifactType, annotations }]
    })
    reply(200, { 'content-type': INDEX }, JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests }))
  }

  #manifest(
    method: string,
    repository: string,
    reference: string,
    request: IncomingMessage,
    bytes: Buffer,
    reply: Reply,
  ): void {
    if (method !== 'PUT') {
      const found = this.manifests.get(`${repository} ${reference}`)
      return found === undefined ? reply(404) : reply(200, { 'content-type': found.type }, found.bytes)
    }
    const digest = digestOf(bytes)
    if (reference.startsWith('sha256:') && reference !== digest) return reply(400)
    const { subject, layers = [], config } = JSON.parse(bytes.toString())
    const blobs = [config, ...layers].filter((one) => one !== undefined)
    if (blobs.some((one: { digest: string }) => !this.blobs.has(one.digest))) return reply(404)
    const manifest = { type: request.headers['content-type'] ?? '', bytes }
    for (const one of [reference, digest]) this.manifests.set(`${repository} ${one}`, manifest)
    const told = subject !== undefined && this.options.referrers !== false ? { 'oci-subject': subject.digest } : {}
    reply(201, { location: `/v2/${repository}/manifests/${digest}`, ...told })
  }

  #blob(method: string, repository: string, reference: string, url: URL, bytes: Buffer, reply: Reply): void {
    if (method === 'POST' && reference === 'uploads/') {
      const id = randomUUID()
      this.#uploads.add(id)
      return reply(202, { location: `/v2/${repository}/blobs/uploads/${id}?state=1` })
    }
    if (method === 'PUT') {
      const digest = url.searchParams.get('digest')
      if (!this.#uploads.delete(reference.split('/')[1] ?? '') || url.searchParams.get('state') !== '1')
        return reply(404)
      if (digest !== digestOf(bytes)) return reply(400)
      this.blobs.set(digest, bytes)
      return reply(201, { location: `/v2/${repository}/blobs/${digest}` })
    }
    const found = this.blobs.get(reference)
    if (found === undefined) return reply(404)
    if (method === 'GET' && this.options.blobsAt !== undefined) {
      return reply(307, { location: `${this.options.blobsAt}/${reference}` })
    }
    return reply(200, { 'content-type': 'application/octet-stream' }, found)
  }
}

type Reply = (status: number, headers?: Record<string, string>, content?: Uint8Array | string) => void

function basicOf(login: RegistryOptions['login']): string {
  return `Basic ${Buffer.from(`${login?.username}:${login?.password}`).toString('base64')}`
}
