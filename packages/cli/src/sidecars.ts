import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { CodedError, type Crypto } from '@countersign/core'
import { type ChainLine, isBundle, parseStep, type StepStatement, writeChainLine } from '@countersign/formats'
import { besides } from './beside.ts'
import type { Context } from './context.ts'

/** The file in a directory that carries the chain of what lies there, where one beside each would be too much. */
const DIRECTORY_FILE = 'directory.chain.jsonl'

/** Most bytes that a chain is written to in all, where it could be written to fewer files. */
export const MAX_COPIED_BYTES = 64 * 1024 * 1024

/** So many files are never too many. */
const FEW = 8

type Place = Pick<Context, 'cwd'>

export interface ChainFilesBeside {
  /** Each of one artifact alone. */
  readonly own: readonly string[]
  /** Files of directories, with the artifacts there that have none of their own. */
  readonly shared: ReadonlyMap<string, readonly string[]>
}

/** Where a chain is written to. */
export interface Carriers {
  readonly files: readonly string[]
  /** Whether each is a directory's, and may speak of other files there. */
  readonly shared: boolean
  /** Files of single artifacts whose place they take. */
  readonly superseded: readonly string[]
  /** What whoever hands it on has to know; null for nothing. */
  readonly warning: string | null
}

/**
 * The chain files that lie beside artifacts. Who wrote an artifact's own file last wrote all that there is to it: the
 * directory's is not of what has one.
 */
export function chainFilesBeside({ cwd }: Place, paths: readonly string[]): ChainFilesBeside {
  const own = new Set<string>()
  const shared = new Map<string, string[]>()
  const isThere = (file: string) => existsSync(resolve(cwd, file))
  for (const path of paths) {
    const file = sidecarsOf(cwd, path).find(isThere)
    if (file !== undefined) {
      own.add(file)
      continue
    }
    const directory = directoryFileOf(cwd, path)
    const others = shared.get(directory)
    if (others !== undefined) others.push(path)
    else if (isThere(directory)) shared.set(directory, [path])
  }
  return { own: [...own], shared }
}

/** Whether a step in a chain says that it made or vouches for something of the name that one of the paths has. */
export function isAboutOneOf(lines: readonly ChainLine[], paths: readonly string[]): boolean {
  const names = new Set(paths.map(lastOf))
  return lines.some((line) => stepIn(line)?.subject.some(({ name }) => names.has(lastOf(name))) === true)
}

/**
 * Where the chain of what has these names is written to: beside each; into each directory where that would be more than
 * `most` bytes; and where that is, too, into the root alone, where the next step does not look for it.
 */
export function carriersOf(
  { cwd }: Place,
  names: readonly string[],
  chain: readonly ChainLine[],
  most = MAX_COPIED_BYTES,
): Carriers {
  const own = [...new Set(names.map((name) => sidecarsOf(cwd, name)[0]!))]
  const directories = [...new Set(names.map((name) => directoryFileOf(cwd, name)))]
  const fewer = directories.length < own.length ? directories : own
  const beside = { files: own, shared: false, superseded: [], warning: null }
  if (own.length === 1) return beside
  const size = chain.reduce((sum, line) => sum + writeChainLine(line).length + 1, 0)
  const fits = (files: readonly string[]) => files.length * size <= most
  const isFew = fits(fewer) || fewer.length <= FEW
  if (fits(own) || (isFew && fewer === own)) return beside
  const files = isFew ? fewer : [DIRECTORY_FILE]
  const superseded = names
    .flatMap((name) => sidecarsOf(cwd, name))
    .filter((file) => !files.includes(file) && existsSync(resolve(cwd, file)))
  const what = `the chain is too large for ${fewer.length} copies: it is in ${DIRECTORY_FILE} alone`
  const fix = `Hand that on with --previous ${DIRECTORY_FILE}, or make a directory one product: --products DIR/`
  return { files, shared: true, superseded, warning: isFew ? null : `${what}. ${fix}` }
}

/**
 * A chain as it is written to a file. In a directory's that takes the place of another, what that says of files which are
 * still there, and of which nothing else speaks, stays.
 */
export function chainFor(
  { cwd }: Place,
  file: string,
  { old, chain, step }: { old: readonly ChainLine[]; chain: readonly ChainLine[]; step: StepStatement },
  crypto: Pick<Crypto, 'sha256'>,
): readonly ChainLine[] {
  const anew = new Set(step.subject.map(({ name }) => bareOf(name)))
  const steps = old.flatMap((line) => stepIn(line) ?? [])
  const others = new Set(steps.flatMap(({ subject }) => subject.map(({ name }) => lastOf(name))))
  const isLeft = (name: string) => {
    const path = join(dirname(file), name)
    const isThere = (one: string) => existsSync(resolve(cwd, one))
    return !anew.has(path.normalize('NFC')) && isThere(onDisk(cwd, path)) && !sidecarsOf(cwd, path).some(isThere)
  }
  if (![...others].some(isLeft)) return chain
  const isOfRun = steps.some(({ predicate }) => predicate.chain.id === step.predicate.chain.id)
  const kept = isOfRun ? besides(old, chain, step, crypto) : old
  const known = new Set(chain.map(textOf))
  return [...kept.filter((line) => !known.has(textOf(line))), ...chain]
}

/** Names that the file of one artifact may have, beside it as it is on disk first. */
function sidecarsOf(cwd: string, path: string): string[] {
  const bare = bareOf(path)
  const found = onDisk(cwd, bare)
  const canonical = join(dirname(found), basename(found).normalize('NFC'))
  const paths = hasOneForm(bare) ? [bare] : [found, canonical, bare, bare.normalize('NFC')]
  return [...new Set(paths.map((one) => `${one}.chain.jsonl`))]
}

function directoryFileOf(cwd: string, path: string): string {
  return join(dirname(onDisk(cwd, bareOf(path))), DIRECTORY_FILE)
}

/** The path of what is on disk; names there may be in another Unicode form. Itself where nothing is there. */
function onDisk(cwd: string, path: string): string {
  if (hasOneForm(path) || existsSync(resolve(cwd, path))) return path
  const found: string[] = []
  for (const segment of path.split('/')) {
    const here = resolve(cwd, [...found, segment].join('/'))
    found.push(existsSync(here) ? segment : (entryLike(dirname(here), segment) ?? segment))
  }
  return found.join('/')
}

function entryLike(directory: string, name: string): string | undefined {
  const [composed, decomposed] = [name.normalize('NFC'), name.normalize('NFD')]
  if (existsSync(join(directory, decomposed))) return decomposed
  try {
    return readdirSync(directory).find((entry) => entry.normalize('NFC') === composed)
  } catch {
    // Who may enter a directory may not be one who may list it.
    return undefined
  }
}

/** Whether a name is the same in all Unicode forms. */
function hasOneForm(path: string): boolean {
  return path.normalize('NFC') === path && path.normalize('NFD') === path
}

function bareOf(path: string): string {
  return path.replace(/\/+$/, '')
}

function lastOf(path: string): string {
  return basename(path).normalize('NFC')
}

function textOf(line: ChainLine): string {
  return new TextDecoder().decode(writeChainLine(line))
}

/** A step as a line says it, verified or not; null where it is none. */
export function stepIn(line: ChainLine): StepStatement | null {
  if (!isBundle(line)) return null
  try {
    return parseStep(line.envelope.payload)
  } catch (error) {
    if (error instanceof CodedError) return null
    throw error
  }
}
