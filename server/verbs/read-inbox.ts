import { setImmediate } from 'node:timers/promises'
import { CodedError, type Crypto, type ErrorReport, isHex } from '@countersign/core'
import { linkDigest, parseBundle, parseStep } from '@countersign/formats'
import type { InboxItem, Page } from '../store.ts'
import type { Deps } from './deps.ts'

/** What a refused body says of itself. Nobody vouches for it: its signature was not verified, or not by anyone known. */
export interface Claim {
  readonly link: string
  readonly chain: string
  readonly step: string
}

/** Something refused, as callers see it. */
export interface Entry extends ErrorReport {
  readonly id: number
  readonly at: string
  readonly lastAt: string
  readonly count: number
  readonly findings: readonly ErrorReport[]
  /** SHA-256 of the body; null where it was too large to be read. */
  readonly body: string | null
  /** Bytes of the body, where known. */
  readonly size: number | null
  /** True where the body can be fetched. */
  readonly kept: boolean
  /** Verified, as the two after it: set only where the signature was good and the step did not fit. */
  readonly link: string | null
  readonly chain: string | null
  readonly step: string | null
  /** Set only where they are not, and the kept body can be read. */
  readonly claimed: Claim | null
}

const PAGE = 100

/** A page of what was refused, newest first; for one reason, where its code is named. Throws `request-invalid` for a cursor that no page gave. */
export async function readInbox(
  deps: Deps,
  tenant: string,
  cursor: string | null,
  code: string | null = null,
): Promise<Page<Entry>> {
  const { items, next } = await deps.store.inbox(tenant, PAGE, cursor, code)
  const entries: Entry[] = []
  for (const item of items) entries.push({ ...entryOf(item), claimed: await claimOf(deps, tenant, item) })
  return { items: entries, next }
}

function entryOf({ report, body, kept, ...item }: InboxItem): Omit<Entry, 'claimed'> {
  const known = isHex(body, 64)
  const announced = /^unread:([0-9]+)$/.exec(body)?.[1]
  const size = kept ?? (announced === undefined ? null : Number(announced))
  return { ...item, ...report, body: known ? body : null, size, kept: kept !== null }
}

/** Read one at a time, and others come in between: a page of refused bodies is megabytes. */
async function claimOf(deps: Deps, tenant: string, { id, kept, link }: InboxItem): Promise<Claim | null> {
  if (kept === null || link !== null) return null
  await setImmediate()
  const body = await deps.store.refusedBody(tenant, id)
  return body === null ? null : claimIn(body, deps.crypto)
}

function claimIn(body: Uint8Array, crypto: Pick<Crypto, 'sha256'>): Claim | null {
  try {
    const { envelope } = parseBundle(body)
    const { chain, step } = parseStep(envelope.payload).predicate
    return { link: linkDigest(envelope, crypto), chain: chain.id, step: step.name }
  } catch (error) {
    if (error instanceof CodedError) return null
    throw error
  }
}
