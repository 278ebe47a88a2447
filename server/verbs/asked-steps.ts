import type { Contract } from '@countersign/contract'

/** Names of the steps that no run may do without. */
export function askedSteps({ steps }: Contract): readonly string[] {
  return [...steps.values()].filter(({ optional }) => optional === null).map(({ name }) => name)
}
