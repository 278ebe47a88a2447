import { type Neighbour, RegtestChain, sha256 } from '../../anchors/regtest-chain.ts'
import { append, attest, bitcoin, fileOf, leb, pending, prepend, SHA256, TAGS } from './ots.ts'
import { textOf } from './log-statement.ts'
import { mutated, type Mutation, type Topic } from './topic.ts'

const mediaType = 'application/vnd.countersign.anchor.v1+json'
const TEXT = textOf()
const digest = sha256(Buffer.from(TEXT))
const DIGEST = digest.toString('hex')
const b64 = (digits: string) => Buffer.from(digits, 'hex').toString('base64')

const NONCE = '00112233445566778899aabbccddeeff'
const BEFORE = '0100000001deadbeef226a20'
const AFTER = '00000000'
const nonced = sha256(digest, Buffer.from(NONCE, 'hex'))
const raw = Buffer.concat([Buffer.from(BEFORE, 'hex'), nonced, Buffer.from(AFTER, 'hex')])

/** A chain of which block 3 has the statement, and ten blocks are on it; mined the same way every time. */
const chain = new RegtestChain(() => Date.UTC(2026, 10, 21, 1), 'vectors')
for (let i = 0; i < 2; i++) chain.mine([])
const { block, ways } = chain.mine([Buffer.from('somebody else’s'), raw, Buffer.from('and another')])
for (let i = 0; i < 10; i++) chain.mine([])
const other = new RegtestChain(() => Date.UTC(2026, 10, 21, 1), 'another chain')
for (let i = 0; i < 8; i++) other.mine([])

const NONCED = append(NONCE) + SHA256
const TRANSACTION = prepend(BEFORE) + append(AFTER) + SHA256 + SHA256
const treeOf = (way: readonly Neighbour[]) =>
  way
    .map(({ hash, side }) => {
      const step = Buffer.from(hash).toString('hex')
      return (side === 'right' ? append(step) : prepend(step)) + SHA256 + SHA256
    })
    .join('')
const TREE = treeOf(ways[1]!)
const WAY = NONCED + TRANSACTION + TREE
const headersOf = (from: number, count: number, of = chain) =>
  Array.from({ length: count }, (_, i) => of.at(from + i)!.header.toString('hex')).join('')
const HEADERS = headersOf(3, 6)
const good = {
  mediaType,
  kind: 'opentimestamps',
  statement: DIGEST,
  timestamp: b64(fileOf(WAY + bitcoin(3), DIGEST)),
  blocks: [{ height: 3, headers: b64(HEADERS) }],
}

const hashAt = (height: number, of = chain) => of.at(height)!.hash
const pin = (height: number, of = chain) => ({ height, hash: hashAt(height, of) })
const trust = (more: object = {}) => ({ network: 'regtest', blocks: [pin(3)], minimumWork: null, ...more })
const PROVED = { by: 'bitcoin-regtest', at: `block 3 ${block.hash}`, time: '2026-11-21T01:00:03.000Z' }

type Changed = Partial<Record<keyof typeof good, unknown>>
/** A vector that is verified. */
const verified = (changed: Changed, more: object = {}) => ({
  anchor: { ...good, ...changed },
  text: TEXT,
  trust: trust(),
  proved: PROVED,
  ...more,
})
const refused = (changed: Changed, error: string, more: object = {}) => {
  const { proved: _, ...rest } = verified(changed, more)
  return { ...rest, error }
}
const timestamp = (tree: string) => ({ timestamp: b64(fileOf(tree, DIGEST)) })
const blocks = (...list: readonly (readonly [height: number, headers: string])[]) => ({
  blocks: list.map(([height, headers]) => ({ height, headers: b64(headers) })),
})
const flip = (digits: string, at: number) =>
  digits.slice(0, 2 * at) + (digits.slice(2 * at, 2 * at + 2) === '00' ? '01' : '00') + digits.slice(2 * at + 2)
