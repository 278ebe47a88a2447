import { CodedError, type Crypto, equal, fromUtf8 } from '@countersign/core'
import {
  type Coverage,
  type LogStatement,
  type NoteKey,
  noteKey,
  parseCheckpoint,
  type SignedCheckpoint,
  type TlogProof,
  tombstoneProof,
  type Withheld,
  withheldOf,
  writeCheckpoint,
  writeNote,
  writeOpening,
  writeReceipt,
  writeTlogProof,
  writeUnopened,
  parseLeaf,
} from '@countersign/formats'
import {
  advance,
  byTree,
  checkAgainstLock,
  type CheckpointLock,
  EMPTY_LOG,
  leavesInDoubt,
  loadState,
  type LogHashes,
  proveConsistency,
  provePaths,
  rootsOf,
} from '@countersign/log'
import { KnownTiles, leafHash, verifyInclusion } from '@countersign/merkle'
import type { Signer } from '@countersign/sign'
import type { RetiredKey } from '../log-keys.ts'
import type { LogData, LogHead } from '../store.ts'
import { graveOf, missing } from './missing.ts'
import { type LogSigners, signNote } from './sign-note.ts'
import type { Witnesses } from './witnesses.ts'

export interface LogDeps extends LogSigners {
  /** Keys that the log signed with before: what they signed is its own. */
  readonly retired?: readonly RetiredKey[]
  readonly lock: CheckpointLock
  readonly data: LogData
  readonly crypto: Crypto
  /** Who cosigns its checkpoints. */
  readonly witnesses?: Witnesses
}

/**
 * The log as the world sees it: nothing beyond its last published checkpoint. A checkpoint is signed over what is
 * durable, then put into the lock, then cosigned where a quorum of witnesses is demanded, then published, in this
 * order; where the lock or a witness says no, the log signs nothing more, and where the lock does not answer, nothing
 * until it has been read again.
 */
export class Log {
  /** What the log signs with, the key that follows behind the one that is left. */
  readonly keys: readonly [NoteKey, ...NoteKey[]]
  readonly retired: readonly RetiredKey[]
  readonly #deps: LogDeps
  readonly #hashes: LogHashes
  /** What the lock holds. */
  #locked: Published
  /** What the world sees: the same with its cosignatures, or one before; null until there is a quorum for the first. */
  #published: Published | null
  #broken: CodedError | null = null
  /** Why it is not known what the lock holds: it is read again before anything else is signed. */
  #doubt: CodedError | null = null
  /** A checkpoint that the lock may hold. */
  #tried: Uint8Array | null = null
  #resuming: Promise<void> | null = null
  /** Why nothing is published for now: it goes on by itself. */
  #stalled: CodedError | null = null
  /** Durable when the log was opened, and to be signed when the witnesses have agreed to what was signed before. */
  #held: LogHead | null = null
  /** The publication that was begun last. Never rejects. */
  #turn: Promise<void> = Promise.resolve()
  /** Tiles on the way of many proofs. */
  readonly #tiles = new KnownTiles(64)

  private constructor(deps: LogDeps, keys: readonly [NoteKey, ...NoteKey[]], hashes: LogHashes, locked: Published) {
    this.#deps = deps
    this.keys = keys
    this.retired = deps.retired ?? []
    this.#hashes = hashes
    this.#locked = locked
    this.#published = deps.witnesses?.demanded === true ? null : locked
  }

