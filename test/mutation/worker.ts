import { readFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { setTimeout } from 'node:timers/promises'
import fc from 'fast-check'
import type { Case, Suite } from './cases.ts'
import type { Asked, Coverage, Hits, Told } from './told.ts'

// Holds the tests as functions, and the sources with all their changes in them, each behind a switch: one change after
// the other is switched on, and the tests that pass there are run until one fails.

const root = join(import.meta.dirname, '..', '..')
const CASES = pathToFileURL(join(import.meta.dirname, 'cases.ts')).href
/** Seconds after which a test is ended that waits for what never comes. */
const WAIT = 20

/** What Stryker's switches look at. */
interface Switches {
  activeMutant?: string | undefined
  currentTestId?: string | undefined
  hitCount?: number | undefined
  hitLimit?: number | undefined
  mutantCoverage?: { static: Hits; perTest: Record<string, Hits> }
}
const switches: Switches = {}
Object.assign(globalThis, { __stryker__: switches })

const instrumented = new Map<string, string>()
/** Each load is of all modules of the project, anew. */
let loads = 0
const ROOT = `${pathToFileURL(root).href}/`
const ENGINE = new URL('.', import.meta.url).href
const isOwn = (url: string): boolean =>
  url.startsWith(ROOT) && url.endsWith('.ts') && !url.startsWith(ENGINE) && !url.includes('/node_modules/')
/** Without types, by their paths. */
const plain = new Map<string, string>()
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'vitest' && !context.parentURL?.startsWith(CASES)) return { url: CASES, shortCircuit: true }
    const found = next(specifier, context)
    return isOwn(found.url) ? { ...found, url: `${found.url}?load=${loads}` } : found
  },
  load(url, context, next) {
    const own = url.replace(/\?load=\d+$/, '')
    if (own === url) return next(url, context)
    const path = instrumented.get(own) ?? fileURLToPath(own)
    const source = plain.get(path) ?? stripTypeScriptTypes(readFileSync(path, 'utf8'))
    plain.set(path, source)
    return { format: 'module', source, shortCircuit: true }
  },
})
const { cases, suites, chainOf, collect, prepare, run } = (await import(CASES)) as typeof import('./cases.ts')

/** After so many seconds, of which those count in which this process was not stopped. */
async function tooLate({ signal }: AbortController): Promise<never> {
  for (let seconds = 0; seconds < WAIT; seconds++) await setTimeout(1000, undefined, { signal })
  throw new Error('it waits')
}

async function passes(one: Case): Promise<boolean> {
  const ended = new AbortController()
  switches.hitCount = 0
  const late = tooLate(ended)
  late.catch(() => undefined)
  try {
    await Promise.race([run(one), late])
    return true
  } catch (error) {
    if (process.env['COUNTERSIGN_MUTATION_TALK'] !== undefined) console.error(one.id, error)
    return false
  } finally {
    ended.abort()
    switches.hitCount = undefined
  }
}

/** Null where a change keeps the tests from being loaded at all. */
async function load({ sources, tests, active }: Extract<Asked, { kind: 'load' }>): Promise<Told> {
  loads++
  cases.clear()
  suites.clear()
  for (const [file, path] of Object.entries(sources)) instrumented.set(pathToFileURL(join(root, file)).href, path)
  await import('../seed.ts')
  // Which case fails is not asked: a smaller one that fails too is not looked for.
  fc.configureGlobal({ ...fc.readConfigureGlobal(), endOnFailure: true })
  switches.activeMutant = active ?? undefined
  switches.hitLimit = Infinity
  try {
    for (const file of Object.keys(sources)) await import(pathToFileURL(join(root, file)).href)
    for (const test of tests) {
      switches.currentTestId = active === null ? test : undefined
      await collect(test, () => import(pathToFileURL(join(root, test)).href))
    }
  } catch (error) {
    return { kind: 'loaded', error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  } finally {
    switches.currentTestId = undefined
  }
  return { kind: 'loaded', error: null }
}

async function cover(): Promise<Coverage> {
  const told: Record<string, { ms: number; passes: boolean }> = {}
  for (const suite of suites.values()) {
    switches.currentTestId = suite.id
    await prepareAll(suite).catch(() => undefined)
  }
  for (const one of cases.values()) {
    switches.currentTestId = one.id
    const start = process.cpuUsage()
    const passed = await passes(one)
    // Of this process alone: others may keep the machine busy.
    const { user, system } = process.cpuUsage(start)
    told[one.id] = { ms: (user + system) / 1000, passes: passed }
  }
  switches.currentTestId = undefined
  const { mutantCoverage } = switches
  const of: Record<string, string[]> = {}
  for (const suite of suites.values()) of[suite.id] = []
  for (const { id, suite } of cases.values()) for (const one of chainOf(suite)) of[one.id]!.push(id)
  return { cases: told, suites: of, early: mutantCoverage?.static ?? {}, hits: mutantCoverage?.perTest ?? {} }
}

async function prepareAll(suite: Suite): Promise<void> {
  for (const one of chainOf(suite)) await prepare(one)
}

async function attempt({ mutant, tests, limit }: Extract<Asked, { kind: 'try' }>): Promise<Told> {
  switches.hitLimit = limit
  for (const id of tests) {
    const one = cases.get(id)
    switches.activeMutant = mutant
    const passed = one !== undefined && (await passes(one))
    if (passed) continue
    switches.activeMutant = undefined
    // What the change left behind may be what fails: then it fails without it too.
    return { kind: 'tried', by: id, spoilt: one === undefined || !(await passes(one)) }
  }
  switches.activeMutant = undefined
  return { kind: 'tried', by: null, spoilt: false }
}

/** With the change there from the beginning. */
async function attemptAll({ tests }: Extract<Asked, { kind: 'try-loaded' }>): Promise<Told> {
  for (const id of tests) {
    const one = cases.get(id)
    if (one === undefined || !(await passes(one))) return { kind: 'tried', by: id, spoilt: false }
  }
  return { kind: 'tried', by: null, spoilt: false }
}

// What one test leaves to fail later is not of the next.
process.on('unhandledRejection', () => undefined)
process.on('message', (asked: Asked) => {
  const answer = async (): Promise<Told> => {
    if (asked.kind === 'load') return load(asked)
    if (asked.kind === 'cover') return { kind: 'covered', coverage: await cover() }
    return asked.kind === 'try' ? attempt(asked) : attemptAll(asked)
  }
  void answer().then((told) => process.send!(told))
})
// It is asked nothing before: what is sent to nobody is lost.
process.send!({ kind: 'ready' } satisfies Told)
process.on('disconnect', () => process.exit())