/** A header with other bits: of less work, or of none at all. */
const bits = (digits: string, compact: string) => digits.slice(0, 144) + compact + digits.slice(152)

const bad = 'anchor-invalid'
const shape: readonly Mutation[] = [
  ['whole-null', '', null, bad],
  ['whole-empty', '', {}, bad],
  ['unknown-field', 'calendar', 'https://calendar.example', bad],
  ['media-type-missing', 'mediaType', undefined, bad],
  ['media-type-v2', 'mediaType', mediaType.replace('v1', 'v2'), bad],
  ['kind-missing', 'kind', undefined, bad],
  ['kind-other', 'kind', 'ethereum', bad],
  ['kind-in-capitals', 'kind', 'OpenTimestamps', bad],
  ['statement-missing', 'statement', undefined, bad],
  ['statement-short', 'statement', DIGEST.slice(2), bad],
  ['statement-in-upper-case', 'statement', DIGEST.toUpperCase(), bad],
  ['statement-of-another', 'statement', DIGEST.replace(/^./, (c) => (c === '0' ? '1' : '0')), bad],
  ['timestamp-missing', 'timestamp', undefined, bad],
  ['timestamp-empty', 'timestamp', '', bad],
  ['timestamp-in-hex', 'timestamp', fileOf(WAY + bitcoin(3), DIGEST), 'base64-invalid'],
  ['timestamp-without-padding', 'timestamp', `${good.timestamp.replace(/=+$/, '')}A`, 'base64-invalid'],
  ['timestamp-of-another-digest', 'timestamp', b64(fileOf(WAY + bitcoin(3), '00'.repeat(32))), bad],
  ['timestamp-of-another-hash', 'timestamp', b64(fileOf(WAY + bitcoin(3), DIGEST, '67')), bad],
  ['timestamp-and-a-byte', 'timestamp', b64(`${fileOf(WAY + bitcoin(3), DIGEST)}00`), bad],
  ['blocks-missing', 'blocks', undefined, bad],
  ['blocks-null', 'blocks', null, bad],
  ['blocks-empty', 'blocks', [], bad],
  ['blocks-twice', 'blocks', [good.blocks[0], good.blocks[0]], bad],
  ['blocks-nine', 'blocks', Array.from({ length: 9 }, (_, i) => ({ ...good.blocks[0], height: i })), bad],
  ['block-not-attested', 'blocks', [good.blocks[0], { height: 4, headers: b64(headersOf(4, 1)) }], bad],
  ['block-unknown-field', 'blocks.0.hash', block.hash, bad],
  ['height-missing', 'blocks.0.height', undefined, bad],
  ['height-text', 'blocks.0.height', '3', bad],
  ['height-negative', 'blocks.0.height', -1, bad],
  ['height-2-to-the-31', 'blocks.0.height', 2 ** 31, bad],
  ['headers-missing', 'blocks.0.headers', undefined, bad],
  ['headers-empty', 'blocks.0.headers', '', bad],
  ['headers-short', 'blocks.0.headers', b64(HEADERS.slice(2)), bad],
  ['headers-and-a-byte', 'blocks.0.headers', b64(`${HEADERS}00`), bad],
  ['headers-145', 'blocks.0.headers', b64(HEADERS.slice(0, 160).repeat(145)), bad],
  ['headers-without-padding', 'blocks.0.headers', `${good.blocks[0]!.headers}=`, 'base64-invalid'],
]

/** The same statement in a block of another time. */
function atTime(time: string, error: string | null) {
  const then = new RegtestChain(() => Date.parse(time) - 1000, 'another time')
  const mined = then.mine([raw])
  const tree = NONCED + TRANSACTION + treeOf(mined.ways[0]!) + bitcoin(1)
  const changed = { ...timestamp(tree), ...blocks([1, headersOf(1, 1, then)]) }
  const pinned = { trust: trust({ blocks: [pin(1, then)] }) }
  if (error !== null) return refused(changed, error, pinned)
  return verified(changed, { ...pinned, proved: { at: `block 1 ${mined.block.hash}`, time } })
}

