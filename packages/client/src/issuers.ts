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
  /** Whether providers are asked about its runs: `off`, `try` or `demand`. */
  readonly confirm: string
  /** Seconds that a session lasts. */
  readonly session: number
  readonly addedAt: string
  readonly addedBy: string
  /** ISO time; null while it is in force. */
  readonly removedAt: string | null
}

/** Why a token is not let in, in the server's words. */
export interface TokenRefusal {
  readonly code: Code | null
  readonly what: string
  readonly fix: string
}

/** What would become of a token. */
export interface Tried {
  /** The rule that takes it; null where none does. */
  readonly rule: string | null
  /** Why it would be refused; null where it would be let in. */
  readonly refusal: TokenRefusal | null
  /** What each of the tenant's rules for its issuer makes of it. */
  readonly rules: readonly { readonly id: string; readonly refusal: TokenRefusal | null }[]
  /** Null where no rule takes it. */
  readonly token: {
    readonly system: string
    readonly grade: string
    readonly issuer: string
    readonly subject: string
    readonly expiresAt: string
  } | null
  /** What its provider said of the run; null where none was asked. */
  readonly confirmation: { readonly confirmed: boolean; readonly reason: TokenRefusal | null } | null
  /** Whether it was used already. */
  readonly used: boolean
}

/** What the server is asked of the issuers that a tenant trusts. */
export interface IssuerCalls {
  /** Rules in force and those removed, oldest first. */
  issuers(): Promise<readonly ListedIssuer[]>
  /** Safe to repeat. `rule` as in SPEC.md, Issuer rules. */
  addIssuer(rule: JsonObject): Promise<ListedIssuer>
  /** Ends the rule and every session under it. */
  removeIssuer(id: string): Promise<void>
  /** Says what the rules make of a token, and its provider of its run, and uses nothing up. */
  tryToken(token: string, run?: string | null): Promise<Tried>
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
    async tryToken(token, run = null) {
      const it = await ask('POST', '/v1/issuers/test', { token, ...(run === null ? {} : { run }) })
      const known = it.objectOrNull('token')
      return {
        rule: it.textOrNull('rule'),
        refusal: refusalIn(it),
        rules: it.list('rules', (one) => ({ id: one.text('id'), refusal: refusalIn(one) })),
        token: known === null ? null : knownOf(known),
        confirmation: confirmationIn(it),
        used: it.boolean('used'),
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
    confirm: it.text('confirm'),
    session: it.integer('session'),
    addedAt: it.text('addedAt'),
    addedBy: it.text('addedBy'),
    removedAt: it.textOrNull('removedAt'),
  }
}

function knownOf(it: Reading): NonNullable<Tried['token']> {
  const identity = it.object('identity')
  return {
    system: it.text('system'),
    grade: it.text('grade'),
    issuer: identity.text('issuer'),
    subject: identity.object('subject').text('value'),
    expiresAt: it.text('expiresAt'),
  }
}

function confirmationIn(it: Reading): Tried['confirmation'] {
  const found = it.objectOrNull('confirmation')
  return found === null ? null : { confirmed: found.boolean('confirmed'), reason: refusalIn(found, 'reason') }
}

/** Why a provider did not confirm a run, in an answer that may say so. */
export function reasonIn(it: Reading): TokenRefusal | null {
  return confirmationIn(it)?.reason ?? null
}

function refusalIn(it: Reading, name = 'refusal'): TokenRefusal | null {
  const refusal = it.objectOrNull(name)
  if (refusal === null) return null
  const code = refusal.text('code')
  const known = Object.hasOwn(CATALOGUE, code) ? (code as Code) : null
  return { code: known, what: refusal.text('what'), fix: refusal.text('fix') }
}

function jsonBody(value: unknown): { readonly type: string; readonly bytes: Uint8Array } {
  return { type: 'application/json', bytes: new TextEncoder().encode(JSON.stringify(value)) }
}
