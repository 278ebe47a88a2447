import { base64, CodedError, fromBase64, type JsonObject, type JsonValue } from '@countersign/core'
import type { ObjectShape, Shape } from '../shape.ts'

/** Media type of a file that says which anchors to believe. */
export const ANCHOR_TRUST_MEDIA_TYPE = 'application/vnd.countersign.anchor-trust.v1+json'
export const MAX_ANCHOR_TRUST_BYTES = 8 * 1024 * 1024

const MAX_PARTIES = 100
const MAX_CERTIFICATES = 20
const MAX_CERTIFICATE_BYTES = 8192
const MAX_CHAINS = 64
const MAX_BLOCKS = 10_000
const MAX_ADDRESSES = 64
const MAX_NAME = 256
const MAX_HEIGHT = 0x7fff_ffff

/** The time in which a party is believed: ISO times, null for no bound. */
export interface BelievedIn {
  readonly from: string | null
  readonly until: string | null
}

/** A Rekor log. */
export interface RekorRoot extends BelievedIn {
  /** `name+id+base64(type ‖ key)`, Ed25519 or ECDSA P-256. */
  readonly vkey: string
  /** Who runs it; null where nobody says. */
  readonly operator: string | null
}

/** A timestamp authority. */
export interface AuthorityRoot extends BelievedIn {
  readonly name: string
  /** DER: its roots, or its own certificates. */
  readonly certificates: readonly Uint8Array[]
}

/** Blocks of an EVM chain that are final. Addresses are `0x` and lower-case hex. */
export interface EthereumRoot {
  /** EIP-155. */
  readonly chainId: number
  /** Hash in 64 lower-case hex digits. */
  readonly blocks: readonly { readonly number: number; readonly hash: string }[]
  /** Who may have anchored; empty for anybody. */
  readonly senders: readonly string[]
  /** Contracts whose events count. */
  readonly contracts: readonly string[]
}

/** Blocks of Bitcoin. */
export interface BitcoinRoot {
  readonly network: string
  /** Hash as it is printed, lower-case hex. */
  readonly blocks: readonly { readonly height: number; readonly hash: string }[]
  /** Work of headers that counts without a pinned block, in lower-case hex; null: none does. */
  readonly minimumWork: string | null
}

/** Which outside parties, and which blocks, are believed. What the keys and certificates are is for `verify` to read. */
export interface AnchorRoots {
  readonly rekor: readonly RekorRoot[]
  readonly rfc3161: readonly AuthorityRoot[]
  readonly ethereum: readonly EthereumRoot[]
  /** Null: nothing of Bitcoin is believed. */
  readonly opentimestamps: BitcoinRoot | null
}

/** Nobody is believed. */
export const NO_ANCHOR_ROOTS: AnchorRoots = { rekor: [], rfc3161: [], ethereum: [], opentimestamps: null }

/** Anchor roots from their JSON; lists are in order and without repetition. Throws the shape's code, and `base64-invalid`. */
export function readAnchorRoots(shape: Shape): AnchorRoots {
  const it = shape.object(['rekor', 'rfc3161', 'ethereum', 'opentimestamps'])
  return {
    rekor: ascending(it.get('rekor'), MAX_PARTIES, readRekorRoot, ({ vkey }) => vkey),
    rfc3161: ascending(it.get('rfc3161'), MAX_PARTIES, readAuthority, authorityKey),
    ethereum: ascending(it.get('ethereum'), MAX_CHAINS, readChain, ({ chainId }) => chainId),
    opentimestamps: it.get('opentimestamps').nullable(readBitcoin),
  }
}

function readRekorRoot(shape: Shape): RekorRoot {
  const it = shape.object(['vkey', 'operator', 'from', 'until'])
  const operator = it.get('operator').nullable((one) => one.text(MAX_NAME))
  return { vkey: it.text('vkey'), operator, ...readBelievedIn(it, shape) }
}

function readAuthority(shape: Shape): AuthorityRoot {
  const it = shape.object(['name', 'certificates', 'from', 'until'])
  const texts = ascending(
    it.get('certificates'),
    MAX_CERTIFICATES,
    (one) => one.text(Math.ceil(MAX_CERTIFICATE_BYTES / 3) * 4),
    (text) => text,
  )
  if (texts.length === 0) it.get('certificates').fail('is empty')
  return { name: it.text('name', MAX_NAME), certificates: texts.map(fromBase64), ...readBelievedIn(it, shape) }
}

/** One name may stand for certificates of several times. */
function authorityKey({ name, certificates }: AuthorityRoot): string {
  return `${name} ${certificates.map(base64).toSorted()[0]!}`
}

function readBelievedIn(it: ObjectShape, shape: Shape): BelievedIn {
  const time = (key: string) => it.get(key).nullable((one) => one.time())
  const [from, until] = [time('from'), time('until')]
  if (from !== null && until !== null && until < from) shape.fail('ends before it begins')
  return { from, until }
}

function readChain(shape: Shape): EthereumRoot {
  const it = shape.object(['chainId', 'blocks', 'senders', 'contracts'])
  const addresses = (key: string) => ascending(it.get(key), MAX_ADDRESSES, readAddress, (one) => one)
  return {
    chainId: it.integer('chainId', 1, Number.MAX_SAFE_INTEGER),
    blocks: ascending(it.get('blocks'), MAX_BLOCKS, readBlock, ({ number }) => number),
    senders: addresses('senders'),
    contracts: addresses('contracts'),
  }
}

