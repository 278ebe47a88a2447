import { randomBytes } from 'node:crypto'
import type { Crypto } from '@countersign/core'
import {
  type Disclosed,
  sealableFields,
  type SealedField,
  sealValue,
  withFields,
  writeStep,
} from '@countersign/formats'
import type { FinishedStep } from './step.ts'

/** A finished step of which some values are not told, and what opens them. */
export interface SealedStep extends FinishedStep {
  /** One for each field that was sealed. Not for the server, and not for whoever shall not know the values. */
  readonly disclosed: readonly Disclosed[]
}

/**
 * Puts commitments in the place of some values, each under a salt of its own. What the step does not have stays null:
 * that it has none is no secret, and of `argv` a verdict needs it.
 */
export function sealStep(
  { statement, payload }: FinishedStep,
  fields: readonly SealedField[],
  crypto: Pick<Crypto, 'hmac'>,
): SealedStep {
  const { predicate } = statement
  const values = sealableFields(predicate)
  const disclosed = [...new Set(fields)].flatMap((field): Disclosed[] => {
    const value = values[field]
    return value === null ? [] : [{ field, salt: new Uint8Array(randomBytes(32)), value } as Disclosed]
  })
  if (disclosed.length === 0) return { statement, payload, disclosed }
  const commitments = disclosed.map(({ field, salt, value }) => [
    field,
    sealValue(salt, predicate, field, value, crypto),
  ])
  const sealed = { ...statement, predicate: withFields(predicate, Object.fromEntries(commitments)) }
  return { statement: sealed, payload: writeStep(sealed), disclosed }
}
