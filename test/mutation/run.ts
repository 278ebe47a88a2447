import { fileOf } from './coverage.ts'
import type { Fate } from './kept.ts'
import type { Mutant } from './mutants.ts'
import { Runner } from './process.ts'
import type { Coverage } from './told.ts'

/** A test that takes longer is not run again in a process of its own: it makes what it looks at anew each time. */
const QUICK = 400
/** Tests that are tried before quicker ones. */
const LIKELY = 8
const LOAD = 15 * 60_000

/** What the tests without a change do; throws where they cannot be loaded. */
export async function coverageOf(
  sources: Readonly<Record<string, string>>,
  tests: readonly string[],
): Promise<Coverage> {
  const runner = new Runner()
  try {
    const loaded = await runner.ask({ kind: 'load', sources, tests, active: null }, 'loaded', LOAD)
    if (loaded?.error !== null) throw new Error(`the tests cannot be loaded: ${loaded?.error}`)
    const told = await runner.ask({ kind: 'cover' }, 'covered', 30 * 60_000)
    if (told === null) throw new Error('the tests did not end')
    return told.coverage
  } finally {
    runner.end()
  }
}

/** What reaches each mutant, the quickest first. */
export interface Reach {
  /** Tests that reach it while they run. */
  readonly running: ReadonlyMap<string, readonly string[]>
  /** Tests that may see it if it is there from the beginning: also where something is prepared by what it changes. */
  readonly loaded: ReadonlyMap<string, readonly string[]>
  readonly most: ReadonlyMap<string, number>
  readonly ms: (test: string) => number
}

/** `file` is the source: the tests beside it come first, whatever they take, and then the quickest of the others. */
export function reachOf(
  { cases, suites, early, hits }: Coverage,
  mutants: readonly Mutant[],
  { file, budget }: { readonly file: string; readonly budget: number },
): Reach {
  const beside = (test: string): number => (test.startsWith(file.replace(/\.ts$/, '')) ? 0 : 1)
  const ms = (test: string): number => cases[test]?.ms ?? 0
  const usable = (tests: Iterable<string>): string[] => {
    const passing = [...new Set(tests)].filter((test) => cases[test]?.passes === true)
    let sum = 0
    return passing
      .toSorted((a, b) => beside(a) - beside(b) || ms(a) - ms(b))
      .filter((test) => (sum += ms(test)) <= budget)
  }
  const running = new Map<string, string[]>()
  const prepared = new Map<string, string[]>()
  const most = new Map<string, number>()
  const own = new Set(mutants.map(({ id }) => id))
  const near = new Set<string>()
  for (const [by, reached] of Object.entries(hits)) {
    const of = cases[by] === undefined ? (suites[by] ?? []) : null
    for (const [id, count] of Object.entries(reached)) {
      if (!own.has(id)) continue
      const into = of === null ? running : prepared
      into.set(id, [...(into.get(id) ?? []), ...(of ?? [by])])
      for (const test of of ?? [by]) near.add(test)
      most.set(id, Math.max(count, most.get(id) ?? 0))
    }
  }
  const loaded = new Map<string, string[]>()
  for (const { id } of mutants) {
    // What runs it shows more of it than what is prepared by it.
    if (early[id] === undefined && running.has(id)) continue
    // Nobody runs what has no function: then it is for the tests beside it.
    const those = near.size > 0 ? near : Object.keys(cases).filter((test) => beside(test) === 0)
    const all = [...(prepared.get(id) ?? []), ...(early[id] === undefined ? [] : those)]
    if (all.length > 0) loaded.set(id, usable(all))
  }
  for (const [id, tests] of running) running.set(id, usable(tests))
  return { running, loaded, most, ms }
}

export interface Trial {
  readonly file: string
  /** Of the source with all changes in it. */
  readonly path: string
  readonly wanted: readonly Mutant[]
  readonly reach: Reach
  /** The test that noticed it before. */
  readonly hint: (mutant: Mutant) => string | null
}

const filesOf = (tests: Iterable<string>): string[] => [...new Set([...tests].map(fileOf))].toSorted()

