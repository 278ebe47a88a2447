import { opentimestampsAnchor } from '@countersign/adapters/anchor-opentimestamps'
import { rekorAnchor } from '@countersign/adapters/anchor-rekor'
import { rfc3161Anchor } from '@countersign/adapters/anchor-rfc3161'
import { coreHeaders, esploraHeaders } from '@countersign/adapters/bitcoin-headers'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import type { Anchor, AnchorState } from '@countersign/anchor'
import { hex, utf8 } from '@countersign/core'
import { type SignedLogStatement, type StatementDigests, statementDigests } from '@countersign/formats'
import {
  type AnchorProof,
  type AnchorRoots,
  type EthereumAnchor,
  makeTrie,
  NO_ANCHOR_ROOTS,
  parseAnchor,
  placeKey,
  statementCalldata,
  transactionToSign,
  writeInteger,
  writeRlp,
  writeTransaction,
} from '@countersign/formats/anchor'
import { parseCertificate } from '@countersign/formats/x509'
import { addressOf, keccak256, readBitcoinHeader, rekorRootOf } from '@countersign/verify/anchors'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { startLocalOts } from './local-ots.ts'
import { startLocalRekor } from './local-rekor.ts'
import { startLocalTsa } from './local-tsa.ts'
import { p256Signer } from './rekor-kit.ts'

/** Proofs of one statement, one of each kind, and whom to believe for them. */
export interface FourWays {
  readonly anchors: readonly AnchorProof[]
  readonly roots: AnchorRoots
}

/**
 * Anchors a statement four ways at some time: in a Rekor log, a timestamp authority, calendars and a chain of headers
 * on this machine, by their adapters; and in a block of an EVM chain that is made here, with two hundred transactions.
 */
export async function anchorFourWays({ note }: SignedLogStatement, now: number): Promise<FourWays> {
  const text = utf8(note.text)
  const clock = () => now
  const rekor = await startLocalRekor({ filled: 3000, now: clock })
  const tsa = await startLocalTsa({ key: 'RSA', clock })
  const ots = await startLocalOts({ clock })
  try {
    const [pinned] = [parseCertificate(tsa.root, 'anchor-invalid')]
    const inRekor = rekorAnchor({
      services: [rekor.service],
      signer: p256Signer(),
      trust: rekor.trust,
      crypto: nodeCrypto,
    })
    const byAuthority = rfc3161Anchor({ name: 'local', url: tsa.url, pinned: [pinned!], crypto: nodeCrypto })
    const inBitcoin = opentimestampsAnchor({
      calendars: ots.calendars.map(({ url }) => url),
      headers: [
        esploraHeaders({ url: ots.esplora, crypto: nodeCrypto }),
        coreHeaders({ url: ots.core, crypto: nodeCrypto }),
      ],
      crypto: nodeCrypto,
      network: 'regtest',
    })
    const ethereum = inBlock(statementDigests(note.text, nodeCrypto), Math.floor(now / 1000))
    const anchors = [
      await driven(inRekor, text, now),
      await driven(byAuthority, text, now),
      await driven(inBitcoin, text, now, () => ots.mine(3)),
      ethereum.anchor,
    ]
    const bitcoin = anchors.flatMap((one) => (one.kind === 'opentimestamps' ? one.blocks : []))
    return {
      anchors,
      roots: {
        ...NO_ANCHOR_ROOTS,
        rekor: rekor.trust.logs.map(rekorRootOf),
        rfc3161: [{ name: 'local', certificates: [tsa.root], from: null, until: null }],
        ethereum: [{ chainId: 1, blocks: [ethereum.block], senders: [], contracts: [] }],
        opentimestamps: {
          network: 'regtest',
          blocks: bitcoin.map(({ height, headers }) => ({
            height,
            hash: readBitcoinHeader(headers[0]!, nodeCrypto).hash,
          })),
          minimumWork: null,
        },
      },
    }
  } finally {
    await Promise.all([rekor.close(), tsa.close(), ots.close()])
  }
}

async function driven(anchor: Anchor, text: Uint8Array, now: number, between?: () => void): Promise<AnchorProof> {
  let state: AnchorState = { phase: 'pending', memo: null }
  for (let moves = 0; moves < 40; moves++) {
    const job = { number: 0, text, state, others: [], now: now + moves * 3_600_000 }
    const move = await anchor.move(job)
    if (move.proof !== null) return parseAnchor(move.proof)
    state = JSON.parse(JSON.stringify(move.state)) as AnchorState
    between?.()
  }
  throw new Error(`${anchor.name} is not final`)
}

const OTHERS = 200

/** A block of a chain with id 1 that has the statement's transaction among those of others. */
function inBlock(
  digests: StatementDigests,
  timestamp: number,
): { anchor: EthereumAnchor; block: { number: number; hash: string } } {
  const secret = new Uint8Array(32).fill(7)
  const to = addressOf(secp256k1.getPublicKey(secret, false))
  const transaction = {
    chainId: 1,
    nonce: 3,
    maxPriorityFeePerGas: 1_000_000_000n,
    maxFeePerGas: 30_000_000_000n,
    gasLimit: 30_000,
    to,
    value: 0n,
    data: statementCalldata(digests),
  }
  const signature = secp256k1.sign(keccak256(transactionToSign(transaction)), secret, {
    prehash: false,
    format: 'recovered',
  })
  const own = writeTransaction(transaction, {
    compact: signature.slice(1),
    yParity: signature[0] === 0 ? 0 : 1,
  })
  const index = 120
  const others: Uint8Array[] = Array.from({ length: OTHERS }, (_, i) => new Uint8Array(180).fill(i))
  const trie = makeTrie(
    others.with(index, own).map((raw, i) => [placeKey(i), raw] as const),
    keccak256,
  )
  const zero = (bytes: number) => new Uint8Array(bytes)
  const number = 21_000_000
  const header = writeRlp([
    zero(32),
    zero(32),
    zero(20),
    zero(32),
    trie.root,
    zero(32),
    new Uint8Array(256).fill(1),
    zero(0),
    writeInteger(BigInt(number)),
    writeInteger(30_000_000n),
    writeInteger(12_000_000n),
    writeInteger(BigInt(timestamp)),
    utf8('test'),
    zero(32),
    zero(8),
    writeInteger(10_000_000_000n),
    zero(32),
    zero(0),
    zero(0),
    zero(32),
  ])
  return {
    anchor: {
      kind: 'ethereum',
      statement: hex(digests.sha256),
      chainId: 1,
      form: 'calldata',
      header,
      index,
      nodes: trie.prove(placeKey(index)),
    },
    block: { number, hash: hex(keccak256(header)) },
  }
}