/** Twelve hashes on average for these six headers, each at half of all hashes. */
const WORK = (6 * 2).toString(16)
const second = { ...timestamp(`${NONCED}ff${TRANSACTION}${TREE}${bitcoin(3)}${pending('https://calendar.example')}`) }

export const opentimestamps: Topic = {
  name: 'anchor-opentimestamps',
  vectors: {
    ...mutated('anchor', good, shape),
    // Verified
    pinned: verified({}),
    'pinned-one-header': verified(blocks([3, headersOf(3, 1)])),
    'pinned-by-a-block-on-it': verified({}, { trust: trust({ blocks: [pin(8)] }) }),
    'pinned-among-others': verified({}, { trust: trust({ blocks: [pin(0), pin(3), pin(12)] }) }),
    'enough-work': verified({}, { trust: trust({ blocks: [], minimumWork: WORK }) }),
    'pending-beside-it': verified(second),
    'unknown-beside-it': verified(
      timestamp(`${NONCED}ff${TRANSACTION}${TREE}${bitcoin(3)}${attest('0102030405060708', '00')}`),
    ),
    'another-block-without-headers-beside-it': verified(
      timestamp(`${NONCED}ff${TRANSACTION}${TREE}${bitcoin(3)}${bitcoin(4)}`),
    ),
    'of-another-statement': refused({}, 'anchor-mismatch', { text: textOf({ number: '8' }) }),
    'not-pinned': refused({}, 'anchor-untrusted', { trust: trust({ blocks: [] }) }),
    'pinned-beyond-the-headers': refused({}, 'anchor-untrusted', { trust: trust({ blocks: [pin(9)] }) }),
    'pinned-before-the-headers': refused({}, 'anchor-untrusted', { trust: trust({ blocks: [pin(2)] }) }),
    'pinned-at-another-height': refused({}, 'anchor-untrusted', {
      trust: trust({ blocks: [{ height: 4, hash: hashAt(3) }] }),
    }),
    'pinned-in-another-chain': refused({}, 'anchor-untrusted', { trust: trust({ blocks: [pin(3, other)] }) }),
    'pinned-otherwise-with-enough-work': refused({}, 'anchor-untrusted', {
      trust: trust({ blocks: [pin(5, other)], minimumWork: '1' }),
    }),
    'too-little-work': refused({}, 'anchor-untrusted', {
      trust: trust({ blocks: [], minimumWork: (6 * 2 + 1).toString(16) }),
    }),
    'too-few-headers-for-the-work': refused(blocks([3, headersOf(3, 5)]), 'anchor-untrusted', {
      trust: trust({ blocks: [], minimumWork: WORK }),
    }),
    'header-of-another-chain': refused(blocks([3, headersOf(3, 6, other)]), 'anchor-unproven'),
    'header-of-the-block-before': refused(blocks([3, headersOf(2, 6)]), 'anchor-unproven'),
    'attested-at-another-height': refused(
      { ...timestamp(WAY + bitcoin(4)), ...blocks([4, headersOf(4, 5)]) },
      'anchor-unproven',
    ),
    'attested-twice-and-once-wrongly': refused(
      timestamp(`${NONCED}ff${TRANSACTION}${TREE}${bitcoin(3)}f2${bitcoin(3)}`),
      'anchor-unproven',
    ),
    'merkle-root-as-it-is-printed': refused(timestamp(`${WAY}f2${bitcoin(3)}`), 'anchor-unproven'),
    'way-without-the-nonce': refused(timestamp(TRANSACTION + TREE + bitcoin(3)), 'anchor-unproven'),
    'way-of-another-nonce': refused(
      timestamp(append(flip(NONCE, 0)) + SHA256 + TRANSACTION + TREE + bitcoin(3)),
      'anchor-unproven',
    ),
    'header-with-another-merkle-root': refused(blocks([3, flip(HEADERS, 40)]), 'anchor-unproven'),
    'header-without-work': refused(blocks([3, bits(HEADERS, 'ffff7f1f')]), 'anchor-unproven'),
    'header-with-a-negative-target': refused(blocks([3, bits(HEADERS, 'ffffff20')]), 'anchor-unproven'),
    'header-with-a-target-of-zero': refused(blocks([3, bits(HEADERS, '00000020')]), 'anchor-unproven'),
    'header-with-a-target-beyond-256-bits': refused(blocks([3, bits(HEADERS, 'ffff7f22')]), 'anchor-unproven'),
    'headers-with-a-gap': refused(blocks([3, headersOf(3, 2) + headersOf(6, 4)]), 'anchor-unproven'),
    'headers-in-another-order': refused(
      blocks([3, headersOf(3, 1) + headersOf(5, 1) + headersOf(4, 1)]),
      'anchor-unproven',
    ),
    'one-header-many-times': refused(blocks([3, headersOf(3, 1).repeat(6)]), 'anchor-unproven', {
      trust: trust({ blocks: [], minimumWork: WORK }),
    }),
    // The statement was made at 00:00:07.123.
    'two-hours-older-than-the-statement': atTime('2026-11-19T22:00:08.000Z', null),
    'older-than-the-statement': atTime('2026-11-19T22:00:07.000Z', 'anchor-unproven'),
    'only-pending': { anchor: { ...good, ...timestamp(NONCED + pending('https://calendar.example')) }, error: bad },
    'only-litecoin': { anchor: { ...good, ...timestamp(WAY + attest(TAGS.litecoin, leb(3))) }, error: bad },
    'only-unknown': { anchor: { ...good, ...timestamp(WAY + attest('0102030405060708', leb(3))) }, error: bad },
  },
}

