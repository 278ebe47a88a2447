import { generateKeyPairSync, sign } from 'node:crypto'
import { parsePublicKey, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { noteKey, type NoteKey, writeCheckpoint, writeNote } from '@countersign/formats'
import type { TileRef } from '@countersign/merkle'
import { naive, SHA256, SHA3 } from '../../merkle/src/naive.test-kit.ts'
import { EMPTY_LOG, grow, type Grown, type LogHashes, type LogState, type ReadTile, type TreeName } from './index.ts'

export const HASHES: LogHashes = { sha256: SHA256, sha3_256: SHA3 }

/** A log whose entries and tiles are kept in memory, as a server keeps them in its database: each tile at its widest. */
export interface StoredLog {
  readonly entries: Uint8Array[]
  readonly tiles: Map<string, Uint8Array>
  readonly read: ReadTile
  state(): LogState
  add(entries: readonly Uint8Array[]): Grown
}

export function storedLog(): StoredLog {
  const entries: Uint8Array[] = []
  const tiles = new Map<string, Uint8Array>()
  let state: LogState = EMPTY_LOG
  return {
    entries,
    tiles,
    read: (tree, tile) => tiles.get(placeOf(tree, tile)) ?? null,
    state: () => state,
    add(more) {
      const grown = grow(state, more, HASHES)
      for (const tile of grown.tiles) tiles.set(placeOf(tile.tree, tile), tile.data)
      entries.push(...more)
      state = grown.state
      return grown
    },
  }
}

export function placeOf(tree: TreeName, { level, index }: TileRef): string {
  return `${tree}/${level}/${index}`
}

/** The roots of some entries as RFC 6962 defines them. */
export function rootsOfEntries(entries: readonly Uint8Array[]): { sha256: Uint8Array; sha3_256: Uint8Array } {
  const root = (tree: TreeName) => naive(entries, HASHES[tree]).root(entries.length)
  return { sha256: root('sha256'), sha3_256: root('sha3_256') }
}

/** A log's key, and what it signs. */
export interface LogSigner {
  readonly key: NoteKey
  /** A checkpoint of so many entries under this root, as the lock holds it. */
  sign(size: number, root: Uint8Array): Uint8Array
  /** A note of any text. */
  note(text: string): Uint8Array
}

export function logSigner(origin: string): LogSigner {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const spki = parsePublicKey(publicKey.export({ format: 'der', type: 'spki' }))
  const key = noteKey(origin, 'ed25519', spki, portableCrypto)
  const note = (text: string) => {
    const signature = new Uint8Array(sign(null, utf8(text), privateKey))
    return writeNote({ text, signatures: [{ name: key.name, keyId: key.keyId, signature }] })
  }
  return { key, note, sign: (size, root) => note(writeCheckpoint({ origin, size, root })) }
}

/** A copy of a stored log, as a backup is. */
export function copyOf(log: StoredLog): StoredLog {
  const copy = storedLog()
  copy.add(log.entries.map((entry) => new Uint8Array(entry)))
  return copy
}
