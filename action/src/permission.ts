import { accessByIdentity, identitySystemFor, tokensOf } from '@countersign/cli/keyless'
import { CodedError } from '@countersign/core'
import type { Job } from './job.ts'

/**
 * Whether this job may sign, asked before anything runs: a missing permission is found in a second, and not when the
 * build is over. Throws `usage`, `identity-unavailable`, and what the server refuses with.
 */
export async function checkPermission({ context }: Job): Promise<void> {
  const { url, key, token } = context.settings
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
