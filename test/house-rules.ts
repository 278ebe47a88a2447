import { join, normalize } from 'node:path'

/** The house's rules: who may lean on whom, and what no file may hold. */

export interface File {
  /** From the root of the repository, with forward slashes. */
  readonly path: string
  readonly text: string
}

/** Which rooms a room may import; arrows point one way. Tests may import any. */
export const STEPS = ['record', 'sign', 'log', 'anchor', 'evidence', 'verify', 'client']
export const FOUNDATION = ['core', 'formats', 'merkle', 'contract']
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  formats: ['core'],
  merkle: ['core'],
  contract: ['core', 'formats'],
  record: ['core', 'formats'],
  sign: ['core', 'formats'],
  log: ['core', 'formats', 'merkle'],
  anchor: ['core', 'formats'],
  evidence: ['core', 'formats'],
  verify: FOUNDATION,
  client: ['core', 'formats', 'merkle'],
  identity: ['core', 'formats'],
  adapters: [...FOUNDATION, ...STEPS, 'identity'],
  'server/stores': [...FOUNDATION, ...STEPS],
  // Of the client it takes types, of nothing else of the server anything.
  'server/dashboard': [...FOUNDATION, 'evidence', 'verify', 'evidence-page', 'client'],
  // The roots: they alone put rooms together, and pass the adapters in.
  server: [...FOUNDATION, ...STEPS, 'identity', 'adapters'],
  cli: [...FOUNDATION, ...STEPS, 'identity', 'adapters', 'evidence-page'],
  // What the command line does, a job does by itself.
  action: [...FOUNDATION, ...STEPS, 'identity', 'adapters', 'cli'],
  'evidence-page': ['core', 'formats', 'contract', 'evidence', 'verify'],
}
/** Rooms that run in a browser as they do in Node. */
export const PURE = ['core', 'formats', 'merkle', 'log', 'anchor', 'identity', 'contract', 'evidence', 'verify']
/** Roots that run in a browser alone: they may ask for the time and wait, be called by who looks at them, and no more. */
export const BROWSER = ['evidence-page']
const BROWSER_MAY = ['the clock', 'chance', 'a timer', 'the global object']
/** Within the server: who may import what of it besides its own folder. `.` is its top. */
const WITHIN_SERVER: Readonly<Record<string, readonly string[]>> = {
  stores: ['.'],
  events: ['.'],
  verbs: ['.', 'events'],
  routes: ['.', 'verbs', 'events'],
  '.': ['.', 'routes', 'verbs', 'events'],
  // Files that are served; the server imports none of them.
  dashboard: [],
}
/** The doors, where the environment is read. */
const DOORS = [
  'server/main.ts',
  'packages/cli/src/main.ts',
  'action/src/pre.ts',
  'action/src/main.ts',
  'action/src/post.ts',
]
export const MAX_LINES = 500

/** Those who `require`, and why: no rule on imports sees what is loaded so. */
const MAY_REQUIRE: readonly string[] = [
  // An import of Node's HTTP loads all that `fetch` needs with it, 60 ms of it.
  'packages/adapters/src/http-fetch.ts',
  // Asks where a package lies whose files are served, and runs none of it.
  'server/routes/operations.ts',
  // CommonJS, as what it starts: that starts sooner.
  'packages/cli/bin/countersign.js',
]

/**
 * A global is named only where what is done with it can be seen: under another name (`const D = Date`) or by a computed
 * one (`Math['random']`) it could be anything. Of `Date` and `Math` the forms are listed that ask nothing of the machine.
 */
const IMPURE: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['Buffer', /\bBuffer\b/],
  ['process', /\bprocess\b(?!:)/],
  ['fetch', /\bfetch\b/],
  ['the clock', /(?<!\bnew )\bDate\b(?!\.parse\b)|\bnew Date\b(?!\(\s*[^\s).])|\b(?:performance|Intl|Temporal)\b/],
  ['chance', /\bMath\b(?!\.(?!random\b)\w)|\bgetRandomValues\b|\brandomUUID\b/],
  ['the global object', /\b(?:globalThis|self|eval|Function)\b/],
  ['a timer', /\bset(?:Timeout|Interval|Immediate)\b/],
  ['storage', /\blocalStorage\b|\bindexedDB\b/],
  ['the network', /\bXMLHttpRequest\b|\bWebSocket\b/],
  ['the console', /\bconsole\b/],
]

export function isTest(path: string): boolean {
  return path.startsWith('test/') || /\.test(?:-kit)?\.ts$/.test(path)
}

/** The room a file belongs to, null outside all rooms. */
function roomOf(path: string): string | null {
  const room = /^packages\/([^/]+)\//.exec(path)?.[1]
  if (room !== undefined) return room
  if (path.startsWith('server/stores/')) return 'server/stores'
  if (path.startsWith('server/dashboard/')) return 'server/dashboard'
  if (path.startsWith('action/')) return 'action'
  return path.startsWith('server/') ? 'server' : null
}

/** The source without comments; with `strings` false, without the insides of strings either. */
function code(text: string, strings: boolean): string {
  const tokens = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g
  return text.replace(tokens, (token) => {
    if (token.startsWith('/')) return ' '
    if (strings) return token
    // What a template computes is code.
    return token.startsWith('`') ? [...token.matchAll(/\$\{([^}]*)\}/g)].map((match) => match[1]).join(' ') : "''"
  })
}