const GOOD_TRUST = { network: 'mainnet', blocks: [pin(3)], minimumWork: '80000000000000000000' }

export const opentimestampsTrusts: Topic = {
  name: 'anchor-opentimestamps-trust',
  vectors: mutated('trust', GOOD_TRUST, [
    ['whole-null', '', null, 'anchor-invalid'],
    ['unknown-field', 'calendars', [], 'anchor-invalid'],
    ['network-missing', 'network', undefined, 'anchor-invalid'],
    ['network-other', 'network', 'dogecoin', 'anchor-invalid'],
    ['network-regtest', 'network', 'regtest', null],
    ['blocks-missing', 'blocks', undefined, 'anchor-invalid'],
    ['blocks-empty', 'blocks', [], null],
    ['block-without-height', 'blocks.0.height', undefined, 'anchor-invalid'],
    ['block-without-hash', 'blocks.0.hash', undefined, 'anchor-invalid'],
    ['block-hash-in-upper-case', 'blocks.0.hash', 'AB'.repeat(32), 'anchor-invalid'],
    ['block-hash-short', 'blocks.0.hash', 'ab'.repeat(31), 'anchor-invalid'],
    ['block-height-text', 'blocks.0.height', '3', 'anchor-invalid'],
    ['work-null', 'minimumWork', null, null],
    ['work-missing', 'minimumWork', undefined, 'anchor-invalid'],
    ['work-0', 'minimumWork', '0', 'anchor-invalid'],
    ['work-empty', 'minimumWork', '', 'anchor-invalid'],
    ['work-number', 'minimumWork', 4096, 'anchor-invalid'],
    ['work-with-leading-zero', 'minimumWork', '01', 'anchor-invalid'],
    ['work-with-0x', 'minimumWork', '0x80', 'anchor-invalid'],
    ['work-in-upper-case', 'minimumWork', 'FF', 'anchor-invalid'],
    ['work-negative', 'minimumWork', '-1', 'anchor-invalid'],
    ['work-of-256-bits', 'minimumWork', 'f'.repeat(64), null],
    ['work-of-257-bits', 'minimumWork', `1${'0'.repeat(64)}`, 'anchor-invalid'],
  ]),
}
