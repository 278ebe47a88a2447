import { resolve } from 'node:path'
import { isKmsUri } from '@countersign/adapters/kms-uri'
import { openKeyFile } from '@countersign/adapters/signer-file'
import { CodedError } from '@countersign/core'
import type { Signer } from '@countersign/sign'
import type { Context } from './context.ts'

/**
 * The key to sign with: a file, or `awskms://`, `gcpkms://`, `azurekms://`, `hashivault://`, whose credentials are in the
 * environment. Throws what opening either throws.
 */
export async function openKey(context: Context, name: string): Promise<Signer> {
  // What is told of a key that is not there is its name, and logs are read by many.
  if (name.includes('-----BEGIN')) {
    throw new CodedError('usage', 'what is given as the name of a key is the key itself', {
      fix: 'Write the key to a file that only you can read, and name that. Where this was logged before, make another key.',
    })
  }
  if (!isKmsUri(name)) return openKeyFile(resolve(context.cwd, name), context.settings.passphrase)
  // Loaded where there is one: most steps are signed with a file.
  const { openKmsSigner } = await import('@countersign/adapters/kms-signer')
  return openKmsSigner(name, { env: context.environment, now: () => Date.parse(context.now()) })
}
