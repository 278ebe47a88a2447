import { format } from 'node:util'

/**
 * What stands for `vitest` in a process that runs the same tests thousands of times: it keeps them as functions, and
 * `expect` is the real one. Between two runs of a test nothing is loaded, so a change costs milliseconds.
 */
export { expect } from 'vitest'

type Body = (...args: unknown[]) => unknown

/** A file, or a `describe` within it. */
export interface Suite {
  readonly id: string
  readonly outer: Suite | null
  readonly beforeAll: Body[]
  readonly beforeEach: Body[]
  readonly afterEach: Body[]
}

export interface Case {
  readonly id: string
  readonly suite: Suite
  readonly body: Body
}

export const cases = new Map<string, Case>()
export const suites = new Map<string, Suite>()

let within: Suite | null = null

function open(id: string): Suite {
  const suite = { id, outer: within, beforeAll: [], beforeEach: [], afterEach: [] }
  suites.set(id, suite)
  return suite
}

function unique(name: string, held: ReadonlyMap<string, unknown>): string {
  const id = `${within?.id ?? ''} > ${name}`
  for (let i = 1; ; i++) {
    const one = i === 1 ? id : `${id} #${i}`
    if (!held.has(one)) return one
  }
}

/** Collects the tests of one file, which `load` loads. */
export async function collect(file: string, load: () => Promise<unknown>): Promise<void> {
  within = null
  within = open(file)
  try {
    await load()
  } finally {
    within = null
  }
}

function bodyOf(args: readonly unknown[]): Body {
  return args.find((arg): arg is Body => typeof arg === 'function') ?? (() => undefined)
}

/** A name for each of its cases. */
function named(name: string, args: readonly unknown[], index: number): string {
  const wanted = (name.match(/%[sdifjo]/g) ?? []).length
  return format(name.replaceAll('%#', String(index)), ...args.slice(0, wanted))
}

function each<T>(one: (name: string, body: () => T) => void) {
  return (table: readonly unknown[]) =>
    (name: string, ...rest: readonly unknown[]) => {
      const body = bodyOf(rest) as (...args: unknown[]) => T
      const spread = table.every(Array.isArray)
      for (const [i, row] of table.entries()) {
        const args = spread ? (row as unknown[]) : [row]
        one(named(name, args, i), () => body(...args))
      }
    }
}

function addCase(name: string, ...rest: readonly unknown[]): void {
  const id = unique(name, cases)
  cases.set(id, { id, suite: within!, body: bodyOf(rest) })
}

function addSuite(name: string, ...rest: readonly unknown[]): void {
  const outer = within
  within = open(unique(name, suites))
  bodyOf(rest)()
  within = outer
}

const nothing = (): void => undefined

export const test = Object.assign(addCase, {
  each: each(addCase),
  skipIf: (skipped: unknown) => (skipped ? nothing : addCase),
  runIf: (run: unknown) => (run ? addCase : nothing),
})
export const it = test
export const describe = Object.assign(addSuite, { each: each<void>(addSuite) })
export const beforeAll = (body: Body): void => void within!.beforeAll.push(body)
export const beforeEach = (body: Body): void => void within!.beforeEach.push(body)
export const afterEach = (body: Body): void => void within!.afterEach.push(body)
export const afterAll = nothing

const prepared = new Set<Suite>()

/** What a suite prepares once for all of its tests. */
export async function prepare(suite: Suite): Promise<void> {
  if (prepared.has(suite)) return
  prepared.add(suite)
  for (const body of suite.beforeAll) await body()
}

export function chainOf(suite: Suite): Suite[] {
  return suite.outer === null ? [suite] : [...chainOf(suite.outer), suite]
}

/** Runs a test with all that surrounds it; throws what it throws. */
export async function run({ suite, body }: Case): Promise<void> {
  const chain = chainOf(suite)
  for (const one of chain) await prepare(one)
  for (const one of chain) for (const before of one.beforeEach) await before()
  try {
    await body({})
  } finally {
    for (const one of chain.toReversed()) for (const after of one.afterEach) await after()
  }
}
