import type { ConfirmedSystem, ProviderConfirmation } from '@countersign/identity'
import type { ProviderSettings } from './provider-settings.ts'
import type { AskedProvider } from './verbs/confirm-token.ts'

/** Makes what asks a provider of its settings; its adapter is loaded where one is set up, and nowhere else. */
type Open<S extends ConfirmedSystem> = (
  settings: Extract<ProviderSettings, { system: S }>,
  now: () => number,
) => Promise<ProviderConfirmation>

const OPEN: { readonly [S in ConfirmedSystem]: Open<S> } = {
  async 'github-actions'({ system, api, token, timeoutMs }) {
    const { githubConfirmation } = await import('@countersign/adapters/confirm-github')
    // Of the token as it is then: one that is kept fresh in a file changes each hour.
    return { system, ask: async (...run) => githubConfirmation({ api, token: token(), timeoutMs }).ask(...run) }
  },
  async 'gitlab-ci'({ system, url, token, timeoutMs }) {
    const { gitlabConfirmation } = await import('@countersign/adapters/confirm-gitlab')
    return { system, ask: async (...run) => gitlabConfirmation({ url, token: token(), timeoutMs }).ask(...run) }
  },
  async 'aws-codebuild'({ endpoint, credentials, timeoutMs }, now) {
    const { codebuildConfirmation, codebuildCredentials } = await import('@countersign/adapters/confirm-codebuild')
    const held = codebuildCredentials(credentials, now, timeoutMs)
    return codebuildConfirmation({ credentials: held, endpoint, now, timeoutMs })
  },
  async 'google-cloud-build'({ endpoint, access, timeoutMs }, now) {
    const { cloudbuildAccess, cloudbuildConfirmation } = await import('@countersign/adapters/confirm-cloudbuild')
    const accessToken = 'env' in access ? cloudbuildAccess(access.env, now, timeoutMs) : async () => access.token()
    return cloudbuildConfirmation({ accessToken, endpoint, timeoutMs })
  },
}

/** The providers of some settings; `now` in milliseconds since 1970. Throws `provider-unreachable` for an address that is none. */
export function openProviders(settings: readonly ProviderSettings[], now: () => number): Promise<AskedProvider[]> {
  return Promise.all(
    settings.map(async (one) => {
      const { issuer, tenant, rule, timeoutMs } = one
      const open = OPEN[one.system] as (settings: ProviderSettings, now: () => number) => Promise<ProviderConfirmation>
      return { issuer, tenant, rule, timeoutMs, provider: await open(one, now) }
    }),
  )
}
