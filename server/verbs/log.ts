import { CodedError, type Crypto, equal, fromUtf8, utf8 } from '@countersign/core'
import {
  type NoteKey,
  noteKey,
  parseCheckpoint,
  type SignedCheckpoint,
  type TlogProof,
  writeCheckpoint,
  writeNote,
  writeOpening,
  writeReceipt,
  parseLeaf,
} from '@countersign/formats'
import {
  advance,
  checkAgainstLock,
  type CheckpointLock,
  loadState,
  type LogHashes,
  provePaths,
  rootsOf,
} from '@countersign/log'
import { leafHash, verifyInclusion } from '@countersign/merkle'
import type { Signer } from '@countersign/sign'
import type { LogData, LogHead } from '../store.ts'

export interface LogDeps {
  readonly origin: string
  /** Ed25519: it signs checkpoints. */
  readonly signer: Signer
  readonly lock: CheckpointLock
  readonly data: LogData
  readonly crypto: Crypto
}

/**
 * The log as the world sees it: nothing beyond its last signed checkpoint. A checkpoint is signed over what is
 * durable, then put into the lock, then published, in this order; where the lock says no, the log signs nothing more.
 */
export class Log {
  readonly key: NoteKey
  readonly #deps: LogDeps
  readonly #hashes: LogHashes
  #published: Published
  #broken: CodedError | null = null

  private constructor(deps: LogDeps, key: NoteKey, hashes: LogHashes, published: Published) {
    this.#deps = deps
    this.key = key
    this.#hashes = hashes
    this.#published = published
  }

  /**
   * Opens the log, holding what is stored against the lock before anything is signed. Throws what `checkAgainstLock`
   * throws: restored backups, lost tails, forks and bit rot all end here (T-73, T-74, T-76).
   */
  static async open(deps: LogDeps): Promise<Log> {
    const { origin, signer, lock, data, crypto } = deps
    const key = noteKey(origin, 'ed25519', signer.publicKey, crypto)
    const hashes: LogHashes = {
      sha256: { size: 32, hash: (bytes) => crypto.sha256(bytes) },
      sha3_256: { size: 32, hash: (bytes) => crypto.sha3_256(bytes) },
    }
    const state = loadState(data.size(), data.tile, hashes)
    let locked = await lock.read(origin)
    if (locked === null && state.size === 0) {
      // From here on the lock knows of the log: data without it is a restored backup, or somebody else's.
      locked = await sign(deps, key, { size: 0, root: rootsOf(state, hashes).sha256 })
      await advance(lock, origin, null, locked)
    }
    const read = { read: data.tile, readEntries: data.entries }
    const { ahead } = checkAgainstLock({ origin, keys: [key], locked, state, ...read, hashes, crypto })
    const log = new Log(deps, key, hashes, publishedOf(locked!))
    // Written when the last run was cut off, and acknowledged to nobody.
    if (ahead > 0) await log.publish({ size: state.size, root: rootsOf(state, hashes).sha256 })
    return log
  }

  /** Bytes of the last signed checkpoint. */
  get checkpoint(): Uint8Array {
    return this.#published.bytes
  }

  /** Entries that it covers. */
  get size(): number {
    return this.#published.checkpoint.size
  }

