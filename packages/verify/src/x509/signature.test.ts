import { constants, createHash, generateKeyPairSync, sign } from 'node:crypto'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { fromHex, hex, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import {
  context,
  der,
  derBits,
  derNull,
  derNumber,
  derOid,
  DerReader,
  derSequence,
  TAG,
} from '@countersign/formats/x509'
import { describe, expect, test } from 'vitest'
import {
  hashAlgorithm,
  type KeyKind,
  knownRsaKey,
  knownRsaPrivateKey,
  newKey,
  type TestKey,
} from '../../../../test/anchors/certificates.ts'
import { hashOf, type HashName, type Scheme, schemeOf, verifySignature } from './signature.ts'

const message = utf8('a message')
/** Of a member of a JWK. */
const bigOf = (text: string) => BigInt(`0x${Buffer.from(text, 'base64url').toString('hex')}`)

function schemeFor(key: TestKey): Scheme {
  const inside = new DerReader(key.algorithm, 'it', 'certificate-invalid').sequence()
  const oid = inside.oid()
  const rest = inside.done ? null : inside.any()
  return schemeOf(
    { oid, parameters: rest === null || rest.tag === 0x05 ? null : rest.der },
    null,
    'certificate-invalid',
  )!
}

/** What both kinds of cryptography say, which must be one thing. */
function verdict(scheme: Scheme, spki: Uint8Array, text: Uint8Array, signature: Uint8Array): boolean {
  const [native, portable] = [nodeCrypto, portableCrypto].map((crypto) =>
    verifySignature(scheme, spki, text, signature, crypto),
  )
  expect(native).toBe(portable)
  return native!
}

describe.each([
  ['P-256', 'sha256'],
  ['P-256', 'sha512'],
  ['P-384', 'sha384'],
  ['P-384', 'sha256'],
  ['P-521', 'sha512'],
  ['RSA', 'sha256'],
  ['RSA', 'sha384'],
  ['RSA', 'sha512'],
  ['RSA-PSS', 'sha256'],
  ['RSA-PSS', 'sha384'],
  ['RSA-PSS', 'sha512'],
  ['Ed25519', 'sha512'],
] as const satisfies readonly (readonly [KeyKind, HashName])[])('%s with %s', (kind, hash) => {
  const key = newKey(kind, hash)
  const scheme = schemeFor(key)
  const signature = key.sign(message)

  test('what Node signs verifies, and nothing near it', () => {
    expect(verdict(scheme, key.spki, message, signature)).toBe(true)
    expect(verdict(scheme, key.spki, utf8('another'), signature)).toBe(false)
    expect(verdict(scheme, newKey(kind, hash).spki, message, signature)).toBe(false)
    for (let at = 0; at < signature.length; at += Math.ceil(signature.length / 12)) {
      expect(verdict(scheme, key.spki, message, signature.with(at, signature[at]! ^ 1))).toBe(false)
    }
    expect(verdict(scheme, key.spki, message, signature.subarray(0, -1))).toBe(false)
    expect(verdict(scheme, key.spki, message, Uint8Array.from([...signature, 0]))).toBe(false)
    expect(verdict(scheme, key.spki, message, new Uint8Array())).toBe(false)
  })

  test('not under another scheme', () => {
    const others: Scheme[] = [
      { name: 'ecdsa', hash: 'sha256' },
      { name: 'ecdsa', hash: 'sha384' },
      { name: 'rsa', hash: 'sha256' },
      { name: 'rsa', hash: 'sha512' },
      { name: 'rsa-pss', hash: 'sha256', salt: 32 },
      { name: 'ed25519', hash: null },
    ]
    for (const other of others) {
      if (JSON.stringify(other) === JSON.stringify(scheme)) continue
      expect(verdict(other, key.spki, message, signature)).toBe(false)
    }
  })
})

test('a modulus of one bit more than whole bytes, and of other lengths', () => {
  for (const length of [2049, 2055, 3072]) {
    for (const kind of ['RSA', 'RSA-PSS'] as const) {
      const key = newKey(kind, 'sha256', length)
      expect(verdict(schemeFor(key), key.spki, message, key.sign(message)), `${kind} ${length}`).toBe(true)
    }
  }
})

test('keys that are too weak, or of a kind that is not taken', () => {
  const weak = newKey('RSA', 'sha256', 1024)
  expect(verdict({ name: 'rsa', hash: 'sha256' }, weak.spki, message, weak.sign(message))).toBe(false)
  const three = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 })
  const spki = new Uint8Array(three.publicKey.export({ type: 'spki', format: 'der' }))
  const signature = new Uint8Array(sign('sha256', message, three.privateKey))
  expect(verdict({ name: 'rsa', hash: 'sha256' }, spki, message, signature)).toBe(false)
  const koblitz = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
  const other = new Uint8Array(koblitz.publicKey.export({ type: 'spki', format: 'der' }))
  const by = new Uint8Array(sign('sha256', message, koblitz.privateKey))
  expect(verdict({ name: 'ecdsa', hash: 'sha256' }, other, message, by)).toBe(false)
  expect(verdict({ name: 'ecdsa', hash: 'sha256' }, new Uint8Array(), message, by)).toBe(false)
})

