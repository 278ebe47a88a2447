import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type KeptTrust, readKeptTrust } from '@countersign/adapters/sigstore-cache'
import { updateSigstoreTrust } from '@countersign/adapters/sigstore-tuf'
import { type Code, utf8 } from '@countersign/core'
import { LocalSigstore } from './local-sigstore.ts'
import { LocalTuf, type LocalMirror, startMirror } from './local-tuf.ts'
import { expect } from 'vitest'

export const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error

/** Trusted roots that can be told apart: the second ends before the first began. */
const sigstore = new LocalSigstore()
export const rootNumber = (number: number) => utf8(JSON.stringify({ ...sigstore.trustedRoot, number }))
export const numberOf = ({ trustedRoot }: Pick<KeptTrust, 'trustedRoot'>) =>
  (JSON.parse(Buffer.from(trustedRoot).toString()) as { number: number }).number

/** A repository, its mirror, and whoever keeps what it publishes. */
export class TufStory {
  readonly tuf: LocalTuf
  readonly mirror: LocalMirror
  readonly #directories: string[] = []
  directory: string

  private constructor(tuf: LocalTuf, mirror: LocalMirror) {
    this.tuf = tuf
    this.mirror = mirror
    this.directory = this.elsewhere()
  }

  /** `word`: one word, one set of keys. */
  static async begin(word = 'local'): Promise<TufStory> {
    const tuf = new LocalTuf(rootNumber(1), word)
    return new TufStory(tuf, await startMirror(tuf.files))
  }

  /** A directory in which nothing is known yet. */
  elsewhere(): string {
    const directory = mkdtempSync(join(tmpdir(), 'countersign-tuf-'))
    this.#directories.push(directory)
    return directory
  }

  update(more: Partial<Parameters<typeof updateSigstoreTrust>[0]> = {}): Promise<KeptTrust> {
    return updateSigstoreTrust({
      mirror: this.mirror.url,
      directory: this.directory,
      root: this.tuf.root,
      now: new Date().toISOString(),
      ...more,
    })
  }

  get kept(): KeptTrust | null {
    return readKeptTrust(this.directory, this.mirror.url)
  }

  async end(): Promise<void> {
    await this.mirror.close()
    for (const directory of this.#directories) rmSync(directory, { recursive: true, force: true })
  }
}
