import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { argumentsAndFilesOf, endWrongly } from '../arguments.ts'
import { refusedByCompiler } from './compiles.ts'
import { both, keptCoverage } from './coverage.ts'
import { isEqual, outdated } from './equal.ts'
import { digestOf, type Fate, keep, kept, type Kept, type Score, scoreOf, table } from './kept.ts'
import { instrument, type Instrumented, type Mutant } from './mutants.ts'
import { record, recorded, scoreOfRecord, stands } from './record.ts'
import { coverageOf, judgeMutants, type Reach, reachOf } from './run.ts'

// What is known of a file is kept for as long as its text is the same: killed is killed, and who survived is tried again once a
// test is another. scores.json keeps what came of it for good: without names, a file is left alone while its text and the names
// of the tests that noticed its changes are those of there.

const HELP = `Usage: npm run mutation [-- OPTIONS] [FILE…]

Changes what judges, a little at a time, and says which changes no test notices. Without files it tries all that judges, first
that of which an unnoticed change is a way in. Stop it and start it as you like: what is known is kept.

  --lines 10-40      a part of one file
  --tests GLOB,GLOB  with these tests and no others
  --force            all again, known or not
  --list             say what survived before, and try nothing
  --more             all tests that reach a change, the slow ones among them, not only the quickest of some seconds
  --budget MS        how long all tests of one change may take (default 4000)
  --jobs N           processes (default 2)
  --json FILE        write the table`

const root = join(import.meta.dirname, '..', '..')
const WORK = join(root, 'node_modules', '.cache', 'mutation', 'sources')

const FIRST = [
  'packages/contract/src/{evaluate,handover,evidence-rule,approvals,signers,place,anchored-rule}.ts',
  'packages/contract/src/condition/*.ts',
  'packages/verify/src/{judge,receipt,chain,handshake,open,trust,materials,way,withheld,completeness,gate}.ts',
  'packages/verify/src/{deviation,endorsed,freshness,replay,seen,run,subject,claims,cosigned,criteria}.ts',
  'packages/verify/src/slsa/*.ts',
  'packages/contract/src/{deviation,maintainers,people,servers,identity-pattern,patterns,baseline,demands,check-demands}.ts',
  'packages/verify/src/**/*.ts',
  'packages/contract/src/{evidence,authorities,graph,steps,parse,duration,change,model}.ts',
]
/** No code of their own to change. */
const NOT = /\.test\.ts$|test-kit\.ts$|\/index\.ts$|\/types\.ts$/

