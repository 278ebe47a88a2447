import type { JsonObject } from '@countersign/core'
import type { IssuerRule, SystemName } from '@countersign/identity'
import { at } from '../pipeline.ts'
import { openTestServer, type TestServer, token as apiToken } from '../server.ts'
import { type LocalIssuer, type LocalIssuerOptions, ruleFor, startIssuer } from './local-issuer.ts'

/** The audience of the server that tests open. */
export const AUDIENCE = 'countersign:test'

/** A server and an issuer that its tenants may trust. */
export interface Trusting {
  readonly server: TestServer
  readonly issuer: LocalIssuer
  /** Lets runs of a system in; gives the status. */
  trust(system?: SystemName, more?: JsonObject, tenant?: string): Promise<Response>
  /** Shows a token. */
  show(token: string): Promise<Response>
  /** Shows a token that must be taken. */
  session(token?: string): Promise<Opened>
  close(): Promise<void>
}

export interface Opened {
  readonly accessToken: string
  readonly expiresAt: string
  readonly tenant: string
  readonly rule: string
  readonly identity: JsonObject
  readonly [more: string]: unknown
}

/** Opens both, on the clock of tests. */
export async function openTrusting(
  options: NonNullable<Parameters<typeof openTestServer>[0]> & { readonly issuer?: LocalIssuerOptions } = {},
): Promise<Trusting> {
  const { issuer: given, ...rest } = options
  const now = rest.now ?? (() => at(60))
  const issuer = await startIssuer({ audience: AUDIENCE, now: () => Date.parse(now()), ...given })
  const server = await openTestServer(rest)
  const show = (token: string) =>
    server.request('POST', '/v1/sessions', { token: null, body: JSON.stringify({ token }) })
  return {
    server,
    issuer,
    trust: (system = 'github-actions', more = {}, tenant = 'acme') =>
      server.request('POST', '/v1/issuers', {
        token: apiToken(tenant),
        body: JSON.stringify({ ...ruleOf(system, issuer), ...more }),
      }),
    show,
    async session(token = issuer.token('github-actions')) {
      const reply = await show(token)
      if (reply.status !== 201) throw new Error(await reply.text())
      return (await reply.json()) as Opened
    },
    async close() {
      await server.close()
      await issuer.close()
    },
  }
}

export function ruleOf(system: SystemName, { url }: LocalIssuer): IssuerRule {
  return ruleFor(system, { issuer: url })
}
