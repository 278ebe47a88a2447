import type { JsonValue } from '@countersign/core'
import { STATEMENT_TYPE, STEP_PREDICATE } from '@countersign/formats'
import { file, newChainId, source, statement } from '../pipeline.ts'

/** A step that would be accepted, full of texts. */
export function fresh(): JsonValue {
  const subject = [source(newChainId()), { ...file('a', newChainId()), uri: 'https://example.test/a' }]
  const made = statement({ chain: { id: newChainId(), pipeline: 'sql', contract: null }, name: 'build', subject })
  const { invocation, runner, ...rest } = made.predicate
  const predicate = {
    ...rest,
    step: { ...rest.step, matrix: 'os=linux' },
    invocation: { ...invocation, workingDirectory: 'sub', environment: { CI: 'true' } },
    runner: { ...runner, tools: { node: '24' } },
  }
  return { _type: STATEMENT_TYPE, subject, predicateType: STEP_PREDICATE, predicate } as unknown as JsonValue
}

export type Place = readonly string[]

/** The place of every text in a document. */
export function texts(value: JsonValue, path: Place = []): Place[] {
  if (typeof value === 'string') return [path]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]: [string, JsonValue]) => texts(item, [...path, key]))
}

/** The document with another text in one place. */
export function replaced(value: JsonValue, [key, ...rest]: Place, by: string): JsonValue {
  if (key === undefined) return by
  const copy = (Array.isArray(value) ? [...(value as JsonValue[])] : { ...(value as object) }) as Record<
    string,
    JsonValue
  >
  copy[key] = replaced(copy[key] ?? null, rest, by)
  return copy
}