  /**
   * The last signed root, and the other tree's at the same size. Throws `log-corrupt` where what is stored does not lead
   * to the signed one.
   */
  roots(): { readonly size: number; readonly sha256: Uint8Array; readonly sha3_256: Uint8Array } {
    const { size, root } = this.#published.checkpoint
    const roots = rootsOf(loadState(size, this.#deps.data.tile, this.#hashes), this.#hashes)
    if (!equal(roots.sha256, root)) {
      throw new CodedError('log-corrupt', `what is stored does not lead to the root that was signed at ${size}`)
    }
    return { size, ...roots }
  }

  get data(): LogData {
    return this.#deps.data
  }

  /** False once the log signs nothing more: it has to be opened again. */
  get working(): boolean {
    return this.#broken === null
  }

  /** Throws the error that keeps the log from signing. */
  assertWorking(): void {
    if (this.#broken !== null) throw this.#broken
  }

  /**
   * Signs and publishes a head that is durable; gives the checkpoint's bytes. When this resolves the lock holds it. Throws `checkpoint-conflict`,
   * `store-failed` or `sign-failed`, and then again at every later call.
   */
  async publish(head: LogHead): Promise<Uint8Array> {
    this.assertWorking()
    try {
      const next = await sign(this.#deps, this.key, head)
      await advance(this.#deps.lock, this.#deps.origin, this.#published.bytes, next)
      this.#published = publishedOf(next)
      return next
    } catch (error) {
      this.#broken =
        error instanceof CodedError
          ? error
          : new CodedError('store-failed', 'no checkpoint was signed', { cause: error })
      throw this.#broken
    }
  }

  /**
   * A receipt as JSON text for an attestation that is held: the same leaf in the same place as ever, under the last
   * checkpoint. One that no checkpoint covers yet, for nobody knew whether it was written, is covered first. Throws
   * `not-found` and what `publish` and `prove` throw.
   */
  async receiptOf(tenant: string, link: string): Promise<string> {
    const index = this.#deps.data.opened(tenant, link)?.index
    if (index !== undefined && index >= this.size) {
      const state = loadState(index + 1, this.#deps.data.tile, this.#hashes)
      await this.publish({ size: state.size, root: rootsOf(state, this.#hashes).sha256 })
    }
    const proof = this.prove(tenant, link)
    if (proof === null) throw new CodedError('not-found', `there is no attestation ${link.slice(0, 12)}`)
    return fromUtf8(writeReceipt({ proof }))
  }

  /**
   * Proof that a tenant's attestation is in the log, with what opens its leaf. Null for one that is not held or was
   * erased, or that no checkpoint covers yet. Throws `log-corrupt` where what is stored does not prove it (T-76).
   */
  prove(tenant: string, link: string): TlogProof | null {
    const opened = this.#deps.data.opened(tenant, link)
    const { checkpoint } = this.#published
    if (opened === null || opened.index >= checkpoint.size) return null
    const { index, entry, salt, blind } = opened
    const [hashes] = provePaths([index], checkpoint.size, this.#deps.data.tile, this.#hashes)
    const hash = this.#hashes.sha256
    try {
      const leaf = { index, size: checkpoint.size, leafHash: leafHash(entry, hash), path: hashes! }
      verifyInclusion(leaf, checkpoint.root, hash)
    } catch (cause) {
      throw new CodedError('log-corrupt', `entry ${index} is not under the root that was signed`, { cause })
    }
    const extra = writeOpening({ link, leaf: parseLeaf(entry), salt, blind })
    return { extra, index, hashes: hashes!, checkpoint }
  }
}

interface Published {
  readonly bytes: Uint8Array
  readonly checkpoint: SignedCheckpoint
}

function publishedOf(bytes: Uint8Array): Published {
  return { bytes, checkpoint: parseCheckpoint(bytes) }
}

async function sign({ origin, signer, crypto }: LogDeps, key: NoteKey, head: LogHead): Promise<Uint8Array> {
  const text = writeCheckpoint({ origin, ...head })
  const signed = utf8(text)
  const signature = await signer.sign(signed)
  if (!crypto.verify(signer.publicKey, signed, signature)) {
    throw new CodedError('sign-failed', 'the checkpoint just signed does not verify under the server key')
  }
  const bytes = writeNote({ text, signatures: [{ name: key.name, keyId: key.keyId, signature }] })
  // What was read back is what was meant: nothing else may ever be signed for this size.
  const { size, root } = parseCheckpoint(bytes)
  if (size !== head.size || !equal(root, head.root))
    throw new CodedError('sign-failed', 'the checkpoint is not the one that was to be signed')
  return bytes
}
