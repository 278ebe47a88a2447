import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * `survived`: no test noticed. `unreached`: none comes near. `refused`: the compiler notices. `equal`: it is listed as one
 * that changes nothing.
 */
export type Status = 'killed' | 'late' | 'survived' | 'unreached' | 'refused' | 'equal'

export interface Fate {
  readonly status: Status
  /** The test that noticed. */
  readonly by?: string | null
}

/** What is known of a source, by the keys of its mutants. */
export interface Kept {
  /** Digest of the source. */
  readonly source: string
  /** Digest of the tests and of what they test. */
  readonly tests: string
  readonly fates: Record<string, Fate>
}

export interface Score {
  readonly file: string
  readonly mutants: number
  readonly killed: number
  readonly survived: number
  /** No test reaches them. */
  readonly unreached: number
  /** Not counted: no program is made of them. */
  readonly refused: number
  /** Not counted: they change nothing that anybody could see. */
  readonly equal: number
  /** Not counted: a run was stopped before them. */
  readonly untried: number
  readonly percent: number
}

export const CACHE = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'mutation')

export function digestOf(texts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(text)
  return hash.digest('hex')
}

const pathOf = (file: string): string => join(CACHE, `${file.replaceAll(/[^A-Za-z0-9]+/g, '-')}.json`)

/** Null where nothing is. */
export function kept(file: string): Kept | null {
  try {
    return JSON.parse(readFileSync(pathOf(file), 'utf8')) as Kept
  } catch {
    return null
  }
}

export function keep(file: string, what: Kept): void {
  mkdirSync(CACHE, { recursive: true })
  // Whole or not at all, wherever a run is stopped.
  writeFileSync(`${pathOf(file)}.new`, JSON.stringify(what))
  renameSync(`${pathOf(file)}.new`, pathOf(file))
}

export function scoreOf(file: string, fates: readonly (Fate | undefined)[]): Score {
  const count = (...all: readonly Status[]) =>
    fates.filter((fate) => fate !== undefined && all.includes(fate.status)).length
  const [killed, survived, unreached] = [count('killed', 'late'), count('survived'), count('unreached')]
  const mutants = killed + survived + unreached
  const percent = mutants === 0 ? 100 : Math.round((1000 * killed) / mutants) / 10
  return {
    file,
    mutants,
    killed,
    survived,
    unreached,
    refused: count('refused'),
    equal: count('equal'),
    untried: fates.filter((fate) => fate === undefined).length,
    percent,
  }
}

export function table(scores: readonly Score[]): string {
  const sum = (of: (score: Score) => number) => scores.reduce((all, score) => all + of(score), 0)
  const [mutants, killed] = [sum((score) => score.mutants), sum((score) => score.killed)]
  const width = Math.max(10, ...scores.map(({ file }) => file.length))
  const row = (file: string, all: number, dead: number, percent: number) =>
    `${file.padEnd(width)} ${String(all).padStart(7)} ${String(dead).padStart(6)} ${percent.toFixed(1).padStart(6)} %`
  return [
    `${''.padEnd(width)} mutants killed    score`,
    ...scores.map((score) => {
      const more = score.untried === 0 ? '' : `  ${score.untried} not tried`
      return (
        row(score.file, score.mutants, score.killed, score.mutants === 0 && score.untried > 0 ? 0 : score.percent) +
        more
      )
    }),
    row(`${scores.length} files`, mutants, killed, (100 * killed) / Math.max(1, mutants)),
    '',
  ].join('\n')
}
