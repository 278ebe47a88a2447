import { generateKeyPairSync, sign } from 'node:crypto'
import { CodedError, equal, parsePublicKey } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { type NoteKey, noteKey, parseCheckpoint, type SignedCheckpoint } from '@countersign/formats'
import { addCheckpoint, type CheckpointLock, proveConsistency, type Witness, type WitnessDeps } from './index.ts'
import { HASHES, type LogSigner, rootsOfEntries, type StoredLog } from './stored.test-kit.ts'

/** A lock that forgets with its process. */
export function memoryLock(): CheckpointLock & { readonly held: Map<string, Uint8Array> } {
  const held = new Map<string, Uint8Array>()
  return {
    held,
    async read(origin) {
      const note = held.get(origin)
      return note === undefined ? null : new Uint8Array(note)
    },
    async swap(origin, old, next) {
      const note = held.get(origin) ?? null
      const same = note === null || old === null ? note === old : equal(note, old)
      if (!same) throw new CodedError('checkpoint-conflict', 'another checkpoint is there')
      held.set(origin, new Uint8Array(next))
    },
  }
}

/** A key that cosigns. */
export function witnessSigner(name: string): Pick<WitnessDeps, 'key' | 'sign'> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const spki = parsePublicKey(publicKey.export({ format: 'der', type: 'spki' }))
  return {
    key: noteKey(name, 'cosignature-v1', spki, portableCrypto),
    sign: (message) => Promise.resolve(new Uint8Array(sign(null, message, privateKey))),
  }
}

export const TIME = 1_763_700_000

/** A witness of one log, in memory. */
export function witnessOf(origin: string, keys: readonly NoteKey[], more: Partial<WitnessDeps> = {}): WitnessDeps {
  return {
    ...witnessSigner('witness.example/w'),
    logs: [{ origin, keys }],
    memory: memoryLock(),
    now: () => TIME,
    hash: HASHES.sha256,
    crypto: portableCrypto,
    ...more,
  }
}

/** The witness as a log speaks to it, with nothing between. */
export function spokenTo(deps: WitnessDeps): Witness {
  return { key: deps.key, addCheckpoint: (body) => addCheckpoint(deps, body) }
}

/** The checkpoint of the first entries of a stored log. */
export function checkpointAt(log: StoredLog, signer: LogSigner, size: number): SignedCheckpoint {
  return parseCheckpoint(signer.sign(size, rootsOfEntries(log.entries.slice(0, size)).sha256))
}

export function proofFrom(log: StoredLog, checkpoint: SignedCheckpoint): (old: number) => Uint8Array[] {
  return (old) => proveConsistency(old, checkpoint, log.read, HASHES)
}
