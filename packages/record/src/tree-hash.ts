import { createHash } from 'node:crypto'
import { type TreeEntry, treeLine } from '@countersign/formats'

/** Takes a tree manifest, piece by piece, as it is made. */
export type ManifestSink = (text: string) => void

const PIECE = 64 * 1024

/** Digest of a tree whose entries come sorted, in constant memory: the manifest is hashed as it grows. */
export class TreeHash {
  readonly #hash = createHash('sha256')
  readonly #sink: ManifestSink | undefined
  #pending = ''
  #entries = 0

  constructor(sink?: ManifestSink) {
    this.#sink = sink
  }

  get entries(): number {
    return this.#entries
  }

  add(entry: TreeEntry): void {
    this.#entries++
    this.#pending += treeLine(entry)
    if (this.#pending.length >= PIECE) this.#flush()
  }

  /** Lower-case hex; nothing can be added after it. */
  digest(): string {
    this.#flush()
    return this.#hash.digest('hex')
  }

  #flush(): void {
    this.#hash.update(this.#pending)
    this.#sink?.(this.#pending)
    this.#pending = ''
  }
}
