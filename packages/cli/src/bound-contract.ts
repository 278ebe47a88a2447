import type { Client } from '@countersign/client'
import { CodedError } from '@countersign/core'
import { type Contract, parseContract } from '@countersign/contract'
import type { Context } from './context.ts'
import { underBaseline } from './evidence.ts'
import { UNTOLD } from './gathering.ts'

/**
 * The contract of this digest that a run is bound to, as the server has it; null where it has it not, or may not tell.
 * Throws `baseline-unmet`, and what asking the server throws.
 */
export async function boundContract(
  context: Context,
  client: Client,
  digest: string,
  baseline: string | undefined,
): Promise<Contract | null> {
  try {
    return underBaseline(context, parseContract(await client.contractByDigest(digest)), baseline)
  } catch (error) {
    if (error instanceof CodedError && UNTOLD.has(error.code)) return null
    throw error
  }
}
