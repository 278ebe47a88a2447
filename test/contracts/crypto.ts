import { createHash, createHmac, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type Crypto, concat, fromHex, hex, parsePublicKey, type PublicKey, utf8 } from '@countersign/core'

const MESSAGE = utf8('DSSEv1 4 type 4 body')
const P256 = keyPair('ecdsa-p256')
const ED25519 = keyPair('ed25519')

/** What every {@link Crypto} promises; `nodeCrypto` and `portableCrypto` both hold it. */
export function cryptoContract(name: string, crypto: Crypto): void {
  describe(`Crypto: ${name}`, () => {
    it.each([0, 1, 55, 56, 64, 1000, 100_000])('hashes %i bytes as SHA-256', (length) => {
      const data = new Uint8Array(length).fill(7)
      const digest = crypto.sha256(data)
      expect(digest).toEqual(new Uint8Array(createHash('sha256').update(data).digest()))
      expect(digest.constructor).toBe(Uint8Array)
    })

    it.each([0, 1, 135, 136, 137, 1000])('hashes %i bytes as SHA3-256', (length) => {
      const data = new Uint8Array(length).fill(7)
      const digest = crypto.sha3_256(data)
      expect(digest).toEqual(new Uint8Array(createHash('sha3-256').update(data).digest()))
      expect(digest.constructor).toBe(Uint8Array)
    })

    // RFC 4231, test case 2, and the same under SHA3-256 (NIST's HMAC_SHA3-256 of that key and text).
    it('keys either hash by HMAC, with keys shorter and longer than a block', () => {
      const [key, text] = [utf8('Jefe'), utf8('what do ya want for nothing?')]
      expect(hex(crypto.hmac('sha256', key, text))).toBe(
        '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
      )
      expect(hex(crypto.hmac('sha3_256', key, text))).toBe(
        'c7d4072e788877ae3596bbb0da73b887c9171f93095b294ae857fbe2645e1ba5',
      )
      const long = new Uint8Array(200).fill(9)
      for (const [name, node] of [
        ['sha256', 'sha256'],
        ['sha3_256', 'sha3-256'],
      ] as const) {
        expect(crypto.hmac(name, long, text)).toEqual(new Uint8Array(createHmac(node, long).update(text).digest()))
      }
    })

    it('hashes a view of a larger buffer, not the buffer', () => {
      const whole = Uint8Array.of(1, 2, 3, 4)
      expect(crypto.sha256(whole.subarray(1, 3))).toEqual(crypto.sha256(Uint8Array.of(2, 3)))
    })

    it.each([P256, ED25519])('accepts what $algorithm signed, and nothing else', ({ publicKey, signature, other }) => {
      expect(crypto.verify(publicKey, MESSAGE, signature)).toBe(true)
      expect(crypto.verify(publicKey, concat(MESSAGE, Uint8Array.of(0)), signature)).toBe(false)
      expect(crypto.verify(publicKey, MESSAGE.subarray(1), signature)).toBe(false)
      expect(crypto.verify(other, MESSAGE, signature)).toBe(false)
    })

    it.each([P256, ED25519])('refuses every one-bit change of a $algorithm signature', ({ publicKey, signature }) => {
      for (let bit = 0; bit < signature.length * 8; bit += 5) {
        const changed = signature.slice()
        changed[bit >> 3]! ^= 1 << (bit & 7)
        expect(crypto.verify(publicKey, MESSAGE, changed)).toBe(false)
      }
    })

    it.each([P256, ED25519])('answers false, never throws, for malformed $algorithm signatures', (pair) => {
      const { publicKey, signature } = pair
      const malformed = [
        new Uint8Array(),
        new Uint8Array(64),
        new Uint8Array(64).fill(0xff),
        new Uint8Array(72).fill(0x30),
        new Uint8Array(5000),
        signature.subarray(1),
        signature.subarray(0, -1),
        concat(signature, Uint8Array.of(0)),
      ]
      for (const bytes of malformed) expect(crypto.verify(publicKey, MESSAGE, bytes)).toBe(false)
    })

    it('takes the algorithm from the key, never from the signature', () => {
      expect(crypto.verify(P256.publicKey, MESSAGE, ED25519.signature)).toBe(false)
      expect(crypto.verify(ED25519.publicKey, MESSAGE, P256.signature)).toBe(false)
    })

    it('reads ECDSA signatures in their one DER form only', () => {
      const { r, s } = P256
      const accepts = (der: Uint8Array) => crypto.verify(P256.publicKey, MESSAGE, der)
      expect(accepts(sequence(integer(r), integer(s)))).toBe(true)
      const spare = (value: Uint8Array) => element(0x02, concat(Uint8Array.of(0, 0), value))
      const indefinite = concat(Uint8Array.of(0x30, 0x80), integer(r), integer(s), Uint8Array.of(0, 0))
      const body = concat(integer(r), integer(s))
      const forms: Record<string, Uint8Array> = {
        raw: concat(r, s),
        'length in two bytes': concat(Uint8Array.of(0x30, 0x81, body.length), body),
        'indefinite length': indefinite,
        'spare zero in r': sequence(spare(r), integer(s)),
        'spare zero in s': sequence(integer(r), spare(s)),
        'bytes behind': concat(sequence(integer(r), integer(s)), Uint8Array.of(0)),
        'third integer': sequence(integer(r), integer(s), integer(s)),
        'one integer': sequence(integer(r)),
        'r is zero': sequence(element(0x02, Uint8Array.of(0)), integer(s)),
        's is zero': sequence(integer(r), element(0x02, Uint8Array.of(0))),
        's beyond the order': sequence(integer(r), integer(plusOrder(s))),
      }
      for (const [form, der] of Object.entries(forms)) expect(accepts(der), form).toBe(false)
    })

    it('accepts the high s of ECDSA: names never come from signatures (T-51)', () => {
      expect(crypto.verify(P256.publicKey, MESSAGE, sequence(integer(P256.r), integer(minus(P256.s))))).toBe(true)
    })

    it('refuses an Ed25519 s beyond the group order (RFC 8032 §5.1.7)', () => {
      const s = BigInt(`0x${Buffer.from(ED25519.signature.slice(32).toReversed()).toString('hex')}`)
      const beyond = fromHex((s + ED25519_ORDER).toString(16).padStart(64, '0')).toReversed()
      expect(crypto.verify(ED25519.publicKey, MESSAGE, concat(ED25519.signature.subarray(0, 32), beyond))).toBe(false)
    })

    it('keeps no key for another that is equal in name only', () => {
      const lookalike: PublicKey = { ...P256.publicKey, spki: P256.other.spki, raw: P256.other.raw }
      expect(crypto.verify(P256.publicKey, MESSAGE, P256.signature)).toBe(true)
      expect(crypto.verify(lookalike, MESSAGE, P256.signature)).toBe(false)
    })
  })
}

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const ED25519_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n

