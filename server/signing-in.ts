import { parseAdministrativeAct } from '@countersign/formats'
import { SIGN_IN } from './audit.ts'
import { LOCAL_TENANT } from './first-run.ts'
import { SignIns } from './sign-in.ts'
import { rulesFor, type SignInSettings } from './sign-in-settings.ts'
import { signInUrl } from './routes/people.ts'
import { administer } from './verbs/administer.ts'
import type { Deps } from './verbs/deps.ts'
import { addPerson } from './verbs/people.ts'

/** What OpenID Connect needs is loaded where somebody signs in by it. */
export async function openSignIns(settings: readonly SignInSettings[], clock: () => number): Promise<SignIns> {
  if (settings.length === 0) return new SignIns([], clock)
  const { oidcProvider } = await import('./oidc-provider.ts')
  return new SignIns(
    settings.map((one) => oidcProvider(one, clock)),
    clock,
  )
}

/**
 * Where nobody ever was, makes the first administrator and gives the link that signs in as such: on the first run, and after
 * one that came to its end before it listened. Tells the audit log by which rules people sign in, where those are others
 * than at the last start. `url` is where the server listens.
 */
export async function beginSigningIn(
  deps: Deps,
  settings: readonly SignInSettings[],
  url: string,
): Promise<{ readonly signIn?: string }> {
  const by = { kind: 'server', id: deps.origin, name: null } as const
  const tenants = new Set([LOCAL_TENANT, ...settings.flatMap(({ rules }) => rules.map(({ tenant }) => tenant))])
  for (const tenant of tenants) {
    const { digest, rules } = rulesFor(settings, tenant)
    const [last] = (await deps.store.acts.administrations(tenant, SIGN_IN, 1, null)).items
    const before = last === undefined ? null : parseAdministrativeAct(last.document).detail['digest']
    // Where there were never any, none are no news.
    if (before === digest || (before === null && settings.length === 0)) continue
    await administer(deps, { tenant, by }, { act: 'sign-in.rules', digest, rules })
  }
  if ((await deps.store.people.list(LOCAL_TENANT)).length > 0) return {}
  const admin = { name: 'admin', email: null, role: 'admin' } as const
  const { link } = await addPerson(deps, { tenant: LOCAL_TENANT, by }, admin)
  return { signIn: signInUrl(deps.publicUrl ?? url, link.code) }
}
