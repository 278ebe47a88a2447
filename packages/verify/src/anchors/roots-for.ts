import { type Crypto, hex } from '@countersign/core'
import {
  type AnchorKind,
  type AnchorProof,
  type AnchorRoots,
  type BitcoinRoot,
  type EthereumRoot,
  joinAnchorRoots,
  NO_ANCHOR_ROOTS,
  parseHeader,
} from '@countersign/formats/anchor'
import { readBitcoinHeader } from './bitcoin-header.ts'
import { keccak256 } from './secp256k1.ts'

/**
 * Of what is believed the part that some anchors may hang on. Where nothing is pinned for a chain of blocks, and the
 * server is believed (`served`), the blocks that it found final are. Keys and certificates no proof can tell.
 */
export function rootsFor(
  own: AnchorRoots | null,
  anchors: readonly AnchorProof[],
  served: boolean,
  crypto: Pick<Crypto, 'sha256'>,
): AnchorRoots {
  if (anchors.length === 0) return NO_ANCHOR_ROOTS
  const { rekor, rfc3161, ethereum, opentimestamps } = own ?? NO_ANCHOR_ROOTS
  const isThere = (kind: AnchorKind) => anchors.some((anchor) => anchor.kind === kind)
  const evm = new Map<number, EthereumRoot['blocks'][number][]>()
  const bitcoin: BitcoinRoot['blocks'][number][] = []
  const heights = new Set<number>()
  for (const anchor of anchors) {
    if (anchor.kind === 'ethereum') {
      const block = { number: parseHeader(anchor.header).number, hash: hex(keccak256(anchor.header)) }
      evm.set(anchor.chainId, [...(evm.get(anchor.chainId) ?? []), block])
    } else if (anchor.kind === 'opentimestamps') {
      for (const { height, headers } of anchor.blocks) {
        bitcoin.push({ height, hash: readBitcoinHeader(headers[0]!, crypto).hash })
        for (const i of headers.keys()) heights.add(height + i)
      }
    }
  }
  const chains = [...evm].flatMap(([chainId, blocks]): EthereumRoot[] => {
    const pinned = ethereum.find((one) => one.chainId === chainId)
    if (pinned === undefined) return served ? [{ chainId, blocks, senders: [], contracts: [] }] : []
    const numbers = new Set(blocks.map(({ number }) => number))
    return [{ ...pinned, blocks: pinned.blocks.filter(({ number }) => numbers.has(number)) }]
  })
  const pinned =
    opentimestamps === null
      ? null
      : { ...opentimestamps, blocks: opentimestamps.blocks.filter(({ height }) => heights.has(height)) }
  const shown = served && bitcoin.length > 0 ? { network: 'mainnet', blocks: bitcoin, minimumWork: null } : null
  const roots: AnchorRoots = {
    rekor: isThere('rekor') ? rekor : [],
    rfc3161: isThere('rfc3161') ? rfc3161 : [],
    ethereum: chains,
    opentimestamps: isThere('opentimestamps') ? (pinned ?? shown) : null,
  }
  // Two anchors of one statement may be in one block.
  return joinAnchorRoots(NO_ANCHOR_ROOTS, roots)
}

/**
 * {@link rootsFor} where the server alone says which blocks are final: its blocks, of the contracts and the Bitcoin
 * network that are named. Blocks in `named` are not looked at.
 */
export function rootsServed(
  named: AnchorRoots,
  anchors: readonly AnchorProof[],
  crypto: Pick<Crypto, 'sha256'>,
): AnchorRoots {
  const { rekor, rfc3161 } = named
  const shown = rootsFor({ ...NO_ANCHOR_ROOTS, rekor, rfc3161 }, anchors, true, crypto)
  const network = named.opentimestamps?.network
  return {
    ...shown,
    ethereum: shown.ethereum.map((chain) => {
      const own = named.ethereum.find(({ chainId }) => chainId === chain.chainId)
      return own === undefined ? chain : { ...chain, senders: own.senders, contracts: own.contracts }
    }),
    opentimestamps:
      shown.opentimestamps === null || network === undefined
        ? shown.opentimestamps
        : { ...shown.opentimestamps, network },
  }
}
