import { execFile } from 'node:child_process'
import { delimiter } from 'node:path'
import { commandEnvironment, type Environment, findExecutable, trustedPath } from '@countersign/record'
import { isToken, MAX_TOKEN, unavailable } from './identity-http.ts'

export interface TokenProgram {
  readonly name: string
  readonly args: readonly string[]
  readonly environment: Environment
  /** The workspace, which must not bring the program that speaks for it (T-33). */
  readonly root: string
  readonly fix: string
  readonly timeoutMs?: number
}

/** Absolute path of a CI system's own program, found on `PATH` outside of the workspace; null where it is not there. */
export function programOf(name: string, environment: Environment, root: string): string | null {
  return findExecutable(name, environment, root)
}

/**
 * What a program that speaks for the job is told of its environment: nothing that would have other code run in it, and
 * no place of the workspace to look for programs.
 */
export function programEnvironment(environment: Environment, root: string): Record<string, string> {
  const { NODE_OPTIONS: _, ...given } = commandEnvironment(environment, null)
  return { ...given, PATH: trustedPath(environment, root).join(delimiter) }
}

/**
 * The token that a CI system's own program prints. Its other words are not repeated: they may hold a secret. Throws
 * `identity-unavailable`.
 */
export async function tokenOfProgram(program: TokenProgram): Promise<string> {
  const { name, environment, root, fix } = program
  const binary = programOf(name, environment, root)
  if (binary === null) {
    throw unavailable(`${name} is not on PATH (the workspace itself does not count)`, fix)
  }
  const options = {
    cwd: '/',
    env: programEnvironment(environment, root),
    timeout: program.timeoutMs ?? 20_000,
    killSignal: 'SIGKILL',
    maxBuffer: 4 * MAX_TOKEN,
    windowsHide: true,
  } as const
  const said = await new Promise<string>((done, fail) => {
    execFile(binary, [...program.args], options, (error, stdout) => {
      if (error === null) return done(stdout.trim())
      const how = typeof error.code === 'number' ? `exit ${error.code}` : 'no answer in time, or too long a one'
      fail(unavailable(`${name} gave no identity token (${how})`, fix))
    })
  })
  if (!isToken(said)) throw unavailable(`${name} printed something else than a token`, fix)
  return said
}
