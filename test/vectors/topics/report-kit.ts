import { mutated, type Mutation } from './topic.ts'

export const SHA256 = 'a1'.repeat(32)
export const OTHER = 'b2'.repeat(32)
export const bad = 'report-invalid'

/** What a good one says, beside the document itself. */
export interface Says {
  readonly type: string
  readonly mediaType: string
  readonly about: readonly object[]
  readonly facts: object
}

/** A good document with what it says, and one mutation each. What stays good says something of its own. */
export function documents(
  prefix: string,
  good: object,
  says: Says,
  changes: readonly (Mutation | readonly [string, string, unknown, Partial<Says>])[],
) {
  const vectors: Record<string, object> = {}
  const only = changes.map(
    ([name, place, value, error]) => [name, place, value, typeof error === 'object' ? null : error] as Mutation,
  )
  for (const [name, vector] of Object.entries(mutated('json', good, only))) {
    const own = changes.find(([change]) => change === name)?.[3] ?? null
    const expected = typeof own === 'string' ? {} : { says: { ...says, ...own } }
    vectors[`${prefix}-${name}`] = { ...vector, ...expected }
  }
  return vectors
}
