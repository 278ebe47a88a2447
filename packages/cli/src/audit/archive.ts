import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { BLOCK, headerOf } from '@countersign/adapters/audit-pack'
import { CodedError, equal } from '@countersign/core'
import { NotThere } from '../files.ts'

/** Two blocks of zeros end an archive. */
const END = 2 * BLOCK

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
