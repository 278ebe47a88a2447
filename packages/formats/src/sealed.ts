import { canonicalJson, CodedError, type Crypto, hex, type JsonValue } from '@countersign/core'
import { OPENING_BYTES } from './leaf.ts'
import type { ReportRef } from './report-ref.ts'
import type { Shape } from './shape.ts'
import type { ClaimedIdentity, StepPredicate } from './step.ts'

/** What stands in a signed step for a value that is not told: a commitment to it, `sealValue`. */
export interface Sealed {
  /** 64 lower-case hex digits. */
  readonly sealed: string
}

/** The values of a step that may be sealed, by the name of their field. None of them decides a handshake or a verdict. */
export interface SealableValues {
  /** `invocation.argv` */
  readonly argv: readonly string[]
  /** `invocation.workingDirectory` */
  readonly directory: string
  /** `invocation.environment` */
  readonly environment: { readonly [name: string]: string }
  /** `runner.identity` */
  readonly identity: ClaimedIdentity
  /** `runner.tools` */
  readonly tools: { readonly [name: string]: string }
  readonly evidence: readonly ReportRef[]
}

export type SealedField = keyof SealableValues

/** The closed list of fields that may be sealed. */
export const SEALED_FIELDS = [
  'argv',
  'directory',
  'environment',
  'identity',
  'tools',
  'evidence',
] as const satisfies readonly SealedField[]

/** As a step has them: each the value, the commitment to it, or null where the step has none. */
export type SealableFields = { readonly [F in SealedField]: SealableValues[F] | Sealed | null }

export function isSealedField(name: string): name is SealedField {
  return (SEALED_FIELDS as readonly string[]).includes(name)
}

/** True for a commitment: an object with the one member `sealed`, whichever field it stands in. */
export function isSealed(value: unknown): value is Sealed {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'sealed')) return false
  return Object.keys(value).length === 1
}

/** The fields of a step that are sealed, in the order of the list. */
export function sealedFields(predicate: StepPredicate): SealedField[] {
  const fields = sealableFields(predicate)
  return SEALED_FIELDS.filter((field) => isSealed(fields[field]))
}

/** Checks the commitment that stands in the place of a value; false where none does. */
export function readSealed(shape: Shape): boolean {
  if (!shape.hasOnly('sealed')) return false
  shape.object(['sealed']).hex('sealed', 64)
  return true
}

export function sealableFields({ invocation, runner, evidence }: StepPredicate): SealableFields {
  return {
    argv: invocation.argv,
    directory: invocation.workingDirectory,
    environment: invocation.environment,
    identity: runner.identity,
    tools: runner.tools,
    evidence,
  }
}

/** The predicate with some of these fields as given. */
export function withFields(predicate: StepPredicate, given: Partial<SealableFields>): StepPredicate {
  const fields = { ...sealableFields(predicate), ...given } as SealableFields
  const { argv, directory: workingDirectory, environment, identity, tools, evidence } = fields
  return {
    ...predicate,
    invocation: { ...predicate.invocation, argv, workingDirectory, environment: environment! },
    runner: { ...predicate.runner, identity, tools: tools! },
    evidence: evidence!,
  }
}

/**
 * The commitment to a value: HMAC-SHA-256, keyed with 32 random bytes, of the canonical JSON of where it stands and
 * what it is. The place and the nonce of the step are in it, so that one who copies a commitment into another step or
 * field cannot open it there with what opens the first.
 */
export function sealValue<F extends SealedField>(
  salt: Uint8Array,
  { chain, step }: Pick<StepPredicate, 'chain' | 'step'>,
  field: F,
  value: SealableValues[F],
  crypto: Pick<Crypto, 'hmac'>,
): Sealed {
  // A shorter key could be guessed, a longer one has its hash for a second form.
  if (salt.length !== OPENING_BYTES) {
    throw new CodedError('disclosure-invalid', `the salt has not ${OPENING_BYTES} bytes`)
  }
  const { name, attempt, matrix, nonce } = step
  const message = canonicalJson([chain.id, name, attempt, matrix, nonce, field, value as unknown as JsonValue])
  return { sealed: hex(crypto.hmac('sha256', salt, message)) }
}
