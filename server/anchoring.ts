import type { ConcurrentCrypto } from '@countersign/core'
import { NO_ANCHOR_ROOTS } from '@countersign/formats/anchor'
import type { AnchorSettings } from './anchor-settings.ts'
import type { SetUpAnchor } from './verbs/anchors.ts'
import type { AnchorBelief } from './verbs/chain-anchors.ts'

/** The anchors that the settings name, and whom they are believed by. What that takes is loaded only where one is named. */
export async function anchoringOf(
  settings: readonly AnchorSettings[],
  crypto: ConcurrentCrypto,
): Promise<{ readonly setUp: readonly SetUpAnchor[]; readonly belief: AnchorBelief }> {
  if (settings.length === 0) return { setUp: [], belief: NO_ANCHOR_ROOTS }
  const [{ openAnchors }, { anchorBeliefOf }] = await Promise.all([
    import('./anchor-kinds.ts'),
    import('./anchor-belief.ts'),
  ])
  const opened = await openAnchors(settings, crypto)
  const setUp = opened.map((anchor, i) => ({ anchor, alarmAfter: settings[i]!.alarmAfter }))
  return { setUp, belief: anchorBeliefOf(settings, crypto) }
}
