import { shown } from '../fault.ts'
import type { Place } from '../place.ts'
import { Unjudged, valueOf } from './evaluate.ts'
import { ConditionFault } from './fault.ts'
import { checkNames, type Kind } from './names.ts'
import { MAX_CONDITION, parseCondition } from './parse.ts'
import type { Expression, Members } from './syntax.ts'

/** A condition in CEL. */
export interface Condition {
  readonly text: string
  readonly expression: Expression
}

/** A condition from a contract; null (and a fault) where it cannot be read, or asks for what there is not. */
export function readCondition(
  place: Place | undefined,
  names: { readonly [name: string]: Exclude<Kind, null> | null },
): Condition | null {
  const text = place?.text(
    `a condition in CEL, of at most ${MAX_CONDITION} characters`,
    (t) => t.length <= MAX_CONDITION,
  )
  if (place === undefined || text === undefined || text === null) return null
  if (text.trim() === '') {
    place.fault('is empty', 'Write what must hold, or leave the field out.', 'contract-empty')
    return null
  }
  try {
    const expression = parseCondition(text)
    checkNames(expression, names)
    return { text, expression }
  } catch (error) {
    if (!(error instanceof ConditionFault)) throw error
    place.fault(
      `${error.message} (at character ${error.at + 1})`,
      `Mend ${shown(text.slice(error.at, error.at + 20))}.`,
    )
    return null
  }
}

/** Whether it holds; or why that cannot be said, which is never a yes. */
export function holds({ expression }: Condition, names: Members): true | false | Unjudged {
  try {
    const value = valueOf(expression, names)
    return typeof value === 'boolean' ? value : new Unjudged('it is neither true nor false')
  } catch (error) {
    if (error instanceof Unjudged) return error
    throw error
  }
}
