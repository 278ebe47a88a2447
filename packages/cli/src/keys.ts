import { resolve } from 'node:path'
import { isKmsUri } from '@countersign/adapters/kms-uri'
import { openKeyFile } from '@countersign/adapters/signer-file'
import type { Signer } from '@countersign/sign'
import type { Context } from './context.ts'

/**
 * The key to sign with: a file, or `awskms://`, `gcpkms://`, `azurekms://`, `hashivault://`, whose credentials are in the
 * environment. Throws what opening either throws.
 */
export async function openKey(context: Context, name: string): Promise<Signer> {
  if (!isKmsUri(name)) return openKeyFile(resolve(context.cwd, name), context.settings.passphrase)
  // Loaded where there is one: most steps are signed with a file.
  const { openKmsSigner } = await import('@countersign/adapters/kms-signer')
  return openKmsSigner(name, { env: context.environment, now: () => Date.parse(context.now()) })
}
