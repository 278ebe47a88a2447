import { execFile } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'
import { CodedError } from '@countersign/core'
import { commandEnvironment, type Environment } from './environment.ts'
import { findExecutable, trustedPath } from './executable.ts'
import { lookAt } from './file-error.ts'

const MAX_OUTPUT = 512 * 1024 * 1024
const TIMEOUT_MS = 120_000

// Nothing that the repository's own configuration names is run (monitors, hooks, transports that would fetch the
// missing objects of a partial clone), and nothing in it is written.
const SAFE = [
  '--no-optional-locks',
  // Else the tree of a commit is what somebody put in its place.
  '--no-replace-objects',
  '-c',
  'core.fsmonitor=false',
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'protocol.allow=never',
  // What a file looks like, and not only when it was written.
  '-c',
  'core.trustctime=true',
  '-c',
  'core.checkStat=default',
]

/** A file as git lists it; `path` is as it is on disk. */
export interface Tracked {
  /** Git's mode; `160000` for a submodule. */
  readonly mode: string
  /** Of the blob, or of a submodule's commit. */
  readonly id: string
  readonly path: string
  /** Assumed to be unchanged, or left out of the work tree: status does not look at it. */
  readonly hidden: boolean
}

/** What git says of one checkout. */
export interface Checkout {
  readonly tracked: readonly Tracked[]
  /** Differs from HEAD, in the index or on disk; a submodule that is at another commit, too. */
  readonly changed: readonly string[]
  /** SHA-256 of what Git LFS keeps elsewhere, by path, where git cannot say whether the file on disk is as that. */
  readonly pointers: ReadonlyMap<string, string>
  /** Neither tracked nor ignored; `path/` is a repository of its own. */
  readonly untracked: readonly string[]
  /** URL of `origin`, else of the first remote; null without one. */
  readonly remote: string | null
}

/**
 * Git by its absolute path, found outside of the workspace; arguments without a shell; none of the caller's `GIT_*`
 * variables; the repository named outright, so that no other is discovered and `core.worktree` leads nowhere.
 */
export class Git {
  readonly #binary: string
  readonly #environment: Record<string, string>

  /** Throws `git-failed` when there is no git on `PATH` outside of `workspace`. */
  constructor(environment: Environment, workspace: string) {
    const binary = findExecutable('git', environment, workspace)
    if (binary === null) throw new CodedError('git-failed', 'git is not on PATH (the workspace itself does not count)')
    this.#binary = binary
    const own = Object.entries(commandEnvironment(environment, null)).filter(([name]) => !name.startsWith('GIT_'))
    this.#environment = {
      ...Object.fromEntries(own),
      PATH: trustedPath(environment, workspace).join(delimiter),
      LC_ALL: 'C',
      GIT_TERMINAL_PROMPT: '0',
    }
  }

  /** Commit and tree of HEAD; throws `git-failed`, also before the first commit. */
  async head(top: string): Promise<{ commit: string; tree: string }> {
    const output = await this.#run(top, ['rev-parse', 'HEAD', 'HEAD^{tree}'])
    const [commit, tree] = output.toString().split('\n')
    if (!isObjectId(commit) || !isObjectId(tree)) {
      throw new CodedError('git-failed', 'git did not name the commit that is checked out')
    }
    return { commit, tree }
  }

  async checkout(top: string): Promise<Checkout> {
    const [index, config] = await Promise.all([
      this.#run(top, ['ls-files', '--stage', '-v', '-z']),
      this.#run(top, ['config', '-z', '--get-regexp', '^(remote\\..*\\.url|filter\\..*)$'], { allowed: [1] }),
    ])
    const settings = readSettings(config)
    // Status compares what looks changed through the clean filters that attributes name, which are commands.
    const filters = new Set(
      settings
        .map(([key]) => key)
        .filter((key) => key.startsWith('filter.'))
        .map((key) => key.slice(0, key.lastIndexOf('.'))),
    )
    const off = [...filters].flatMap((filter) => [
      [`${filter}.clean`, ''],
      [`${filter}.process`, ''],
      [`${filter}.required`, 'false'],
    ])
    const pairs = off.flatMap(([key, value], i) => [
      [`GIT_CONFIG_KEY_${i}`, key!],
      [`GIT_CONFIG_VALUE_${i}`, value!],
    ])
    const status = await this.#run(
      top,
      ['status', '--porcelain=v2', '-z', '--untracked-files=all', '--ignore-submodules=dirty', '--no-renames'],
      { more: { GIT_CONFIG_COUNT: String(off.length), ...Object.fromEntries(pairs) } },
    )
    const { changed, untracked, onDisk } = readStatus(status)
    const tracked = readIndex(index)
    const filtered = filters.size === 0 ? new Set<string>() : await this.#filtered(top, onDisk)
    const pointers = await this.#pointers(
      top,
      tracked.filter(({ path }) => filtered.has(path)),
    )
    return {
      tracked,
      // Of other filters nobody but they could say: what they change counts as changed, where git looks at it anew.
      changed: changed.filter((path) => !pointers.has(path)),
      untracked,
      pointers,
      remote: pickRemote(settings),
    }
  }

  /** Those of the paths that git keeps in another form than they have on disk: without its filter it says that each changed. */
  async #filtered(top: string, paths: readonly string[]): Promise<ReadonlySet<string>> {
    if (paths.length === 0) return new Set()
    const output = await this.#run(top, ['check-attr', '-z', '--stdin', 'filter'], { input: paths.join('\0') })
    const fields = [...records(output)]
    return new Set(fields.filter((_, i) => i % 3 === 0 && !['unspecified', 'unset'].includes(fields[i + 2]!)))
  }

  async #pointers(top: string, files: readonly Tracked[]): Promise<ReadonlyMap<string, string>> {
    const pointers = new Map<string, string>()
    if (files.length === 0) return pointers
    const asked = (some: readonly Tracked[]) => ({ input: some.map(({ id }) => `${id}\n`).join('') })
    const sizes = (await this.#run(top, ['cat-file', '--batch-check'], asked(files))).toString('latin1').split('\n')
    // What is larger is no pointer, and may be of any size.
    const small = files.filter((_, i) => Number(sizes[i]!.split(' ')[2]) <= MAX_POINTER)
    const blobs = small.length === 0 ? Buffer.alloc(0) : await this.#run(top, ['cat-file', '--batch'], asked(small))
    let at = 0
    for (const { path } of small) {
      const begin = blobs.indexOf('\n', at) + 1
      at = begin + Number(blobs.toString('latin1', at, begin).split(' ')[2]) + 1
      const oid = POINTER.exec(blobs.toString('latin1', begin, at))?.[1]
      if (oid !== undefined) pointers.set(path, oid)
    }
    return pointers
  }

  #run(
    top: string,
    args: readonly string[],
    {
      allowed = [],
      more = {},
      input = '',
    }: {
      readonly allowed?: readonly number[]
      readonly more?: Readonly<Record<string, string>>
      readonly input?: string
    } = {},
  ): Promise<Buffer> {
    const options = {
      cwd: top,
      env: { ...this.#environment, ...more },
      encoding: 'buffer',
      maxBuffer: MAX_OUTPUT,
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
      windowsHide: true,
    } as const
    const where = [`--git-dir=${top}/.git`, `--work-tree=${top}`]
    return new Promise((done, fail) => {
      const git = execFile(this.#binary, [...where, ...SAFE, ...args], options, (error, stdout, stderr) => {
        if (error === null || (typeof error.code === 'number' && allowed.includes(error.code))) return done(stdout)
        const said = firstLine(stderr.toString()) || firstLine(error.message)
        fail(new CodedError('git-failed', `git ${args[0]}: ${said}`, { cause: error }))
      })
      // How it ended says all that a broken pipe would.
      git.stdin?.on('error', () => undefined).end(input)
    })
  }
}

