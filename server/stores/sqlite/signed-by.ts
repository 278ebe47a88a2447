import { isHex } from '@countersign/core'
import type { Signer } from '@countersign/verify'
import type { SignedBy } from '../../enrolment.ts'
import type { Tags } from './keyring.ts'

/** Columns that say who vouched for the signer of an attestation, and for whom; null where nobody did, for a bare key. */
export type VouchedColumn = 'authority' | 'authority_id' | 'issuer' | 'subject' | 'repository'

/** The facts that an attestation is found by, in the order of their columns; only tags of them are kept. */
export type VouchedFacts = Readonly<Record<VouchedColumn, string | null>>

export const VOUCHED: readonly VouchedColumn[] = ['authority', 'authority_id', 'issuer', 'subject', 'repository']

const NOBODY: VouchedFacts = { authority: null, authority_id: null, issuer: null, subject: null, repository: null }

/** What there is to be found by of whoever signed. */
export function vouchedFacts({ authority, certificate, identity }: Signer): VouchedFacts {
  if (authority === null || certificate === null || identity === null) return NOBODY
  const { issuer, subject, sourceRepositoryIdentifier: repository } = identity
  return {
    authority,
    authority_id: certificate.authorityId,
    issuer,
    subject: pair(issuer, subject.value),
    repository: repository === null ? null : pair(issuer, repository),
  }
}

/** In which column a signer is looked for, and by which fact. */
export function vouchedBy(signer: Exclude<SignedBy, { by: 'key' }>): { column: VouchedColumn; fact: string } {
  switch (signer.by) {
    case 'authority':
      return { column: isHex(signer.value, 64) ? 'authority_id' : 'authority', fact: signer.value }
    case 'issuer':
      return { column: 'issuer', fact: signer.issuer }
    case 'subject':
    case 'repository':
      return { column: signer.by, fact: pair(signer.issuer, signer.value) }
  }
}

/** Half a tag: enough that no two facts have one. */
export function vouchedTag(tags: Tags, tenant: string, column: VouchedColumn, fact: string): string {
  return tags.of(tenant, JSON.stringify([column, fact])).slice(0, 32)
}

function pair(issuer: string, value: string): string {
  return JSON.stringify([issuer, value])
}
