import type { Topic } from './topic.ts'

// Built by hand from the layout, not by our writer: it would make the reader's mistakes too.

export const MAGIC = '004f70656e54696d657374616d7073000050726f6f6600bf89e2e884e89294'
export const TAGS = { pending: '83dfe30d2ef90c8e', bitcoin: '0588960d73d71901', litecoin: '06869a0d73d71b45' }
export const SHA256 = '08'

/** LEB128. */
export function leb(number: number): string {
  const bytes: number[] = []
  for (let left = number; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left]).toString('hex')
    bytes.push((left % 128) | 0x80)
  }
}
export const counted = (digits: string) => leb(digits.length / 2) + digits
export const append = (digits: string) => `f0${counted(digits)}`
export const prepend = (digits: string) => `f1${counted(digits)}`
const text = (words: string) => Buffer.from(words).toString('hex')
export const attest = (tag: string, payload: string) => `00${tag}${counted(payload)}`
export const bitcoin = (height: number) => attest(TAGS.bitcoin, leb(height))
export const pending = (uri: string) => attest(TAGS.pending, counted(text(uri)))

export const DIGEST = '03ba204e50d126e4674c005e04d82e84c21366780af1f43bd54a37816b6ab340'
const NONCE = '00112233445566778899aabbccddeeff'
export const fileOf = (tree: string, digest = DIGEST, hash = SHA256) => `${MAGIC}01${hash}${digest}${tree}`

const URI = 'https://calendar.example'
const BLOCK = bitcoin(358391)
const NONCED = append(NONCE) + SHA256
const good = (tree: string, paths: readonly string[]) => ({ ots: fileOf(tree), paths })
const bad = (tree: string, error = 'anchor-invalid') => ({ ots: fileOf(tree), error })
const badFile = (ots: string, error = 'anchor-invalid') => ({ ots, error })
const attested = `bitcoin 358391`

