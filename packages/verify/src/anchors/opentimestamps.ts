import { CodedError, type Crypto, equal, fromUtf8, hex } from '@countersign/core'
import { readLogStatementText, type Shape, type StatementDigests } from '@countersign/formats'
import type { BitcoinHeaders, OpenTimestampsAnchor } from '@countersign/formats/anchor'
import { type BitcoinHeader, isMerkleRoot, readBitcoinHeaders } from './bitcoin-header.ts'
import { otsFileDigests } from './ots-digests.ts'
import type { AnchorProved } from './proved.ts'

/** A header's time may be ahead of the network's by so many seconds; nodes refuse it beyond. */
const WITHIN_SECONDS = 7_200
const MAX_PINNED = 100_000
/** Digits of the largest work there is, in hex. */
const MAX_WORK_DIGITS = 64

/** Chains that are mined like Bitcoin. All but `mainnet` are for trials: whoever likes can make their blocks. */
export const BITCOIN_NETWORKS = ['mainnet', 'testnet', 'signet', 'regtest'] as const
export type BitcoinNetwork = (typeof BITCOIN_NETWORKS)[number]

/**
 * Work of the headers from the attested one on that we suggest where no block can be pinned: six blocks, at half of
 * what was usual in 2026, 2^79 hashes. All miners together do that in a quarter of an hour.
 */
export const SUGGESTED_MINIMUM_WORK = 1n << 79n

/** What a verifier believes of Bitcoin. */
export interface OpenTimestampsTrust {
  readonly network: BitcoinNetwork
  /** Blocks known to be of the network; hashes as they are printed, lower-case hex. */
  readonly blocks: readonly { readonly height: number; readonly hash: string }[]
  /**
   * Hashes that it must have taken on average to make the headers from the attested one on; null where only pinned
   * blocks count. Whoever spends that much can make a block of any time.
   */
  readonly minimumWork: bigint | null
}

/** Trust from its JSON: `{network, blocks: [{height, hash}], minimumWork}`, the work in hex or null. Throws the shape's code. */
export function readOpenTimestampsTrust(it: Shape): OpenTimestampsTrust {
  const members = it.object(['network', 'blocks', 'minimumWork'])
  const blocks = members.get('blocks').array(MAX_PINNED)
  return {
    network: members.exactly('network', ...BITCOIN_NETWORKS),
    blocks: blocks.map((block) => {
      const pinned = block.object(['height', 'hash'])
      return { height: pinned.integer('height', 0, 0x7fff_ffff), hash: pinned.hex('hash', 64) }
    }),
    minimumWork: members.get('minimumWork').nullable((work) => {
      const digits = work.text(MAX_WORK_DIGITS)
      if (!/^[1-9a-f][0-9a-f]*$/.test(digits)) work.fail('is not a number above 0 in lower-case hex')
      return BigInt(`0x${digits}`)
    }),
  }
}

interface Found {
  readonly header: BitcoinHeader
  readonly height: number
  readonly trusted: readonly string[]
}

/**
 * Checks that Bitcoin has a statement. What counts is an attestation whose path ends in the Merkle root of a header
 * that comes with it, where that header is pinned, or one that is built on it, or where their work is enough. Pending
 * attestations and those of other chains count for nothing. Of several blocks the oldest one that is believed is named.
 *
 * Throws `anchor-mismatch` for another statement, `anchor-unproven` where a path does not lead to its block, a header
 * is not what it must be, or the block is older than the statement, `anchor-untrusted` where nothing says that the
 * headers are of the network, and what `readLogStatementText` throws.
 */
export function verifyOpenTimestamps(
  anchor: OpenTimestampsAnchor,
  statement: { readonly text: Uint8Array; readonly digests: StatementDigests },
  trust: OpenTimestampsTrust,
  crypto: Pick<Crypto, 'sha256'>,
): AnchorProved & { readonly time: string } {
  const proved = verifyTimestamped(anchor, statement.digests.sha256, trust, crypto)
  // Nobody can have put into a block what was not made yet: the block is forged, or the log's clock is wrong.
  const early = (Date.parse(readLogStatementText(fromUtf8(statement.text)).time) - Date.parse(proved.time)) / 1000
  if (early > WITHIN_SECONDS) {
    throw new CodedError('anchor-unproven', `${proved.at} is ${Math.round(early)} seconds older than the statement`)
  }
  return proved
}

