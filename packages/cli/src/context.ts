import { existsSync, fstatSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { CodedError } from '@countersign/core'
import type { Environment, SignalSource } from '@countersign/record'

/** What the door (`main.ts`) read from the world, once; every command works on this alone. */
export interface Context {
  readonly cwd: string
  /** The whole environment: for the wrapped command, CI detection and redaction. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly settings: Settings
  /** ISO time. */
  readonly now: () => string
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  /** Where signals for a wrapped command come from. */
  readonly signals: SignalSource
  /** Whether stderr is a terminal, so that progress can be drawn on it. */
  readonly interactive: boolean
  /** Asks whoever sits at the terminal, and gives the line; null where nobody does. */
  readonly ask: ((question: string) => Promise<string>) | null
  readonly colour: boolean
}

/** `COUNTERSIGN_*`, each null when unset or empty. */
export interface Settings {
  readonly url: string | null
  readonly token: string | null
  /** Whether a server that is not this machine may be spoken to in clear. */
  readonly allowHttp: boolean
  /** Audience of identity tokens; null for what the server, or the system, has. */
  readonly audience: string | null
  readonly key: string | null
  readonly passphrase: string | null
  readonly pipeline: string | null
  readonly contract: string | null
  /** What every contract must ask for at least, as a file. */
  readonly baseline: string | null
  /** A `trusted_root.json` of Sigstore, believed where a contract pins it. */
  readonly sigstoreTrust: string | null
  readonly chain: string | null
  /** Directory of the spool; has a default. */
  readonly spool: string
  /** Directories in which sessions may be kept for the job's later processes, the first that is fit; has a default. */
  readonly sessions: readonly string[]
  /** Directory where Sigstore's trust root is kept; has a default. */
  readonly sigstoreCache: string
  /** Token for GitHub's API. */
  readonly githubToken: string | null
  readonly gitlabToken: string | null
  /** Where docker keeps its logins; has a default. */
  readonly dockerConfig: string
}

/** 0 pass, 1 fail or refused, 2 unknown or wrong usage. A wrapped command's own code otherwise. */
export type ExitCode = number

/** What a door reads. */
export type World = Pick<NodeJS.Process, 'argv' | 'env' | 'cwd' | 'stdin' | 'stdout' | 'stderr' | 'on' | 'off'>

/** Reads the world, once. */
export function contextOf(world: World): Context {
  const { env } = world
  const set = (name: string) => (env[name] === undefined || env[name] === '' ? null : env[name])
  const sessions = set('COUNTERSIGN_SESSIONS')
  const homed = set('XDG_STATE_HOME') !== null || existsSync(homedir())
  const state = join(set('XDG_STATE_HOME') ?? join(homedir(), '.local', 'state'), 'countersign')
  const settings: Settings = {
    url: set('COUNTERSIGN_URL'),
    token: set('COUNTERSIGN_TOKEN'),
    allowHttp: set('COUNTERSIGN_ALLOW_HTTP') === '1',
    audience: set('COUNTERSIGN_AUDIENCE'),
    key: set('COUNTERSIGN_KEY'),
    passphrase: set('COUNTERSIGN_KEY_PASSPHRASE'),
    pipeline: set('COUNTERSIGN_PIPELINE'),
    contract: set('COUNTERSIGN_CONTRACT'),
    baseline: set('COUNTERSIGN_BASELINE'),
    sigstoreTrust: set('COUNTERSIGN_SIGSTORE_TRUST'),
    chain: set('COUNTERSIGN_CHAIN'),
    githubToken: set('GITHUB_TOKEN'),
    gitlabToken: set('GITLAB_TOKEN'),
    dockerConfig: join(set('DOCKER_CONFIG') ?? join(homedir(), '.docker'), 'config.json'),
    spool: set('COUNTERSIGN_SPOOL') ?? join(state, 'spool'),
    // A job may run as somebody whose home is nowhere, or in the workspace. One that is not there is not ours to make.
    sessions: sessions === null ? [...(homed ? [state] : []), tmpdir()] : [sessions],
    sigstoreCache: set('COUNTERSIGN_SIGSTORE_CACHE') ?? join(state, 'sigstore'),
  }
  return {
    get cwd() {
      return workingDirectory(world)
    },
    environment: givenBack(env),
    settings,
    now: () => new Date().toISOString(),
    stdout: writerTo(world.stdout),
    stderr: (text) => void world.stderr.write(text),
    signals: world,
    interactive: world.stderr.isTTY,
    ask: world.stdin.isTTY && world.stderr.isTTY ? (question) => ask(world, question) : null,
    colour: world.stdout.isTTY && set('NO_COLOR') === null && env['TERM'] !== 'dumb',
  }
}

/** Node takes what a file has taken in part for written: here the rest follows, or the reason why it cannot. */
function writerTo(stream: World['stdout']): (text: string) => void {
  if (!isFile(stream.fd)) return (text) => void stream.write(text)
  return (text) => {
    try {
      writeFileSync(stream.fd, text)
    } catch (cause) {
      stream.emit('error', cause)
    }
  }
}

function isFile(fd: number | undefined): boolean {
  try {
    return fd !== undefined && fstatSync(fd).isFile()
  } catch {
    return false
  }
}

/** The environment with what the launcher of the templates kept from this process, for the command that is wrapped. */
function givenBack(env: Environment): Environment {
  const { COUNTERSIGN_NODE_OPTIONS: options, ...others } = env
  return options === undefined ? env : { ...others, NODE_OPTIONS: options }
}

async function ask({ stdin, stderr }: World, question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises')
  const terminal = createInterface({ input: stdin, output: stderr })
  try {
    return await terminal.question(question)
  } finally {
    terminal.close()
  }
}

/** Throws `usage` where it was removed under us: then only what needs it fails. */
function workingDirectory({ cwd }: World): string {
  try {
    return cwd()
  } catch (cause) {
    throw new CodedError('usage', 'the working directory is not there any more', {
      fix: 'Change to a directory that is there.',
      cause,
    })
  }
}
