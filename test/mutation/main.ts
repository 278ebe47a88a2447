import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Stryker } from '@stryker-mutator/core'

// Changes what judges, a little at a time, and says which changes no test notices. `npm run mutation -- FILE…`; without files
// those below, the ones first where a change that goes unnoticed is a way in. Each file is a run of its own, and what has not
// changed since is not run again. Held against the unit tests of the room and the twins; `--more` takes vectors and attacks too,
// `--lines 10-40` a part of one file, `--tests GLOB,GLOB` these tests and no others.

const root = join(import.meta.dirname, '..', '..')
const CACHE = join(root, 'node_modules', '.cache', 'mutation')

const FIRST = [
  'packages/contract/src/{evaluate,handover,evidence-rule,approvals,signers,place,anchored-rule}.ts',
  'packages/verify/src/{judge,receipt,chain,handshake,open,trust,materials,way,withheld,completeness,gate}.ts',
  'packages/verify/src/{deviation,endorsed,freshness,replay,seen,run,subject,claims,cosigned,criteria}.ts',
  'packages/verify/src/slsa/*.ts',
  'packages/contract/src/{deviation,maintainers,people,servers,identity-pattern,patterns,baseline,demands,check-demands}.ts',
  'packages/verify/src/**/*.ts',
  'packages/contract/src/{evidence,authorities,graph,steps,parse,duration,change,model}.ts',
]
/** No code of their own to change. */
const NOT = /\.test\.ts$|test-kit\.ts$|\/index\.ts$|\/types\.ts$/

/** Stryker's levels are a constant enumeration, which no module can import that is compiled alone. */
const QUIET: object = { fileLogLevel: 'off', logLevel: 'warn' }

interface Score {
  readonly file: string
  readonly killed: number
  readonly survived: number
  readonly notCovered: number
  /** Of all but those that no program is made of. */
  readonly percent: number
}

const { values, positionals } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: {
    lines: { type: 'string' },
    more: { type: 'boolean' },
    tests: { type: 'string' },
    force: { type: 'boolean' },
  },
  allowPositionals: true,
})
const files =
  positionals.length > 0
    ? positionals
    : [...new Set(FIRST.flatMap((pattern) => globSync(pattern, { cwd: root })))].filter((file) => !NOT.test(file))

process.chdir(root)
mkdirSync(CACHE, { recursive: true })
const scores: Score[] = []
for (const file of files) {
  process.env['COUNTERSIGN_MUTATED'] = file
  process.env['COUNTERSIGN_MUTATION_TESTS'] = values.tests ?? ''
  process.env['COUNTERSIGN_MUTATION_MORE'] = values.more === true ? '1' : '0'
  const name = file.replaceAll(/[^A-Za-z0-9]+/g, '-')
  const results = await new Stryker({
    mutate: [values.lines === undefined ? file : `${file}:${values.lines}`],
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner', './test/mutation/wording.ts'],
    ignorers: ['wording'],
    vitest: { configFile: 'test/mutation/vitest.config.ts' },
    coverageAnalysis: 'perTest',
    // What runs when tests are collected would have each change run all of them.
    ignoreStatic: true,
    warnings: false,
    incremental: values.lines === undefined,
    force: values.force === true,
    incrementalFile: join(CACHE, `${name}.json`),
    // It would be read by an API that TypeScript 7 does not have: one that is not there is not read.
    tsconfigFile: 'none.json',
    tempDirName: '.stryker-tmp',
    ignorePatterns: [
      '/action',
      '/server/dist',
      '/packages/*/dist',
      '/docs',
      '/biome.json',
      '/workflows',
      '/.ci',
      '/test/bench',
      '/test/e2e',
    ],
    concurrency: 1,
    timeoutMS: 20_000,
    timeoutFactor: 4,
    reporters: ['progress-append-only'],
    ...QUIET,
    allowConsoleColors: false,
  }).runMutationTest()
  const of = (...statuses: readonly string[]) => results.filter(({ status }) => statuses.includes(status))
  const killed = of('Killed', 'Timeout').length
  const [survived, notCovered] = [of('Survived'), of('NoCoverage')]
  const all = killed + survived.length + notCovered.length
  for (const { location, mutatorName, replacement, status } of [...survived, ...notCovered]) {
    const { line, column } = location.start
    const text = readFileSync(join(root, file), 'utf8').split('\n')[line - 1]!.trim()
    const what = (replacement ?? '').replaceAll(/\s+/g, ' ').slice(0, 100)
    process.stdout.write(
      `${status === 'Survived' ? '✗' : '?'} ${file}:${line}:${column} ${mutatorName}\n    ${text}\n    → ${what}\n`,
    )
  }
  const percent = all === 0 ? 100 : Math.round((1000 * killed) / all) / 10
  scores.push({ file, killed, survived: survived.length, notCovered: notCovered.length, percent })
  process.stdout.write(`${percent.toFixed(1).padStart(5)} %  ${killed} of ${all}  ${file}\n`)
  if (values.lines === undefined) keep(scores.at(-1)!)
}
const [killed, all] = scores.reduce(
  ([sum, of], one) => [sum + one.killed, of + one.killed + one.survived + one.notCovered] as const,
  [0, 0] as readonly [number, number],
)
process.stdout.write(
  `${((100 * killed) / Math.max(1, all)).toFixed(1).padStart(5)} %  ${killed} of ${all}  in ${scores.length} files\n`,
)

/** Beside what was found of other files before. */
function keep(score: Score): void {
  const path = join(CACHE, 'scores.json')
  let held: Score[] = []
  try {
    held = JSON.parse(readFileSync(path, 'utf8')) as Score[]
  } catch {
    // There is none yet.
  }
  writeFileSync(path, `${JSON.stringify([...held.filter(({ file }) => file !== score.file), score], null, 1)}\n`)
}
