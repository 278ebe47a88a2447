import { CATALOGUE, type Code, CodedError, type JsonObject } from '@countersign/core'
import { Reading } from './answers.ts'
import type { Transport } from './transport.ts'

/** A rule by which the tenant takes identity tokens, as the server tells it. */
export interface ListedIssuer {
  readonly id: string
  readonly system: string
  readonly issuer: string
  /** Null for the server's own, or the one that is fixed for the system. */
  readonly audience: string | null
  readonly claims: readonly { readonly name: string; readonly value: string }[]
  /** What it allows beside runs of the repository's own, by name. */
  readonly allows: readonly string[]
  /** Seconds that a session lasts. */
  readonly session: number
  readonly addedAt: string
  readonly addedBy: string
  /** ISO time; null while it is in force. */
  readonly removedAt: string | null
}

/** What a rule makes of a token. */
export interface TriedRule {
  readonly id: string
  readonly fits: boolean
  readonly code: Code | null
  readonly what: string | null
}

/** What would become of a token. */
export interface Tried {
  readonly admitted: boolean
  /** The rule that would let it in; null where none does. */
  readonly rule: string | null
  /** Why not. */
  readonly refusal: { readonly code: Code | null; readonly what: string; readonly fix: string } | null
  readonly rules: readonly TriedRule[]
  /** Null where its signature was not verified. */
  readonly token: {
    readonly system: string
    readonly grade: string
    readonly subject: string
    readonly expiresAt: string
    /** Already used, so that it would be refused now. */
    readonly used: boolean
  } | null
}

/** What the server is asked of the issuers that a tenant trusts. */
export interface IssuerCalls {
  /** Rules in force and those removed, oldest first. */
  issuers(): Promise<readonly ListedIssuer[]>
  /** Safe to repeat. `rule` as in SPEC.md, Issuer rules. */
  addIssuer(rule: JsonObject): Promise<ListedIssuer>
  /** Ends the rule and every session under it. */
  removeIssuer(id: string): Promise<void>
  /** Says what the rules make of a token, and uses nothing up. */
  tryToken(token: string): Promise<Tried>
}

/** What an issuer rule may allow, by its fields. */
const SWITCHES = ['pullRequests', 'forks', 'selfHosted', 'sshRerun'] as const

export function issuerCalls(transport: Transport): IssuerCalls {
  const ask = async (method: 'GET' | 'POST', path: string, value?: unknown) => {
    const body = value === undefined ? {} : { body: jsonBody(value) }
    return new Reading((await transport.json({ method, path, ...body })).body)
  }
  return {
    async issuers() {
      return (await ask('GET', '/v1/issuers')).list('items', listedOf)
    },
    async addIssuer(rule) {
      return listedOf(await ask('POST', '/v1/issuers', rule))
    },
    async removeIssuer(id) {
      await transport.send({ method: 'DELETE', path: `/v1/issuers/${encodeURIComponent(id)}` })
    },
    async tryToken(token) {
      const it = await ask('POST', '/v1/issuers/test', { token })
      const refusal = it.objectOrNull('refusal')
      const known = it.objectOrNull('token')
      return {
        admitted: it.boolean('admitted'),
        rule: it.textOrNull('rule'),
        refusal:
          refusal === null ? null : { code: codeOf(refusal), what: refusal.text('what'), fix: refusal.text('fix') },
        rules: it.list('rules', (one) => ({
          id: one.text('id'),
          fits: one.boolean('fits'),
          code: codeOf(one),
          what: one.textOrNull('what'),
        })),
        token:
          known === null
            ? null
            : {
                system: known.text('system'),
                grade: known.text('grade'),
                subject: known.text('subject'),
                expiresAt: known.text('expiresAt'),
                used: known.boolean('used'),
              },
      }
    },
  }
}

function listedOf(it: Reading): ListedIssuer {
  return {
    id: it.text('id'),
    system: it.text('system'),
    issuer: it.text('issuer'),
    audience: it.textOrNull('audience'),
    claims: it.list('claims', (one) => ({ name: one.text('name'), value: one.text('value') })),
    allows: SWITCHES.filter((name) => {
      const value = it.text(name)
      if (value !== 'allow' && value !== 'refuse')
        throw new CodedError('server-answer', `${name} is neither allow nor refuse`)
      return value === 'allow'
    }),
    session: it.integer('session'),
    addedAt: it.text('addedAt'),
    addedBy: it.text('addedBy'),
    removedAt: it.textOrNull('removedAt'),
  }
}

function codeOf(it: Reading): Code | null {
  const code = it.textOrNull('code')
  return code !== null && Object.hasOwn(CATALOGUE, code) ? (code as Code) : null
}

function jsonBody(value: unknown): { readonly type: string; readonly bytes: Uint8Array } {
  return { type: 'application/json', bytes: new TextEncoder().encode(JSON.stringify(value)) }
}
