import { parseGlob } from '@countersign/core'

const MAX_PATTERNS = 100
const MAX_PATTERN = 256

/** A tree `dist/` is matched as `dist`. */
export function plainName(name: string): string {
  return name.endsWith('/') ? name.slice(0, -1) : name
}

/**
 * Patterns for what was there each time, one list of names a time: each pattern is met each time, and each name is met.
 * A name that was always there stays as it is; of the others the numbers and hashes in it become `*`, or all but its
 * directory and its ending; and where that is not enough, everything in its directory. Null where no such patterns are
 * there: what was there once and not again cannot be demanded, and what is not demanded is not let in.
 */
export function generalise(times: readonly (readonly string[])[]): readonly string[] | null {
  const sets = times.map((names) => new Set(names))
  const all = new Set(times.flat())
  const patterns = new Set<string>()
  const open: string[] = []
  for (const name of all) {
    if (sets.every((set) => set.has(name))) patterns.add(literal(name))
    else open.push(name)
  }
  for (const name of open) {
    const fitting = candidates(name).find((pattern) => isMetEachTime(pattern, times))
    if (fitting === undefined) return null
    patterns.add(fitting)
  }
  const few = patterns.size > MAX_PATTERNS ? widened([...patterns], times) : [...patterns]
  return few !== null && few.every((pattern) => pattern.length <= MAX_PATTERN) ? few.toSorted() : null
}

/** A name as a pattern of itself: what would be a wildcard is any one character. */
function literal(name: string): string {
  return name.replace(/[*?]/g, '?')
}

/** From the narrowest. */
function candidates(name: string): readonly string[] {
  const slash = name.lastIndexOf('/')
  const [directory, base] = [name.slice(0, slash + 1), name.slice(slash + 1)]
  const dot = base.lastIndexOf('.')
  const ending = dot > 0 ? base.slice(dot) : ''
  const [first] = name.split('/')
  return [
    starred(name),
    `${literal(directory)}*${literal(ending)}`,
    `${starred(directory.slice(0, -1))}/*${literal(ending)}`,
    ...(slash > 0 ? [`${literal(directory)}**`, `${literal(first!)}/**`] : []),
  ].filter((pattern) => pattern.replace(/[*?/.]/g, '') !== '')
}

/** Versions, dates, numbers and hashes as `*`. */
function starred(name: string): string {
  return literal(name)
    .replace(/(?<![0-9A-Za-z])[0-9a-f]{7,64}(?![0-9A-Za-z])/g, '*')
    .replace(/[0-9]+(?:[._-][0-9]+)*/g, '*')
    .replace(/\*(?:[._-]?\*)+/g, '*')
}

function isMetEachTime(pattern: string, times: readonly (readonly string[])[]): boolean {
  const glob = parseGlob(pattern)
  return times.every((names) => names.some((name) => glob.matches(name)))
}

/** Thousands of names are a directory that should have been one product. */
function widened(patterns: readonly string[], times: readonly (readonly string[])[]): readonly string[] | null {
  const tops = new Set(patterns.map((pattern) => (pattern.includes('/') ? `${pattern.split('/')[0]}/**` : pattern)))
  const good = [...tops].every((pattern) => isMetEachTime(pattern, times))
  return good && tops.size <= MAX_PATTERNS ? [...tops] : null
}
