import { createHmac, timingSafeEqual } from 'node:crypto'
import type { WaitingRun } from '@countersign/adapters/github-app'
import { CodedError, hasControl, isHex, type JsonObject, type JsonValue, parseJson } from '@countersign/core'

/**
 * Most bytes of a delivery that asks for a decision. GitHub delivers up to 25 MB, of other events: this one is some 50 KB, and
 * whoever sends it is not known before it is held whole.
 */
export const MAX_DELIVERY_BYTES = 2 * 1024 * 1024

/** A run that waits for the rule, and the commit that it is of. */
export interface ProtectionEvent extends WaitingRun {
  /** 40 hex digits. */
  readonly sha: string
}

const PREFIX = 'sha256='

/** Whether a header could be such a signature. */
export function isSignature(header: string | undefined): header is string {
  return header !== undefined && header.startsWith(PREFIX) && isHex(header.slice(PREFIX.length), 64)
}

/** Throws `webhook-unsigned` unless the body was signed with the secret (`X-Hub-Signature-256`); in constant time (T-96). */
export function checkSignature(body: Uint8Array, header: string | undefined, secret: string): void {
  const own = createHmac('sha256', secret).update(body).digest()
  const given = isSignature(header) ? Buffer.from(header.slice(PREFIX.length), 'hex') : null
  if (timingSafeEqual(own, given ?? Buffer.alloc(own.length)) && given !== null) return
  throw new CodedError('webhook-unsigned', 'the delivery is not signed with the secret of the webhook')
}

/**
 * What a signed delivery of `deployment_protection_rule` asks. `callbackFor` says where the answer to a run goes: a payload
 * that names another place is refused, for a token goes there (T-89). Null for an action that asks nothing. Throws
 * `webhook-invalid`.
 */
export function readProtectionEvent(
  body: Uint8Array,
  callbackFor: (run: Pick<WaitingRun, 'repository' | 'run'>) => string,
): ProtectionEvent | null {
  const event = objectOf(parsed(body), 'it')
  if (event['action'] !== 'requested') return null
  const repository = objectOf(event['repository'], 'repository')
  const name = textOf(repository['full_name'], 'full_name')
  if (!/^[A-Za-z0-9-]{1,39}\/[A-Za-z0-9._-]{1,100}$/.test(name) || /\/\.{1,2}$/.test(name))
    throw bad('full_name is no name of a repository')
  const deployment = objectOf(event['deployment'], 'deployment')
  const callback = textOf(event['deployment_callback_url'], 'deployment_callback_url')
  const run = /\/actions\/runs\/([1-9][0-9]{0,18})\/deployment_protection_rule$/.exec(callback)?.[1]
  if (run === undefined || callback !== callbackFor({ repository: name, run })) {
    throw bad('deployment_callback_url is not of this API, repository and a run')
  }
  const sha = textOf(deployment['sha'], 'sha')
  if (!/^[0-9a-f]{40}$/.test(sha)) throw bad('sha is no commit')
  const environment = textOf(event['environment'], 'environment')
  return {
    repository: name,
    repositoryId: idOf(repository['id'], 'repository.id'),
    installation: idOf(objectOf(event['installation'], 'installation')['id'], 'installation.id'),
    run,
    environment,
    sha,
  }
}

function parsed(body: Uint8Array): JsonValue {
  try {
    return parseJson(body, { maxBytes: MAX_DELIVERY_BYTES })
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause
    throw bad(cause.what)
  }
}

function objectOf(value: JsonValue | undefined, what: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  throw bad(`${what} is no object`)
}

function textOf(value: JsonValue | undefined, what: string): string {
  if (typeof value === 'string' && value !== '' && value.length <= 2_048 && !hasControl(value)) return value
  throw bad(`${what} is no text`)
}

function idOf(value: JsonValue | undefined, what: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value
  throw bad(`${what} is no number`)
}

function bad(what: string): CodedError {
  return new CodedError('webhook-invalid', what)
}
