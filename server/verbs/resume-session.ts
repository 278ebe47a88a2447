import { equal } from '@countersign/core'
import { isSecretOf, type Presented } from '../access.ts'
import { SESSION_ID, type Session, type UsedToken } from '../issuer-store.ts'
import type { Deps } from './deps.ts'
import type { TenantRule } from './issuer-rules.ts'

/** How often one token may be shown, the first time included: what a long job needs, and no source of leaves for the log. */
export const MAX_SHOWN = 256

/**
 * The session that this very token opened, shown with it, and counted: platforms give a job the same token again, and
 * whoever has both was let in already. Null for every other, whyever: it is told to nobody (T-07).
 */
export async function resumeSession(
  deps: Deps,
  rule: TenantRule,
  token: UsedToken,
  presented: Presented | null,
): Promise<Session | null> {
  if (presented === null || !SESSION_ID.test(presented.id)) return null
  const session = await deps.store.issuers.session(presented.id)
  const same = isSecretOf(presented, session)
  if (session?.token == null || !same || session.tenant !== rule.tenant || session.rule !== rule.serial) return null
  if (!equal(session.token, token.hash)) return null
  const counted = await deps.store.issuers.resume(session.id, token, MAX_SHOWN, Date.parse(deps.now()))
  return counted ? session : null
}