/** What {@link newKey} has of RSA, with numbers that are ours to choose. */
describe('an RSA key', () => {
  const numbers = () => {
    const info = new DerReader(knownRsaKey().spki, 'it', 'certificate-invalid').sequence()
    info.any()
    return new DerReader(info.bits(), 'it', 'certificate-invalid').sequence()
  }
  const integer = (content: Uint8Array) => der(TAG.integer, content)
  const modulus = numbers().integer()
  const [N, E] = [integer(modulus), integer(Uint8Array.of(1, 0, 1))]
  const RSA = derSequence(derOid('1.2.840.113549.1.1.1'), derNull())
  const spki = (inside: Uint8Array, algorithm = RSA) => derSequence(algorithm, derBits(inside))
  const signature = knownRsaKey().sign(message)
  const says = (key: Uint8Array, by = signature) => verdict({ name: 'rsa', hash: 'sha256' }, key, message, by)
  const NULL = derNull()

  test('has one spelling', () => {
    const both = derSequence(N, E)
    expect(says(spki(both))).toBe(true)
    const others: Record<string, Uint8Array> = {
      'something after it': Uint8Array.from([...spki(both), 0]),
      'something inside after the numbers': derSequence(RSA, derBits(both), NULL),
      'a modulus without its sign byte, which makes it negative': spki(derSequence(integer(modulus.subarray(1)), E)),
      'a negative exponent': spki(derSequence(N, integer(Uint8Array.of(0x81, 0, 1)))),
      'something after the pair': spki(Uint8Array.from([...both, 5, 0])),
      'three numbers': spki(derSequence(N, E, E)),
      'one number': spki(derSequence(N)),
      'no parameters': spki(both, derSequence(derOid('1.2.840.113549.1.1.1'))),
      'parameters that are not NULL': spki(both, derSequence(derOid('1.2.840.113549.1.1.1'), derSequence())),
      'parameters after NULL': spki(both, derSequence(derOid('1.2.840.113549.1.1.1'), NULL, NULL)),
      'the name of PSS': spki(both, derSequence(derOid('1.2.840.113549.1.1.10'), NULL)),
      'bits that are not whole bytes': derSequence(RSA, der(TAG.bitString, Uint8Array.of(1), both)),
    }
    for (const [name, key] of Object.entries(others)) expect([name, says(key)]).toEqual([name, false])
  })

  const jwk = knownRsaPrivateKey().export({ format: 'jwk' })
  const [p, q] = [jwk.p!, jwk.q!].map(bigOf) as [bigint, bigint]

  /** Primes that are 3 mod 4. */
  const A =
    'd75d7d2f4aa4afae80734f5cc37bfef7ab3572570ba775522ea6e15185d7f467f086d9b504660fcd8a55c6748b74187270dd0d16e6d8cb23e8b61136ce6fda068de0803de76ba0f827f80d6ec1177d64b91963d0b2cb7b41d1db67a0e57a89b9d75d2c8746bcf1b08f29eb1d2c3a123474aa4ad0bd90bd7f41600a1da7c877d7'
  const B =
    'dd65ab35029ea529b89c43d19d25bb0063b296ca48082207c368d1c1c96d6975f7a0357b6329f3b6dfcf15c0a1657575b1d341d4a7613cbca05a0ecf5609629a32fdae450da9ff4824dcbff62a1b7e7bdc9d62c99798c72f201053d6f116b2cb79e5502be158503cb54074b87a2288ca7ed3322e8978f5520f6209fd7d91457b'

  const power = (base: bigint, exponent: bigint, n: bigint) => {
    let result = 1n
    for (let square = base % n, left = exponent; left > 0n; left >>= 1n) {
      if (left & 1n) result = (result * square) % n
      square = (square * square) % n
    }
    return result
  }
  const inverse = (value: bigint, n: bigint) => {
    let [r, next, t, other] = [n, value % n, 0n, 1n]
    while (next !== 0n) {
      const quotient = r / next
      ;[r, next] = [next, r - quotient * next]
      ;[t, other] = [other, t - quotient * other]
    }
    if (r !== 1n) throw new Error('there is none')
    return ((t % n) + n) % n
  }
  const bytesOf = (value: bigint, length: number) => fromHex(value.toString(16).padStart(length * 2, '0'))
  const unsigned = (value: bigint) => {
    const digits = value.toString(16)
    const bytes = bytesOf(value, Math.ceil(digits.length / 2))
    return integer(bytes[0]! < 0x80 ? bytes : Uint8Array.from([0, ...bytes]))
  }

  /** What PKCS #1 makes of a message for a modulus. */
  function padded(text: Uint8Array, n: bigint): bigint {
    const length = Math.ceil(n.toString(2).length / 8)
    const info = `3031300d060960864801650304020105000420${createHash('sha256').update(text).digest('hex')}`
    return BigInt(`0x0001${'ff'.repeat(length - 3 - info.length / 2)}00${info}`)
  }
  const keyOf = (n: bigint, e: bigint) => spki(derSequence(unsigned(n), unsigned(e)))

  /** Whether what is truly signed verifies under a key of these numbers: `of` is how many numbers have an inverse mod n. */
  function signed(n: bigint, of: bigint, e: bigint): boolean {
    const length = Math.ceil(n.toString(2).length / 8)
    const block = padded(message, n)
    const by = power(block, inverse(e, of), n)
    expect(power(by, e, n)).toBe(block)
    return says(keyOf(n, e), bytesOf(by, length))
  }
  const phi = (p - 1n) * (q - 1n)

  test('has an exponent from 65537 to 2^32 − 1', () => {
    for (const e of [65_537n, 65_539n, 4_294_967_291n]) expect([e, signed(p * q, phi, e)]).toEqual([e, true])
    for (const e of [17n, 65_521n, 4_294_967_311n]) expect([e, signed(p * q, phi, e)]).toEqual([e, false])
  })

  test('has an odd exponent: of an even one each signature has a second', () => {
    // Where a prime is 3 mod 4, each square has a root that is a square again.
    const [a, b] = [A, B].map((digits) => BigInt(`0x${digits}`)) as [bigint, bigint]
    expect([a & 3n, b & 3n]).toEqual([3n, 3n])
    const n = a * b
    const isSquare = (value: bigint) => power(value, (a - 1n) / 2n, a) === 1n && power(value, (b - 1n) / 2n, b) === 1n
    const e = 1n << 17n
    let text = message
    while (!isSquare(padded(text, n))) text = Uint8Array.from([...text, 0])
    const rootIn = (value: bigint, of: bigint) => {
      let root = value % of
      for (let i = 0; i < 17; i++) root = power(root, (of + 1n) / 4n, of)
      return root
    }
    const [ra, rb] = [rootIn(padded(text, n), a), rootIn(padded(text, n), b)]
    const root = (ra + a * ((((rb - ra) % b) + b) % b) * inverse(a % b, b)) % n
    expect(power(root, e, n)).toBe(padded(text, n))
    const length = Math.ceil(n.toString(2).length / 8)
    expect(verdict({ name: 'rsa', hash: 'sha256' }, keyOf(n, e), text, bytesOf(root, length))).toBe(false)
  })

  test('has an odd modulus of 2048 to 8192 bits', () => {
    const [four, bits] = [(p * q) ** 4n, (n: bigint) => n.toString(2).length]
    const ofFour = (p * q) ** 3n * phi
    expect([bits(p * q), bits(2n * p * q), bits(3n * four), bits(5n * four)]).toEqual([2048, 2049, 8192, 8193])
    expect(signed(p * q, phi, 65_537n)).toBe(true)
    expect(signed(2n * p * q, phi, 65_537n)).toBe(false)
    expect(signed(3n * four, 2n * ofFour, 65_537n)).toBe(true)
    expect(signed(5n * four, 4n * ofFour, 65_537n)).toBe(false)
    const short = newKey('RSA', 'sha256', 2047)
    expect(says(short.spki, short.sign(message))).toBe(false)
  })
})