  /**
   * Opens the log, holding what is stored against the lock, and what the lock holds against the witnesses, before
   * anything is signed. Throws what `checkAgainstLock` throws: restored backups, lost tails, forks and bit rot all end
   * here (T-73, T-74, T-76); and `witness-conflict`, also where the lock came back with the backup.
   */
  static async open(deps: LogDeps): Promise<Log> {
    const { origin, signer, next, lock, data, crypto } = deps
    const keyOf = ({ publicKey }: Signer) => noteKey(origin, 'ed25519', publicKey, crypto)
    const keys: readonly [NoteKey, ...NoteKey[]] = next == null ? [keyOf(signer)] : [keyOf(signer), keyOf(next)]
    const hashes: LogHashes = {
      sha256: { size: 32, hash: (bytes) => crypto.sha256(bytes) },
      sha3_256: { size: 32, hash: (bytes) => crypto.sha3_256(bytes) },
    }
    let locked = await lock.read(origin)
    if (locked === null && data.size() === 0) {
      // From here on the lock knows of the log: data without it is a restored backup, or somebody else's.
      locked = await sign(deps, { size: 0, root: rootsOf(EMPTY_LOG, hashes).sha256 })
      await advance(lock, origin, null, locked)
    }
    const stored = checked(deps, keys, hashes, locked)
    locked = await signedByAll(deps, keys, locked!)
    const log = new Log(deps, keys, hashes, publishedOf(locked))
    // What is more was written when the last run was cut off, and acknowledged to nobody.
    await log.#begin(stored.size > log.signedSize ? stored : null)
    return log
  }

  /** Bytes of the last published checkpoint. Throws `witness-quorum` while there is none. */
  get checkpoint(): Uint8Array {
    return this.#shown().bytes
  }

  /** Entries that it covers. */
  get size(): number {
    return this.#shown().checkpoint.size
  }

  /** Entries that are signed: their tiles are there for witnesses that look before they cosign. */
  get signedSize(): number {
    return this.#locked.checkpoint.size
  }

  #shown(): Published {
    if (this.#published === null) throw this.#stalled ?? tooFew()
    return this.#published
  }

