import { type Contract, parseContract } from '@countersign/contract'
import type { Evidence } from '@countersign/evidence'
import type { AnchorRoots } from '@countersign/formats/anchor'
import { type Trust, trustBrought } from '@countersign/verify'

/** What a run is judged under. */
export interface RunBasis {
  readonly trust: Trust
  readonly anchors: AnchorRoots
  readonly contracts: readonly Contract[]
}

/** What the evidence brings: its own keys and contracts, for whoever pinned them or says that they came with it. */
export function ownBasis(evidence: Evidence): RunBasis {
  const contracts = evidence.contracts.map(({ bytes }) => parseContract(bytes))
  return { trust: trustBrought(evidence.trust, contracts), anchors: evidence.trust.anchors, contracts }
}
