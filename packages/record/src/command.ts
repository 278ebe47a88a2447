import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process'
import { CodedError } from '@countersign/core'
import { commandEnvironment, type Environment } from './environment.ts'
import { errno } from './file-error.ts'

export const FORWARDED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const

export type ForwardedSignal = (typeof FORWARDED_SIGNALS)[number]

/** Where signals for the wrapped command come from: the root's `process`. */
export interface SignalSource {
  on(signal: ForwardedSignal, listener: () => void): unknown
  off(signal: ForwardedSignal, listener: () => void): unknown
}

export interface CommandInput {
  /** Program and arguments; no shell is between. */
  readonly argv: readonly string[]
  readonly cwd: string
  /** Without the recorder's own secrets in it the command is given all of it. */
  readonly environment: Environment
  /** Hand-over token for the command, as `COUNTERSIGN_CHAIN`; null gives none beside what `environment` has. */
  readonly token?: string | null
  /** As for `spawn`; default `inherit`: the command's own streams, byte for byte. */
  readonly stdio?: StdioOptions
  readonly signals?: SignalSource
  /**
   * True when the command shares a terminal with the recorder: Ctrl-C and Ctrl-\ then reach the command from the
   * terminal itself, and are not sent a second time.
   */
  readonly terminal?: boolean
  readonly now: () => Date
}

/** How a command ended; exactly one of `exitCode` and `signal` is not null. */
export interface Outcome {
  readonly exitCode: number | null
  readonly signal: string | null
  /** RFC 3339, UTC, milliseconds. */
  readonly startedAt: string
  readonly finishedAt: string
}

/**
 * Runs a command to its end. Its streams are untouched, signals are passed on, its outcome is returned, never
 * thrown. Throws `command-unstartable` when it cannot be started.
 */
export async function runCommand(input: CommandInput): Promise<Outcome> {
  const [program, ...args] = input.argv
  if (program === undefined || program === '') throw new CodedError('command-unstartable', 'no command is given')
  const startedAt = input.now().toISOString()
  // Before it starts: a signal that came between would end the recorder and leave the command running alone.
  let child: ChildProcess | null = null
  const stop = forward((signal) => child?.kill(signal), input)
  try {
    child = start(program, args, input)
    const { exitCode, signal } = await ended(child, program)
    return { exitCode, signal, startedAt, finishedAt: input.now().toISOString() }
  } finally {
    stop()
  }
}

function start(program: string, args: readonly string[], input: CommandInput): ChildProcess {
  try {
    return spawn(program, args, {
      cwd: input.cwd,
      env: commandEnvironment(input.environment, input.token ?? null),
      stdio: input.stdio ?? 'inherit',
      shell: false,
      windowsHide: true,
    })
  } catch (cause) {
    // Arguments that no process can be given, such as a null byte or too many bytes.
    throw unstartable(program, cause)
  }
}

function forward(send: (signal: ForwardedSignal) => void, { signals, terminal }: CommandInput): () => void {
  if (signals === undefined) return () => {}
  const listeners = FORWARDED_SIGNALS.map((name) => {
    const fromTerminal = terminal === true && (name === 'SIGINT' || name === 'SIGQUIT')
    // Listened to in any case: a signal must not end the recorder before it has recorded what the command did.
    const listener = () => {
      if (!fromTerminal) send(name)
    }
    signals.on(name, listener)
    return { name, listener }
  })
  return () => {
    for (const { name, listener } of listeners) signals.off(name, listener)
  }
}

function ended(child: ChildProcess, program: string): Promise<Pick<Outcome, 'exitCode' | 'signal'>> {
  return new Promise((done, fail) => {
    child.once('error', (cause) => {
      // A signal that could not be sent is an error event as well; the command still runs.
      if (child.pid === undefined) fail(unstartable(program, cause))
    })
    // Not `close`: grandchildren may keep the streams open for ever.
    child.once('exit', (exitCode, signal) => done({ exitCode, signal }))
  })
}

function unstartable(program: string, cause: unknown): CodedError {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'is not there (or its working directory is not)',
    EACCES: 'is not executable',
    E2BIG: 'was given too long an argument list',
  }
  const code = errno(cause)
  const reason = reasons[code ?? ''] ?? `could not be started${code === null ? '' : ` (${code})`}`
  return new CodedError('command-unstartable', `${JSON.stringify(program.slice(0, 200))} ${reason}`, { cause })
}
