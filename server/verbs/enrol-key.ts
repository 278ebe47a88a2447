import { CodedError, type PublicKey } from '@countersign/core'
import { enrolmentMessage } from '@countersign/formats'
import type { Deps } from './deps.ts'

export interface EnrolInput {
  readonly tenant: string
  readonly name: string
  readonly key: PublicKey
  /** Who enrols it, for its timeline. */
  readonly by: string
  /** The key's signature over `enrolmentMessage(null, …)`; null where its holder was not asked for one. */
  readonly proof: Uint8Array | null
}

/** Lets a key sign steps of the tenant from now on. Throws `signature-invalid` for a proof that proves nothing. */
export async function enrolKey(deps: Deps, { tenant, name, key, by, proof }: EnrolInput): Promise<void> {
  if (proof !== null) checkPossession(deps, null, key, proof)
  try {
    await deps.store.enrolKey(tenant, { name, key, enrolledAt: deps.now(), by, proven: proof !== null })
  } finally {
    // Also where it failed: it may have been written all the same.
    deps.verified.forgetTrust(tenant)
  }
}

/** Throws `signature-invalid` unless whoever enrols the key, by the code or without, has its private half. */
export function checkPossession({ crypto }: Deps, code: string | null, key: PublicKey, proof: Uint8Array): void {
  if (crypto.verify(key, enrolmentMessage(code, key.keyId), proof)) return
  throw new CodedError('signature-invalid', 'the proof is not a signature of the key over its enrolment', {
    fix: 'Enrol with the private key at hand: countersign key enroll FILE --code CODE',
  })
}
