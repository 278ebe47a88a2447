import { CodedError } from '@countersign/core'
import { type ActProof, actProofOf, parseLeaf, parseTlogProof, writeActOpening } from '@countersign/formats'
import type { StoredAct } from '../acts.ts'
import type { Log } from './log.ts'

/**
 * Proof that the log has an act, with what opens its leaf, under a checkpoint that covers it. Throws `log-corrupt` where the
 * entry is none of an act, and what `Log.proofOf` throws.
 */
export async function proveAct(
  log: Log,
  { index, salt, signers }: Pick<StoredAct, 'index' | 'salt' | 'signers'>,
): Promise<ActProof> {
  const proof = parseTlogProof(await log.proofOf(index))
  const [entry] = log.data.entries(index, index + 1)
  const leaf = entry === undefined ? null : parseLeaf(entry)
  if (leaf?.kind !== 'act') throw new CodedError('log-corrupt', `entry ${index} is not the act that it was`)
  return actProofOf({ ...proof, extra: writeActOpening({ leaf, salt, signers }) })
}