describe('a key on a curve', () => {
  const key = newKey('P-256')
  const signature = key.sign(message)
  const point = key.spki.subarray(-65)
  const EC = derOid('1.2.840.10045.2.1')
  const P256 = derOid('1.2.840.10045.3.1.7')
  const says = (spki: Uint8Array) => verdict({ name: 'ecdsa', hash: 'sha256' }, spki, message, signature)

  test('has one spelling', () => {
    expect(says(derSequence(derSequence(EC, P256), derBits(point)))).toBe(true)
    const even = (point.at(-1)! & 1) === 0
    const others: Record<string, Uint8Array> = {
      compressed: derSequence(
        derSequence(EC, P256),
        derBits(Uint8Array.from([even ? 2 : 3, ...point.subarray(1, 33)])),
      ),
      hybrid: derSequence(derSequence(EC, P256), derBits(point.with(0, even ? 6 : 7))),
      'something after the point': derSequence(derSequence(EC, P256), derBits(Uint8Array.from([...point, 0]))),
      'of another curve by name': derSequence(derSequence(EC, derOid('1.3.132.0.34')), derBits(point)),
      'of a curve that is not taken': derSequence(derSequence(EC, derOid('1.3.132.0.10')), derBits(point)),
      'of no named curve': derSequence(derSequence(EC, derSequence(P256)), derBits(point)),
      'that says it is for Diffie-Hellman': derSequence(derSequence(derOid('1.3.132.1.12'), P256), derBits(point)),
      'off the curve': derSequence(derSequence(EC, P256), derBits(point.with(64, point[64]! ^ 1))),
    }
    for (const [name, spki] of Object.entries(others)) expect([name, says(spki)]).toEqual([name, false])
  })
})

