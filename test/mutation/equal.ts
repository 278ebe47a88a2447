import type { Mutant } from './mutants.ts'

/** A change that nobody could see, whatever test they write. */
export interface Equal {
  readonly file: string
  /** The text that is changed, as the source has it; white space is not looked at. */
  readonly was: string
  /** What it is changed to. */
  readonly becomes: readonly string[]
  readonly why: string
}

/** Reviewed one by one. Code that needs no exception here is better than an exception. */
export const EQUAL: readonly Equal[] = [
  {
    file: 'packages/contract/src/check-demands.ts',
    was: 'disallow.length === 0',
    becomes: ['false'],
    why: 'it saves a look at every name: no pattern meets none of them',
  },
  {
    file: 'packages/contract/src/check-demands.ts',
    was: 'rule.conditions.length === 0',
    becomes: ['false'],
    why: 'it saves what conditions are judged by: there are none',
  },
  {
    file: 'packages/contract/src/evaluate.ts',
    was: 'facts.materials.length === 0',
    becomes: ['false'],
    why: 'it saves a look at what was made: nothing of it was received',
  },
  {
    file: 'packages/contract/src/evaluate.ts',
    was: 'matrix !== null',
    becomes: ['true'],
    why: 'it tells the compiler what includes() finds out: no matrix has a job without a name',
  },
  {
    file: 'packages/verify/src/subject.ts',
    was: "({ verdict }) => verdict === 'pass'",
    becomes: ['() => undefined'],
    why: 'a pass has no findings, so it is the nearest too',
  },
  {
    file: 'packages/verify/src/subject.ts',
    was: "verdict === 'pass'",
    becomes: ['false'],
    why: 'a pass has no findings, so it is the nearest too',
  },
]

const plain = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

/** Whether it is listed. */
export function isEqual(file: string, { was, replacement }: Mutant): boolean {
  return EQUAL.some(
    (one) =>
      one.file === file &&
      plain(one.was) === plain(was) &&
      one.becomes.some((becomes) => plain(becomes) === plain(replacement)),
  )
}

/** Entries of a file that are of no use any more. */
export function outdated(file: string, mutants: readonly Mutant[]): readonly string[] {
  const made = new Set(mutants.map(({ was, replacement }) => JSON.stringify([plain(was), plain(replacement)])))
  return EQUAL.filter((one) => one.file === file).flatMap(({ was, becomes }) =>
    becomes.filter((to) => !made.has(JSON.stringify([plain(was), plain(to)]))).map((to) => `${was} → ${to}`),
  )
}
