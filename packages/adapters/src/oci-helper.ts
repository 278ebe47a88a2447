import { execFile } from 'node:child_process'
import { CodedError } from '@countersign/core'
import { type Environment, findExecutable } from '@countersign/record'
import { membersOf } from './http.ts'
import { programEnvironment } from './identity-program.ts'
import type { DockerHelper } from './oci-credentials.ts'
import type { OciCredentials } from './oci-http.ts'

export interface HelperInput extends DockerHelper {
  readonly environment: Environment
  /** The workspace, which must not bring the program that is asked (T-33). */
  readonly root: string
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 20_000
const MAX_ANSWER_BYTES = 1 << 18
/** What helpers say on stdout where they have nothing (docker-credential-helpers, `errCredentialsNotFound`). */
const NOT_FOUND = 'credentials not found in native keychain'

/**
 * Asks a program that docker keeps logins in (`docker-credential-NAME get`, the registry on stdin); null where it has none.
 * It is found on the part of `PATH` that is not of the workspace. What it says is a secret and repeated by nothing. Throws
 * `usage` where it is not there or gives no login.
 */
export async function loginFromHelper(input: HelperInput): Promise<OciCredentials | null> {
  const { program, server, environment, root } = input
  const path = findExecutable(program, environment, root)
  if (path === null) {
    throw new CodedError('usage', `docker keeps the login in ${program}, which is not on PATH`, {
      fix: `Install ${program} outside of the workspace, whose programs are not asked; or take it out of docker's config.json.`,
    })
  }
  const { failed, text } = await said(path, input)
  if (failed && text.includes(NOT_FOUND)) return null
  const { Username: username, Secret: password } = (failed ? null : membersOf(text)) ?? {}
  if (typeof username !== 'string' || typeof password !== 'string' || username === '' || password === '') {
    throw new CodedError('usage', `${program} gave no login for ${server}`, {
      fix: 'Log in to the registry: docker login',
    })
  }
  // What it keeps then is to be exchanged for another token first.
  if (username === '<token>') {
    throw new CodedError('usage', `${program} keeps an identity token for ${server}, which is no login`, {
      fix: 'Log in with a user name and a password, or an access token: docker login',
    })
  }
  return { username, password }
}

function said(path: string, { server, environment, root, timeoutMs = TIMEOUT_MS }: HelperInput) {
  const options = {
    cwd: '/',
    env: programEnvironment(environment, root),
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: MAX_ANSWER_BYTES,
    windowsHide: true,
  } as const
  return new Promise<{ readonly failed: boolean; readonly text: string }>((done) => {
    const child = execFile(path, ['get'], options, (error, text) => done({ failed: error !== null, text }))
    // One that reads nothing closes it: what it says decides.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(server)
  })
}
