import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CodedError } from '@countersign/core'
import { writeVkey } from '@countersign/formats'
import { addLogKey, type LogKeysInput, retireLogKey } from './log-keys.ts'

/**
 * One of the two steps in which a log changes its key; says what its verifiers have to know. Without `retiring` the key
 * is made that is to follow, else the one before is retired. Throws what `addLogKey` and `retireLogKey` throw, and
 * `key-unreadable` where there is no log.
 */
export async function changeLogKey(
  input: LogKeysInput,
  retiring: { readonly locked: () => Promise<Uint8Array | null>; readonly now: string } | null,
  json: boolean,
): Promise<string> {
  const { directory } = input
  if (!existsSync(join(directory, 'server.key'))) {
    throw new CodedError('key-unreadable', `there is no server.key in ${directory}`, {
      fix: 'Name the data directory: --data DIR',
    })
  }
  if (retiring === null) {
    const next = writeVkey(await addLogKey(input))
    const then = 'Restart the server: it signs with both keys. Give this one to all who verify, then --retire-log-key.'
    return json ? `${JSON.stringify({ next })}\n` : `${next}\n${then}\n`
  }
  const changed = await retireLogKey({ ...input, locked: await retiring.locked(), now: retiring.now })
  const [vkey, retired] = [writeVkey(changed.key), writeVkey(changed.retired)]
  if (json) return `${JSON.stringify({ vkey, retired })}\n`
  return `${vkey}\nRestart the server: it signs with this key alone. ${retired} is retired.\n`
}