  /**
   * The last published root, and the other tree's at the same size. Throws `log-corrupt` where what is stored does not
   * lead to the signed one, and `witness-quorum` while nothing is published.
   */
  roots(): { readonly size: number; readonly sha256: Uint8Array; readonly sha3_256: Uint8Array } {
    const { size, root } = this.#shown().checkpoint
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

  /** True while too few witnesses cosign: nothing is acknowledged until they do again. */
  get stalled(): boolean {
    return this.#stalled !== null
  }

  /** Names of the witnesses that did not cosign when they were asked last. */
  get failingWitnesses(): readonly string[] {
    return this.#deps.witnesses?.failing ?? []
  }

  /** Throws the error that keeps the log from publishing. */
  assertWorking(): void {
    const error = this.#broken ?? this.#doubt ?? this.#stalled
    if (error !== null) throw error
  }

  /**
   * Resolves while the log publishes. Where the lock did not answer, reads it again, holds what is stored against it as
   * at the start, and signs what is durable: after a full disk it goes on by itself. Throws the error that keeps it
   * from publishing.
   */
  async ready(): Promise<void> {
    if (this.#doubt !== null) {
      // One tries for all who wait.
      this.#resuming ??= this.#inTurn(() => this.#resume()).finally(() => (this.#resuming = null))
      await this.#resuming
    }
    this.assertWorking()
  }

  /**
   * Signs and publishes a head that is durable; gives the bytes of its checkpoint, with the cosignatures it has, or null
   * where a larger one that was signed before covers it. When this resolves the lock holds it, and a quorum of witnesses
   * has cosigned it where one is demanded. Throws `store-failed` or `storage-full` when the lock does not answer: the
   * next call reads it again; `checkpoint-conflict`, `log-forked` or `sign-failed`, and then again at every later call;
   * `witness-quorum` when too few witnesses answer in time: what was signed is published by itself
   * when they do.
   */
  publish(head: LogHead): Promise<Uint8Array | null> {
    return this.#inTurn(() => this.#publish(head))
  }

  /** The next one swaps what this one has put into the lock. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work)
    this.#turn = mine.then(
      () => undefined,
      () => undefined,
    )
    return mine
  }

  async #publish(head: LogHead): Promise<Uint8Array | null> {
    if (this.#broken !== null) throw this.#broken
    await this.#resume()
    const { size: before } = this.#locked.checkpoint
    if (head.size > before) await this.#sign(head)
    else if (!equal(head.root, this.#signedRoot(head.size))) {
      throw (this.#broken = new CodedError('log-forked', `${head.size} entries have another root than was signed`))
    }
    const { bytes } = await this.#show()
    return head.size < before ? null : bytes
  }

  /** The root of the first entries, of which no more may be asked for than are signed. */
  #signedRoot(size: number): Uint8Array {
    const { checkpoint } = this.#locked
    if (size === checkpoint.size) return checkpoint.root
    return rootsOf(loadState(size, this.#deps.data.tile, this.#hashes), this.#hashes).sha256
  }

  async #sign(head: LogHead): Promise<void> {
    try {
      const next = await sign(this.#deps, head)
      this.#tried = next
      await advance(this.#deps.lock, this.#deps.origin, this.#locked.bytes, next)
      this.#locked = publishedOf(next)
      this.#tried = null
    } catch (error) {
      throw this.#failed(error)
    }
  }

  /** Finds out what the lock holds where that is not known, and signs what is durable by now. */
  async #resume(): Promise<void> {
    if (this.#doubt === null) return
    let stored: LogHead
    try {
      const { lock, origin } = this.#deps
      const held = await lock.read(origin)
      const ours = [this.#locked.bytes, this.#tried].some((one) => held !== null && one !== null && equal(one, held))
      if (!ours) throw new CodedError('checkpoint-conflict', `the lock of ${origin} holds what somebody else signed`)
      stored = checked(this.#deps, this.keys, this.#hashes, held)
      this.#locked = publishedOf(held!)
      this.#tried = null
    } catch (error) {
      throw this.#failed(error)
    }
    if (stored.size > this.#locked.checkpoint.size) await this.#sign(stored)
    this.#doubt = null
    await this.#show()
  }

  #failed(error: unknown): CodedError {
    const fault =
      error instanceof CodedError ? error : new CodedError('store-failed', 'no checkpoint was signed', { cause: error })
    if (leavesInDoubt(fault)) this.#doubt = fault
    else this.#broken = fault
    return fault
  }

  /** Publishes what the lock holds, when a quorum has cosigned it where one is demanded. */
  async #show(): Promise<Published> {
    const { witnesses } = this.#deps
    if (this.#published !== null && this.#published.checkpoint.note.text === this.#locked.checkpoint.note.text) {
      return this.#published
    }
    witnesses?.offer(this.#locked.checkpoint)
    if (witnesses === undefined || !witnesses.demanded) return (this.#published = this.#locked)
    // Nobody is made to wait for witnesses of whom it is known that they are too few.
    if (this.#stalled !== null) throw this.#stalled
    if (!(await witnesses.quorum())) throw (this.#stalled = tooFew())
    return this.#shown()
  }

  /** Asks the witnesses about what was signed before, and only then signs what is more. */
  async #begin(ahead: LogHead | null): Promise<void> {
    const { witnesses } = this.#deps
    this.#held = ahead
    await witnesses?.begin(
      {
        prove: (old, checkpoint) => proveConsistency(old, checkpoint, this.#deps.data.tile, this.#hashes),
        cosigned: (checkpoint) => this.#cosigned(checkpoint),
        disagreed: (error) => (this.#broken ??= error),
      },
      this.#locked.checkpoint,
    )
    if (witnesses?.demanded === true && !witnesses.reached) this.#stalled = tooFew()
    else await this.#signHeld()
  }

  /** There is a cosignature more on what was offered last: by now the lock may hold a larger one, not offered yet. */
  #cosigned({ note, size }: SignedCheckpoint): void {
    const witnesses = this.#deps.witnesses!
    if (witnesses.demanded && !witnesses.reached) return
    if (this.#published !== null && this.#published.checkpoint.size > size) return
    const { text, signatures } = note
    this.#published = publishedOf(writeNote({ text, signatures: [...signatures, ...witnesses.lines()] }))
    if (this.#stalled === null) return
    // What was there when the log was opened may be asked for again, as if it had been acknowledged: it goes first.
    if (this.#held === null) this.#stalled = null
    else this.#signHeld().catch(() => undefined)
  }

  async #signHeld(): Promise<void> {
    const head = this.#held
    this.#held = null
    if (head === null) return
    try {
      await this.publish(head)
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'witness-quorum') throw error
    }
  }

  /**
   * A receipt as JSON text for an attestation that is held: the same leaf in the same place as ever, under the last
   * checkpoint. One that no checkpoint covers yet, for nobody knew whether it was written, is covered first. Throws
   * `not-found` and what `publish` and `prove` throw.
   */
  async receiptOf(tenant: string, link: string): Promise<string> {
    const index = this.#deps.data.opened(tenant, link)?.index
    if (index !== undefined) await this.#cover(index)
    const proof = this.prove(tenant, link)
    if (proof === null) throw this.missing(tenant, link)
    return fromUtf8(writeReceipt({ proof }))
  }

  /** The `.tlog-proof` of an entry that is durable, under a checkpoint that covers it. Throws what `publish` and `prove` throw. */
  async proofOf(index: number): Promise<Uint8Array> {
    await this.#cover(index)
    const [entry] = this.#deps.data.entries(index, index + 1)
    if (entry === undefined) throw new CodedError('log-corrupt', `entry ${index} is missing`)
    return writeTlogProof({ extra: null, ...this.#proofOf(index, entry) })
  }

  /** Why there is nothing to show of an attestation: it was erased, nothing opens its leaf, or there is none. */
  missing(tenant: string, link: string): CodedError {
    return missing(this.#deps.data, tenant, link)
  }

  /** True for a tenant's attestation that was acknowledged before leaves committed to who signed: nothing opens its leaf. */
  isUnprovable(tenant: string, link: string): boolean {
    const opened = this.#deps.data.opened(tenant, link)
    return opened !== null && opened.signer === null && opened.index < this.size
  }

  /** The leaf of a tenant's attestation as a withheld one; null for one that is not held, or that no checkpoint covers yet. */
  withhold(tenant: string, link: string, chain: string): Withheld | null {
    const opened = this.#deps.data.opened(tenant, link)
    if (opened === null || opened.index >= this.size) return null
    const { index, entry, blind } = opened
    const extra = writeUnopened({ link, chain, leaf: parseLeaf(entry), blind })
    return withheldOf({ ...this.#proofOf(index, entry), extra }, null)
  }

  /**
   * What stands for a tenant's attestation that was erased; null for every other. A tombstone that no checkpoint covers
   * yet is left out. Throws `log-corrupt` where what is stored does not prove it (T-76).
   */
  withheld(tenant: string, link: string): Withheld | null {
    const closed = this.#deps.data.closed(tenant, link)
    if (closed === null || closed.index >= this.size) return null
    const { index, entry, blind, chain, tombstone } = closed
    const extra = writeUnopened({ link, chain, leaf: parseLeaf(entry), blind })
    const proof = { ...this.#proofOf(index, entry), extra }
    if (tombstone.index >= this.size) return withheldOf(proof, null)
    return withheldOf(proof, tombstoneProof(graveOf(closed), this.#proofOf(tombstone.index, tombstone.entry)))
  }

  /** {@link withheld} with its tombstone, which is covered by a checkpoint first where none does yet. Throws `not-found` and what both throw. */
  async buried(tenant: string, link: string): Promise<Withheld> {
    const closed = this.#deps.data.closed(tenant, link)
    if (closed === null) throw this.missing(tenant, link)
    await this.#cover(closed.tombstone.index)
    return this.withheld(tenant, link)!
  }

  /**
   * Proof that a tenant's attestation is in the log, with what opens its leaf. Null for one that is not held or was
   * erased, that no checkpoint covers yet, or that nothing can open (`isUnprovable`). Throws `log-corrupt` where what is
   * stored does not prove it (T-76).
   */
  prove(tenant: string, link: string): TlogProof | null {
    const opened = this.#deps.data.opened(tenant, link)
    if (opened === null || opened.signer === null || opened.index >= this.size) return null
    const { index, entry, signer, salt, blind } = opened
    const extra = writeOpening({ link, leaf: parseLeaf(entry), signer, salt, blind })
    return { extra, ...this.#proofOf(index, entry) }
  }

  /**
   * Inclusion proofs of entries under both roots of one of the log's statements. Throws `log-corrupt` where what is
   * stored does not prove them.
   */
  cover(
    indexes: readonly number[],
    { number, size, ...roots }: Pick<LogStatement, 'number' | 'size' | 'sha256' | 'sha3_256'>,
  ): Omit<Coverage, 'statement'>[] {
    const { tile, entries } = this.#deps.data
    const paths = byTree((tree) => provePaths(indexes, size, tile, this.#hashes, null, tree))
    return indexes.map((index, i) => {
      const [entry] = entries(index, index + 1)
      if (entry === undefined) throw new CodedError('log-corrupt', `entry ${index} is missing`)
      const proof = byTree((tree) => {
        const hash = this.#hashes[tree]
        const path = paths[tree][i]!
        try {
          verifyInclusion({ index, size, leafHash: leafHash(entry, hash), path }, roots[tree], hash)
        } catch (cause) {
          throw new CodedError('log-corrupt', `entry ${index} is not under the roots of statement ${number}`, { cause })
        }
        return path
      })
      return { index, ...proof }
    })
  }

  /** Signs as far as an entry that is durable, where the last checkpoint does not reach it. */
  async #cover(index: number): Promise<void> {
    if (this.#published !== null && index < this.size) return
    const state = loadState(index + 1, this.#deps.data.tile, this.#hashes)
    await this.publish({ size: state.size, root: rootsOf(state, this.#hashes).sha256 })
  }

  #proofOf(index: number, entry: Uint8Array): Omit<TlogProof, 'extra'> {
    const { checkpoint } = this.#shown()
    const [hashes] = provePaths([index], checkpoint.size, this.#deps.data.tile, this.#hashes, this.#tiles)
    const hash = this.#hashes.sha256
    try {
      const leaf = { index, size: checkpoint.size, leafHash: leafHash(entry, hash), path: hashes! }
      verifyInclusion(leaf, checkpoint.root, hash)
    } catch (cause) {
      this.#tiles.forget()
      throw new CodedError('log-corrupt', `entry ${index} is not under the root that was signed`, { cause })
    }
    return { index, hashes: hashes!, checkpoint }
  }
}

function tooFew(): CodedError {
  return new CodedError('witness-quorum', 'too few witnesses have cosigned the last checkpoint')
}

/** Holds what is stored against the lock; the head of what is stored. */
function checked(deps: LogDeps, keys: readonly NoteKey[], hashes: LogHashes, locked: Uint8Array | null): LogHead {
  const { origin, data, crypto, retired = [] } = deps
  const state = loadState(data.size(), data.tile, hashes)
  const read = { read: data.tile, readEntries: data.entries }
  const known = [...keys, ...retired.map(({ key }) => key)]
  checkAgainstLock({ origin, keys: known, locked, state, ...read, hashes, crypto })
  return { size: state.size, root: rootsOf(state, hashes).sha256 }
}

interface Published {
  readonly bytes: Uint8Array
  readonly checkpoint: SignedCheckpoint
}

function publishedOf(bytes: Uint8Array): Published {
  return { bytes, checkpoint: parseCheckpoint(bytes) }
}

/** The same checkpoint under each of the log's keys: one that has changed since signs what was signed before. */
async function signedByAll(deps: LogDeps, keys: readonly NoteKey[], locked: Uint8Array): Promise<Uint8Array> {
  const { size, root, note } = parseCheckpoint(locked)
  const signed = (key: NoteKey) => note.signatures.some(({ name, keyId }) => name === key.name && keyId === key.keyId)
  if (keys.every(signed)) return locked
  const again = await sign(deps, { size, root })
  await advance(deps.lock, deps.origin, locked, again)
  return again
}

async function sign(deps: LogDeps, head: LogHead): Promise<Uint8Array> {
  const bytes = await signNote(writeCheckpoint({ origin: deps.origin, ...head }), deps, deps.crypto)
  // What was read back is what was meant: nothing else may ever be signed for this size.
  const { size, root } = parseCheckpoint(bytes)
  if (size !== head.size || !equal(root, head.root))
    throw new CodedError('sign-failed', 'the checkpoint is not the one that was to be signed')
  return bytes
}