test('who verifies natively is asked about nothing but what is well formed, and may be lenient', () => {
  let asked = 0
  const lenient = { ...nodeCrypto, verifySigned: () => ++asked > 0 }
  const [ec, rsa] = [newKey('P-256'), knownRsaKey()]
  const says = (name: 'ecdsa' | 'rsa', spki: Uint8Array, signature: Uint8Array) =>
    verifySignature({ name, hash: 'sha256' }, spki, message, signature, lenient)
  const [made, by] = [ec.sign(message), rsa.sign(message)]
  expect([says('ecdsa', ec.spki, made), says('rsa', rsa.spki, by), asked]).toEqual([true, true, 2])
  expect(says('rsa', ec.spki, made)).toBe(false)
  expect(says('ecdsa', rsa.spki, by)).toBe(false)
  // Numbers of 33 bytes, where the curve has 32.
  const long = derSequence(...[1, 2].map(() => der(TAG.integer, new Uint8Array(33).fill(1))))
  for (const bad of [new Uint8Array(), made.subarray(1), long]) expect(says('ecdsa', ec.spki, bad)).toBe(false)
  for (const bad of [new Uint8Array(), by.subarray(1), new Uint8Array(256).fill(0xff)]) {
    expect(says('rsa', rsa.spki, bad)).toBe(false)
  }
  const compressed = derSequence(
    derSequence(derOid('1.2.840.10045.2.1'), derOid('1.2.840.10045.3.1.7')),
    derBits(Uint8Array.of(2, ...ec.spki.subarray(-64, -32))),
  )
  const edwards = newKey('Ed25519')
  for (const spki of [compressed, edwards.spki, newKey('RSA', 'sha256', 1024).spki]) {
    expect([says('ecdsa', spki, made), says('rsa', spki, by)]).toEqual([false, false])
  }
  expect(asked).toBe(2)
})

test('a PSS signature with another salt than was named does not verify', () => {
  const key = newKey('RSA-PSS')
  const scheme = schemeFor(key)
  if (scheme.name !== 'rsa-pss') throw new Error('not PSS')
  for (const salt of [0, 31, 33, 64]) {
    expect(verdict({ ...scheme, salt }, key.spki, message, key.sign(message))).toBe(false)
  }
})

