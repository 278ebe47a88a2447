import { CodedError, type Crypto } from '@countersign/core'
import type { Coverage, SignedLogStatement } from '@countersign/formats'
import { type AnchorProof, type AnchorRoots, statementOfAnchor } from '@countersign/formats/anchor'
import { parseCertificate } from '@countersign/formats/x509'
import type { Chain } from '../chain.ts'
import type { Trust } from '../types.ts'
import { type AnchorClaim, type Anchored, type ProveAnchor, verifyAnchored } from './anchored.ts'
import { type EthereumTrust, verifyEthereum } from './ethereum.ts'
import { BITCOIN_NETWORKS, type OpenTimestampsTrust, verifyOpenTimestamps } from './opentimestamps.ts'
import type { AnchorProved } from './proved.ts'
import { parseRekorVkey, type RekorTrust, rekorLog, rekorTrust } from './rekor-trust.ts'
import { verifyRekor } from './rekor.ts'
import type { Rfc3161Trust } from './rfc3161-trust.ts'
import { verifyRfc3161 } from './rfc3161.ts'
import type { CertificateCrypto } from '../x509/signature.ts'

/** Which outside parties, and which blocks, a verifier believes. */
export interface AnchorTrust {
  /** Null: no Rekor log. */
  readonly rekor: RekorTrust | null
  readonly rfc3161: Rfc3161Trust
  readonly ethereum: EthereumTrust
  readonly opentimestamps: OpenTimestampsTrust
}

type AnchorCrypto = Crypto & CertificateCrypto

/** Trust from its wire form. Throws `key-invalid`, `anchor-invalid` for a certificate that is none, and `anchor-setup-invalid`. */
export function anchorTrustOf(roots: AnchorRoots, crypto: Pick<Crypto, 'sha256'>): AnchorTrust {
  const { rekor, rfc3161, ethereum, opentimestamps } = roots
  const logs = rekor.map(({ vkey, operator, from, until }) => {
    const { name, key } = parseRekorVkey(vkey, crypto)
    return rekorLog(name, key, crypto, { operator, validFor: { start: timeOf(from), end: timeOf(until) } })
  })
  return {
    rekor: logs.length === 0 ? null : rekorTrust(logs),
    rfc3161: {
      authorities: rfc3161.map(({ name, certificates, from, until }) => ({
        name,
        certificates: certificates.map((der) => parseCertificate(der, 'anchor-invalid')),
        from: timeOf(from),
        until: timeOf(until),
      })),
    },
    ethereum: { chains: ethereum },
    opentimestamps: bitcoinOf(opentimestamps),
  }
}

function timeOf(time: string | null): number | null {
  return time === null ? null : Date.parse(time)
}

function bitcoinOf(root: AnchorRoots['opentimestamps']): OpenTimestampsTrust {
  if (root === null) return { network: 'mainnet', blocks: [], minimumWork: null }
  const network = BITCOIN_NETWORKS.find((name) => name === root.network)
  if (network === undefined) throw new CodedError('anchor-setup-invalid', `no Bitcoin network is named ${root.network}`)
  const { blocks, minimumWork } = root
  return { network, blocks, minimumWork: minimumWork === null ? null : BigInt(`0x${minimumWork}`) }
}

/**
 * Verifies an anchor of any kind over a statement. Throws `anchor-mismatch` where it is about another one,
 * `anchor-unproven` where it does not verify, `anchor-untrusted` where it hangs on what is not believed.
 */
export function verifyAnchor(
  anchor: AnchorProof,
  statement: Parameters<ProveAnchor<AnchorClaim>>[1],
  trust: AnchorTrust,
  crypto: AnchorCrypto,
): AnchorProved {
  switch (anchor.kind) {
    case 'rekor':
      if (trust.rekor === null) throw new CodedError('anchor-untrusted', 'no Rekor log is pinned')
      return verifyRekor(anchor, statement, trust.rekor, crypto)
    case 'rfc3161':
      return verifyRfc3161(anchor, statement, trust.rfc3161, crypto)
    case 'ethereum':
      return verifyEthereum(anchor, statement, trust.ethereum, crypto)
    case 'opentimestamps':
      return verifyOpenTimestamps(anchor, statement, trust.opentimestamps, crypto)
  }
}

/** What was brought forward for a chain: statements of its log, that they cover it, and anchors of them. */
export interface Statements {
  readonly statements: readonly SignedLogStatement[]
  readonly coverage: readonly Coverage[]
  readonly anchors: readonly AnchorProof[]
}

/** {@link verifyAnchored} of proofs of all kinds. */
export function verifyAnchors(
  chain: Chain,
  { statements, coverage, anchors }: Statements,
  trust: Pick<Trust, 'countersigners'> & { readonly anchors: AnchorTrust },
  crypto: AnchorCrypto,
): Anchored {
  const claims = anchors.map((proof) => ({ kind: proof.kind, statement: statementOfAnchor(proof), proof }))
  return verifyAnchored(
    { chain, statements, coverage, anchors: claims, trust },
    ({ proof }, statement) => verifyAnchor(proof, statement, trust.anchors, crypto),
    crypto,
  )
}
