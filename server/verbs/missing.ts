import { CodedError } from '@countersign/core'
import { parseLeaf, type TombstoneLeaf } from '@countersign/formats'
import type { Closed, LogData } from '../store.ts'

/** Why there is nothing to show of an attestation: it was erased, nothing opens its leaf, or there is none. */
export function missing(data: LogData, tenant: string, link: string): CodedError {
  const name = link.slice(0, 12)
  const closed = data.closed(tenant, link)
  if (closed !== null) {
    const { at, ground } = graveOf(closed)
    return new CodedError('erased', `the attestation ${name} was erased at ${at}: ${ground}`)
  }
  if (data.opened(tenant, link)?.signer === null) {
    const what = `the leaf of ${name} is of an older server, which did not commit to who signed`
    return new CodedError('receipt-missing', what, { fix: 'Fetch its chain, which has it without a receipt.' })
  }
  return new CodedError('not-found', `there is no attestation ${name}`)
}

/** Throws `log-corrupt`. */
export function graveOf({ tombstone }: Closed): TombstoneLeaf {
  const leaf = parseLeaf(tombstone.entry)
  if (leaf.kind !== 'tombstone') throw new CodedError('log-corrupt', `entry ${tombstone.index} is no tombstone`)
  return leaf
}