describe('PSS', () => {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const spki = new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' }))
  const bySalt = (saltLength: number) =>
    new Uint8Array(
      sign('sha256', message, { key: pair.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }),
    )
  const says = (salt: number, signature: Uint8Array) =>
    verdict({ name: 'rsa-pss', hash: 'sha256', salt }, spki, message, signature)

  test('of any salt that there is room for, the longest among them, and of no longer one', () => {
    for (const salt of [0, 1, 32, 221, 222]) expect([salt, says(salt, bySalt(salt))]).toEqual([salt, true])
    for (const salt of [223, 255, 1000]) expect([salt, says(salt, bySalt(222))]).toEqual([salt, false])
    expect(says(221, bySalt(222))).toBe(false)
    expect(says(222, bySalt(221))).toBe(false)
  })

  /** EMSA-PSS with no salt by hand (RFC 8017 §9.1.1), and what is changed of it before it is raised to the private key. */
  const { n, d } = pair.privateKey.export({ format: 'jwk' })
  const [modulus, secret] = [bigOf(n!), bigOf(d!)]
  function made(change: (block: Uint8Array) => void, masked: (block: Uint8Array) => void = () => {}): Uint8Array {
    const sha256 = (...parts: readonly Uint8Array[]) =>
      new Uint8Array(createHash('sha256').update(Buffer.concat(parts)).digest())
    const h = sha256(new Uint8Array(8), sha256(message))
    const mask = Buffer.concat(Array.from({ length: 7 }, (_, i) => sha256(h, Uint8Array.of(0, 0, 0, i))))
    const block = new Uint8Array(223)
    block[222] = 1
    change(block)
    const whole = Uint8Array.from([...block.map((byte, i) => byte ^ mask[i]!), ...h, 0xbc])
    whole[0]! &= 0x7f
    masked(whole)
    let [result, square] = [1n, BigInt(`0x${hex(whole)}`)]
    for (let left = secret; left > 0n; left >>= 1n) {
      if (left & 1n) result = (result * square) % modulus
      square = (square * square) % modulus
    }
    return fromHex(result.toString(16).padStart(512, '0'))
  }

  test('of padding that is as it must be, in every byte', () => {
    expect(
      says(
        0,
        made(() => {}),
      ),
    ).toBe(true)
    const changes: Record<string, Uint8Array> = {
      'a byte of the padding that is not zero': made((block) => (block[100] = 1)),
      'the first byte of the padding': made((block) => (block[0] = 1)),
      'the last byte of the padding': made((block) => (block[221] = 1)),
      'no 1 after the padding': made((block) => (block[222] = 0)),
      'another number in the place of the 1': made((block) => (block[222] = 3)),
      'another byte at the end': made(
        () => {},
        (whole) => (whole[255] = 0xbd),
      ),
      'another hash': made(
        () => {},
        (whole) => (whole[230]! ^= 1),
      ),
    }
    for (const [name, signature] of Object.entries(changes)) expect([name, says(0, signature)]).toEqual([name, false])
  })

  const PSS = '1.2.840.113549.1.1.10'
  const MGF1 = '1.2.840.113549.1.1.8'
  const hash = der(context(0), hashAlgorithm('sha256'))
  const mask = (oid = MGF1, ...more: readonly Uint8Array[]) =>
    der(context(1), derSequence(derOid(oid), ...(more.length === 0 ? [hashAlgorithm('sha256')] : more)))
  const salt = (length: number) => der(context(2), derNumber(length))
  const read = (...parts: readonly Uint8Array[]) =>
    schemeOf({ oid: PSS, parameters: derSequence(...parts) }, null, 'certificate-invalid')

  test('is named with hash, mask over the same hash, and salt (RFC 4055 §3.1)', () => {
    const scheme = { name: 'rsa-pss', hash: 'sha256', salt: 32 }
    expect(read(hash, mask(), salt(32))).toEqual(scheme)
    expect(read(hash, mask(), salt(0))).toEqual({ ...scheme, salt: 0 })
    expect(read(hash, mask(), salt(64))).toEqual({ ...scheme, salt: 64 })
    // NULL beside the hash is the same (RFC 4055 §2.1).
    const withNull = derSequence(derOid('2.16.840.1.101.3.4.2.1'), derNull())
    expect(read(der(context(0), withNull), mask(MGF1, withNull), salt(32))).toEqual(scheme)
  })

  test.each<[string, readonly Uint8Array[]]>([
    ['no hash, which is SHA-1', [mask(), salt(32)]],
    ['no mask, which is over SHA-1', [hash, salt(32)]],
    ['no salt', [hash, mask()]],
    ['a trailer, which has one value alone', [hash, mask(), salt(32), der(context(3), derNumber(1))]],
    ['a mask over another hash', [hash, mask(MGF1, hashAlgorithm('sha512')), salt(32)]],
    ['another mask', [hash, mask('1.2.840.113549.1.1.9'), salt(32)]],
    ['a mask over SHA-1', [hash, mask(MGF1, derSequence(derOid('1.3.14.3.2.26'))), salt(32)]],
    ['a mask over nothing', [hash, der(context(1), derSequence(derOid(MGF1))), salt(32)]],
    ['a mask over NULL', [hash, mask(MGF1, derNull()), salt(32)]],
    ['SHA-1', [der(context(0), derSequence(derOid('1.3.14.3.2.26'))), mask(), salt(32)]],
  ])('is not taken with %s', (_, parts) => {
    expect(read(...parts)).toBeNull()
  })

  const hashes = hashAlgorithm('sha256')
  test.each<[string, Uint8Array]>([
    ['more than 64 bytes of salt', derSequence(hash, mask(), salt(65))],
    ['a negative salt', derSequence(hash, mask(), der(context(2), der(TAG.integer, Uint8Array.of(0xff))))],
    ['something after the salt', derSequence(hash, mask(), der(context(2), derNumber(32), derNull()))],
    ['something after them', Uint8Array.from([...derSequence(hash, mask(), salt(32)), 0])],
    ['something among them', derSequence(hash, mask(), salt(32), derNull())],
    ['two hashes', derSequence(der(context(0), hashes, hashes), mask(), salt(32))],
    [
      'more beside the hash',
      derSequence(der(context(0), derSequence(derOid(MGF1), derNull(), derNull())), mask(), salt(32)),
    ],
    ['no sequence', derNull()],
  ])('cannot be read with %s', (_, parameters) => {
    for (const code of ['certificate-invalid', 'anchor-invalid'] as const) {
      expect(() => schemeOf({ oid: PSS, parameters }, null, code)).toThrow(
        expect.objectContaining({ name: 'CodedError', code }),
      )
    }
  })
})