export const otsFiles: Topic = {
  name: 'ots',
  vectors: {
    good: good(NONCED + BLOCK, [attested]),
    // The digest of a document of five bytes, and no operation at all.
    'attested-as-it-is': good(BLOCK, [attested]),
    'every-operation': good(`${append('01')}${prepend('02')}f2f3020367${SHA256}${BLOCK}`, [attested]),
    'two-attestations': good(`${NONCED}ff${BLOCK}${pending(URI)}`, [attested, `pending ${URI}`]),
    'two-branches': good(`${NONCED}ff${append('01')}${BLOCK}${append('02')}${pending(URI)}`, [
      attested,
      `pending ${URI}`,
    ]),
    'branches-in-branches': good(`ff${append('01')}ff${BLOCK}${pending(URI)}ff${append('02')}${BLOCK}f2${BLOCK}`, [
      attested,
      `pending ${URI}`,
      attested,
      attested,
    ]),
    pending: good(NONCED + pending(URI), [`pending ${URI}`]),
    litecoin: good(NONCED + attest(TAGS.litecoin, leb(1)), ['litecoin 1']),
    'unknown-attestation': good(NONCED + attest('0102030405060708', text('whatever')), ['unknown 0102030405060708']),
    'unknown-attestation-empty': good(NONCED + attest('0102030405060708', ''), ['unknown 0102030405060708']),
    'ethereum-is-unknown': good(NONCED + attest('30fe8087b5c7ead7', leb(100)), ['unknown 30fe8087b5c7ead7']),
    'payload-longest': good(NONCED + attest('0102030405060708', '00'.repeat(8192)), ['unknown 0102030405060708']),
    'payload-too-long': bad(NONCED + attest('0102030405060708', '00'.repeat(8193))),
    'height-0': good(NONCED + bitcoin(0), ['bitcoin 0']),
    'height-largest': good(NONCED + bitcoin(2 ** 31 - 1), ['bitcoin 2147483647']),
    'height-2-to-the-31': bad(NONCED + bitcoin(2 ** 31)),
    'height-missing': bad(NONCED + attest(TAGS.bitcoin, '')),
    'height-and-more': bad(NONCED + attest(TAGS.bitcoin, `${leb(358391)}00`)),
    'height-in-more-bytes': bad(NONCED + attest(TAGS.bitcoin, '818000')),
    'height-zero-in-two-bytes': bad(NONCED + attest(TAGS.bitcoin, '8000')),
    'height-unfinished': bad(NONCED + attest(TAGS.bitcoin, '80')),
    'height-in-six-bytes': bad(NONCED + attest(TAGS.bitcoin, 'ffffffffff01')),
    'height-without-end': bad(NONCED + attest(TAGS.bitcoin, 'ff'.repeat(64))),
    'uri-empty': bad(NONCED + attest(TAGS.pending, counted(''))),
    'uri-longest': good(NONCED + pending('a'.repeat(1000)), [`pending ${'a'.repeat(1000)}`]),
    'uri-too-long': bad(NONCED + pending('a'.repeat(1001))),
    'uri-with-query': bad(NONCED + pending(`${URI}/?a=b`)),
    'uri-with-user': bad(NONCED + pending('https://user@calendar.example')),
    'uri-with-space': bad(NONCED + pending(`${URI} `)),
    'uri-with-newline': bad(NONCED + pending(`${URI}\n`)),
    'uri-not-utf-8': bad(NONCED + attest(TAGS.pending, counted('ff')), 'utf8-invalid'),
    'uri-and-more': bad(NONCED + attest(TAGS.pending, `${counted(text(URI))}00`)),
    'uri-cut-short': bad(NONCED + attest(TAGS.pending, counted(text(URI)).slice(0, -2))),
    'append-nothing': bad(append('') + BLOCK),
    'prepend-nothing': bad(prepend('') + BLOCK),
    'append-longest': good(append('00'.repeat(4096 - 32)) + BLOCK, [attested]),
    'append-too-long': bad(append('00'.repeat(4097 - 32)) + BLOCK),
    'append-longer-than-a-message': bad(append('00'.repeat(4097)) + BLOCK),
    'append-length-in-more-bytes': bad(`f08100${'00'}${BLOCK}`),
    'prepend-too-long': bad(prepend('00'.repeat(4097 - 32)) + BLOCK),
    'hexlify-seven-times': good('f3'.repeat(7) + BLOCK, [attested]),
    'hexlify-eight-times': bad('f3'.repeat(8) + BLOCK),
    'operation-unknown': bad(`04${BLOCK}`),
    'operation-sha3': bad(`68${BLOCK}`),
    'depth-256': good('f2'.repeat(255) + BLOCK, [attested]),
    'depth-257': bad('f2'.repeat(256) + BLOCK),
    'nodes-1024': good(
      `${`ff${BLOCK}`.repeat(1022)}f2${BLOCK}`,
      Array.from({ length: 1023 }, () => attested),
    ),
    'nodes-1025': bad(`${`ff${BLOCK}`.repeat(1023)}f2${BLOCK}`),
    'nothing-attested': bad(NONCED),
    'no-tree': bad(''),
    'branch-announced-and-missing': bad(`${NONCED}ff${BLOCK}`),
    'branch-announced-twice': bad(`${NONCED}ffff${BLOCK}${BLOCK}`),
    'one-byte-behind': bad(`${NONCED}${BLOCK}00`),
    'two-trees': bad(NONCED + BLOCK + NONCED + BLOCK),
    'attestation-cut-short': bad((NONCED + BLOCK).slice(0, -2)),
    'tag-cut-short': bad(`${NONCED}000588`),
    'operand-cut-short': bad(append(NONCE).slice(0, -2)),
    'digest-of-sha1': { ots: fileOf(NONCED + BLOCK, DIGEST.slice(0, 40), '02'), paths: [attested] },
    'digest-of-ripemd160': { ots: fileOf(NONCED + BLOCK, DIGEST.slice(0, 40), '03'), paths: [attested] },
    'digest-of-keccak256': { ots: fileOf(NONCED + BLOCK, DIGEST, '67'), paths: [attested] },
    'digest-of-nothing': badFile(fileOf(NONCED + BLOCK, DIGEST, 'f2')),
    'digest-short': badFile(fileOf('', DIGEST.slice(2))),
    'magic-missing': badFile(fileOf(NONCED + BLOCK).slice(MAGIC.length)),
    'magic-other': badFile(fileOf(NONCED + BLOCK).replace('50726f6f66', '50726f6f67')),
    'magic-alone': badFile(MAGIC),
    'version-0': badFile(fileOf(NONCED + BLOCK).replace(`${MAGIC}01`, `${MAGIC}00`)),
    'version-2': badFile(fileOf(NONCED + BLOCK).replace(`${MAGIC}01`, `${MAGIC}02`)),
    'version-in-two-bytes': badFile(fileOf(NONCED + BLOCK).replace(`${MAGIC}01`, `${MAGIC}8100`)),
    empty: badFile(''),
  },
}
