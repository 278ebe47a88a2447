import { createHash } from 'node:crypto'
import { Instrumenter } from '@stryker-mutator/instrumenter'
import { wording } from './wording.ts'

/** A change of one place. */
export interface Mutant {
  readonly id: string
  /** The same for as long as what it changes is. */
  readonly key: string
  readonly mutator: string
  readonly line: number
  readonly column: number
  /** What it changes. */
  readonly was: string
  readonly replacement: string
  /** The source with this change and no other. */
  readonly changed: () => string
}

export interface Instrumented {
  /** The source with all changes, each behind a switch. */
  readonly text: string
  readonly mutants: readonly Mutant[]
}

const silent = () => undefined
const LOGGER = {
  isTraceEnabled: () => false,
  isDebugEnabled: () => false,
  isInfoEnabled: () => false,
  isWarnEnabled: () => false,
  isErrorEnabled: () => false,
  isFatalEnabled: () => false,
  trace: silent,
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  fatal: silent,
}

/** Stryker's changes of a source. `prefix` keeps those of several apart. */
export async function instrument(name: string, content: string, prefix: string): Promise<Instrumented> {
  const { files, mutants } = await new Instrumenter(LOGGER).instrument([{ name, mutate: true, content }], {
    plugins: null,
    excludedMutations: [],
    ignorers: [wording],
  })
  const starts = [0]
  for (const { index } of content.matchAll(/\n/g)) starts.push(index + 1)
  const lines = content.split('\n')
  const seen = new Map<string, number>()
  const text = files[0]!.content
    .replaceAll(/(?<=stryMutAct_9fa48\(")(?=\d+"\))/g, prefix)
    .replaceAll(/(?<=stryCov_9fa48\()[^)]*(?=\))/g, (ids) => ids.replaceAll(/(?<=")(?=\d)/g, prefix))
  return {
    text,
    mutants: mutants
      .filter(({ status }) => status !== 'Ignored')
      .map(({ id, location: { start, end }, mutatorName, replacement = '' }) => {
        const [from, to] = [starts[start.line]! + start.column, starts[end.line]! + end.column]
        const what = JSON.stringify([mutatorName, lines[start.line]!.trim(), content.slice(from, to), replacement])
        const before = seen.get(what) ?? 0
        seen.set(what, before + 1)
        return {
          id: `${prefix}${id}`,
          key: createHash('sha256').update(`${before}${what}`).digest('hex').slice(0, 24),
          mutator: mutatorName,
          line: start.line + 1,
          column: start.column + 1,
          was: content.slice(from, to),
          replacement,
          changed: () => content.slice(0, from) + replacement + content.slice(to),
        }
      }),
  }
}
