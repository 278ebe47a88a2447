import { CodedError } from '@countersign/core'
import { MAX_NOTE_BYTES, parseCheckpoint, type SignedCheckpoint } from '@countersign/formats'
import { MAX_ENTRY_BYTES, readEntries, TILE_WIDTH, tilePath, type TileRef } from '@countersign/merkle'
import { ServerRefusal } from './problem.ts'
import type { Request, Transport } from './transport.ts'

const HASH_BYTES = 32
const PREFIX = { sha256: '', sha3_256: '/sha3' } as const

/** The log by the read API of C2SP tlog-tiles, as the server serves it. Nothing of it is verified. */
export interface LogReads {
  checkpoint(): Promise<SignedCheckpoint>
  /** Hashes of a tile, 32 bytes each; null where the log has no such tile. */
  tile(tree: 'sha256' | 'sha3_256', tile: TileRef): Promise<Uint8Array | null>
  /** The entries of one tile of leaves, `width` of them; null where the server has lost some. */
  entries(index: number, width: number): Promise<readonly Uint8Array[] | null>
}

export function logReads(transport: Transport): LogReads {
  const bytes = async (request: Omit<Request, 'method'>): Promise<Uint8Array | null> => {
    try {
      return (await transport.send({ method: 'GET', ...request })).bytes
    } catch (error) {
      if (error instanceof ServerRefusal && (error.code === 'not-found' || error.code === 'log-corrupt')) return null
      throw error
    }
  }
  return {
    async checkpoint() {
      const { bytes: note } = await transport.send({ method: 'GET', path: '/checkpoint', maxBytes: MAX_NOTE_BYTES })
      try {
        return parseCheckpoint(note)
      } catch (cause) {
        throw new CodedError('server-answer', 'the answer is not a checkpoint', { cause })
      }
    },
    tile: (tree, tile) => bytes({ path: `${PREFIX[tree]}/${tilePath(tile)}`, maxBytes: TILE_WIDTH * HASH_BYTES }),
    async entries(index, width) {
      const path = `/v1/log/${tilePath({ level: 'entries', index, width })}`
      const bundle = await bytes({ path, maxBytes: TILE_WIDTH * (MAX_ENTRY_BYTES + 2) })
      if (bundle === null) return null
      try {
        return readEntries(bundle, width)
      } catch (cause) {
        throw new CodedError('server-answer', `${path} is not a bundle of entries`, { cause })
      }
    },
  }
}
