import { randomUUID } from 'node:crypto'
import { constants, createWriteStream } from 'node:fs'
import { type FileHandle, mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { CodedError, equal } from '@countersign/core'
import { type Pack, pack as tarPack } from 'tar-stream'
import { NotThere } from '../files.ts'

const BLOCK = 512
/** Two blocks of zeros end an archive. */
const END = 2 * BLOCK

/** A file on its way into an archive. Its bytes are had when it is its turn. */
export interface Packing {
  readonly name: string
  readonly bytes: () => Uint8Array | Promise<Uint8Array>
}

/**
 * Writes an archive, all of it or nothing: beside the target first, then in its place. POSIX ustar of regular files
 * alone, without owner, time or extension: the same files in the same order are the same bytes. Throws
 * `file-write-failed`, and what a file throws.
 */
export async function writeArchive(path: string, files: readonly Packing[]): Promise<void> {
  const target = await realpath(path).catch(() => path)
  if ((await stat(target).catch(() => null))?.isFile() === false) {
    throw new CodedError('file-special', `${path} is not a regular file`)
  }
  const temporary = `${target}.${randomUUID()}.tmp`
  try {
    await mkdir(dirname(target), { recursive: true })
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

async function fill(archive: Pack, files: readonly Packing[]): Promise<void> {
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
async function headerOf(name: string, size: number): Promise<Uint8Array> {
  const archive = tarPack()
  begin(archive, name, size)
  for await (const header of archive as AsyncIterable<Uint8Array>) {
    if (header.length === BLOCK) return header
    break
  }
  throw new CodedError('pack-invalid', `${name} has no place in an archive`)
}

/**
 * Reads an archive from its beginning, file after file, and takes nothing but what `writeArchive` writes: each header is
 * the one there is for a name and a size, all padding is zeros, and behind the end is nothing. So no link, no path of its
 * own, no second name, no extension and no compression is ever looked at (T-28, T-30, T-31, T-94), and no other program
 * can unpack it to something else.
 */
export class ArchiveReader {
  readonly #file: FileHandle
  readonly #size: number
  /** As it was opened by. */
  readonly path: string
  #at = 0

  private constructor(file: FileHandle, size: number, path: string) {
    this.#file = file
    this.#size = size
    this.path = path
  }

  /** Throws `file-missing`, `file-unreadable` and `file-special`. Close it. */
  static async open(path: string): Promise<ArchiveReader> {
    let file: FileHandle
    try {
      // O_NONBLOCK: a FIFO in the file's place must not hang us.
      file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    } catch (cause) {
      const name = cause instanceof Error && 'code' in cause ? String(cause.code) : 'failed'
      if (name === 'ENOENT') throw new NotThere(`${path} is not there`, { cause })
      throw new CodedError('file-unreadable', `${path}: ${name}`, { cause })
    }
    const facts = await file.stat()
    if (facts.isFile()) return new ArchiveReader(file, facts.size, path)
    await file.close()
    throw new CodedError('file-special', `${path} is not a regular file`)
  }

  /** Bytes of the archive, and how many of them were read. */
  get progress(): { readonly bytes: number; readonly total: number } {
    return { bytes: this.#at, total: this.#size }
  }

  /**
   * The next file, which must have this name and, where it is known, this size. Throws `pack-altered` where another file
   * stands there, `input-too-large` above `max`, and `pack-invalid`.
   */
  async next(name: string, known: number | null, max: number): Promise<Uint8Array> {
    const header = await this.#read(BLOCK, name)
    const size = known ?? sizeIn(header)
    if (size === null || !equal(header, await headerOf(name, size))) throw await another(header, name, known)
    if (size > max) throw new CodedError('input-too-large', `${name} has ${size} bytes, at most ${max} are read`)
    const bytes = await this.#read(size, name)
    const padding = await this.#read((BLOCK - (size % BLOCK)) % BLOCK, name)
    if (padding.some((byte) => byte !== 0))
      throw new CodedError('pack-invalid', `behind ${name} is what is not padding`)
    return bytes
  }

  /** Throws `pack-altered` and `pack-invalid` unless the archive ends here. */
  async end(): Promise<void> {
    const rest = this.#size - this.#at
    const blocks = await this.#read(Math.min(rest, END), 'the end')
    const other = blocks.length >= BLOCK ? await nameIn(blocks.subarray(0, BLOCK)) : null
    if (other !== null) throw new CodedError('pack-altered', `${other} is in the archive and not in the manifest`)
    if (rest !== END || blocks.some((byte) => byte !== 0)) {
      throw new CodedError('pack-invalid', 'the archive does not end behind its last file')
    }
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async #read(length: number, name: string): Promise<Uint8Array> {
    // Before any memory is taken for it: a header can name any size.
    if (length > this.#size - this.#at) throw new CodedError('pack-invalid', `the archive ends within ${name}`)
    const bytes = new Uint8Array(length)
    let filled = 0
    while (filled < length) {
      const { bytesRead } = await this.#file.read(bytes, filled, length - filled, this.#at + filled)
      if (bytesRead === 0) throw new CodedError('file-changed', `${this.path} became shorter while it was read`)
      filled += bytesRead
    }
    this.#at += length
    return bytes
  }
}

/** What is wrong with a header that is not the one that should be there. */
async function another(header: Uint8Array, name: string, known: number | null): Promise<CodedError> {
  const other = await nameIn(header)
  if (other === null) {
    if (header.every((byte) => byte === 0)) return new CodedError('pack-altered', `the archive ends before ${name}`)
    return new CodedError('pack-invalid', `where ${name} should be is no file of a pack`)
  }
  if (other !== name) return new CodedError('pack-altered', `${other} stands where ${name} should be`)
  return new CodedError('pack-altered', `${name} has ${sizeIn(header)} bytes, and not ${known}`)
}

/** Size of the file behind a header: octal digits; null where there are none. */
function sizeIn(header: Uint8Array): number | null {
  const text = String.fromCharCode(...header.subarray(124, 135))
  return /^[0-7]{11}$/.test(text) ? Number.parseInt(text, 8) : null
}

/** Name in a header that is one of ours; null for any other. */
async function nameIn(header: Uint8Array): Promise<string | null> {
  const end = header.indexOf(0)
  const name = String.fromCharCode(...header.subarray(0, end < 0 || end > 100 ? 100 : end))
  const size = sizeIn(header)
  if (size === null || !/^[a-z0-9./-]{1,99}$/.test(name)) return null
  return equal(header, await headerOf(name, size)) ? name : null
}
