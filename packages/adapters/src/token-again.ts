import { setTimeout as wait } from 'node:timers/promises'
import { CodedError } from '@countersign/core'
import type { IdentityTokens } from '@countersign/sign'

/** Most tokens that are shown, should each have been used before, or be over. */
const MAX_TOKENS = 10

/**
 * Shows the job's token, and the next one where that was used or is over: steps of one job share those that it was given,
 * and a platform may keep one for a while. Two jobs of one account whose tokens are made in the same second may be given
 * the very same one (a token of Google's names no run, and has no id): the later asks for another when that second is over.
 */
export async function showToken<T>(
  tokens: IdentityTokens,
  audience: string,
  show: (token: string) => Promise<T>,
  pause: (milliseconds: number) => Promise<unknown> = wait,
): Promise<T> {
  const most = tokens.renewable ? 2 : MAX_TOKENS
  let before: string | null = null
  let refused: unknown = null
  for (let shown = 1; shown <= most; shown++) {
    const token = await tokens.token(audience)
    // Kept by the platform: it was refused, and would be again.
    if (token === before) break
    before = token
    try {
      return await show(token)
    } catch (error) {
      if (!isSpent(error)) throw error
      refused = error
    }
    // Less than two seconds, and not the same for two who are refused together.
    if (shown < most && tokens.renewable && tokens.repeats && isUsed(refused)) await pause(1000 + Math.random() * 500)
  }
  throw refused
}

/** Whether another token may do. */
export function isSpent(error: unknown): boolean {
  return isUsed(error) || (error instanceof CodedError && error.code === 'identity-token-expired')
}

export function isUsed(error: unknown): error is CodedError {
  return error instanceof CodedError && error.code === 'identity-token-used'
}
