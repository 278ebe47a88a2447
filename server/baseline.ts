import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Baseline, parseBaseline } from '@countersign/contract'
import { CodedError } from '@countersign/core'

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
