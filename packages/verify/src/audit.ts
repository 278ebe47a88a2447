import { CodedError, type Crypto, hex } from '@countersign/core'
import { ADMINISTRATIVE_PAYLOAD_TYPE, type AdministrativeAct, type LoggedAct, pae } from '@countersign/formats'
import { loggedBy } from './endorsed.ts'
import type { IdentityCrypto } from './identity/index.ts'
import type { Trust } from './types.ts'

/** An administrative act that a believed log has. */
export interface VerifiedAct {
  readonly act: AdministrativeAct
  /** SHA-256 of its PAE: what the act after it names. */
  readonly digest: string
  /** Of its leaf in the log. */
  readonly index: number
}

/** SHA-256 of an act's PAE, hex. */
export function actDigest(payload: Uint8Array, crypto: Pick<Crypto, 'sha256'>): string {
  return hex(crypto.sha256(pae(ADMINISTRATIVE_PAYLOAD_TYPE, payload)))
}

/**
 * Verifies that a log that is believed (`trust.countersigners`) has an act. Throws `receipt-invalid` for a leaf that is
 * about another one, `act-invalid` for one whose times differ, and what the check of a leaf throws.
 */
export function verifyLoggedAct(
  { payload, act, logged }: LoggedAct,
  trust: Trust,
  crypto: IdentityCrypto,
): VerifiedAct {
  const document = { payload, payloadType: ADMINISTRATIVE_PAYLOAD_TYPE, logged }
  const by = loggedBy(document, trust, crypto)
  if (by?.at !== act.at) throw new CodedError('act-invalid', `act ${act.number} is of another time than its leaf`)
  return { act, digest: actDigest(payload, crypto), index: logged.proof.index }
}

/**
 * Checks that acts, oldest first, are all that there were: from the first on each names the one before, and stands behind
 * it in the log. Whether the last is the newest, only who has seen a later one can say. Throws `audit-broken`.
 */
export function checkAudit(acts: readonly VerifiedAct[]): void {
  const [first] = acts
  if (first !== undefined && first.act.number !== 0)
    throw new CodedError('audit-broken', `act 0 is missing: act ${first.act.number} comes next`)
  checkActsFollow(acts)
}

/** {@link checkAudit} for acts from any one on: that none is missing between the first that is shown and the last. */
export function checkActsFollow(acts: readonly VerifiedAct[]): void {
  let before: VerifiedAct | null = null
  for (const one of acts) {
    const { number, previous } = one.act
    if (before !== null) {
      const expected: number = before.act.number + 1
      if (number !== expected)
        throw new CodedError('audit-broken', `act ${expected} is missing: act ${number} comes next`)
      if (previous !== before.digest)
        throw new CodedError('audit-broken', `act ${number} does not name the one before it that is shown`)
      if (one.index <= before.index)
        throw new CodedError('audit-broken', `act ${number} stands before act ${number - 1} in the log`)
    }
    before = one
  }
}
