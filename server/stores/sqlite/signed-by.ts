import type { Signer } from '@countersign/verify'
import type { SignedBy } from '../../enrolment.ts'
import type { Tags } from './keyring.ts'

/** What an attestation is found by, as who vouched for its signer and for whom; none for a bare key. Only tags are kept. */
export function vouchedFacts({ authority, certificate, identity }: Signer): readonly string[] {
  if (authority === null || certificate === null || identity === null) return NONE
  const { issuer, subject, sourceRepositoryIdentifier: repository } = identity
  const facts = [
    // By what it is called, and by every id under which it is believed.
    ...[authority, ...certificate.vouchedBy].map((value) => factBy({ by: 'authority', value })),
    factBy({ by: 'issuer', issuer }),
    factBy({ by: 'subject', issuer, value: subject.value }),
  ]
  if (repository !== null) facts.push(factBy({ by: 'repository', issuer, value: repository }))
  return facts
}

const NONE: readonly string[] = []

/** By what a signer is looked for. */
export function factBy(signer: Exclude<SignedBy, { by: 'key' }>): string {
  switch (signer.by) {
    case 'authority':
      return JSON.stringify(['authority', signer.value])
    case 'issuer':
      return JSON.stringify(['issuer', signer.issuer])
    case 'subject':
    case 'repository':
      return JSON.stringify([signer.by, signer.issuer, signer.value])
  }
}

/** Half a tag: enough that no two facts have one. */
export function factTag(tags: Tags, tenant: string, fact: string): string {
  return tags.of(tenant, fact).slice(0, 32)
}
