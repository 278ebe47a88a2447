import { CodedError, type Crypto } from '@countersign/core'
import { type AnchorRoots, joinAnchorRoots, NO_ANCHOR_ROOTS } from '@countersign/formats/anchor'
import { parseCertificates } from '@countersign/formats/x509'
import { parseAnchorTrust, readAddress } from '@countersign/verify/anchors'
import type { AnchorSettings } from './anchor-settings.ts'
import type { AnchorBelief } from './verbs/chain-anchors.ts'

/** Who is believed by a server with these anchors. Throws `anchor-setup-invalid`, and `anchor-invalid` for a certificate. */
export function anchorBeliefOf(settings: readonly AnchorSettings[], crypto: Pick<Crypto, 'sha256'>): AnchorBelief {
  return settings.map((one) => rootsOf(one, crypto)).reduce(joinAnchorRoots, NO_ANCHOR_ROOTS)
}

function rootsOf(one: AnchorSettings, crypto: Pick<Crypto, 'sha256'>): AnchorRoots {
  switch (one.kind) {
    case 'rekor':
      return { ...NO_ANCHOR_ROOTS, rekor: parseAnchorTrust(one.trustedRoot.bytes, crypto).rekor }
    case 'rfc3161': {
      const certificates = one.roots.flatMap(({ bytes }) =>
        parseCertificates(bytes, 'anchor-invalid').map(({ der }) => der),
      )
      const name = one.name.slice('tsa:'.length)
      return { ...NO_ANCHOR_ROOTS, rfc3161: [{ name, certificates, from: null, until: null }] }
    }
    case 'ethereum': {
      const contract = one.contract === null ? null : readAddress(one.contract)
      if (contract === null && one.contract !== null) {
        throw new CodedError('anchor-setup-invalid', `${one.contract} is no address of a contract`)
      }
      const contracts = contract === null ? [] : [contract]
      return { ...NO_ANCHOR_ROOTS, ethereum: [{ chainId: one.chainId, blocks: [], senders: [], contracts }] }
    }
    case 'opentimestamps':
      return { ...NO_ANCHOR_ROOTS, opentimestamps: { network: one.network, blocks: [], minimumWork: null } }
  }
}