function readBlock(shape: Shape): EthereumRoot['blocks'][number] {
  const it = shape.object(['number', 'hash'])
  return { number: it.integer('number', 0, Number.MAX_SAFE_INTEGER), hash: it.hex('hash', 64) }
}

function readAddress(shape: Shape): string {
  const address = shape.text(42)
  if (!/^0x[0-9a-f]{40}$/.test(address)) shape.fail('is not 0x and 40 lower-case hex digits')
  return address
}

function readBitcoin(shape: Shape): BitcoinRoot {
  const it = shape.object(['network', 'blocks', 'minimumWork'])
  return {
    network: it.text('network', 20),
    blocks: ascending(
      it.get('blocks'),
      MAX_BLOCKS,
      (one) => {
        const block = one.object(['height', 'hash'])
        return { height: block.integer('height', 0, MAX_HEIGHT), hash: block.hex('hash', 64) }
      },
      ({ height }) => height,
    ),
    minimumWork: it.get('minimumWork').nullable((work) => {
      const text = work.text(64)
      if (!/^[1-9a-f][0-9a-f]*$/.test(text)) work.fail('is not a number above 0 in lower-case hex')
      return text
    }),
  }
}

/** {@link readAnchorRoots} the other way, lists brought into order. */
export function anchorRootsJson({ rekor, rfc3161, ethereum, opentimestamps }: AnchorRoots): JsonObject {
  return {
    rekor: inOrder(rekor, ({ vkey }) => vkey).map(({ vkey, operator, from, until }) => ({
      vkey,
      operator,
      from,
      until,
    })),
    rfc3161: inOrder(rfc3161, authorityKey).map(({ name, certificates, from, until }) => ({
      name,
      certificates: [...new Set(certificates.map(base64))].toSorted(),
      from,
      until,
    })),
    ethereum: inOrder(ethereum, ({ chainId }) => chainId).map(({ chainId, blocks, senders, contracts }) => ({
      chainId,
      blocks: inOrder(blocks, ({ number }) => number).map(({ number, hash }) => ({ number, hash })),
      senders: [...new Set(senders)].toSorted(),
      contracts: [...new Set(contracts)].toSorted(),
    })),
    opentimestamps: opentimestamps === null ? null : bitcoinJson(opentimestamps),
  }
}

function bitcoinJson({ network, blocks, minimumWork }: BitcoinRoot): JsonValue {
  const sorted = inOrder(blocks, ({ height }) => height).map(({ height, hash }) => ({ height, hash }))
  return { network, blocks: sorted, minimumWork }
}

/**
 * Both together. What one of them says twice, it says once; of two that contradict each other (another block of one
 * height, another time of one key) both stand, and no reader takes that. Throws `anchor-setup-invalid` for blocks of two
 * Bitcoin networks.
 */
export function joinAnchorRoots(one: AnchorRoots, other: AnchorRoots): AnchorRoots {
  const bitcoin = [one.opentimestamps, other.opentimestamps].filter((root) => root !== null)
  const [first, second] = bitcoin
  return {
    rekor: distinct([...one.rekor, ...other.rekor]),
    rfc3161: distinct([...one.rfc3161, ...other.rfc3161]),
    ethereum: [...Map.groupBy([...one.ethereum, ...other.ethereum], ({ chainId }) => chainId)].map(
      ([chainId, all]) => ({
        chainId,
        blocks: distinct(all.flatMap(({ blocks }) => blocks)),
        senders: distinct(all.flatMap(({ senders }) => senders)),
        contracts: distinct(all.flatMap(({ contracts }) => contracts)),
      }),
    ),
    opentimestamps: first === undefined ? null : joinBitcoin(first, second),
  }
}

function joinBitcoin(one: BitcoinRoot, other: BitcoinRoot = { ...one, blocks: [] }): BitcoinRoot {
  if (one.network !== other.network) {
    throw new CodedError(
      'anchor-setup-invalid',
      `blocks of ${one.network} and of ${other.network} are believed at once`,
    )
  }
  const minimumWork = one.minimumWork ?? other.minimumWork
  return { network: one.network, blocks: distinct([...one.blocks, ...other.blocks]), minimumWork }
}

function distinct<T>(items: readonly T[]): T[] {
  const spelled = (value: unknown) =>
    JSON.stringify(value, (_, part: unknown) => (part instanceof Uint8Array ? base64(part) : part))
  return [...new Map(items.map((item) => [spelled(item), item])).values()]
}

type Key = string | number

function inOrder<T>(items: readonly T[], keyOf: (item: T) => Key): T[] {
  return items.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0))
}

/** Items of a list, the key of each after the one before: none twice, and one order for one set. */
function ascending<T>(shape: Shape, max: number, read: (item: Shape) => T, keyOf: (item: T) => Key): T[] {
  let last: Key | null = null
  return shape.array(max).map((item) => {
    const value = read(item)
    const key = keyOf(value)
    if (last !== null && key <= last) item.fail(key === last ? 'stands there twice' : 'is out of order')
    last = key
    return value
  })
}
