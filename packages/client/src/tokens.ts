import { CodedError } from '@countersign/core'
import { Reading } from './answers.ts'
import type { Transport } from './transport.ts'

export const TOKEN_SCOPES = ['read', 'append', 'note', 'audit', 'maintain', 'admin'] as const
export type TokenScope = (typeof TOKEN_SCOPES)[number]

export interface ListedToken {
  readonly id: string
  readonly scopes: readonly TokenScope[]
  readonly createdAt: string
  /** Null for one that does not end by itself. */
  readonly expiresAt: string | null
}

/** What the server is asked of API tokens, by one that may administrate. */
export interface TokenCalls {
  tokens(): Promise<readonly ListedToken[]>
  /** The token is in the answer, and nowhere else. For so many seconds, or (null) until it is revoked. */
  makeToken(scopes: readonly TokenScope[], lifetime: number | null): Promise<ListedToken & { readonly token: string }>
  revokeToken(id: string): Promise<void>
}

export function tokenCalls(transport: Transport): TokenCalls {
  return {
    async tokens() {
      return new Reading((await transport.json({ method: 'GET', path: '/v1/tokens' })).body).list('items', listedOf)
    },
    async makeToken(scopes, lifetime) {
      const bytes = new TextEncoder().encode(JSON.stringify({ scopes, ...(lifetime === null ? {} : { lifetime }) }))
      const body = { type: 'application/json', bytes }
      // Twice is two tokens, and one of them nobody has.
      const reply = await transport.json({ method: 'POST', path: '/v1/tokens', body, repeatable: false })
      const it = new Reading(reply.body)
      return { ...listedOf(it), token: it.text('token') }
    },
    async revokeToken(id) {
      await transport.send({ method: 'DELETE', path: `/v1/tokens/${encodeURIComponent(id)}` })
    },
  }
}

function listedOf(it: Reading): ListedToken {
  const scopes = it.texts('scopes').map((scope) => {
    const known = TOKEN_SCOPES.find((one) => one === scope)
    if (known === undefined) throw new CodedError('server-answer', 'a token has a scope that is none')
    return known
  })
  return { id: it.text('id'), scopes, createdAt: it.text('createdAt'), expiresAt: it.textOrNull('expiresAt') }
}
