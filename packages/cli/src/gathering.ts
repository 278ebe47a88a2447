import type { Client } from '@countersign/client'
import { CodedError } from '@countersign/core'
import { type ChainLine, isBundle, parseStep } from '@countersign/formats'
import { fetchChains } from './evidence.ts'

/** Where a server may not be asked, or is older than a question, nothing is said. */
export const UNTOLD: ReadonlySet<string> = new Set(['token-scope', 'token-missing', 'not-found', 'method-unknown'])

/** Runs that lines are of, the last first: chain ids as the lines say, verified or not. */
export function runsIn(lines: readonly ChainLine[]): string[] {
  const ids = lines.flatMap((line) => (isBundle(line) ? (runOf(line.envelope.payload) ?? []) : []))
  return [...new Set(ids.toReversed())]
}

/**
 * What the server has of the runs that files are of: another step in the place of one of them, later attempts, receipts,
 * disputes. Nothing where it may not be asked: then the files are all that there is.
 */
export async function runsAtServer(
  client: Client,
  local: readonly ChainLine[],
  told: { readonly notes: boolean },
): Promise<ChainLine[]> {
  try {
    return await fetchChains(client, [], runsIn(local), told)
  } catch (error) {
    if (error instanceof CodedError && UNTOLD.has(error.code)) return []
    throw error
  }
}

/** Lines of files, with what the server has of their runs; without files, all it has of the runs that made or vouched for this. */
export async function gatherLines(
  client: Client | null,
  local: readonly ChainLine[],
  digest: string,
  told: { readonly notes: boolean },
): Promise<ChainLine[]> {
  if (client === null) return [...local]
  if (local.length === 0) return await fetchChains(client, [digest], [], told)
  return [...local, ...(await runsAtServer(client, local, told))]
}

function runOf(payload: Uint8Array): string | null {
  try {
    return parseStep(payload).predicate.chain.id
  } catch (error) {
    if (error instanceof CodedError) return null
    throw error
  }
}
