import { resolve } from 'node:path'
import type { Metrics } from './metrics.ts'
import type { ProviderSettings } from './provider-settings.ts'
import { Confirmations } from './verbs/confirm-token.ts'

/** The providers that an argument or else the environment names; what reads them is loaded only then. */
export async function providersNamed(
  argument: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly ProviderSettings[]> {
  const file = argument ?? env['COUNTERSIGN_PROVIDERS'] ?? ''
  if (file === '') return []
  const { readProviderSettings } = await import('./provider-settings.ts')
  return readProviderSettings({ file: resolve(file), env })
}

/** What asks them; their adapters are loaded where there are some. */
export async function openConfirmations(
  settings: readonly ProviderSettings[],
  metrics: Metrics,
): Promise<Confirmations> {
  if (settings.length === 0) return new Confirmations([], metrics)
  const { openProviders } = await import('./provider-kinds.ts')
  return new Confirmations(await openProviders(settings, Date.now), metrics)
}
