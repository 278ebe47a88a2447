import { CodedError, type Crypto, equal, utf8 } from '@countersign/core'
import {
  type AddCheckpoint,
  cosignatureMessage,
  type NoteKey,
  type NoteSignature,
  parseAddCheckpoint,
  parseCheckpoint,
  type SignedCheckpoint,
  TLOG_SIZE_MEDIA_TYPE,
  verifyCheckpoint,
  writeCosignature,
  writeNote,
  writeSignatureLines,
  writeTlogSize,
} from '@countersign/formats'
import { emptyRoot, type TreeHash, verifyConsistency } from '@countersign/merkle'
import { advance } from './advance.ts'
import type { CheckpointLock } from './lock.ts'

const TEXT = 'text/plain; charset=utf-8'

/** What a witness answers to `POST add-checkpoint` (C2SP tlog-witness). */
export interface WitnessAnswer {
  /** 200, 400, 403, 404, 409 or 422 from our own; from somebody else's any. */
  readonly status: number
  /** Media type; empty where none is given. */
  readonly type: string
  readonly body: Uint8Array
}

/** A log that a witness was told of. */
export interface WitnessedLog {
  readonly origin: string
  /** At least one; more while the log changes them. */
  readonly keys: readonly NoteKey[]
}

/** Two checkpoints that a log signed and that no tree has both: proof of its misbehaviour, for everybody. */
export interface Fork {
  readonly origin: string
  readonly size: number
  /** The bytes of both notes, only the log's own signatures on them. */
  readonly cosigned: Uint8Array
  readonly refused: Uint8Array
}

export interface WitnessDeps {
  /** Of type `cosignature-v1`. */
  readonly key: NoteKey
  /** Ed25519 over a message, 64 bytes. Throws `sign-failed`. */
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>
  readonly logs: readonly WitnessedLog[]
  /** The checkpoint of each origin that was cosigned last. Whoever loses it may cosign another history: never restore it. */
  readonly memory: CheckpointLock
  /** Seconds since 1970 UTC. */
  readonly now: () => number
  /** SHA-256. */
  readonly hash: TreeHash
  readonly crypto: Pick<Crypto, 'verify'>
  /** Called with a checkpoint that fits, as it will be remembered, and before: it is cosigned only when this resolves. */
  readonly admit?: (checkpoint: SignedCheckpoint) => Promise<void>
  /** Called when a log has signed two roots for one size. */
  readonly caught?: (fork: Fork) => void
}

/**
 * The answer of a witness to a request, which is hostile. A cosignature leaves only when the checkpoint it is on is in
 * the memory and goes on from the one before; of two requests at once one wins and the other is told the new size.
 *
 * Throws `store-failed`, `sign-failed` and what `admit` throws: then nothing was cosigned, and the same request may
 * come again.
 */
export async function addCheckpoint(deps: WitnessDeps, body: Uint8Array): Promise<WitnessAnswer> {
  let request: AddCheckpoint
  try {
    request = parseAddCheckpoint(body)
  } catch (error) {
    return refusal(400, error)
  }
  const { checkpoint } = request
  const log = deps.logs.find(({ origin }) => origin === checkpoint.origin)
  if (log === undefined) return refusal(404, new CodedError('origin-mismatch', 'this log is not witnessed here'))
  try {
    verifyCheckpoint(checkpoint, { ...log, witnesses: [] }, deps.crypto)
  } catch (error) {
    return refusal(403, error)
  }
  return decide(deps, log, request)
}

async function decide(deps: WitnessDeps, log: WitnessedLog, request: AddCheckpoint): Promise<WitnessAnswer> {
  const { memory, hash } = deps
  const { old, proof, checkpoint } = request
  const { origin, size, root } = checkpoint
  const own = ownNote(checkpoint, log)
  const bytes = await memory.read(origin)
  const held = bytes === null ? nothing(hash) : heldCheckpoint(bytes, origin)
  if (size === 0 && !equal(root, emptyRoot(hash))) {
    return refusal(422, new CodedError('proof-invalid', 'no tree of no leaves has this root'))
  }
  const forked = size === held.size && !equal(root, held.root)
  if (forked) deps.caught?.({ origin, size, cosigned: bytes!, refused: own })
  if (old !== held.size) return conflict(held.size)
  // Without a size: one who is told the size that he asked from would only ask again.
  if (forked) return refusal(409, new CodedError('proof-invalid', 'this size was cosigned with another root'))
  try {
    const sizes = { firstSize: held.size, secondSize: size }
    verifyConsistency({ ...sizes, firstRoot: held.root, secondRoot: root, path: proof }, hash)
  } catch (error) {
    return refusal(422, error)
  }
  await deps.admit?.(parseCheckpoint(own))
  // Taken while it is certain that nothing larger was cosigned: before the swap, or before the second look.
  const time = deps.now()
  if (bytes !== null && size === held.size) {
    const again = await memory.read(origin)
    if (again === null || !equal(again, bytes)) return newest(deps, origin)
  } else {
    try {
      await advance(memory, origin, bytes, own)
    } catch (error) {
      if (error instanceof CodedError && error.code === 'checkpoint-conflict') return newest(deps, origin)
      throw error
    }
  }
  return { status: 200, type: TEXT, body: writeSignatureLines([await cosign(deps, checkpoint, time)]) }
}

function nothing(hash: TreeHash) {
  return { size: 0, root: emptyRoot(hash) }
}

/**
 * What the memory holds. Its signature was checked when it was written, by a key that the log may have given up since.
 * Never taken for nothing where it cannot be read: that would be how to forget.
 */
function heldCheckpoint(bytes: Uint8Array, origin: string): SignedCheckpoint {
  let held: SignedCheckpoint
  try {
    held = parseCheckpoint(bytes)
  } catch (cause) {
    throw new CodedError('store-failed', `what is remembered of ${origin} is damaged`, { cause })
  }
  if (held.origin !== origin) throw new CodedError('store-failed', `what is remembered of ${origin} is of another log`)
  return held
}

/** The note with the lines of the log's known keys, which were verified, and no others. */
function ownNote({ note }: SignedCheckpoint, { keys }: WitnessedLog): Uint8Array {
  const own = note.signatures.filter(({ name, keyId }) => keys.some((key) => key.name === name && key.keyId === keyId))
  return writeNote({ text: note.text, signatures: own })
}

async function cosign(deps: WitnessDeps, { note }: SignedCheckpoint, time: number): Promise<NoteSignature> {
  const { key, crypto } = deps
  const message = cosignatureMessage(time, note.text)
  const signature = await deps.sign(message)
  if (!crypto.verify(key.publicKey, message, signature)) {
    throw new CodedError('sign-failed', 'the cosignature just made does not verify under the key of the witness')
  }
  return { name: key.name, keyId: key.keyId, signature: writeCosignature({ time, signature }) }
}

async function newest({ memory }: WitnessDeps, origin: string): Promise<WitnessAnswer> {
  const bytes = await memory.read(origin)
  return conflict(bytes === null ? 0 : heldCheckpoint(bytes, origin).size)
}

function conflict(size: number): WitnessAnswer {
  return { status: 409, type: TLOG_SIZE_MEDIA_TYPE, body: writeTlogSize(size) }
}

function refusal(status: 400 | 403 | 404 | 409 | 422, error: unknown): WitnessAnswer {
  if (!(error instanceof CodedError)) throw error
  return { status, type: TEXT, body: utf8(`${error.code}\n`) }
}
