import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { CATALOGUE } from '@countersign/core'
import { describe, expect, test } from 'vitest'
import { BROWSER, check, type File, importsOf, isTest, MAX_LINES, MAY_IMPORT, PURE } from './house-rules.ts'

/** The house's rules as tests. */

// biome-ignore format: a list of names
const ROOT_ENTRIES = [
  '.ci', '.gitattributes', '.github', '.gitignore', '.npmrc', '.oxlintrc.json', 'CHANGELOG.md', 'CONTRIBUTING.md',
  'LICENSE', 'README.md', 'SECURITY.md', 'action', 'action.yml', 'biome.json', 'package-lock.json', 'package.json',
  'packages', 'server', 'test', 'tsconfig.json', 'vitest.config.ts', 'workflows',
]
/** Codes of the catalogue that nothing throws yet. Only ever shortened. */
const NOT_THROWN_YET: readonly string[] = []

const ROOT = join(import.meta.dirname, '..')
const IGNORED = new Set(['node_modules', 'dist', 'coverage', '.git', '.countersign', '.stryker-tmp'])

function walk(folder: string): string[] {
  return readdirSync(join(ROOT, folder)).flatMap((name) => {
    const path = folder === '' ? name : `${folder}/${name}`
    if (IGNORED.has(name)) return []
    return statSync(join(ROOT, path)).isDirectory() ? walk(path) : [path]
  })
}

const paths = ['packages', 'server', 'test', 'action', 'workflows']
  .filter((folder) => existsSync(join(ROOT, folder)))
  .flatMap(walk)
const files: readonly File[] = paths
  .filter((path) => /\.(?:ts|tsx|js|mjs)$/.test(path))
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))

describe('the house', () => {
  test('keeps its rules', () => {
    expect(files.length).toBeGreaterThan(100)
    expect(check(files)).toEqual([])
  })

  test('has no room without rules, and none empty', () => {
    for (const room of readdirSync(join(ROOT, 'packages'), { withFileTypes: true })) {
      if (!room.isDirectory()) continue
      expect(Object.keys(MAY_IMPORT), room.name).toContain(room.name)
      const sources = files.filter(({ path }) => path.startsWith(`packages/${room.name}/src/`) && !isTest(path))
      expect(sources.length, room.name).toBeGreaterThan(1)
    }
  })

  test('has at its root only what belongs there', () => {
    const entries = readdirSync(ROOT).filter((name) => !IGNORED.has(name))
    expect(entries.filter((name) => !ROOT_ENTRIES.includes(name))).toEqual([])
  })

  test('declares in each workspace what it imports', () => {
    const faults: string[] = []
    for (const workspace of [
      ...readdirSync(join(ROOT, 'packages')).map((name) => `packages/${name}`),
      'server',
      'action',
    ]) {
      const manifest = join(ROOT, workspace, 'package.json')
      if (!existsSync(manifest)) continue
      const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8')) as {
        dependencies?: Record<string, string>
        devDependencies?: Record<string, string>
      }
      for (const file of files.filter(({ path }) => path.startsWith(`${workspace}/`) && !isTest(path))) {
        if (!/^packages\/[^/]+\/src\/|^server\/|^action\/src\//.test(file.path) || file.path.endsWith('.config.ts'))
          continue
        for (const name of importsOf(file.text)) {
          const owner = name.startsWith('@') ? name.split('/').slice(0, 2).join('/') : name.split('/')[0]!
          const own = `@countersign/${workspace.replace('packages/', '')}`
          if (name.startsWith('.') || name.startsWith('node:') || owner === own) continue
          // What is served is built when the server is installed.
          const built = file.path.startsWith('server/dashboard/') && Object.hasOwn(devDependencies, owner)
          if (!built && !Object.hasOwn(dependencies, owner))
            faults.push(`${file.path} imports ${owner}, which ${workspace} does not declare`)
        }
      }
    }
    expect([...new Set(faults)]).toEqual([])
  })

  test('has all that is pure checked without the types of Node', () => {
    // Asked of the compiler, which knows what a setting, or a dependency's own types, come down to.
    const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
    const config = join(ROOT, 'packages', 'tsconfig.pure.json')
    const listed = execFileSync(process.execPath, [compiler, '-p', config, '--listFilesOnly'], { encoding: 'utf8' })
    const read = listed.trim().split('\n')
    const own = new Set(read.map((path) => relative(ROOT, path)))
    const pure = files.filter(
      ({ path }) =>
        [...PURE, ...BROWSER].some((room) => path.startsWith(`packages/${room}/src/`)) &&
        // What only a browser runs is checked with its types.
        !BROWSER.some((room) => path.startsWith(`packages/${room}/src/browser/`)) &&
        !isTest(path),
    )
    expect(pure.length).toBeGreaterThan(200)
    expect(pure.map(({ path }) => path).filter((path) => !own.has(path))).toEqual([])
    expect(read.filter((path) => /\/node_modules\/@types\//.test(path))).toEqual([])
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { check: string } }
    expect(scripts.check).toContain('tsc -p packages/tsconfig.pure.json &&')
  })

  test('compiles nothing where it is installed', () => {
    // npm believes the lockfile and not the manifest: without the line there it calls node-gyp, which needs a compiler
    // and the network. `npm install` drops the line.
    const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { gypfile?: boolean }>
    }
    const compiled = Object.keys(packages).filter((path) => path !== '' && existsSync(join(ROOT, path, 'binding.gyp')))
    expect(compiled).toContain('node_modules/better-sqlite3')
    expect(compiled.filter((path) => packages[path]!.gypfile !== false)).toEqual([])
  })

  test('uses every code of its catalogue', () => {
    // The server gives each code its status, whether anything throws it or not.
    const lists = (path: string) => path.endsWith('codes.ts') || path === 'server/problems.ts'
    const sources = files.filter(({ path }) => !isTest(path) && !lists(path)).map(({ text }) => text)
    const used = new Set(sources.flatMap((text) => [...text.matchAll(/'([a-z0-9-]+)'/g)].map((match) => match[1]!)))
    expect(Object.keys(CATALOGUE).filter((name) => !used.has(name))).toEqual(NOT_THROWN_YET)
  })
})