/** {@link verifyOpenTimestamps} of a SHA-256 hash of anything, without a time of its own to hold the block's against. */
export function verifyTimestamped(
  anchor: OpenTimestampsAnchor,
  digest: Uint8Array,
  trust: OpenTimestampsTrust,
  crypto: Pick<Crypto, 'sha256'>,
): AnchorProved & { readonly time: string } {
  if (anchor.statement !== hex(digest) || !equal(anchor.file.digest, digest)) {
    throw new CodedError('anchor-mismatch', 'the timestamp is of another statement')
  }
  const bitcoin = otsFileDigests(anchor.file, crypto).filter(({ attestation }) => attestation.kind === 'bitcoin')
  const found: Found[] = []
  let untrusted: CodedError | null = null
  for (const block of anchor.blocks) {
    const headers = readBitcoinHeaders(block, crypto)
    checkAttested(block, headers[0], bitcoin)
    try {
      found.push({ header: headers[0]!, height: block.height, trusted: believe(block, headers, trust) })
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      untrusted ??= error
    }
  }
  const [first] = found.toSorted((a, b) => a.header.time - b.header.time)
  if (first === undefined) throw untrusted ?? new CodedError('anchor-unproven', 'no block has the statement')
  return {
    kind: 'opentimestamps',
    by: nameOf(trust.network),
    at: `block ${first.height} ${first.header.hash}`,
    time: new Date(first.header.time * 1000).toISOString(),
    within: WITHIN_SECONDS,
    trusted: first.trusted,
  }
}

function checkAttested(
  { height }: BitcoinHeaders,
  header: BitcoinHeader | undefined,
  bitcoin: ReturnType<typeof otsFileDigests>,
): void {
  const here = bitcoin.filter(({ attestation }) => 'height' in attestation && attestation.height === height)
  if (header === undefined || here.length === 0) {
    throw new CodedError('anchor-unproven', `no way leads from the statement to block ${height}`)
  }
  if (!here.every(({ digest }) => isMerkleRoot(digest, header))) {
    throw new CodedError('anchor-unproven', `block ${height} has another Merkle root than the timestamp leads to`)
  }
}

/** What had to be believed for a row of headers; throws `anchor-untrusted` where nothing speaks for them. */
function believe(
  { height }: BitcoinHeaders,
  headers: readonly BitcoinHeader[],
  { network, blocks, minimumWork }: OpenTimestampsTrust,
): readonly string[] {
  const name = nameOf(network)
  // What is built on a block names it by its hash: who knows one of those knows the block.
  const pinned = blocks.find((block) => headers[block.height - height]?.hash === block.hash)
  if (pinned !== undefined) return [`Block ${pinned.height} of ${name} has the pinned hash ${pinned.hash}.`]
  const contradicted = blocks.find((block) => headers[block.height - height] !== undefined)
  if (contradicted !== undefined) {
    throw new CodedError('anchor-untrusted', `the headers have another block ${contradicted.height} than is pinned`)
  }
  const work = headers.reduce((sum, header) => sum + header.work, 0n)
  if (minimumWork !== null && work >= minimumWork) {
    return [`Nobody has spent 2^${bitsOf(work)} hashes on ${headers.length} headers just to forge a block of ${name}.`]
  }
  const less = minimumWork === null ? '' : ` and its work is less than 2^${bitsOf(minimumWork)} hashes`
  throw new CodedError(
    'anchor-untrusted',
    `the timestamp matches supplied header ${headers[0]!.hash}; it is not pinned as block ${height} of ${name}${less}`,
  )
}

function nameOf(network: BitcoinNetwork): string {
  return network === 'mainnet' ? 'bitcoin' : `bitcoin-${network}`
}

/** The power of two that a number has reached. */
function bitsOf(work: bigint): number {
  return work.toString(2).length - 1
}
