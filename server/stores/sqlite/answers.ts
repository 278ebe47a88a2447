import { CodedError } from '@countersign/core'
import type { Erased, Page, Stored, StoredContract } from '../../store.ts'
import { fullDisk } from './full-disk.ts'
import type { attestations, contracts, erasures } from './schema.ts'

/** Whatever the database threw, as a store says it. */
export function failed(cause: unknown): never {
  if (cause instanceof CodedError) throw cause
  const full = fullDisk(cause)
  if (full !== null) throw full
  throw new CodedError('store-failed', 'the database did not do as it was asked', { cause })
}

export function contractOf(row: typeof contracts.$inferSelect | undefined): StoredContract | null {
  if (row === undefined) return null
  const { pipeline, revision, digest, bytes } = row
  return { pipeline, revision, digest, bytes: new Uint8Array(bytes) }
}

export function storedOf(row: typeof attestations.$inferSelect): Stored {
  const {
    link,
    chain,
    pipeline,
    step,
    attempt,
    matrix,
    signer,
    system,
    succeeded,
    finishedAt,
    acceptedAt,
    index,
    late,
  } = row
  const { subjects: count } = row
  return {
    link,
    chain,
    pipeline,
    step,
    attempt,
    matrix,
    signer,
    system,
    succeeded,
    finishedAt,
    acceptedAt,
    index,
    late,
    subjects: count,
  }
}

export function erasedOf(row: typeof erasures.$inferSelect): Erased {
  const { link, chain, pipeline, step, attempt, matrix, acceptedAt, index, late, erasedAt, ground } = row
  return { link, chain, pipeline, step, attempt, matrix, acceptedAt, index, late, erasedAt, ground }
}

/** Throws `request-invalid` for a cursor that no page gave. */
export function indexOf(cursor: string | null): number | null {
  if (cursor === null) return null
  const index = Number(cursor)
  if (!/^[0-9]{1,15}$/.test(cursor)) throw new CodedError('request-invalid', 'the cursor is not one that a page gave')
  return index
}

export function page<T>(items: readonly T[], limit: number, cursorOf: (item: T) => string): Page<T> {
  if (items.length <= limit) return { items, next: null }
  const kept = items.slice(0, limit)
  return { items: kept, next: cursorOf(kept.at(-1)!) }
}
