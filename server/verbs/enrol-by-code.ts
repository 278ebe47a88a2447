import { timingSafeEqual } from 'node:crypto'
import type { PublicKey } from '@countersign/core'
import { notACode, parseEnrolmentCode } from '@countersign/formats'
import { administer } from './administer.ts'
import type { Deps } from './deps.ts'
import { checkPossession } from './enrol-key.ts'
import { hashCode } from './invite-key.ts'

/** Compared with where there is no such code, so that its absence costs what its presence costs. No secret hashes to it. */
const NO_HASH = new Uint8Array(32)

export interface RedeemInput {
  /** As it was sent. Hostile. */
  readonly code: string
  readonly key: PublicKey
  /** The key's signature over `enrolmentMessage(code id, …)`. */
  readonly proof: Uint8Array
}

/**
 * Enrols a key by a code, without any token: the code says in which tenant and under which name. Whether a code is
 * unknown, wrong, used up, expired or withdrawn is one answer, `enrolment-invalid`, for one price; whether the key has
 * signed is asked before, and tells nothing of the code. The same again gives the same answer.
 */
export async function enrolByCode(deps: Deps, { code, key, proof }: RedeemInput): Promise<{ readonly name: string }> {
  const { id, secret } = parseEnrolmentCode(code)
  checkPossession(deps, id, key, proof)
  const invitation = await deps.store.enrolment.invitation(id)
  const same = timingSafeEqual(hashCode(secret), invitation?.hash ?? NO_HASH)
  if (invitation === null || !same) throw notACode()
  const { tenant, name } = invitation
  try {
    await administer(deps, { tenant, by: { kind: 'code', id, name } }, { act: 'key.let-in', code: id, key, name })
  } finally {
    // Also where it failed: it may have been written all the same.
    deps.verified.forgetTrust(tenant)
  }
  return { name }
}