const TESTS = [
  'packages/{contract,verify}/src/**/*.test.ts',
  'test/twins/*.test.ts',
  'test/vectors/*.test.ts',
  'test/attacks/*.test.ts',
  'test/identity/*.test.ts',
]
/** A server or a program that is started has the sources as they are; time and modules are the test's own with `vi`. */
const OUTSIDE =
  /openTestServer|spawn|execFile|\bBench\b|startServer|listen\(|\bvi\.|expect\.poll|server\/|gitHere|generate\.ts/
/** What these hold is read by no other test, and takes the most of the time. */
const SPECIAL =
  /anchor|ethereum|opentimestamps|rekor|rfc3161|sigstore|x509|certificate|keyless|t-(?:26|5[2-5]|76|8[2-8]|9[23])-/
const SPECIAL_SOURCE = /anchors\/|sigstore|x509|identity\/|foreign|keyless|yaml/

const { values, positionals } = argumentsAndFilesOf(
  {
    lines: { type: 'string', default: '1-' },
    tests: { type: 'string' },
    force: { type: 'boolean' },
    list: { type: 'boolean' },
    jobs: { type: 'string', default: '2' },
    json: { type: 'string' },
    more: { type: 'boolean' },
    budget: { type: 'string', default: '4000' },
  },
  HELP,
)
process.chdir(root)
mkdirSync(WORK, { recursive: true })
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const files =
  positionals.length > 0
    ? positionals
    : [...new Set(FIRST.flatMap((pattern) => globSync(pattern, { cwd: root }).toSorted()))].filter(
        (file) => !NOT.test(file),
      )
const unknown = positionals.find((file) => !existsSync(join(root, file)))
if (unknown !== undefined) endWrongly(`there is no file ${unknown}`, HELP)
if (!/^\d+-\d*$/.test(values.lines)) endWrongly(`${values.lines} are no lines, such as 10-40`, HELP)
const [from, to] = values.lines.split('-').map(Number) as [number, number]
const jobs = Number(values.jobs)
if (!(Number.isSafeInteger(jobs) && jobs > 0)) endWrongly(`${values.jobs} is no number of processes`, HELP)
const budget = values.more === true ? Infinity : Number(values.budget)
if (!(budget > 0)) endWrongly(`${values.budget} is no number of milliseconds`, HELP)
const inLines = ({ line }: Mutant): boolean => line >= from && line <= (to || Infinity)

const some = values.tests !== undefined
const isLeft = ({ status }: Fate): boolean => status === 'survived' || status === 'unreached'

/** A source, and what is known of its changes. */
interface Source extends Instrumented {
  readonly file: string
  readonly content: string
  readonly path: string
  readonly prefix: string
  readonly known: Kept
  readonly before: Kept | null
  readonly wanted: readonly Mutant[]
}

const tests = globSync(values.tests?.split(/,(?![^{]*\})/) ?? TESTS, { cwd: root })
  .toSorted()
  .filter((test) => some || !OUTSIDE.test(read(test)))
if (tests.length === 0) endWrongly(`there is no test ${values.tests}`, HELP)
const kits = globSync(['test/*.ts', 'test/{twins,attacks,vectors}/*.ts', 'packages/*/src/*.test-kit.ts'], {
  cwd: root,
}).filter((path) => !path.endsWith('.test.ts'))
const testsDigest = digestOf([...tests, ...kits].toSorted().flatMap((path) => [path, read(path)]))

async function open(file: string): Promise<Source> {
  const content = read(file)
  const prefix = `${digestOf([file]).slice(0, 8)}-`
  const { text, mutants } = await instrument(file, content, prefix)
  const path = join(WORK, `${file.replaceAll('/', '-')}`)
  writeFileSync(path, text)
  const before = kept(file)
  const source = digestOf([content])
  const same = before?.source === source && values.force !== true
  // Who survives some of the tests is asked again with all.
  const known: Kept = { source, tests: some ? '' : testsDigest, fates: same ? { ...before.fates } : {} }
  for (const mutant of mutants) {
    const { key } = mutant
    if (isEqual(file, mutant)) known.fates[key] = { status: 'equal' }
    else if (known.fates[key]?.status === 'equal') delete known.fates[key]
  }
  for (const one of outdated(file, mutants)) {
    process.stdout.write(`listed as equal, and no change any more: ${file}: ${one}\n`)
    process.exitCode = 1
  }
  const again = (fate: Fate | undefined): boolean =>
    fate === undefined || (isLeft(fate) && (some || before?.tests !== testsDigest))
  const wanted = mutants.filter((mutant) => inLines(mutant) && again(known.fates[mutant.key]))
  // Until it is tried again nothing is known of it, wherever this run is stopped.
  if (!some && values.list !== true) for (const { key } of wanted) delete known.fates[key]
  return { file, content, path, prefix, text, mutants, known, before, wanted }
}

const done = recorded()
const skips = (file: string): boolean =>
  positionals.length === 0 && values.force !== true && values.list !== true && stands(done[file], read(file))
const sources = await Promise.all(files.filter((file) => !skips(file)).map((file) => open(file)))
// Of what is known whole nothing is tried, and it is written down all the same.
for (const { file, content, mutants, known, wanted } of values.list === true ? [] : sources) {
  if (wanted.length > 0) continue
  record(
    file,
    content,
    mutants.map(({ key }) => known.fates[key]),
    some,
  )
}
const open_ = values.list === true ? [] : sources.filter(({ wanted }) => wanted.length > 0)
const special = open_.some(({ file }) => SPECIAL_SOURCE.test(file)) || some
const used = tests.filter((test) => special || !SPECIAL.test(test))

function say(source: Source): Score {
  const asked = source.mutants.filter(inLines)
  const lines = read(source.file).split('\n')
  for (const { key, line, column, mutator, replacement } of asked) {
    const { status } = source.known.fates[key] ?? {}
    if (status !== 'survived' && status !== 'unreached') continue
    process.stdout.write(
      `${status === 'survived' ? '✗' : '?'} ${source.file}:${line}:${column} ${mutator}\n` +
        `    ${lines[line - 1]!.trim()}\n    → ${replacement.replaceAll(/\s+/g, ' ').slice(0, 100)}\n`,
    )
  }
  return scoreOf(
    source.file,
    asked.map(({ key }) => source.known.fates[key]),
  )
}

async function tryAll(source: Source, reach: Reach): Promise<void> {
  const { file, content, path, mutants: all, known, before, wanted } = source
  const start = performance.now()
  const hint = (mutant: Mutant): string | null => before?.fates[mutant.key]?.by ?? null
  const left = new Map<string, Mutant>()
  let count = 0
  // To try what is there from the beginning takes longer than to ask the compiler.
  const early = wanted.filter(({ id }) => reach.loaded.has(id))
  const refused = early.length > 8 ? await refusedByCompiler(file, early) : new Set<string>()
  for (const { id, key } of early) if (refused.has(id)) known.fates[key] = { status: 'refused' }
  const tried = wanted.filter(({ id }) => !refused.has(id))
  for await (const [mutant, fate] of judgeMutants({ file, path, wanted: tried, reach, hint })) {
    known.fates[mutant.key] = fate
    if (isLeft(fate)) left.set(mutant.id, mutant)
    if (++count % 10 === 0) keep(file, known)
  }
  for (const id of await refusedByCompiler(file, [...left.values()])) {
    known.fates[left.get(id)!.key] = { status: 'refused' }
  }
  keep(file, known)
  record(
    file,
    content,
    all.map(({ key }) => known.fates[key]),
    some,
  )
  const each = (performance.now() - start) / 1000 / wanted.length
  const { killed, mutants } = scoreOf(
    file,
    wanted.map(({ key }): Fate | undefined => known.fates[key]),
  )
  process.stdout.write(`${file}: ${killed} of ${mutants} killed, ${each.toFixed(2)} s each\n`)
}

if (open_.length > 0) {
  const start = performance.now()
  const kit = digestOf(kits.toSorted().map(read))
  const digest = (text: string): string => digestOf([text]).slice(0, 16)
  const coverage = await keptCoverage(
    open_.map(({ file, text, prefix }) => ({ file, prefix, digest: digest(text) })),
    Object.fromEntries(used.map((test) => [test, digest(kit + read(test))])),
    async (open, asked) => {
      process.stdout.write(`what ${asked.length} files of tests reach in ${open.length} sources is looked at\n`)
      const paths = open_.filter(({ file }) => open.includes(file)).map(({ file, path }) => [file, path])
      const part = (half: number) =>
        coverageOf(
          Object.fromEntries(paths),
          asked.filter((_, i) => i % 2 === half),
        )
      // Asked of as many processes as try: what tests reach does not depend on what else is loaded.
      return jobs < 2 || asked.length < 4
        ? coverageOf(Object.fromEntries(paths), asked)
        : both(await Promise.all([part(0), part(1)]))
    },
  )
  const failed = Object.entries(coverage.cases).filter(([, one]) => !one.passes)
  for (const [id] of failed) process.stdout.write(`not used, for it fails without a change: ${id}\n`)
  const seconds = ((performance.now() - start) / 1000).toFixed(0)
  process.stdout.write(`${Object.keys(coverage.cases).length} tests of ${used.length} files in ${seconds} s\n`)
  const queue = [...open_]
  const lane = async (): Promise<void> => {
    for (let source = queue.shift(); source !== undefined; source = queue.shift()) {
      await tryAll(source, reachOf(coverage, source.mutants, { file: source.file, budget }))
    }
  }
  await Promise.all(Array.from({ length: jobs }, lane))
}
const tried = sources.map(say)
const scores = files.map((file) => tried.find((score) => score.file === file) ?? scoreOfRecord(file, done[file]!))
process.stdout.write(`\n${table(scores)}`)
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(scores, null, 1)}\n`)
