import type { Anchor } from '@countersign/anchor'
import { CodedError, type ConcurrentCrypto } from '@countersign/core'
import type { AnchorKind } from '@countersign/formats/anchor'
import type { AnchorSettings } from './anchor-settings.ts'

/** What an anchor of this kind is made of: its adapter is loaded where one is set up, and nowhere else. */
type Open<K extends AnchorKind> = (
  settings: Extract<AnchorSettings, { kind: K }>,
  crypto: ConcurrentCrypto,
) => Promise<Anchor>

const KINDS: { readonly [K in AnchorKind]?: Open<K> } = {}

/** Throws `usage` for what the settings cannot mean, and what opening keys and trust roots throws. */
export async function openAnchors(
  settings: readonly AnchorSettings[],
  crypto: ConcurrentCrypto,
): Promise<readonly Anchor[]> {
  return Promise.all(
    settings.map((one) => {
      const open = KINDS[one.kind] as Open<typeof one.kind> | undefined
      if (open === undefined) throw new CodedError('usage', `there is no adapter for anchors of kind ${one.kind}`)
      return open(one as never, crypto)
    }),
  )
}
