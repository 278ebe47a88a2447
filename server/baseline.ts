import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Baseline, parseBaseline } from '@countersign/contract'
import { CodedError } from '@countersign/core'
import { parseAdministrativeAct } from '@countersign/formats'
import { BASELINE } from './audit.ts'
import { LOCAL_TENANT } from './first-run.ts'
import { administer } from './verbs/administer.ts'
import type { Deps } from './verbs/deps.ts'

/** What every contract of this server must ask for; null for nothing. Throws `usage`, and what `parseBaseline` throws. */
export async function baselineNamed(
  named: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Baseline | null> {
  const file = named ?? env['COUNTERSIGN_BASELINE'] ?? ''
  if (file === '') return null
  let bytes: Uint8Array
  try {
    bytes = await readFile(resolve(file))
  } catch (cause) {
    throw new CodedError('usage', `the baseline ${file} cannot be read`, { cause })
  }
  return parseBaseline(bytes)
}

/** Tells the audit log what every contract must ask for, where that is something else than at the last start. */
export async function tellBaseline(deps: Deps, baseline: Baseline | null): Promise<void> {
  const [last] = (await deps.store.acts.administrations(LOCAL_TENANT, BASELINE, 1, null)).items
  const before = last === undefined ? null : parseAdministrativeAct(last.document).detail['digest']
  if (before === (baseline?.digest ?? null)) return
  const by = { kind: 'server', id: deps.origin, name: null } as const
  await administer(deps, { tenant: LOCAL_TENANT, by }, { act: 'baseline.set', baseline })
}
