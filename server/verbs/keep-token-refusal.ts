import { type CodedError, hex, utf8 } from '@countersign/core'
import { MAX_INBOX } from './append-attestation.ts'
import type { Deps } from './deps.ts'

/**
 * Puts an identity token that was refused into the inbox of the tenant whose rule it fits: somebody may have stolen it.
 * Nothing of the token is kept. `name` tells it apart: the same again only counts up.
 */
export async function keepTokenRefusal(deps: Deps, tenant: string, error: CodedError, name: string): Promise<void> {
  const report = error.report()
  const body = hex(deps.crypto.sha256(utf8(`${error.code} ${name}`)))
  const nothing = { bytes: null, link: null, about: null, chain: null, step: null }
  const refusal = { at: deps.now(), report, findings: [report], body, ...nothing }
  // An inbox that cannot be written must not hide why the token was refused.
  await deps.store.refuse(tenant, refusal, MAX_INBOX).catch(() => deps.metrics.refusalLost())
}
