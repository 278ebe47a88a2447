import { fromBase64, type JsonObject } from '@countersign/core'
import { type AccessTokens, askForJson } from './access-token.ts'
import { hostOf, type Question } from './http.ts'
import type { KmsDoor, KmsFaults } from './kms-door.ts'

/** What a key service says instead of a result. */
export interface KmsRefusal {
  readonly status: number
  readonly headers: Headers
  /** Null where it is no JSON object. */
  readonly members: JsonObject | null
}

export interface KmsService {
  /** As people know it: `Cloud KMS`. */
  readonly name: string
  readonly door: KmsDoor
  readonly faults: KmsFaults
  readonly tokens: AccessTokens
  /** The header that a token goes into. */
  readonly header: (token: string) => readonly (readonly [string, string])[]
  /** In a few words what was refused, and what to do. Nothing of an answer is repeated that is not one of the service's own words. */
  readonly explain: (refusal: KmsRefusal) => { readonly what: string; readonly fix: string }
}

const PASSING: ReadonlySet<number> = new Set([408, 425, 429])

/**
 * Asks a key service, with another token where there is one and the first is refused. Throws the service's
 * `unreachable` where it may pass, and `invalid` where only a person can help.
 */
export async function callKms(url: URL, input: JsonObject | null, service: KmsService): Promise<JsonObject> {
  const { faults, tokens } = service
  let refusal = await callOnce(url, input, service)
  // A token can end before it said, and be taken back.
  if ('status' in refusal && refusal.status === 401 && tokens.forget()) refusal = await callOnce(url, input, service)
  if (!('status' in refusal)) return refusal.members
  const { status } = refusal
  if (status === 200) throw nonsense(url, service)
  if (status >= 500 || PASSING.has(status))
    throw faults.unreachable(`${hostOf(url)} is not able to answer now (status ${status})`)
  const { what, fix } = service.explain(refusal)
  throw faults.invalid(`${hostOf(url)} refused: ${what} (status ${status})`, fix)
}

async function callOnce(
  url: URL,
  input: JsonObject | null,
  { door, faults, tokens, header }: KmsService,
): Promise<KmsRefusal | { readonly members: JsonObject }> {
  const headers = [['accept', 'application/json'] as const, ...header(await tokens.current())]
  const question: Question =
    input === null
      ? { headers }
      : { method: 'POST', headers: [...headers, ['content-type', 'application/json']], body: JSON.stringify(input) }
  const answer = await askForJson(url, question, { door, faults })
  return answer.status === 200 && answer.members !== null ? { members: answer.members } : answer
}

/** What no such service answers: it may be another one, or something on the way. */
export function nonsense(url: URL, { name, faults }: Pick<KmsService, 'name' | 'faults'>) {
  return faults.unreachable(`${hostOf(url)} answered with something else than ${name} does`)
}

/** Bytes of base64, or of base64url without padding; null for what is neither text nor that. */
export function bytesOf(value: unknown, alphabet: 'base64' | 'base64url' = 'base64'): Uint8Array | null {
  if (typeof value !== 'string') return null
  try {
    if (alphabet === 'base64') return fromBase64(value)
    if (!/^[A-Za-z0-9_-]*$/.test(value)) return null
    const text = value.replaceAll('-', '+').replaceAll('_', '/')
    return fromBase64(text.padEnd(Math.ceil(text.length / 4) * 4, '='))
  } catch {
    return null
  }
}
