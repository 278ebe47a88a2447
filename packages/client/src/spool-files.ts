import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'

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
  /** Null where there is no such file. */
  read(path: string): Promise<Uint8Array | null>
}

/** Attestations name private files and hosts: nobody else may read them. */
const DIRECTORY_MODE = 0o700
const FILE_MODE = 0o600

export const diskFiles: SpoolFiles = {
  async makeDirectory(path) {
    await mkdir(path, { recursive: true, mode: DIRECTORY_MODE })
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
    try {
      return await readFile(path)
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  },
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
