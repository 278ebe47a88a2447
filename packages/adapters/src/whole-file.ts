import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeDirectory } from '@countersign/client/make-directory'
import { CodedError } from '@countersign/core'

/** Who may read what is written: everybody, or its owner. */
const MODES = { all: { file: 0o644, directory: 0o777 }, owner: { file: 0o600, directory: 0o700 } } as const

/**
 * Writes a file, and the directories it needs: all of it or nothing, on the disk before it has its name. Throws
 * `file-write-failed`.
 */
export async function writeWhole(path: string, bytes: Uint8Array, readers: keyof typeof MODES): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`
  const mode = MODES[readers]
  try {
    makeDirectory(dirname(path), mode.directory)
    const file = await open(temporary, 'wx', mode.file)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw new CodedError('file-write-failed', `${path} could not be written`, { cause })
  }
}