/** What becomes of each, one after the other. */
export async function* judgeMutants(trial: Trial): AsyncGenerator<readonly [Mutant, Fate]> {
  const { file, path, wanted, reach, hint } = trial
  const sources = { [file]: path }
  const all = filesOf(wanted.flatMap(({ id }) => reach.running.get(id) ?? []))
  let warm: Runner | null = null
  const noticed: string[] = []
  const loader = new Loader(file, path)
  const time = (tests: readonly string[]): number => 60_000 + 20 * tests.reduce((sum, test) => sum + reach.ms(test), 0)
  try {
    for (const mutant of wanted) {
      // Who noticed it before, then who noticed what stands near it, the latest first.
      const likely = [...new Set([hint(mutant) ?? '', ...noticed])].slice(0, LIKELY)
      const ordered = (tests: readonly string[]): string[] => [
        ...likely.filter((test) => tests.includes(test)),
        ...tests.filter((test) => !likely.includes(test)),
      ]
      const running = ordered(reach.running.get(mutant.id) ?? [])
      const loaded = ordered((reach.loaded.get(mutant.id) ?? []).filter((test) => reach.ms(test) < QUICK))
      if (running.length === 0 && loaded.length === 0) {
        yield [mutant, { status: 'unreached' }]
        continue
      }
      if (running.length > 0) {
        if (warm === null || warm.ended) {
          warm = new Runner()
          const told = await warm.ask({ kind: 'load', sources, tests: all, active: null }, 'loaded', LOAD)
          if (told?.error !== null) throw new Error(`the tests of ${file} cannot be loaded: ${told?.error}`)
        }
        const limit = 1000 + 100 * (reach.most.get(mutant.id) ?? 0)
        const told = await warm.ask({ kind: 'try', mutant: mutant.id, tests: running, limit }, 'tried', time(running))
        if (told === null) {
          yield [mutant, { status: 'late' }]
          continue
        }
        if (told.spoilt) warm.end()
        else if (told.by !== null) {
          noticed.unshift(told.by)
          yield [mutant, { status: 'killed', by: told.by }]
          continue
        }
      }
      yield [mutant, await loader.judge(mutant, loaded, time(loaded))]
    }
  } finally {
    warm?.end()
    loader.end()
  }
}

/** Files of tests that are loaded for one change. */
const MOST_FILES = 10
/** Loads held by one process: nothing of them is ever given back. */
const LOADS = 40

/** Changes that are there when the sources are loaded: these and the tests are loaded anew for each. */
class Loader {
  readonly #sources: Readonly<Record<string, string>>
  readonly #own: string
  #runner: Runner | null = null
  #left = 0

  constructor(file: string, path: string) {
    this.#sources = { [file]: path }
    this.#own = file.replace(/\.ts$/, '.test.ts')
  }

  async judge(mutant: Mutant, tests: readonly string[], ms: number): Promise<Fate> {
    // What is loaded costs more than what is run: the tests most likely to notice it alone, and then some more.
    const near = tests.filter((test, i) => i === 0 || fileOf(test) === this.#own)
    const others = Object.entries(Object.groupBy(tests, fileOf)).toSorted(([, a], [, b]) => b!.length - a!.length)
    const most = others.slice(0, MOST_FILES).map(([file]) => file)
    const rest = tests.filter((test) => !near.includes(test) && most.includes(fileOf(test)))
    for (const some of [near, rest].filter(({ length }) => length > 0)) {
      const fate = await this.#try(mutant, some, ms)
      if (fate.status !== 'survived') return fate
    }
    return { status: 'survived' }
  }

  async #try({ id }: Mutant, tests: readonly string[], ms: number): Promise<Fate> {
    if (this.#left-- === 0 || this.#runner === null || this.#runner.ended) {
      this.end()
      this.#runner = new Runner()
      this.#left = LOADS
    }
    const runner = this.#runner
    const load = { kind: 'load', sources: this.#sources, tests: filesOf(tests), active: id } as const
    const loaded = await runner.ask(load, 'loaded', LOAD)
    if (loaded === null) return { status: 'late' }
    if (loaded.error !== null) return { status: 'killed', by: null }
    const told = await runner.ask({ kind: 'try-loaded', tests }, 'tried', ms)
    if (told === null) return { status: 'late' }
    return told.by === null ? { status: 'survived' } : { status: 'killed', by: told.by }
  }

  end(): void {
    this.#runner?.end()
  }
}