/** The nearest directory at or above `root` that is a git checkout, null when there is none. */
export function findCheckout(root: string): string | null {
  for (let directory = root; ; directory = dirname(directory)) {
    if (lookAt(join(directory, '.git'), '.git') !== null) return directory
    if (directory === dirname(directory)) return null
  }
}

function readIndex(output: Buffer): Tracked[] {
  const files: Tracked[] = []
  let last: string | null = null
  for (const line of records(output)) {
    const path = line.slice(line.indexOf('\t') + 1)
    // An unmerged path has up to three stages.
    if (path !== last)
      files.push({ mode: line.slice(2, 8), id: line.split(' ', 3)[2]!, path, hidden: !/^[A-RT-Z]/.test(line) })
    last = path
  }
  return files
}

/** A file of Git LFS, as it is kept in git: its specification, The Pointer. */
const MAX_POINTER = 1024
const POINTER = /^version https:\/\/git-lfs\.github\.com\/spec\/v1\n(?:[^\n]*\n)*oid sha256:([0-9a-f]{64})\n/

/** `onDisk`: of what changed, the files that are as in HEAD but for what is on disk. */
function readStatus(output: Buffer): { changed: string[]; untracked: string[]; onDisk: string[] } {
  const changed: string[] = []
  const untracked: string[] = []
  const onDisk: string[] = []
  for (const line of records(output)) {
    if (line.startsWith('? ')) untracked.push(line.slice(2))
    else if (line.startsWith('1 ')) {
      const path = after(line, 8)
      changed.push(path)
      const [, how, , , staged, present] = line.split(' ', 6)
      if (how === '.M' && staged === present) onDisk.push(path)
    } else if (line.startsWith('u ')) changed.push(after(line, 10))
  }
  return { changed, untracked, onDisk }
}

/** Keys (`remote.origin.url`) and values, as `git config -z` lists them. */
function readSettings(output: Buffer): [string, string][] {
  return Array.from(records(output), (record) => {
    const end = record.indexOf('\n')
    return end < 0 ? [record, ''] : [record.slice(0, end), record.slice(end + 1)]
  })
}

function pickRemote(settings: readonly [string, string][]): string | null {
  const urls = settings.filter(([key, url]) => key.startsWith('remote.') && url !== '')
  return (urls.find(([key]) => key === 'remote.origin.url') ?? urls[0])?.[1] ?? null
}

function* records(output: Buffer): Generator<string> {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(output)
  } catch (cause) {
    throw new CodedError('git-failed', 'the repository has a name that is not UTF-8', { cause })
  }
  let from = 0
  for (let end = text.indexOf('\0'); end >= 0; end = text.indexOf('\0', from)) {
    yield text.slice(from, end)
    from = end + 1
  }
}

/** The text after the n-th space. */
function after(line: string, spaces: number): string {
  let at = -1
  for (let i = 0; i < spaces; i++) at = line.indexOf(' ', at + 1)
  return line.slice(at + 1)
}

function isObjectId(text: string | undefined): text is string {
  return text !== undefined && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text)
}

function firstLine(text: string): string {
  const line = text.split('\n').find((part) => part.trim() !== '') ?? ''
  return Array.from(line.slice(0, 300), (c) => (c < ' ' || c === '\x7f' ? ' ' : c))
    .join('')
    .trim()
}
