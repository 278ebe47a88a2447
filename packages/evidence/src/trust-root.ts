import { canonicalJson, hex, sha256 } from '@countersign/core'
import type { Evidence } from './evidence.ts'
import { trustJson } from './write.ts'

/**
 * SHA-256, hex, of whom and what the file asks to be believed: its contracts' digests and its trust roots, as canonical
 * JSON `{"contracts":[…],"trust":{…}}`. Whoever got this digest another way may judge under what the file brings;
 * for anybody else the file vouches for itself.
 */
export function trustRootOf({ contracts, trust }: Pick<Evidence, 'contracts' | 'trust'>): string {
  const digests = contracts.map(({ digest }) => digest).toSorted()
  return hex(sha256(canonicalJson({ contracts: digests, trust: trustJson(trust) })))
}
