import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CACHE } from './kept.ts'
import type { Coverage, Hits } from './told.ts'

export type Digests = Readonly<Record<string, string>>

/** What is covered, and with what each of its mutants begins. */
export interface CoveredSource {
  readonly file: string
  readonly digest: string
  readonly prefix: string
}

/** What is known of one source: what of it is reached, by which text of which tests. */
interface Known {
  readonly digest: string
  readonly tests: Digests
  readonly early: Hits
  readonly hits: Readonly<Record<string, Hits>>
}

interface Held {
  readonly cases: Coverage['cases']
  readonly suites: Coverage['suites']
  readonly of: Readonly<Record<string, Known>>
}

const PATH = join(CACHE, 'coverage.json')

/** The file of a test or a suite. */
export const fileOf = (test: string): string => test.split(' > ')[0]!

/**
 * What the tests reach in these sources. `cover` is asked about those of which that is not known: a test that is another
 * by its digest, and all of them for a source that is.
 */
export async function keptCoverage(
  sources: readonly CoveredSource[],
  tests: Digests,
  cover: (files: readonly string[], tests: readonly string[]) => Promise<Coverage>,
): Promise<Coverage> {
  let held = read()
  const lacking = (source: CoveredSource): string[] =>
    Object.keys(tests)
      .filter((test) => knownOf(held, source).tests[test] !== tests[test])
      .toSorted()
  const groups = Map.groupBy(sources, (source) => lacking(source).join('\n'))
  groups.delete('')
  for (const [list, open] of groups) {
    const asked = list.split('\n')
    const found = await cover(
      open.map(({ file }) => file),
      asked,
    )
    held = merged(
      held,
      found,
      open,
      those(tests, (test) => asked.includes(test)),
    )
    mkdirSync(CACHE, { recursive: true })
    writeFileSync(PATH, JSON.stringify(held))
  }
  return together(held, sources, tests)
}

function knownOf(held: Held, { file, digest }: CoveredSource): Known {
  const known = held.of[file]
  return known?.digest === digest ? known : { digest, tests: {}, early: {}, hits: {} }
}

/** What is known once these tests have been looked at for these sources. */
function merged(held: Held, found: Coverage, sources: readonly CoveredSource[], tests: Digests): Held {
  const stays = (id: string): boolean => tests[fileOf(id)] === undefined
  const covered = (source: CoveredSource): Known => {
    const known = knownOf(held, source)
    const own = (hits: Hits): Hits => those(hits, (id) => id.startsWith(source.prefix))
    const reached = Object.entries(found.hits).map(([test, hits]) => [test, own(hits)] as const)
    return {
      digest: source.digest,
      tests: { ...known.tests, ...tests },
      early: { ...known.early, ...own(found.early) },
      hits: {
        ...those(known.hits, stays),
        ...Object.fromEntries(reached.filter(([, hits]) => Object.keys(hits).length > 0)),
      },
    }
  }
  return {
    cases: { ...those(held.cases, stays), ...found.cases },
    suites: { ...those(held.suites, stays), ...found.suites },
    of: { ...held.of, ...Object.fromEntries(sources.map((source) => [source.file, covered(source)])) },
  }
}

/** Of two processes that were asked of other tests. */
export function both([one, other]: readonly [Coverage, Coverage]): Coverage {
  return {
    cases: { ...one.cases, ...other.cases },
    suites: { ...one.suites, ...other.suites },
    early: { ...one.early, ...other.early },
    hits: { ...one.hits, ...other.hits },
  }
}

function read(): Held {
  try {
    const held = JSON.parse(readFileSync(PATH, 'utf8')) as Partial<Held>
    if (held.of !== undefined) return held as Held
  } catch {
    // There is none yet.
  }
  return { cases: {}, suites: {}, of: {} }
}

/** Of these sources, by these tests. */
function together({ cases, suites, of }: Held, sources: readonly CoveredSource[], tests: Digests): Coverage {
  const asked = (id: string): boolean => tests[fileOf(id)] !== undefined
  const hits: Record<string, Hits> = {}
  let early: Hits = {}
  for (const { file } of sources) {
    early = { ...early, ...of[file]!.early }
    for (const [id, reached] of Object.entries(of[file]!.hits)) if (asked(id)) hits[id] = { ...hits[id], ...reached }
  }
  return { cases: those(cases, asked), suites: those(suites, asked), early, hits }
}

function those<T>(of: Readonly<Record<string, T>>, stays: (id: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(of).filter(([id]) => stays(id)))
}
