import { createHash } from 'node:crypto'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { fromHex, parsePublicKey, publicKeyPem, readPublicKey, spkiOf, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { verifyCertificate } from '@countersign/verify/identity'
import { ed25519 } from '@noble/curves/ed25519.js'
import { expect, test } from 'vitest'
import { seededKey, type TestKey } from '../anchors/certificates.ts'
import { ISSUED, LocalAuthority } from '../identity/local-ca.ts'
import { rounds } from '../thorough.ts'

const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })
const { Point } = ed25519
const { Fn } = Point
type Ed = InstanceType<typeof Point>

const TORSION_8 = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')
/** The eight points of small order. */
const TORSION: readonly Ed[] = Array.from({ length: 8 }, (_, i) =>
  Array.from({ length: i }).reduce<Ed>((sum) => sum.add(TORSION_8), Point.ZERO),
)

const little = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes.toReversed()).toString('hex')}`)
const scalarBytes = (value: bigint) => fromHex(value.toString(16).padStart(64, '0')).toReversed()
const challenge = (...parts: readonly Uint8Array[]) =>
  little(new Uint8Array(createHash('sha512').update(Buffer.concat(parts)).digest())) % Fn.ORDER
const secret = (text: string) => challenge(utf8(text))

/** A signature that whoever has the key makes with a key and a nonce to which points of small order were added. */
function mixed(keyTorsion: Ed, nonceTorsion: Ed, message: Uint8Array) {
  const [a, r] = [secret('key'), secret('nonce')]
  const key = Point.BASE.multiply(a).add(keyTorsion)
  const nonce = Point.BASE.multiply(r).add(nonceTorsion)
  const k = challenge(nonce.toBytes(), key.toBytes(), message)
  const signature = new Uint8Array([...nonce.toBytes(), ...scalarBytes((r + k * a) % Fn.ORDER)])
  // [s]B − [k]A − R: what is left of the points that were added.
  const rest = nonceTorsion.add(keyTorsion.multiplyUnsafe(k))
  return { key: parsePublicKey(spkiOf('ed25519', key.toBytes())), signature, exact: rest.is0() }
}

test('T-52: a key of small order is refused wherever a key is read', () => {
  expect(new Set(TORSION.map((point) => point.toHex())).size).toBe(8)
  for (const point of TORSION) {
    const spki = spkiOf('ed25519', point.toBytes())
    expect(() => parsePublicKey(spki)).toThrow(coded('key-invalid'))
    const pem = `-----BEGIN PUBLIC KEY-----\n${Buffer.from(spki).toString('base64')}\n-----END PUBLIC KEY-----\n`
    expect(() => readPublicKey(pem)).toThrow(coded('key-invalid'))
    // The attack: under such a key one signature fits every eighth message, or every one.
    const forged = new Uint8Array([...Point.ZERO.toBytes(), ...new Uint8Array(32)])
    const fits = Array.from({ length: 64 }, (_, i) => ed25519.verify(forged, utf8(`m${i}`), point.toBytes()))
    expect(fits).toContain(true)
  }
  const honest = parsePublicKey(spkiOf('ed25519', Point.BASE.multiply(secret('key')).toBytes()))
  expect(readPublicKey(publicKeyPem(honest)).keyId).toBe(honest.keyId)
})

test('T-52: no authority can certify one', () => {
  const authority = new LocalAuthority()
  const verify = (spki: Uint8Array) => {
    const key: TestKey = { ...seededKey('signer'), spki }
    const { chain } = authority.issue({ key })
    return verifyCertificate({ chain, authorities: [authority.fulcio], at: ISSUED, crypto: nodeCrypto })
  }
  for (const point of TORSION) {
    expect(() => verify(spkiOf('ed25519', point.toBytes()))).toThrow(coded('key-invalid'))
  }
  const good = spkiOf('ed25519', Point.BASE.multiply(secret('key')).toBytes())
  expect(verify(good).publicKey.spki).toEqual(good)
})

test('T-52: with small order mixed into key and nonce, all verifiers say the same, and say yes only to the exact equation', () => {
  let [yes, no, lenient] = [0, 0, 0]
  for (const keyTorsion of TORSION) {
    for (const nonceTorsion of TORSION) {
      for (const i of Array.from({ length: rounds(3, 8) }).keys()) {
        const message = utf8(`message ${i}`)
        const { key, signature, exact } = mixed(keyTorsion, nonceTorsion, message)
        const verdicts = [nodeCrypto, portableCrypto].map((crypto) => crypto.verify(key, message, signature))
        expect(verdicts).toEqual([exact, exact])
        if (exact) yes++
        else no++
        // What a verifier takes that multiplies by the cofactor: everything.
        if (ed25519.verify(signature, message, key.raw, { zip215: true })) lenient++
      }
    }
  }
  expect(yes).toBeGreaterThan(8)
  expect(no).toBeGreaterThan(rounds(100, 300))
  expect(lenient).toBe(yes + no)
})

test('T-52: one signature has one spelling', () => {
  const message = utf8('message')
  const { key, signature } = mixed(Point.ZERO, Point.ZERO, message)
  const s = little(signature.subarray(32))
  const spelled = [
    new Uint8Array([...signature.subarray(0, 32), ...scalarBytes(s + Fn.ORDER)]),
    new Uint8Array([...signature.subarray(0, 32), ...scalarBytes((Fn.ORDER - s) % Fn.ORDER)]),
    signature.with(31, signature[31]! ^ 0x80),
    new Uint8Array([...signature, 0]),
    signature.subarray(0, 63),
  ]
  for (const crypto of [nodeCrypto, portableCrypto]) {
    expect(crypto.verify(key, message, signature)).toBe(true)
    for (const other of spelled) expect(crypto.verify(key, message, other)).toBe(false)
  }
  // Nonces of small order in spellings beyond the field: 1, −1 and 0 as p + 1, p − 1 with the sign, p.
  const noncanonical = ['ee', 'ec', 'ed'].flatMap((low) => [`${low}${'ff'.repeat(30)}7f`, `${low}${'ff'.repeat(31)}`])
  for (const nonce of noncanonical) {
    const k = challenge(fromHex(nonce), key.raw, message)
    const forged = new Uint8Array([...fromHex(nonce), ...scalarBytes((k * secret('key')) % Fn.ORDER)])
    for (const crypto of [nodeCrypto, portableCrypto]) {
      expect(crypto.verify(key, message, forged), nonce).toBe(false)
    }
  }
})
