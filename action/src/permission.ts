import { accessByIdentity, identitySystemFor, tokensOf } from '@countersign/cli/keyless'
import { readBounded } from '@countersign/cli/files'
import { CodedError, type JsonValue, parseJson } from '@countersign/core'
import type { Job } from './job.ts'

/**
 * Whether this job may sign, asked before anything runs: a missing permission is found in a second, and not when the
 * build is over. Throws `usage`, `identity-unavailable`, and what the server refuses with.
 */
export async function checkPermission({ context, inputs }: Job): Promise<void> {
  const { url, key, token } = context.settings
  // What is judged by files alone needs nobody.
  if (url === null && (inputs.mode === 'gate' || inputs.mode === 'handoff')) return
  if (url === null && key === null) {
    throw new CodedError('usage', 'no server is set', {
      fix: 'Name it: with: { server-url: https://… }, or COUNTERSIGN_URL in env.',
    })
  }
  if (url === null || (key !== null && token !== null)) return
  const system = await identitySystemFor(context, 'auto')
  if (system === null) {
    throw new CodedError('identity-unavailable', 'this is no CI system that is known by its environment')
  }
  const tokens = await tokensOf(context, system)
  // A token that its system gives once is for the step itself.
  if (!tokens.renewable) return
  const access = await accessByIdentity(context)
  await access?.()
}

/**
 * Whether this is a pull request of a fork, which GitHub gives no identity, whatever the workflow allows. Its job is
 * nobody's step, and what it makes passes no gate.
 */
export function isForeign({ environment, inputs }: Job): boolean {
  const asked = environment['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? ''
  const file = environment['GITHUB_EVENT_PATH'] ?? ''
  if (inputs.mode !== 'record' || asked !== '' || environment['GITHUB_EVENT_NAME'] !== 'pull_request') return false
  if (file === '') return false
  try {
    const event = parseJson(readBounded(file, MAX_EVENT), { maxBytes: MAX_EVENT })
    const head = member(member(event, 'pull_request'), 'head')
    return member(member(head, 'repo'), 'fork') === true
  } catch {
    return false
  }
}

const MAX_EVENT = 16 << 20

function member(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [name: string]: JsonValue })[name]
    : undefined
}
