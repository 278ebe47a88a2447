import type { ConcurrentCrypto } from '@countersign/core'
import { type Contract, parseContract } from '@countersign/contract'
import { type Evidence, parseEvidence, trustRootOf } from '@countersign/evidence'
import { type Anchored, anchorTrustOf, verifyAnchors } from '@countersign/verify/anchors'
import { type Chain, judgeSubject, readChainConcurrently, trustBrought, type Verdict } from '@countersign/verify'

/** Evidence, and what came of verifying it under its own keys and contracts. */
export interface Examination {
  readonly evidence: Evidence
  /** Its bytes. */
  readonly size: number
  /** Digest of whom and what it asks to be believed. */
  readonly trustRoot: string
  readonly contracts: readonly Contract[]
  readonly chain: Chain
  /** What statements and anchors prove; null where none are in the evidence. */
  readonly anchored: Anchored | null
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
 * `parseEvidence`, `parseContract` and `trustBrought` throw.
 */
export async function examine(bytes: Uint8Array, { crypto, now }: Examiner): Promise<Examination> {
  const evidence = parseEvidence(bytes)
  const { subject, lines, trust } = evidence
  const contracts = evidence.contracts.map((contract) => parseContract(contract.bytes))
  const chain = await readChainConcurrently(lines, trustBrought(trust, contracts), crypto, now)
  const anchored = anchoredIn(evidence, chain, crypto)
  const verdict = judgeSubject({ artifact: subject.artifact, runs: subject.chains, chain, anchored, contracts, now })
  return { evidence, size: bytes.length, trustRoot: trustRootOf(evidence), contracts, chain, anchored, verdict, now }
}

/** What statements and anchors prove, those believed that came with the evidence. */
function anchoredIn(evidence: Evidence, chain: Chain, crypto: ConcurrentCrypto): Anchored | null {
  const { statements, coverage, anchors, trust } = evidence
  if (statements.length + coverage.length + anchors.length === 0) return null
  const believed = { countersigners: trust.logs, anchors: anchorTrustOf(trust.anchors, crypto) }
  return verifyAnchors(chain, evidence, believed, crypto)
}