const IMPORTS = [
  /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm,
  /^\s*import\s*['"]([^'"]+)['"]/gm,
  /\bimport\s*\(\s*['"`]([^'"`]+)['"`]/g,
  // Workers are imported by their address.
  /\bnew URL\(\s*['"](\.[^'"]+)['"]/g,
]

export function importsOf(text: string): string[] {
  const source = code(text, true)
  return IMPORTS.flatMap((pattern) => [...source.matchAll(pattern)].map((match) => match[1]!))
}

function importFaults({ path, text }: File): string[] {
  const room = roomOf(path)
  if (room === null || isTest(path)) return []
  const faults: string[] = []
  const source = code(text, false)
  if (/\bimport\s*\((?!\s*''\s*[,)])/.test(source)) faults.push(`${path} imports what only running it tells`)
  if (/\b(?:createRequire|require|getBuiltinModule)\b/.test(source) && !MAY_REQUIRE.includes(path))
    faults.push(`${path} requires; its imports say nothing of it`)
  for (const name of importsOf(text)) {
    if (name.startsWith('.')) {
      const target = normalize(join(path, '..', name)).replaceAll('\\', '/')
      const home = path.startsWith('server/') ? 'server/' : room === 'action' ? 'action/' : `packages/${room}/`
      if (!target.startsWith(home)) faults.push(`${path} leaves its room for ${target}`)
      else if (home === 'server/') faults.push(...serverFaults(path, target))
      continue
    }
    const other = /^@countersign\/([^/]+)/.exec(name)?.[1]
    if (other !== undefined && other !== room && !MAY_IMPORT[room]?.includes(other)) {
      faults.push(`${path}: ${room} may not import ${other}`)
    }
    const anywhere = PURE.includes(room) || BROWSER.includes(room)
    if (name.startsWith('node:') && anywhere && path.startsWith(`packages/${room}/src/`)) {
      faults.push(`${path}: ${room} is pure and may not import ${name}`)
    }
  }
  return faults
}

function serverFaults(path: string, target: string): string[] {
  // main.ts is the root: it alone picks the store.
  if (path === 'server/main.ts') return []
  const folder = (of: string) => (of.split('/').length > 2 ? of.split('/')[1]! : '.')
  const [from, to] = [folder(path), folder(target)]
  const good = from === to || WITHIN_SERVER[from]?.includes(to) === true
  return good ? [] : [`${path}: the server's ${from} may not import its ${to}`]
}

function purityFaults({ path, text }: File): string[] {
  const room = roomOf(path)
  if (room === null || isTest(path) || !path.startsWith(`packages/${room}/src/`)) return []
  const page = BROWSER.includes(room) && path.startsWith(`packages/${room}/src/browser/`)
  if (!PURE.includes(room) && !BROWSER.includes(room)) return []
  const source = code(text, false)
  const rules = IMPURE.filter(([what]) => !page || !BROWSER_MAY.includes(what))
  return rules
    .filter(([, pattern]) => pattern.test(source))
    .map(([what]) => `${path}: ${room} is pure and may not use ${what}`)
}

function environmentFaults({ path, text }: File): string[] {
  if (isTest(path) || DOORS.includes(path)) return []
  const named = /import\s*\{[^}]*\benv\b[^}]*\}\s*from\s*'(?:node:)?process'/.test(code(text, true))
  return named || /\bprocess\s*\??\.\s*env\b/.test(code(text, false))
    ? [`${path} reads the environment; only a door may`]
    : []
}

/** In the dashboard no text ever becomes markup, and of the client there are types (T-92). */
function dashboardFaults({ path, text }: File): string[] {
  if (!path.startsWith('server/dashboard/') || isTest(path)) return []
  const faults: string[] = []
  if (/\b(?:dangerouslySetInnerHTML|(?:inner|outer)HTML|insertAdjacentHTML|document\.write)\b/.test(code(text, false)))
    faults.push(`${path} makes markup of a text`)
  if (/^\s*import\s+(?!type\b)[^'";]*?['"]@countersign\/client/m.test(text))
    faults.push(`${path} takes more than types`)
  return faults
}

function houseFaults({ path, text }: File): string[] {
  const faults: string[] = []
  const lines = text.split('\n').length - 1
  if (lines > MAX_LINES) faults.push(`${path} has ${lines} lines, more than ${MAX_LINES}`)
  // Written so that this file does not hold the marks itself.
  const mark = new RegExp(
    `\\b(?:${['TO', 'FIX'].map((half, i) => half + ['DO', 'ME'][i]!).join('|')}|${'X'.repeat(3)})\\b`,
  )
  if (mark.test(text)) faults.push(`${path} is unfinished`)
  if (/\.(?:only|todo)\(/.test(code(text, false)) && isTest(path)) faults.push(`${path} leaves tests out`)
  const vague = path.split('/').find((part) => /^(?:utils?|shared|common|helpers?|misc)(?:\.[a-z.-]+)?$/.test(part))
  if (vague !== undefined) faults.push(`${path}: ${vague} says nothing about what is in it`)
  return faults
}

/** Every fault of some files under the rules. */
export function check(files: readonly File[]): string[] {
  return files.flatMap((file) => [
    ...importFaults(file),
    ...purityFaults(file),
    ...environmentFaults(file),
    ...dashboardFaults(file),
    ...houseFaults(file),
  ])
}
