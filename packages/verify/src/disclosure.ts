import { CodedError, type Crypto } from '@countersign/core'
import { type Disclosure, opens, sealedFields, type StepPredicate, withFields } from '@countersign/formats'
import type { VerifiedDisclosure, VerifiedStep } from './types.ts'

/**
 * Verifies what opens a sealed field: the commitment that was signed there comes out of the salt and the value
 * (SPEC.md §8). Throws `disclosure-mismatch`.
 */
export function verifyDisclosure(
  disclosure: Disclosure,
  step: VerifiedStep,
  crypto: Pick<Crypto, 'hmac'>,
): VerifiedDisclosure {
  const { link, field } = disclosure
  const { predicate } = step.statement
  const what = `${field} of step ${predicate.step.name} (${step.link.slice(0, 12)})`
  if (link !== step.link) throw new CodedError('disclosure-mismatch', `what is disclosed is not of ${what}`)
  if (!sealedFields(predicate).includes(field)) throw new CodedError('disclosure-mismatch', `${what} is not sealed`)
  if (!opens(disclosure, predicate, crypto)) {
    throw new CodedError('disclosure-mismatch', `what is disclosed is not what was signed as ${what}`)
  }
  return { disclosure } as unknown as VerifiedDisclosure
}

/** The predicate as far as it is told: each sealed field that is disclosed with its value. For the reader's eye alone. */
export function disclosedPredicate(predicate: StepPredicate, disclosed: readonly VerifiedDisclosure[]): StepPredicate {
  const opened = disclosed.map(({ disclosure: { field, value } }) => [field, value] as const)
  return opened.length === 0 ? predicate : withFields(predicate, Object.fromEntries(opened))
}
