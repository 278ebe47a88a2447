import { readFile } from 'node:fs/promises'
import { CodedError, type JsonObject } from '@countersign/core'
import { ask, hostOf, membersOf, type Question } from './http.ts'
import { isSecretText, KMS_TIMEOUT_MS, type KmsDoor, type KmsFaults, MAX_KMS_BYTES } from './kms-door.ts'

/** A bearer token for a key service. */
export interface AccessTokens {
  /** That of now. Throws the service's faults, never with a secret. */
  current(): Promise<string>
  /** Whether another may come in the place of this one, which was refused. */
  forget(): boolean
}

/** One that lasts. */
export interface FreshToken {
  readonly token: string
  /** Milliseconds since 1970. */
  readonly until: number
}

/** Milliseconds before its end at which a new one is asked for: longer than a request may take. */
const EARLY = 60_000
/** A service of the machine answers at once; where there is none, nothing does. */
const MACHINE_TIMEOUT_MS = 3_000

/** One token for as long as it lasts, asked for once however many need it. */
export function keptTokens(fresh: () => Promise<FreshToken>, now: () => number): AccessTokens {
  let kept: FreshToken | null = null
  let asking: Promise<FreshToken> | null = null
  return {
    async current() {
      if (kept !== null && now() < kept.until - EARLY) return kept.token
      asking ??= fresh().finally(() => {
        asking = null
      })
      kept = await asking
      return kept.token
    },
    forget() {
      kept = null
      return true
    },
  }
}

/** A token that is there and that nobody renews. */
export function givenToken(token: string): AccessTokens {
  return { current: () => Promise.resolve(token), forget: () => false }
}

/** A file that somebody else keeps fresh: read each time. */
export function tokenFile(read: () => Promise<string>): AccessTokens {
  return { current: read, forget: () => false }
}

/** The one line of a file. Throws the service's `invalid`; what is in it is never said. */
export async function lineIn(path: string, named: string, faults: KmsFaults): Promise<string> {
  const line = (await textIn(path, named, faults)).trim()
  if (!isSecretText(line)) throw faults.invalid(`the file that ${named} names holds no token`)
  return line
}

export async function textIn(path: string, named: string, faults: KmsFaults): Promise<string> {
  try {
    const text = await readFile(path, 'utf8')
    if (text.length <= MAX_KMS_BYTES) return text
  } catch {
    // Told below.
  }
  throw faults.invalid(`the file that ${named} names cannot be read`, `Check ${named}, and the rights on that file.`)
}

/**
 * Asks for a token: `{"access_token": …, "expires_in": …}` (RFC 6749 §5.1; seconds, by some as text), or with
 * `expires_on`, seconds since 1970, as some platforms have it.
 */
export async function askForToken(
  url: URL,
  question: Question,
  { door, faults, refused }: TokenService,
): Promise<FreshToken> {
  const { status, members } = await askForJson(url, question, { door, faults })
  if (status >= 500 || status === 429 || status === 408) {
    throw faults.unreachable(`${hostOf(url)} gave no token: status ${status}`)
  }
  if (status !== 200) throw refused(status)
  const { access_token: token, expires_in: within, expires_on: at } = members ?? {}
  const until = within === undefined ? Number(at) * 1000 : door.now() + Number(within) * 1000
  if (!isSecretText(token) || !Number.isSafeInteger(until)) {
    throw faults.unreachable(`${hostOf(url)} answered something else than a token`)
  }
  return { token, until }
}

/**
 * Asks a service of the machine itself, the last place where credentials are looked for: where nobody answers there,
 * what is missing most likely is what was looked for before.
 */
export async function askThisMachine(
  url: URL,
  question: Question,
  { door, faults, refused, otherwise }: TokenService & { readonly otherwise: string },
): Promise<FreshToken> {
  const timeoutMs = Math.min(door.timeoutMs ?? MACHINE_TIMEOUT_MS, MACHINE_TIMEOUT_MS)
  try {
    return await askForToken(url, question, { door: { ...door, timeoutMs }, faults, refused })
  } catch (error) {
    if (!(error instanceof CodedError && error.code === faults.codes.unreachable)) throw error
    throw new CodedError(error.code, `there are no credentials in the environment, and ${error.what}`, {
      fix: otherwise,
    })
  }
}

export interface TokenService {
  readonly door: KmsDoor
  readonly faults: KmsFaults
  /** What is thrown where it says no. */
  readonly refused: (status: number) => CodedError
}

/** One request and what is in its answer; `members` is null where that is no JSON object. */
export async function askForJson(
  url: URL,
  question: Question,
  { door, faults }: Pick<TokenService, 'door' | 'faults'>,
): Promise<{ readonly status: number; readonly headers: Headers; readonly members: JsonObject | null }> {
  const answer = await ask(url, question, {
    timeoutMs: door.timeoutMs ?? KMS_TIMEOUT_MS,
    maxBytes: MAX_KMS_BYTES,
    ...(door.fetch === undefined ? {} : { fetch: door.fetch }),
    fault: faults.unreachable,
  })
  return { status: answer.status, headers: answer.headers, members: membersOf(answer.body) }
}

/** A body as HTML forms have it, which OAuth takes. */
export function formQuestion(fields: Readonly<Record<string, string>>): Question {
  return {
    method: 'POST',
    headers: [['content-type', 'application/x-www-form-urlencoded']],
    body: new URLSearchParams(fields).toString(),
  }
}
