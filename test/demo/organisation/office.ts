import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { openHome } from '../../../server/first-run.ts'
import type { Role } from '../../../server/roles.ts'
import { openSqlite } from '../../../server/stores/sqlite/store.ts'
import type { SetUpAnchor } from '../../../server/verbs/anchors.ts'
import { type Browser, browserOf, postCode } from '../../people.ts'
import { openTestServer, type TestServer } from '../../server.ts'
import type { WalkingClock } from './clock.ts'
import type { Clouds } from './clouds.ts'

/** The log's name where nobody gives it another. */
const ORIGIN = 'countersign.local'
/** A session is not stretched further than an office day. */
const DAY_OF_WORK = 8 * 3_600_000

interface Member {
  readonly id: string
  readonly name: string
  browser: { readonly as: Browser; readonly since: number } | null
}

/** What an organisation has: a server of the local tenant, whose clock walks, and people who sign in at it. */
export class Office {
  readonly server: TestServer
  readonly clock: WalkingClock
  /** The local tenant's own token, which may do everything. */
  readonly token: string
  readonly #people = new Map<string, Member>()

  private constructor(server: TestServer, clock: WalkingClock, token: string) {
    this.server = server
    this.clock = clock
    this.token = token
  }

  /** In a directory that `npm start -- --data DIRECTORY` goes on with. */
  static async open(
    directory: string,
    {
      clock,
      clouds,
      hook,
      anchors,
    }: { clock: WalkingClock; clouds: Clouds; hook: string; anchors: readonly SetUpAnchor[] },
  ): Promise<Office> {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const begun = clock.iso()
    const store = await openSqlite(join(directory, 'countersign.db'))
    const input = { directory, origin: ORIGIN, passphrase: null, crypto: nodeCrypto }
    const { token } = await openHome(input, store, begun)
    await store.close()
    const server = await openTestServer({
      directory,
      origin: ORIGIN,
      begun,
      now: () => clock.iso(),
      issuerKeys: clouds.keys,
      providers: clouds.providers,
      allowed: [hook],
      anchors,
    })
    return new Office(server, clock, token)
  }

  /** The answer to what must succeed, by the local tenant's token unless another is given. */
  async ask<T>(method: string, path: string, body?: object | string | Uint8Array, token = this.token): Promise<T> {
    return answerOf<T>(await this.server.request(method, path, { token, ...bodyOf(body) }), `${method} ${path}`)
  }

  /** The same, where the answer may be a refusal. */
  try(method: string, path: string, body: object | string | Uint8Array, token = this.token): Promise<Response> {
    return this.server.request(method, path, { token, ...bodyOf(body) })
  }

  /** Lets somebody in. */
  async welcome(name: string, role: Role, by: string | null): Promise<void> {
    const given = { name, role, email: `${name.split(' ')[0]!.toLowerCase()}@orchard.example` }
    const who = by === null ? null : await this.#browser(by)
    const body = JSON.stringify(given)
    const reply =
      who === null ? await this.try('POST', '/v1/people', given) : await who.request('POST', '/v1/people', { body })
    const { id, link } = await answerOf<{ id: string; link: { code: string } }>(reply, `welcome ${name}`)
    const as = await browserOf(this.server, id, name, await postCode(this.server, link.code))
    this.#people.set(name, { id, name, browser: { as, since: this.clock.now() } })
  }

  /** Something that a person does. */
  async does<T>(name: string, method: string, path: string, body?: object | string | Uint8Array): Promise<T> {
    const who = await this.#browser(name)
    return answerOf<T>(await who.request(method, path, bodyOf(body) as { body?: string }), `${name}: ${method} ${path}`)
  }

  idOf(name: string): string {
    return this.#people.get(name)!.id
  }

  /** A code that signs somebody in at the page, for half an hour. */
  async linkFor(name: string): Promise<string> {
    const { code } = await this.ask<{ code: string }>('POST', `/v1/people/${this.idOf(name)}/links`)
    return code
  }

  async #browser(name: string): Promise<Browser> {
    const member = this.#people.get(name)!
    const { browser, id } = member
    if (browser !== null && this.clock.now() - browser.since < DAY_OF_WORK) return browser.as
    const code = await this.linkFor(name)
    const as = await browserOf(this.server, id, name, await postCode(this.server, code))
    member.browser = { as, since: this.clock.now() }
    return as
  }
}

function bodyOf(body: object | string | Uint8Array | undefined): { body?: string | Uint8Array } {
  if (body === undefined) return {}
  return { body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body) }
}

async function answerOf<T>(reply: Response, what: string): Promise<T> {
  const text = await reply.text()
  if (!reply.ok) throw new Error(`${what}: ${reply.status} ${text}`)
  return (reply.headers.get('content-type')?.includes('json') === true ? JSON.parse(text) : text) as T
}
