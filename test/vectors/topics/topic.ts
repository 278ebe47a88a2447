import type { Code } from '@countersign/core'

/** A folder of vectors: one file each, named by what is special about it. */
export interface Topic {
  readonly name: string
  readonly vectors: Readonly<Record<string, object>>
}

/**
 * One change to a good document: the vector's name, the place (`a.b.0.c`), what to put there (`undefined`
 * removes, a function gets the old value), and the code that refuses the result; null where it stays good.
 */
export type Mutation = readonly [name: string, place: string, value: unknown, error: Code | null]

/** The good document and a vector for each mutation of a fresh copy of it. */
export function mutated(field: string, good: object, mutations: readonly Mutation[]): Record<string, object> {
  const vectors: Record<string, object> = { good: { [field]: good } }
  for (const [name, place, value, error] of mutations) {
    if (Object.hasOwn(vectors, name)) throw new Error(`two vectors are named ${name}`)
    const changed = put(good, place.split('.'), value)
    vectors[name] = error === null ? { [field]: changed } : { error, [field]: changed }
  }
  return vectors
}

function put(whole: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined || key === '')
    return typeof value === 'function' ? (value as (old: unknown) => unknown)(whole) : value
  const copy = (Array.isArray(whole) ? [...whole] : { ...(whole as object) }) as Record<string, unknown>
  const next = put(copy[key], rest, value)
  if (next !== undefined) copy[key] = next
  else if (Array.isArray(copy)) copy.splice(Number(key), 1)
  else delete copy[key]
  return copy
}
