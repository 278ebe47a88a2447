import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileOf } from './coverage.ts'
import { digestOf, type Fate, type Score, scoreOf } from './kept.ts'

/** What a run came to, for one source; committed, so that it outlives the cache. */
export interface Recorded {
  /** Of the source, and of the names of the tests. */
  readonly digest: string
  readonly tried: number
  readonly killed: number
  readonly survived: number
  /** Changes that nobody could see: they are not among those tried. */
  readonly equivalent: number
  /** Where a run was stopped. */
  readonly untried: number
  /** Those that noticed. */
  readonly tests: readonly string[]
}

const root = join(import.meta.dirname, '..', '..')
const PATH = join(import.meta.dirname, 'scores.json')

type Scores = Record<string, Recorded>

export function recorded(): Readonly<Scores> {
  return existsSync(PATH) ? (JSON.parse(readFileSync(PATH, 'utf8')) as Scores) : {}
}

const digest = (content: string, tests: readonly string[]): string => digestOf([content, '\0', tests.join('\n')])

/** True while the source is the one that was tried, whole, and each test that noticed something is there. */
export function stands(one: Recorded | undefined, content: string): one is Recorded {
  return (
    one?.untried === 0 &&
    one.digest === digest(content, one.tests) &&
    one.tests.every((test) => existsSync(join(root, test)))
  )
}

/** Writes it down, unless what stands there of the same source says more: `some` tests notice less than all. */
export function record(file: string, content: string, fates: readonly (Fate | undefined)[], some: boolean): void {
  const all: Scores = recorded()
  const tests = [...new Set(fates.flatMap((fate) => (fate?.by == null ? [] : [fileOf(fate.by)])))].toSorted()
  const { killed, mutants, equal, untried } = scoreOf(file, fates)
  const now: Recorded = {
    digest: digest(content, tests),
    tried: mutants,
    killed,
    survived: mutants - killed,
    equivalent: equal,
    untried,
    tests,
  }
  const { [file]: before } = all
  const same = before !== undefined && before.digest === digest(content, before.tests)
  if (mutants === 0 && untried > 0) return
  if (same && (before.untried < untried || (some && before.killed > killed))) return
  all[file] = now
  const lines = Object.keys(all)
    .toSorted()
    .filter((path) => existsSync(join(root, path)))
    .map((path) => `  ${JSON.stringify(path)}: ${JSON.stringify(all[path])}`)
  writeFileSync(PATH, `{\n${lines.join(',\n')}\n}\n`)
}

/** As the table shows it. */
export function scoreOfRecord(file: string, { tried, killed, survived, equivalent, untried }: Recorded): Score {
  const percent = tried === 0 ? 100 : Math.round((1000 * killed) / tried) / 10
  return { file, mutants: tried, killed, survived, unreached: 0, refused: 0, equal: equivalent, untried, percent }
}
