import { CodedError, hasControl, reportOf } from '@countersign/core'
import { LOCAL_TENANT } from '../first-run.ts'
import type { SignInProvider } from '../sign-in.ts'
import type { Deps } from './deps.ts'
import { readCode } from './people.ts'

/** By what somebody tried to sign in: the code of a link, or a provider and whom it names. */
export type Tried = { readonly link: string } | { readonly provider: SignInProvider; readonly subject: unknown }

/**
 * Tells that somebody was not let in, and why: an event to the tenant that they tried to sign in to, as far as that is known,
 * and no leaf of the log, which strangers would fill. Throws `error` again, whatever becomes of the telling.
 */
export async function tellRefused(deps: Deps, tried: Tried, error: unknown): Promise<never> {
  if (error instanceof CodedError && (error.code === 'sign-in-invalid' || error.code === 'sign-in-refused')) {
    // Whoever was refused is answered, even where nobody can be told.
    await tell(deps, tried, error).catch(() => undefined)
  }
  throw error
}

async function tell(deps: Deps, tried: Tried, error: CodedError): Promise<void> {
  const { signIns, store, now } = deps
  const { code, what } = reportOf(error)
  const by = 'link' in tried ? 'link' : 'provider'
  const provider = 'link' in tried ? null : tried.provider.name
  const subject = 'link' in tried ? null : textOf(tried.subject)
  for (const tenant of await tenantsOf(deps, tried)) {
    const count = signIns.refused.count(JSON.stringify([tenant, by, provider, code]))
    if (count === null) continue
    const at = now()
    const facts = { by, provider, code, what, subject, count }
    const about = JSON.stringify([by, provider, code, at, count])
    await store.events.notice(tenant, { kind: 'sign-in.refused', about, at, facts })
  }
}

/** An unknown link is nobody's: then whoever runs the server is told. */
async function tenantsOf({ store }: Deps, tried: Tried): Promise<Iterable<string>> {
  if ('provider' in tried) return new Set(tried.provider.rules.map(({ tenant }) => tenant))
  const code = readCode(tried.link)
  const link = code === null ? null : await store.people.link(code.id)
  return [link?.tenant ?? LOCAL_TENANT]
}

/** What a provider says is somebody's id, and what it lets people choose. */
function textOf(subject: unknown): string | null {
  return typeof subject === 'string' && subject.length <= 255 && !hasControl(subject) ? subject : null
}
