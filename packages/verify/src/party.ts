import { compare } from './ancestry.ts'
import type { Signer, Trust, VerifiedStep } from './types.ts'

/** Who somebody is, however often they sign: one key, or one identity by one authority, whatever the certificate. */
export function partyOf({ keyId, identity, certificate }: Signer): string {
  if (certificate === null) return keyId
  return JSON.stringify([certificate.authorityId, ...Object.entries(identity ?? {}).toSorted()])
}

/** Whether two signatures are of one party: one key, or one identity by one authority. */
export function isSameParty(a: Signer, b: Signer): boolean {
  return a.keyId === b.keyId || partyOf(a) === partyOf(b)
}

/** Most cosigners that are told of one step: whoever may sign could sign it over and over. */
const MAX_COSIGNERS = 64

/**
 * One step of all readings of one statement. The best known signer counts first, of equals the one named first in
 * `trust`; in whichever order they were read. One key, or one identity, is one signer.
 */
export function cosigned(readings: readonly VerifiedStep[], trust: Trust): VerifiedStep {
  const ranked = readings
    .map((step) => ({ step, rank: rankOfSigner(step.signer, trust) }))
    .toSorted((a, b) => compare(a.rank, b.rank))
  const parties = new Set<string>()
  const distinct = ranked.filter(({ step: { signer } }) => {
    const party = partyOf(signer)
    if (parties.has(party) || parties.has(signer.keyId)) return false
    parties.add(party).add(signer.keyId)
    return true
  })
  const first = distinct[0]!.step
  const others = distinct.slice(1, 1 + MAX_COSIGNERS).map(({ step }) => step)
  return {
    ...first,
    cosigners: others.map(({ signer }) => signer),
    cosignatures: others.map(({ bundle }) => bundle),
  }
}

/** Text that sorts: grade, place in `trust`, keys before identities, and what tells two certificates of one apart. */
function rankOfSigner({ grade, keyId, name, certificate }: Signer, { signers, identities = [] }: Trust): string {
  const place =
    certificate === null
      ? signers.findIndex(({ key }) => key.keyId === keyId)
      : identities.findIndex((one) => one.name === name || one.name === null)
  return `${grade} ${certificate === null ? 0 : 1} ${String(place).padStart(8, '0')} ${certificate?.signedAt ?? ''} ${keyId}`
}
