import type { Crypto } from '@countersign/core'
import { type AnchorProof, type AnchorRoots, NO_ANCHOR_ROOTS } from '@countersign/formats/anchor'
import type { Chain, Trust } from '@countersign/verify'
import type { Anchored, Statements } from '@countersign/verify/anchors'

/** What was brought forward of a chain, verified; null where nothing was. */
export async function anchoredOf(
  chain: Chain,
  outside: Statements,
  trust: Pick<Trust, 'countersigners'>,
  roots: AnchorRoots,
  crypto: Crypto,
): Promise<Anchored | null> {
  if (outside.statements.length + outside.coverage.length + outside.anchors.length === 0) return null
  const { anchorTrustOf, verifyAnchors } = await import('@countersign/verify/anchors')
  const { countersigners } = trust
  return verifyAnchors(chain, outside, { countersigners, anchors: anchorTrustOf(roots, crypto) }, crypto)
}

/** See `rootsFor` of `verify/anchors`, which is loaded only where there are anchors. */
export async function rootsFor(
  own: AnchorRoots | null,
  anchors: readonly AnchorProof[],
  served: boolean,
  crypto: Pick<Crypto, 'sha256'>,
): Promise<AnchorRoots> {
  if (anchors.length === 0) return NO_ANCHOR_ROOTS
  const { rootsFor: found } = await import('@countersign/verify/anchors')
  return found(own, anchors, served, crypto)
}
