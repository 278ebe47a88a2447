import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { makeDirectory } from '@countersign/client/make-directory'
import { CodedError } from '@countersign/core'
import { type Pack, pack as tarPack } from 'tar-stream'

/** Bytes of a header, and of what files are padded to. */
export const BLOCK = 512

/** A file on its way into an archive. Its bytes are had when it is its turn. */
export interface PackingFile {
  readonly name: string
  readonly bytes: () => Uint8Array | Promise<Uint8Array>
}

/**
 * Writes an archive, all of it or nothing: beside the target first, then in its place. POSIX ustar of regular files
 * alone, without owner, time or extension: the same files in the same order are the same bytes. Throws
 * `file-write-failed`, and what a file throws.
 */
export async function writeArchive(path: string, files: readonly PackingFile[]): Promise<void> {
  const target = await realpath(path).catch(() => path)
  if ((await stat(target).catch(() => null))?.isFile() === false) {
    throw new CodedError('file-special', `${path} is not a regular file`)
  }
  const temporary = `${target}.${randomUUID()}.tmp`
  try {
    makeDirectory(dirname(target))
    const archive = tarPack()
    const written = pipeline(archive, createWriteStream(temporary, { flags: 'wx', flush: true }))
    const filled = fill(archive, files)
    // Whoever fails first ends the other.
    filled.catch((cause: unknown) => archive.destroy(cause instanceof Error ? cause : new Error('packing failed')))
    await Promise.all([filled, written])
    await rename(temporary, target)
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined)
    if (cause instanceof CodedError) throw cause
    const name = cause instanceof Error && 'code' in cause ? String(cause.code) : 'failed'
    throw new CodedError('file-write-failed', `${path}: ${name}`, { cause })
  }
}

async function fill(archive: Pack, files: readonly PackingFile[]): Promise<void> {
  for (const { name, bytes } of files) {
    const content = await bytes()
    await new Promise<void>((done, failed) => {
      const entry = begin(archive, name, content.length, (error) => (error == null ? done() : failed(error)))
      entry.end(content)
    })
  }
  archive.finalize()
}

const EPOCH = new Date(0)

function begin(archive: Pack, name: string, size: number, done?: (error?: Error | null) => void) {
  const header = { name, size, mode: 0o644, mtime: EPOCH, type: 'file', uid: 0, gid: 0 } as const
  return archive.entry(header, done)
}

/** The 512 bytes that stand before a file of an archive. */
export async function headerOf(name: string, size: number): Promise<Uint8Array> {
  const archive = tarPack()
  begin(archive, name, size)
  for await (const header of archive as AsyncIterable<Uint8Array>) {
    if (header.length === BLOCK) return header
    break
  }
  throw new CodedError('pack-invalid', `${name} has no place in an archive`)
}
