import type { TooLarge } from '../body.ts'
import { MAX_INBOX } from './append-attestation.ts'
import type { Deps } from './deps.ts'

/** Puts an attestation that was too large to be read into the inbox, with what is known of it. */
export async function keepUnread(deps: Deps, tenant: string, error: TooLarge): Promise<void> {
  deps.metrics.refused(error.code)
  const report = error.report()
  // One entry a size: who sends the same again only counts up.
  const body = `unread:${error.size ?? ''}`
  const nothing = { bytes: null, link: null, about: null, chain: null, step: null }
  const refusal = { at: deps.now(), report, findings: [report], body, ...nothing }
  // An inbox that cannot be written must not hide why the body was refused.
  await deps.store.refuse(tenant, refusal, MAX_INBOX).catch(() => deps.metrics.refusalLost())
}
