import type { ConcurrentCrypto } from '@countersign/core'
import { type Contract, parseContract } from '@countersign/contract'
import { type Evidence, parseEvidence, trustRootOf } from '@countersign/evidence'
import { type Chain, judgeSubject, readChainConcurrently, type Verdict } from '@countersign/verify'

/** Evidence, and what came of verifying it under its own keys and contracts. */
export interface Examination {
  readonly evidence: Evidence
  /** Its bytes. */
  readonly size: number
  /** Digest of whom and what it asks to be believed. */
  readonly trustRoot: string
  readonly contracts: readonly Contract[]
  readonly chain: Chain
  readonly verdict: Verdict
  /** The time it was judged at. */
  readonly now: string
}

/** What an examination needs from where it runs. */
export interface Examiner {
  readonly crypto: ConcurrentCrypto
  /** ISO time. */
  readonly now: string
}

/**
 * Reads and judges evidence by nothing but itself: the same answer as `countersign verify --evidence FILE`. Throws what
 * `parseEvidence` and `parseContract` throw.
 */
export async function examine(bytes: Uint8Array, { crypto, now }: Examiner): Promise<Examination> {
  const evidence = parseEvidence(bytes)
  const { subject, lines, trust } = evidence
  const contracts = evidence.contracts.map((contract) => parseContract(contract.bytes))
  const chain = await readChainConcurrently(lines, { signers: trust.signers, countersigners: trust.logs }, crypto)
  const verdict = judgeSubject({ artifact: subject.artifact, runs: subject.chains, chain, contracts, now })
  return { evidence, size: bytes.length, trustRoot: trustRootOf(evidence), contracts, chain, verdict, now }
}