interface Pair {
  readonly algorithm: string
  readonly publicKey: PublicKey
  readonly other: PublicKey
  readonly signature: Uint8Array
  /** Of a P-256 signature, 32 bytes each. */
  readonly r: Uint8Array
  readonly s: Uint8Array
}

function keyPair(algorithm: 'ecdsa-p256' | 'ed25519'): Pair {
  const make = () =>
    algorithm === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pair = make()
  const spki = (key: typeof pair) => parsePublicKey(key.publicKey.export({ type: 'spki', format: 'der' }))
  const key = createPrivateKey(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const base = { algorithm, publicKey: spki(pair), other: spki(make()) }
  if (algorithm === 'ed25519') {
    const signature = new Uint8Array(sign(null, MESSAGE, key))
    return { ...base, signature, r: signature.slice(0, 32), s: signature.slice(32) }
  }
  const raw = new Uint8Array(sign('sha256', MESSAGE, { key, dsaEncoding: 'ieee-p1363' }))
  const [r, s] = [raw.slice(0, 32), raw.slice(32)]
  return { ...base, r, s, signature: sequence(integer(r), integer(s)) }
}

function integer(value: Uint8Array): Uint8Array {
  let from = 0
  while (from < value.length - 1 && value[from] === 0) from++
  const short = value.subarray(from)
  return element(0x02, short[0]! & 0x80 ? concat(Uint8Array.of(0), short) : short)
}

function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return element(0x30, concat(...parts))
}

function element(tag: number, content: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(tag, content.length), content)
}

function big(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}

function minus(s: Uint8Array): Uint8Array {
  return fromHex((P256_ORDER - big(s)).toString(16).padStart(64, '0'))
}

function plusOrder(s: Uint8Array): Uint8Array {
  return fromHex((P256_ORDER + big(s)).toString(16).padStart(66, '0'))
}
