import { constants } from 'node:fs'
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises'
import { MAX_BUNDLE_BYTES } from '@countersign/formats'
import { makeDirectory } from './make-directory.ts'

/** The few things a spool asks of a file system. Each fails by throwing, having done its work or not. */
export interface SpoolFiles {
  makeDirectory(path: string): Promise<void>
  /** Writes a new file and waits until its bytes are on the disk. */
  write(path: string, bytes: Uint8Array): Promise<void>
  /** Atomic; replaces what is there. */
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  /** Waits until the directory's entries are on the disk. */
  syncDirectory(path: string): Promise<void>
  /** Names in a directory; none where it does not exist. */
  list(path: string): Promise<string[]>
  /** A regular file of the size of one bundle at most; null where there is no such file. */
  read(path: string): Promise<Uint8Array | null>
}

/** Attestations name private files and hosts: nobody else may read them. */
const DIRECTORY_MODE = 0o700
const FILE_MODE = 0o600

export const diskFiles: SpoolFiles = {
  async makeDirectory(path) {
    makeDirectory(path, DIRECTORY_MODE)
  },
  async write(path, bytes) {
    const file = await open(path, 'wx', FILE_MODE)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
  },
  rename,
  async remove(path) {
    await rm(path, { force: true })
  },
  async syncDirectory(path) {
    const directory = await open(path, 'r')
    try {
      await directory.sync()
    } finally {
      await directory.close()
    }
  },
  async list(path) {
    try {
      return await readdir(path)
    } catch (error) {
      if (isMissing(error)) return []
      throw error
    }
  },
  async read(path) {
    let file: FileHandle
    try {
      // Without O_NONBLOCK a FIFO would hang us for ever.
      file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
    try {
      const stat = await file.stat()
      if (!stat.isFile() || stat.size > MAX_BUNDLE_BYTES) throw new Error(`${path} is no spooled bundle`)
      return await file.readFile()
    } finally {
      await file.close()
    }
  },
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
