import { type Glob, isLiteral } from '@countersign/core'
import { shown } from './fault.ts'
import type { StepRule } from './model.ts'
import type { Place } from './place.ts'

/** A pattern that a step's materials from `from` must meet. */
export interface Wanted {
  readonly place: Place
  readonly from: string
  readonly glob: Glob
}

/** Faults of patterns that nothing can ever meet: the step that hands over makes nothing of such a name. */
export function lintHandOvers(wanted: readonly Wanted[], steps: ReadonlyMap<string, StepRule>): void {
  for (const { place, from, glob } of wanted) {
    const maker = steps.get(from)
    const products = maker?.products ?? []
    // Without products it vouches for what it received, under names that are not known here.
    if (maker === undefined || products.length === 0) continue
    // A first step vouches for its checkout too.
    if (maker.after.length === 0 && glob.matches('source')) continue
    if (products.some((product) => mayMeet(product, glob))) continue
    const parent = products.find(
      (product) => isLiteral(product.pattern) && glob.pattern.startsWith(`${product.pattern}/`),
    )
    const names = products.slice(0, 8).map((product) => shown(product.pattern))
    place.fault(
      `is ${shown(glob.pattern)}, and step ${from} makes nothing of that name`,
      parent === undefined
        ? `Step ${from} makes ${names.join(', ')}${products.length > 8 ? ', …' : ''}.`
        : `A directory is handed over as one: write ${shown(parent.pattern)}/.`,
    )
  }
}

/** True unless no name meets both; two patterns with wildcards get the benefit of the doubt. */
function mayMeet(a: Glob, b: Glob): boolean {
  if (isLiteral(a.pattern)) return b.matches(a.pattern)
  return isLiteral(b.pattern) ? a.matches(b.pattern) : true
}