test('what names no hash by itself takes the one beside it (RFC 5652), and what names one does not', () => {
  const code = 'anchor-invalid'
  const rsa = { oid: '1.2.840.113549.1.1.1', parameters: null }
  expect(schemeOf(rsa, 'sha512', code)).toEqual({ name: 'rsa', hash: 'sha512' })
  const named = { oid: '1.2.840.113549.1.1.11', parameters: null }
  expect(schemeOf(named, 'sha512', code)).toEqual({ name: 'rsa', hash: 'sha256' })
  const other = { parameters: derSequence() }
  for (const { oid } of [rsa, named]) expect(schemeOf({ ...other, oid }, 'sha512', code)).toBeNull()
})

test('a hash is known by its name alone, without parameters', () => {
  const of = (oid: string, parameters: Uint8Array | null = null) => hashOf({ oid, parameters })
  const names = [1, 2, 3].map((number) => `2.16.840.1.101.3.4.2.${number}`)
  expect(names.map((oid) => of(oid))).toEqual(['sha256', 'sha384', 'sha512'])
  expect(names.map((oid) => of(oid, derSequence()))).toEqual([null, null, null])
  expect([of('1.3.14.3.2.26'), of('toString'), of('2.16.840.1.101.3.4.2.4')]).toEqual([null, null, null])
})

test.each([
  ['ECDSA with SHA-1', '1.2.840.10045.4.1'],
  ['RSA with SHA-1', '1.2.840.113549.1.1.5'],
  ['RSA with MD5', '1.2.840.113549.1.1.4'],
  ['RSA with SHA-224', '1.2.840.113549.1.1.14'],
  ['DSA', '2.16.840.1.101.3.4.3.2'],
  ['RSA without a hash', '1.2.840.113549.1.1.1'],
  ['PSS with its defaults, which are SHA-1', '1.2.840.113549.1.1.10'],
  ['something of Object', 'constructor'],
])('%s is not taken', (_, oid) => {
  expect(schemeOf({ oid, parameters: null }, null, 'certificate-invalid')).toBeNull()
})
