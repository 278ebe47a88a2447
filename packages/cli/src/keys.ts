import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { isKmsUri } from '@countersign/adapters/kms-uri'
import { openKeyFile } from '@countersign/adapters/signer-file'
import { CodedError } from '@countersign/core'
import type { Signer } from '@countersign/sign'
import type { Context } from './context.ts'
import { paintFor, plain } from './output.ts'

/** Whatever is for everybody, and writing for a group: a group that reads is how a secret is shared on purpose. */
const FOR_OTHERS = 0o027

/** What was told already: some commands open a key twice. */
const told = new WeakMap<Context, Set<string>>()

/**
 * The key to sign with: a file, or `awskms://`, `gcpkms://`, `azurekms://`, `hashivault://`, whose credentials are in the
 * environment. Tells of a file that is not for its owner alone: containers mount secrets so, and it is used all the same.
 * Throws what opening either throws.
 */
export async function openKey(context: Context, name: string, warn = warnOnce(context)): Promise<Signer> {
  // What is told of a key that is not there is its name, and logs are read by many.
  if (name.includes('-----BEGIN')) {
    throw new CodedError('usage', 'what is given as the name of a key is the key itself', {
      fix: 'Write the key to a file that only you can read, and name that. Where this was logged before, make another key.',
    })
  }
  if (!isKmsUri(name)) {
    const file = resolve(context.cwd, name)
    const signer = await openKeyFile(file, context.settings.passphrase)
    const mode = process.platform === 'win32' ? 0 : (statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o777
    if ((mode & FOR_OTHERS) !== 0) {
      const others = (mode & 0o022) === 0 ? 'read' : 'change'
      warn(`others on this machine can ${others} the key ${name} (mode 0${mode.toString(8)}); fix: chmod 600 ${name}`)
    }
    return signer
  }
  // Loaded where there is one: most steps are signed with a file.
  const { openKmsSigner } = await import('@countersign/adapters/kms-signer')
  return openKmsSigner(name, { env: context.environment, now: () => Date.parse(context.now()) })
}

function warnOnce(context: Context): (what: string) => void {
  return (what) => {
    const before = told.get(context) ?? new Set()
    if (before.has(what)) return
    told.set(context, before.add(what))
    context.stderr(`${paintFor(context).yellow('!')} ${plain(what, 1000)}\n`)
  }
}
