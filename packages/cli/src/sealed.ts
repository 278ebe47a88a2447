import { CodedError } from '@countersign/core'
import {
  type Disclosed,
  isSealedField,
  SEALED_FIELDS,
  type SealedField,
  sealedFields,
  type StepPredicate,
} from '@countersign/formats'
import { plain, short } from './output.ts'

/** A field of a step that is sealed, as data for scripts. */
export interface SealedJson {
  readonly field: SealedField
  /** What it holds, where that is disclosed; else null, which no sealed field holds. */
  readonly value: Disclosed['value'] | null
}

/** The sealed fields of a step with what is disclosed of them. `disclosed` opens its commitments already. */
export function sealedJson(predicate: StepPredicate, disclosed: readonly Disclosed[]): SealedJson[] {
  return sealedFields(predicate).map((field) => ({
    field,
    value: disclosed.find((one) => one.field === field)?.value ?? null,
  }))
}

/** The same as rows of name and text. */
export function sealedRows(
  predicate: StepPredicate,
  disclosed: readonly Disclosed[],
): (readonly [SealedField, string])[] {
  return sealedFields(predicate).map((field) => {
    const one = disclosed.find((known) => known.field === field)
    return [field, one === undefined ? 'sealed' : `${valueText(one)} (disclosed)`]
  })
}

/** What a disclosure tells, on a line. */
export function valueText(one: Disclosed): string {
  switch (one.field) {
    case 'argv':
      return one.value.join(' ')
    case 'directory':
      return one.value
    case 'environment':
    case 'tools':
      return membersText(one.value, '=')
    case 'identity':
      return membersText(one.value as unknown as Readonly<Record<string, string | null>>, ': ')
    case 'evidence':
      return one.value.map(({ name, digest }) => `${name} sha256:${short(digest.sha256)}…`).join(', ') || 'none'
  }
}

function membersText(members: Readonly<Record<string, string | null>>, between: string): string {
  const told = Object.entries(members).flatMap(([name, value]) => (value === null ? [] : [`${name}${between}${value}`]))
  return told.join(', ') || 'none'
}

/** Fields as an option names them: each alone, or several with commas between. Throws `usage`. */
export function fieldsNamed(option: string, given: readonly string[] = []): SealedField[] {
  return given
    .flatMap((names) => names.split(','))
    .map((name) => {
      if (isSealedField(name)) return name
      throw new CodedError('usage', `${option} ${plain(name, 60)} is no field that can be sealed`, {
        fix: `Name some of: ${SEALED_FIELDS.join(', ')}`,
      })
    })
}
