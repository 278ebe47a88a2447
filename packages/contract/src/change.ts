import { type Glob, isLiteral } from '@countersign/core'

/** What a change does to what may go out. */
export type Effect = 'tightened' | 'loosened' | 'changed'

export interface Change {
  readonly effect: Effect
  /** Dotted path of the field. */
  readonly where: string
  readonly what: string
}

/** Changes in the order in which they are found. */
export class Changes {
  readonly list: Change[] = []

  add(effect: Effect, where: string, what: string): void {
    this.list.push({ effect, where, what })
  }
}

/** Of two sets of what is allowed; null where they are the same. */
export function effectOf(narrower: boolean, wider: boolean): Effect | null {
  if (narrower && wider) return null
  return narrower ? 'tightened' : wider ? 'loosened' : 'changed'
}

/** Whether every name that meets `narrow` is certain to meet `wide`. False where that is not certain. */
export function coversAll(wide: Glob, narrow: Glob): boolean {
  if (wide.pattern === narrow.pattern || wide.pattern === '**') return true
  if (isLiteral(narrow.pattern)) return wide.matches(narrow.pattern)
  // A directory and all below it.
  return (
    wide.pattern.endsWith('/**') &&
    isLiteral(wide.pattern.slice(0, -3)) &&
    narrow.pattern.startsWith(wide.pattern.slice(0, -2))
  )
}