describe('the rules can be broken:', () => {
  const broken: readonly (readonly [what: string, path: string, text: string, fault: RegExp])[] = [
    [
      'core imports formats',
      'packages/core/src/a.ts',
      "import { a } from '@countersign/formats'",
      /core may not import formats/,
    ],
    [
      'formats imports contract',
      'packages/formats/src/a.ts',
      "import type { A } from '@countersign/contract'",
      /formats may not import contract/,
    ],
    [
      'merkle imports formats',
      'packages/merkle/src/a.ts',
      "import type { A } from '@countersign/formats'",
      /merkle may not import formats/,
    ],
    [
      'a step imports a step',
      'packages/record/src/a.ts',
      "export { a } from '@countersign/sign'",
      /record may not import sign/,
    ],
    [
      'the log imports a contract',
      'packages/log/src/a.ts',
      "import type { A } from '@countersign/contract'",
      /log may not import contract/,
    ],
    [
      'a step imports an adapter',
      'packages/client/src/a.ts',
      "const a = await import('@countersign/adapters/crypto-node')",
      /client may not import adapters/,
    ],
    [
      'verify imports the client',
      'packages/verify/src/a.ts',
      'import "@countersign/client"',
      /verify may not import client/,
    ],
    [
      'a store imports an adapter',
      'server/stores/sqlite/a.ts',
      "import { a } from '@countersign/adapters'",
      /server\/stores may not import adapters/,
    ],
    [
      'an adapter imports the cli',
      'packages/adapters/src/a.ts',
      "import { a } from '@countersign/cli'",
      /adapters may not import cli/,
    ],
    [
      'evidence imports verify',
      'packages/evidence/src/a.ts',
      "import { a } from '@countersign/verify'",
      /evidence may not import verify/,
    ],
    [
      'a page imports the client',
      'packages/evidence-page/src/browser/a.ts',
      "import { a } from '@countersign/client'",
      /evidence-page may not import client/,
    ],
    ['a page fetches', 'packages/evidence-page/src/browser/a.ts', "await fetch('/a')", /may not use fetch/],
    ['a page in Node', 'packages/evidence-page/src/a.ts', "import { a } from 'node:fs'", /may not import node:fs/],
    [
      'a page tells the time outside its browser half',
      'packages/evidence-page/src/a.ts',
      'export const a = Date.now()',
      /may not use the clock/,
    ],
    [
      'the server imports the dashboard',
      'server/routes/a.ts',
      "import { a } from '../dashboard/src/a.ts'",
      /routes may not import its dashboard/,
    ],
    [
      'the dashboard imports the server',
      'server/dashboard/src/a.tsx',
      "import { a } from '../../app.ts'",
      /dashboard may not import its \./,
    ],
    [
      'the dashboard imports an adapter',
      'server/dashboard/src/a.ts',
      "import '@countersign/adapters'",
      /may not import/,
    ],
    [
      'the dashboard carries the client along',
      'server/dashboard/src/a.ts',
      "import { a } from '@countersign/client'",
      /more than types/,
    ],
    [
      'the dashboard makes markup',
      'server/dashboard/src/a.tsx',
      'const a = <p dangerouslySetInnerHTML={{ __html: b }} />',
      /makes markup/,
    ],
    [
      'an import over two lines',
      'packages/sign/src/a.ts',
      "import {\n  a,\n} from '@countersign/verify'",
      /sign may not import verify/,
    ],
    [
      'a room reaches into another',
      'packages/verify/src/a.ts',
      "import { a } from '../../core/src/a.ts'",
      /leaves its room for packages\/core\/src\/a.ts/,
    ],
    ['source imports tests', 'packages/core/src/a.ts', "import { a } from '../../../test/a.ts'", /leaves its room/],
    [
      'a verb imports a store',
      'server/verbs/a.ts',
      "import { a } from '../stores/sqlite/store.ts'",
      /verbs may not import its stores/,
    ],
    [
      'a store imports a route',
      'server/stores/sqlite/a.ts',
      "import { a } from '../../routes/a.ts'",
      /stores may not import its routes/,
    ],
    [
      'the app picks a store',
      'server/app.ts',
      "import { a } from './stores/sqlite/store.ts'",
      /may not import its stores/,
    ],
    [
      'node in a pure room',
      'packages/core/src/a.ts',
      "import { readFileSync } from 'node:fs'",
      /may not import node:fs/,
    ],
    ['Buffer in a pure room', 'packages/formats/src/a.ts', "export const a = Buffer.from('a')", /may not use Buffer/],
    [
      'process in a pure room',
      'packages/contract/src/a.ts',
      'export const a = process.platform',
      /may not use process/,
    ],
    ['fetch in a pure room', 'packages/verify/src/a.ts', "await fetch('https://example.com')", /may not use fetch/],
    ['Date.now in a pure room', 'packages/verify/src/a.ts', 'export const a = Date.now()', /may not use the clock/],
    ['new Date() in a pure room', 'packages/verify/src/a.ts', 'export const a = new Date()', /may not use the clock/],
    [
      'the clock in a template',
      'packages/verify/src/a.ts',
      'export const a = `${Date.now()}`',
      /may not use the clock/,
    ],
    ['Math.random in a pure room', 'packages/core/src/a.ts', 'export const a = Math.random()', /may not use chance/],
    ['a timer in a pure room', 'packages/core/src/a.ts', 'setTimeout(() => {}, 1)', /may not use a timer/],
    ['the clock under another name', 'packages/verify/src/a.ts', 'const D = Date\nD.now()', /may not use the clock/],
    ['the clock taken apart', 'packages/verify/src/a.ts', 'const { now } = Date', /may not use the clock/],
    ['the clock by a computed name', 'packages/verify/src/a.ts', "Date['now']()", /may not use the clock/],
    ['the clock handed on', 'packages/verify/src/a.ts', 'Reflect.construct(Date, [])', /may not use the clock/],
    ['new Date without brackets', 'packages/verify/src/a.ts', 'const a = new Date', /may not use the clock/],
    ['new Date of what may be nothing', 'packages/verify/src/a.ts', 'new Date(...a)', /may not use the clock/],
    ['the clock in words', 'packages/verify/src/a.ts', 'new Intl.DateTimeFormat().format()', /may not use the clock/],
    ['chance under another name', 'packages/core/src/a.ts', 'const { random } = Math', /may not use chance/],
    ['chance by a computed name', 'packages/core/src/a.ts', "Math['random']()", /may not use chance/],
    ['fetch under another name', 'packages/verify/src/a.ts', 'const ask = fetch', /may not use fetch/],
    [
      'a global by a computed name',
      'packages/core/src/a.ts',
      "globalThis['pro' + 'cess']",
      /may not use the global object/,
    ],
    [
      'a computed import',
      'packages/core/src/a.ts',
      "const n = '@countersign/adapters'\nawait import(n)",
      /imports what only running it tells/,
    ],
    ['a computed import in the server', 'server/verbs/a.ts', "import('./' + a)", /imports what only running it tells/],
    ['an import of a template', 'packages/cli/src/a.ts', 'import(`./${a}.ts`)', /imports what only running it tells/],
    ['a require', 'packages/record/src/a.ts', 'createRequire(import.meta.url)(a)', /record\/src\/a.ts requires/],
    [
      'the environment behind the door',
      'packages/record/src/a.ts',
      "const a = process.env['A']",
      /reads the environment/,
    ],
    [
      'the environment in a command',
      'packages/cli/src/commands/a.ts',
      'const { A } = process.env',
      /reads the environment/,
    ],
    ['the environment in the action', 'action/src/a.ts', "process.env['INPUT_RUN']", /reads the environment/],
    [
      'the action imports the server',
      'action/src/a.ts',
      "import { a } from '../../server/app.ts'",
      /leaves its room for server\/app.ts/,
    ],
    [
      'a command imports the action',
      'packages/cli/src/a.ts',
      "import { a } from '@countersign/action'",
      /cli may not import action/,
    ],
    [
      'the environment by name',
      'packages/record/src/a.ts',
      "import { env } from 'node:process'",
      /reads the environment/,
    ],
    ['the environment in a store', 'server/stores/sqlite/a.ts', 'process . env', /reads the environment/],
    [
      'a worker of another room',
      'packages/record/src/a.ts',
      "new Worker(new URL('../../sign/src/a.ts', import.meta.url))",
      /leaves its room/,
    ],
    ['a file too long', 'test/a.ts', '\n'.repeat(MAX_LINES + 1), /more than 500/],
    ['a mark for later', 'server/a.ts', `// ${'TO'}${'DO'} mend`, /unfinished/],
    ['a test left alone', 'test/a.test.ts', "test.only('a', () => {})", /leaves tests out/],
    ['utils', 'packages/core/src/utils.ts', '', /says nothing/],
    ['helpers in tests', 'test/helpers/a.ts', '', /says nothing/],
    ['common with an ending', 'server/common.test.ts', '', /says nothing/],
  ]

  test.each(broken)('%s', (_, path, text, fault) => {
    expect(check([{ path, text }])).toEqual([expect.stringMatching(fault)])
  })

  const kept: readonly (readonly [what: string, path: string, text: string])[] = [
    [
      'the action does what a command does',
      'action/src/a.ts',
      "import { a } from '@countersign/cli/recording'\nimport { b } from './b.ts'",
    ],
    [
      'a root imports everything',
      'packages/cli/src/a.ts',
      "import { a } from '@countersign/adapters'\nimport { b } from '@countersign/verify'",
    ],
    [
      'verify imports the foundation',
      'packages/verify/src/a.ts',
      "import { a } from '@countersign/contract'\nimport { b } from './b.ts'",
    ],
    [
      'the server’s root picks the store',
      'server/main.ts',
      "import { a } from './stores/sqlite/store.ts'\nprocess.env['A']",
    ],
    [
      'a test crosses rooms',
      'packages/core/src/a.test.ts',
      "import { a } from '../../../test/a.ts'\nimport { b } from 'node:fs'\nBuffer.from('a')",
    ],
    [
      'words in comments and strings',
      'packages/core/src/a.ts',
      "// Buffer, process.env and Date.now()\nexport const a = 'new Date() in Buffer, import(n)'",
    ],
    ['the word from in code', 'packages/core/src/a.ts', "const a = b.from ?? c('from', '@countersign/verify')"],
    ['a Date of something', 'packages/verify/src/a.ts', 'export const a = new Date(given).toISOString()'],
    ['a Date over two lines', 'packages/verify/src/a.ts', 'export const a = new Date(\n  Date.parse(given),\n)'],
    ['numbers', 'packages/core/src/a.ts', 'export const a = Math.max(Math.round(b), 1)'],
    [
      'an import over two lines',
      'packages/cli/src/a.ts',
      "const { a } = await import(\n  '@countersign/verify'\n)\ntype B = import('./b.ts').B",
    ],
    ['node in a room that is not pure', 'packages/record/src/a.ts', "import { readFileSync } from 'node:fs'"],
    ['the time in a page', 'packages/evidence-page/src/browser/a.ts', 'export const a = Date.now()'],
    ['a name that only begins so', 'packages/core/src/utility-bill.ts', ''],
  ]

  test.each(kept)('kept where %s', (_, path, text) => {
    expect(check([{ path, text }])).toEqual([])
  })
})
