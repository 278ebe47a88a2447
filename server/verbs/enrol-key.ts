import { CodedError, type PublicKey } from '@countersign/core'
import { enrolmentMessage } from '@countersign/formats'
import { administer, type Administrator } from './administer.ts'
import type { Deps } from './deps.ts'

export interface EnrolInput extends Administrator {
  readonly name: string
  readonly key: PublicKey
  /** The key's signature over `enrolmentMessage(null, …)`; null where its holder was not asked for one. */
  readonly proof: Uint8Array | null
}

/** Lets a key sign steps of the tenant from now on. Throws `signature-invalid` for a proof that proves nothing. */
export async function enrolKey(deps: Deps, { tenant, name, key, by, proof }: EnrolInput): Promise<void> {
  if (proof !== null) checkPossession(deps, null, key, proof)
  try {
    const enrolment = { name, key, enrolledAt: deps.now(), by: `${by.kind} ${by.id}`, proven: proof !== null }
    await administer(deps, { tenant, by }, { act: 'key.enrolled', enrolment })
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
