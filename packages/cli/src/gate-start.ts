import type { Client } from '@countersign/client'
import { CodedError } from '@countersign/core'

/** What nobody who waits mends. */
const OURS: ReadonlySet<string> = new Set(['token-missing', 'token-scope'])

/**
 * Asks the server for something that the token must be good for, before a gate listens: with one that is not, everything
 * would be denied, and each denial would say something else. A server that does not answer is told of and waited for: what
 * was allowed before may be known without it. Throws `token-missing` and `token-scope`.
 */
export async function checkToken(client: Pick<Client, 'contracts'>, failed: (error: unknown) => void): Promise<void> {
  try {
    await client.contracts(null)
  } catch (error) {
    if (error instanceof CodedError && OURS.has(error.code)) throw error
    failed(error)
  }
}
