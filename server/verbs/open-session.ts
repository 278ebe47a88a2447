import { randomBytes } from 'node:crypto'
import { CodedError } from '@countersign/core'
import { hashSecret, type Presented } from '../access.ts'
import type { Scope } from '../store.ts'
import { admitToken, useOf } from './admit-token.ts'
import type { Confirmation, ConfirmedToken } from './confirm-token.ts'
import type { Deps } from './deps.ts'
import { holderOf, identityDigest } from './holder.ts'

/** What whoever holds a session may do. */
const SCOPES: readonly Scope[] = ['append', 'read']

export interface OpenedSession {
  /** `cst_…`, an API token for a while. */
  readonly accessToken: string
  /** ISO time. */
  readonly expiresAt: string
  readonly scopes: readonly Scope[]
  readonly tenant: string
  /** Id of the rule that let it in. */
  readonly rule: string
  readonly token: ConfirmedToken
  /** Null where no provider was to be asked. */
  readonly confirmation: Confirmation | null
  /** Whether the token had opened it before. */
  readonly resumed: boolean
}

/**
 * Gives an API token for a while in return for an identity token, which is used up by it: shown again it gives the same
 * session, and only to who shows that too (`presented`). It may append the steps of its own identity only. Throws what
 * `admitToken` throws.
 */
export async function openSession(
  deps: Deps,
  text: string,
  run: string | null,
  presented: Presented | null,
): Promise<OpenedSession> {
  const { rule, token, confirmation, resumed } = await admitToken(deps, text, run, presented)
  const granted = { scopes: SCOPES, tenant: rule.tenant, rule: rule.rule.id, token, confirmation }
  if (resumed !== null && presented !== null) {
    const expiresAt = new Date(resumed.expiresAt).toISOString()
    return { ...granted, accessToken: `cst_${presented.id}_${presented.secret}`, expiresAt, resumed: true }
  }
  const now = Date.parse(deps.now())
  const id = `s${randomBytes(12).toString('hex')}`
  const secret = randomBytes(32).toString('hex')
  const expiresAt = now + rule.session * 1000
  const holder = holderOf(token.identity, deps.crypto)
  const session = {
    id,
    tenant: rule.tenant,
    rule: rule.serial,
    hash: hashSecret(secret),
    scopes: SCOPES,
    holder,
    token: useOf(deps, token).hash,
    identity: identityDigest(token, deps.crypto),
  }
  if (!(await deps.store.issuers.openSession({ ...session, expiresAt }, now))) {
    throw new CodedError('issuer-unknown', 'the rule was removed just now')
  }
  const accessToken = `cst_${id}_${secret}`
  return { ...granted, accessToken, expiresAt: new Date(expiresAt).toISOString(), resumed: false }
}
