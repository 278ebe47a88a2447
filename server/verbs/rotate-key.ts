import { CodedError, type PublicKey } from '@countersign/core'
import { administer, type Administrator } from './administer.ts'
import type { Deps } from './deps.ts'
import { checkPossession } from './enrol-key.ts'

export interface RotateInput extends Administrator {
  /** Id of the key that is replaced. */
  readonly from: string
  readonly to: PublicKey
  /** As for an enrolment; null where none was asked for. */
  readonly proof: Uint8Array | null
  /** Milliseconds for which both count. */
  readonly overlap: number
}

/**
 * Enrols a key under the name of another. Both count until the overlap is over; from then on, what the log takes in
 * under the old one is refused. Throws `not-found`, `signature-invalid`, `request-invalid`.
 */
export async function rotateKey(deps: Deps, { tenant, from, to, by, proof, overlap }: RotateInput): Promise<void> {
  if (proof !== null) checkPossession(deps, null, to, proof)
  if (to.keyId === from) throw new CodedError('request-invalid', 'a key does not replace itself')
  const at = deps.now()
  const until = new Date(Date.parse(at) + overlap).toISOString()
  try {
    const rotation = { from, to, at, by: `${by.kind} ${by.id}`, proven: proof !== null, until }
    const known = await administer(deps, { tenant, by }, { act: 'key.rotated', rotation })
    if (!known) throw new CodedError('not-found', 'there is no such key')
  } finally {
    // Also where it failed: it may have been written all the same.
    deps.verified.forgetTrust(tenant)
  }
}
