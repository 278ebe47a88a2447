import type { Crypto } from '@countersign/core'
import { joinAnchorRoots, NO_ANCHOR_ROOTS } from '@countersign/formats/anchor'
import { parseCertificates } from '@countersign/formats/x509'
import { parseAnchorTrust } from '@countersign/verify/anchors'
import type { AnchorSettings } from './anchor-settings.ts'
import type { AnchorBelief } from './verbs/chain-anchors.ts'

/** Who is believed by a server with these anchors. Throws `anchor-setup-invalid`, and `anchor-invalid` for a certificate. */
export function anchorBeliefOf(settings: readonly AnchorSettings[], crypto: Pick<Crypto, 'sha256'>): AnchorBelief {
  const roots = settings.map((one) => {
    if (one.kind === 'rekor')
      return { ...NO_ANCHOR_ROOTS, rekor: parseAnchorTrust(one.trustedRoot.bytes, crypto).rekor }
    if (one.kind !== 'rfc3161') return NO_ANCHOR_ROOTS
    const certificates = one.roots.flatMap(({ bytes }) =>
      parseCertificates(bytes, 'anchor-invalid').map(({ der }) => der),
    )
    const name = one.name.slice('tsa:'.length)
    return { ...NO_ANCHOR_ROOTS, rfc3161: [{ name, certificates, from: null, until: null }] }
  })
  const bitcoin = settings.find((one) => one.kind === 'opentimestamps')
  return { roots: roots.reduce(joinAnchorRoots, NO_ANCHOR_ROOTS), network: bitcoin?.network ?? 'mainnet' }
}
