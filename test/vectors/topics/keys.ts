import { createHash } from 'node:crypto'
import { ed25519 as curve25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import type { Topic } from './topic.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const unhex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))
const sha256 = (text: string) => createHash('sha256').update(unhex(text)).digest('hex')

const P256 = '3059301306072a8648ce3d020106082a8648ce3d030107034200'
const ED25519 = '302a300506032b6570032100'
/** RFC 6979 §A.2.5 and RFC 8032 §7.1, test 1: keys everybody has. */
const P256_SECRET = unhex('c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721')
const P256_POINT =
  '0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299'
const P256_SPKI = P256 + P256_POINT
const ED25519_SECRET = unhex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60')
const ED25519_RAW = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'
const ED25519_SPKI = ED25519 + ED25519_RAW

const pem = (spki: string, label = 'PUBLIC KEY', eol = '\n') =>
  [
    `-----BEGIN ${label}-----`,
    ...Buffer.from(spki, 'hex')
      .toString('base64')
      .match(/.{1,64}/g)!,
    `-----END ${label}-----`,
    '',
  ].join(eol)

const good = (algorithm: string, spki: string) => ({ spki, algorithm, keyId: sha256(spki) })
const bad = (spki: string) => ({ spki, error: 'key-invalid' })
const badText = (text: string) => ({ text, error: 'key-invalid' })

/** Every encoding of the eight points of small order, canonical or not: y, y + p where it fits, both signs. */
function smallOrder(): Record<string, object> {
  const p = 2n ** 255n - 19n
  const d = 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n
  const y8 = orderEightY(p, d)
  const ys = { '0': 0n, '1': 1n, 'minus-1': p - 1n, 'order-8': y8, 'minus-order-8': p - y8, p: p, 'p-plus-1': p + 1n }
  const vectors: Record<string, object> = {}
  for (const [name, y] of Object.entries(ys)) {
    for (const sign of [0, 1]) {
      const bytes = unhex(y.toString(16).padStart(64, '0')).toReversed()
      bytes[31]! |= sign << 7
      vectors[`ed25519-small-order-y-${name}-sign-${sign}`] = bad(ED25519 + hex(bytes))
    }
  }
  return vectors
}

/** y of a point of order 8: a point of mixed order, times the order of the base point. */
function orderEightY(p: bigint, d: bigint): bigint {
  const { Point } = curve25519
  for (let n = 2; ; n++) {
    const bytes = new Uint8Array(32)
    bytes[0] = n
    let point
    try {
      point = Point.fromBytes(bytes)
    } catch {
      continue
    }
    const torsion = point.multiplyUnsafe(Point.Fn.ORDER - 1n).add(point)
    if (torsion.multiplyUnsafe(4n).is0()) continue
    const { x, y } = torsion.toAffine()
    if ((y * y - x * x - 1n - d * x * x * y * y) % p !== 0n) throw new Error('not on the curve')
    return y < p - y ? y : p - y
  }
}

const offCurve = P256_POINT.slice(0, -1) + '8'
const compressed = `3039301306072a8648ce3d020106082a8648ce3d030107032200${hex(p256.getPublicKey(P256_SECRET, true))}`
const xPlusP = (() => {
  // A point whose x is small enough that x + p still has 32 bytes.
  const p = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n
  for (let x = 1n; ; x++) {
    try {
      const { y } = p256.Point.fromHex(`02${x.toString(16).padStart(64, '0')}`).toAffine()
      return `04${(x + p).toString(16)}${y.toString(16).padStart(64, '0')}`
    } catch {}
  }
})()

export const keys: Topic = {
  name: 'key',
  vectors: {
    p256: good('ecdsa-p256', P256_SPKI),
    ed25519: good('ed25519', ED25519_SPKI),
    'p256-pem': { text: pem(P256_SPKI), ...good('ecdsa-p256', P256_SPKI) },
    'ed25519-pem': { text: pem(ED25519_SPKI), ...good('ed25519', ED25519_SPKI) },
    'p256-pem-crlf': { text: pem(P256_SPKI, 'PUBLIC KEY', '\r\n'), ...good('ecdsa-p256', P256_SPKI) },
    'ed25519-base64': { text: Buffer.from(ED25519_SPKI, 'hex').toString('base64'), ...good('ed25519', ED25519_SPKI) },
    empty: bad(''),
    'p256-off-the-curve': bad(P256 + offCurve),
    'p256-zero': bad(P256 + '04' + '00'.repeat(64)),
    'p256-x-not-reduced': bad(P256 + xPlusP),
    'p256-compressed': bad(compressed),
    'p256-compressed-tag-in-65-bytes': bad(P256 + '02' + P256_POINT.slice(2)),
    'p256-hybrid': bad(P256 + '07' + P256_POINT.slice(2)),
    'p256-bare-point': bad(P256_POINT),
    'p256-trailing-byte': bad(P256_SPKI + '00'),
    'p256-truncated': bad(P256_SPKI.slice(0, -2)),
    'p256-length-long-form': bad('308159' + P256_SPKI.slice(4)),
    'p256-unused-bits': bad(P256_SPKI.replace('07034200', '07034201')),
    'p256-oid-secp256k1': bad('3056301006072a8648ce3d020106052b8104000a034200' + P256_POINT),
    'p256-oid-p384-name': bad(P256_SPKI.replace('2a8648ce3d030107', '2a8648ce3d030108')),
    'p256-oid-not-a-public-key': bad(P256_SPKI.replace('2a8648ce3d0201', '2a8648ce3d0401')),
    'ed25519-off-the-curve': bad(ED25519 + '02' + '00'.repeat(31)),
    'ed25519-y-not-reduced': bad(ED25519 + 'f0' + 'ff'.repeat(30) + '7f'),
    'ed25519-y-all-ones': bad(ED25519 + 'ff'.repeat(32)),
    'ed25519-trailing-byte': bad(ED25519_SPKI + '00'),
    'ed25519-truncated': bad(ED25519_SPKI.slice(0, -2)),
    'ed25519-bare': bad(ED25519_RAW),
    'ed25519-parameters-null': bad('302c300706032b65700500032100' + ED25519_RAW),
    'ed25519-oid-x25519': bad(ED25519_SPKI.replace('2b6570', '2b656e')),
    'ed25519-oid-ed448-name': bad(ED25519_SPKI.replace('2b6570', '2b6571')),
    rsa: bad('305c300d06092a864886f70d0101010500034b003048024100' + 'c5'.repeat(64) + '0203010001'),
    ...smallOrder(),
    'text-private-key': badText(pem('302e020100300506032b657004220420' + hex(ED25519_SECRET), 'PRIVATE KEY')),
    'text-encrypted-private-key': badText(pem('3000', 'ENCRYPTED PRIVATE KEY')),
    'text-certificate': badText(pem(ED25519_SPKI, 'CERTIFICATE')),
    'text-rsa-public-key': badText(pem(ED25519_SPKI, 'RSA PUBLIC KEY')),
    'text-two-keys': badText(pem(ED25519_SPKI) + pem(P256_SPKI)),
    'text-before-the-key': badText(`subject=me\n${pem(ED25519_SPKI)}`),
    'text-after-the-key': badText(`${pem(ED25519_SPKI)}x`),
    'text-no-end': badText(pem(ED25519_SPKI).replace(/-----END.*/, '')),
    'text-hex': badText(ED25519_SPKI),
    'text-url-base64': badText(Buffer.from('30ffff', 'hex').toString('base64url')),
    'text-no-padding': badText(Buffer.from(ED25519_SPKI, 'hex').toString('base64').replace(/=+$/, '')),
    'text-empty': badText(''),
    'text-begin-is-end': badText('-----BEGIN PUBLIC KEY-----END PUBLIC KEY-----'),
    'text-longer-than-any-key': badText(pem(ED25519_SPKI) + '\n'.repeat(16_384)),
    'text-not-ascii': badText(pem(ED25519_SPKI).replace('A', '\u0410')),
  },
}

const R = '1b'.repeat(32)
const S = '2c'.repeat(32)
const HIGH = 'f0'.repeat(32)
const integer = (body: string) => `02${(body.length / 2).toString(16).padStart(2, '0')}${body}`
const sequence = (body: string) => `30${(body.length / 2).toString(16).padStart(2, '0')}${body}`
const is = (encoding: string, r: string, s: string) => ({
  der: encoding,
  raw: r.padStart(64, '0') + s.padStart(64, '0'),
})
const not = (encoding: string) => ({ der: encoding, raw: null })

/** ECDSA-Sig-Value (RFC 3279 §2.2.3) has one DER form; these are the others. */
export const der: Topic = {
  name: 'der',
  vectors: {
    good: is(sequence(integer(R) + integer(S)), R, S),
    'good-both-high': is(sequence(integer(`00${HIGH}`) + integer(`00${HIGH}`)), HIGH, HIGH),
    'good-short-r': is(sequence(integer('01') + integer(S)), '01', S),
    'good-shortest': is(sequence(integer('01') + integer('7f')), '01', '7f'),
    'good-short-with-sign-byte': is(sequence(integer('0080') + integer('0080')), '80', '80'),
    empty: not(''),
    'r-zero': not(sequence(integer('00') + integer(S))),
    's-zero': not(sequence(integer(R) + integer('00'))),
    'r-empty': not(sequence(integer('') + integer(S))),
    's-empty': not(sequence(integer(R) + integer(''))),
    'r-negative': not(sequence(integer(HIGH) + integer(S))),
    's-negative': not(sequence(integer(R) + integer(HIGH))),
    'r-leading-zero': not(sequence(integer(`00${R}`) + integer(S))),
    's-leading-zero': not(sequence(integer(R) + integer(`00${S}`))),
    'r-two-leading-zeros': not(sequence(integer(`0000${HIGH.slice(2)}`) + integer(S))),
    'r-33-bytes': not(sequence(integer(`01${R}`) + integer(S))),
    's-33-bytes': not(sequence(integer(R) + integer(`01${S}`))),
    'r-33-bytes-high': not(sequence(integer(`0080${R.slice(2)}1b`) + integer(S))),
    'trailing-byte': not(`${sequence(integer(R) + integer(S))}00`),
    'trailing-byte-inside': not(sequence(`${integer(R) + integer(S)}00`)),
    'third-integer': not(sequence(integer(R) + integer(S) + integer('01'))),
    'one-integer': not(sequence(integer(R))),
    truncated: not(sequence(integer(R) + integer(S)).slice(0, -2)),
    'length-one-more': not(sequence(integer(R) + integer(S)).replace(/^3044/, '3045')),
    'length-one-less': not(sequence(integer(R) + integer(S)).replace(/^3044/, '3043')),
    'length-long-form': not(sequence(integer(R) + integer(S)).replace(/^3044/, '308144')),
    'length-long-form-zero': not(sequence(integer(R) + integer(S)).replace(/^3044/, '30820044')),
    'length-indefinite': not(`3080${integer(R)}${integer(S)}0000`),
    'r-length-long-form': not(sequence(`028120${R}${integer(S)}`)),
    'r-length-past-the-end': not(sequence(`0245${R}${integer(S)}`)),
    's-length-past-the-end': not(sequence(`${integer(R)}0221${S}`)),
    'tag-set': not(sequence(integer(R) + integer(S)).replace(/^30/, '31')),
    'tag-r-octets': not(sequence(`0420${R}${integer(S)}`)),
    'tag-s-bits': not(sequence(`${integer(R)}0320${S}`)),
    'tag-s-missing': not(sequence(`${integer(R)}${S}`)),
    'raw-64-bytes': not(R + S),
    nested: not(sequence(sequence(integer(R) + integer(S)))),
  },
}

const P256_N = p256.Point.Fn.ORDER
const scalar = (n: bigint) => n.toString(16).padStart(64, '0')
/** The shortest bytes of a positive INTEGER. */
const positive = (n: bigint) => {
  const text = n.toString(16)
  const even = text.length % 2 === 0 ? text : `0${text}`
  return Number.parseInt(even.slice(0, 2), 16) >= 0x80 ? `00${even}` : even
}
const derOf = (r: bigint, s: bigint) => sequence(integer(positive(r)) + integer(positive(s)))
const sampleR = 0xefd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716n
const sampleS = 0xf7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8n
const sample = hex(new TextEncoder().encode('sample'))
const p256Case = (message: string, signature: string, valid: boolean) => ({
  spki: P256_SPKI,
  message,
  signature,
  valid,
})
// DSSE protocol.md, "Test Vectors".
const dsseKey = `04${scalar(46950820868899156662930047687818585632848591499744589407958293238635476079160n)}${scalar(5640078356564379163099075877009565129882514886557779369047442380624545832820n)}`
const dsseSignature = Buffer.from(
  'A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==',
  'base64',
).toString('hex')

export const ecdsa: Topic = {
  name: 'ecdsa-p256',
  vectors: {
    'rfc6979-sample': p256Case(sample, derOf(sampleR, sampleS), true),
    'rfc6979-test': p256Case(
      hex(new TextEncoder().encode('test')),
      derOf(
        0xf1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367n,
        0x019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083n,
      ),
      true,
    ),
    'dsse-protocol-example': {
      spki: P256 + dsseKey,
      message: hex(new TextEncoder().encode('DSSEv1 29 http://example.com/HelloWorld 11 hello world')),
      signature: derOf(BigInt(`0x${dsseSignature.slice(0, 64)}`), BigInt(`0x${dsseSignature.slice(64)}`)),
      valid: true,
    },
    's-mirrored': p256Case(sample, derOf(sampleR, P256_N - sampleS), true),
    's-plus-one': p256Case(sample, derOf(sampleR, sampleS + 1n), false),
    's-is-the-order': p256Case(sample, derOf(sampleR, P256_N), false),
    's-plus-the-order': p256Case(sample, derOf(sampleR, 2n ** 256n - 1n), false),
    'r-is-the-order': p256Case(sample, derOf(P256_N, sampleS), false),
    'r-and-s-one': p256Case(sample, derOf(1n, 1n), false),
    'r-and-s-swapped': p256Case(sample, derOf(sampleS, sampleR), false),
    'raw-instead-of-der': p256Case(sample, scalar(sampleR) + scalar(sampleS), false),
    'trailing-byte': p256Case(sample, `${derOf(sampleR, sampleS)}00`, false),
    'length-long-form': p256Case(sample, derOf(sampleR, sampleS).replace(/^30/, '3081'), false),
    'message-changed': p256Case(`${sample}00`, derOf(sampleR, sampleS), false),
    'message-empty': p256Case('', derOf(sampleR, sampleS), false),
    'signature-empty': p256Case(sample, '', false),
    'key-of-somebody-else': { ...p256Case(sample, derOf(sampleR, sampleS), false), spki: P256 + dsseKey },
  },
}

const L = curve25519.Point.Fn.ORDER
const little = (n: bigint) => hex(unhex(scalar(n)).toReversed())
const ed = (spki: string, message: string, signature: string, valid: boolean) => ({
  spki: ED25519 + spki,
  message,
  signature,
  valid,
})
const test1 =
  'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b'
const test1S = BigInt(`0x${hex(unhex(test1.slice(64)).toReversed())}`)

/** A signature whose R has a small-order part: valid with the cofactor, invalid without. */
function mixedOrder(message: string): string {
  const { Point } = curve25519
  const y = orderEightY(2n ** 255n - 19n, 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n)
  const torsion = Point.fromBytes(unhex(little(y)))
  const { scalar: secret } = curve25519.utils.getExtendedPublicKey(ED25519_SECRET)
  const r = 12345n
  const point = hex(Point.BASE.multiply(r).add(torsion).toBytes())
  const k = BigInt(
    `0x${hex(
      createHash('sha512')
        .update(unhex(point + ED25519_RAW + message))
        .digest()
        .toReversed(),
    )}`,
  )
  return point + little((r + k * secret) % L)
}

export const ed25519: Topic = {
  name: 'ed25519',
  vectors: {
    'rfc8032-test-1': ed(ED25519_RAW, '', test1, true),
    'rfc8032-test-2': ed(
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      '72',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
      true,
    ),
    'rfc8032-test-3': ed(
      'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
      'af82',
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
      true,
    ),
    'rfc8032-test-sha-abc': ed(
      'ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf',
      createHash('sha512').update('abc').digest('hex'),
      'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704',
      true,
    ),
    's-plus-order': ed(ED25519_RAW, '', test1.slice(0, 64) + little(test1S + L), false),
    's-plus-one': ed(ED25519_RAW, '', test1.slice(0, 64) + little(test1S + 1n), false),
    's-zero': ed(ED25519_RAW, '', test1.slice(0, 64) + '00'.repeat(32), false),
    's-negated': ed(ED25519_RAW, '', test1.slice(0, 64) + little(L - test1S), false),
    'r-sign-flipped': ed(ED25519_RAW, '', `${test1.slice(0, 62)}d5${test1.slice(64)}`, false),
    'r-identity': ed(ED25519_RAW, '', `01${'00'.repeat(31)}${test1.slice(64)}`, false),
    'r-not-a-point': ed(ED25519_RAW, '', `02${'00'.repeat(31)}${test1.slice(64)}`, false),
    'r-of-mixed-order': ed(ED25519_RAW, '6d', mixedOrder('6d'), false),
    'trailing-byte': ed(ED25519_RAW, '', `${test1}00`, false),
    truncated: ed(ED25519_RAW, '', test1.slice(0, -2), false),
    empty: ed(ED25519_RAW, '', '', false),
    zeros: ed(ED25519_RAW, '', '00'.repeat(64), false),
    'message-changed': ed(ED25519_RAW, '00', test1, false),
    'key-of-somebody-else': ed('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', '', test1, false),
  },
}
