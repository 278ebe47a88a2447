import { createHash } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import type { Topic } from './topic.ts'

const unhex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))
const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest()
const url = (bytes: string | Uint8Array) => Buffer.from(bytes).toString('base64url')

/** RFC 6979 §A.2.5 and RFC 8032 §7.1, test 1: keys everybody has. */
const P256_SECRET = unhex('c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721')
const P256_SPKI = `3059301306072a8648ce3d020106082a8648ce3d030107034200${Buffer.from(p256.getPublicKey(P256_SECRET, false)).toString('hex')}`
const ED25519_SECRET = unhex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60')
const ED25519_SPKI = '302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'

const RP = 'shop.example'
const ORIGIN = 'https://countersign.shop.example'
const textOf = (rpId: string, spki: string, origin: string) => `passkey:${rpId}:${url(unhex(spki))}:${origin}`
const good = (rpId: string, origin: string, spki = P256_SPKI) => {
  const text = textOf(rpId, spki, origin)
  return { text, keyId: sha256(text).toString('hex'), rpId, origin, spki }
}
const bad = (text: string) => ({ text, error: 'key-invalid' })
const badAt = (rpId: string, origin: string) => bad(textOf(rpId, P256_SPKI, origin))
const GOOD = textOf(RP, P256_SPKI, ORIGIN)

export const passkeys: Topic = {
  name: 'passkey',
  vectors: {
    p256: good(RP, ORIGIN),
    ed25519: good(RP, ORIGIN, ED25519_SPKI),
    'host-is-the-rp-id': good('shop.example', 'https://shop.example'),
    port: good(RP, `${ORIGIN}:8443`),
    'localhost-by-http': good('localhost', 'http://localhost:8080'),
    'below-localhost': good('one.localhost', 'http://one.localhost:8080'),
    punycode: good('xn--bcher-kva.example', 'https://xn--bcher-kva.example'),
    empty: bad(''),
    'prefix-alone': bad('passkey:'),
    'prefix-upper-case': bad(GOOD.replace('passkey', 'Passkey')),
    'other-prefix': bad(GOOD.replace('passkey', 'passkey2')),
    'no-origin': bad(textOf(RP, P256_SPKI, '')),
    'no-rp-id': badAt('', ORIGIN),
    'no-key': bad(textOf(RP, '', ORIGIN)),
    'key-cut': bad(textOf(RP, P256_SPKI.slice(0, -2), ORIGIN)),
    'key-with-a-byte-more': bad(textOf(RP, `${P256_SPKI}00`, ORIGIN)),
    'key-off-the-curve': bad(textOf(RP, `${P256_SPKI.slice(0, -2)}00`, ORIGIN)),
    'key-of-small-order': bad(textOf(RP, `302a300506032b6570032100${'01'.padEnd(64, '0')}`, ORIGIN)),
    'key-bare': bad(textOf(RP, P256_SPKI.slice(52), ORIGIN)),
    'key-padded': bad(`passkey:${RP}:${Buffer.from(P256_SPKI, 'hex').toString('base64')}:${ORIGIN}`),
    'key-hidden-bits': bad(GOOD.replace(/.(?=:https)/, (last) => String.fromCharCode(last.charCodeAt(0) + 1))),
    'key-a-passkey': bad(`passkey:${RP}:${url(GOOD)}:${ORIGIN}`),
    'rp-id-upper-case': badAt('Shop.example', ORIGIN),
    'rp-id-address': badAt('192.0.2.1', 'https://192.0.2.1'),
    'rp-id-ends-in-a-dot': badAt('shop.example.', 'https://shop.example.'),
    'rp-id-empty-label': badAt('shop..example', 'https://shop..example'),
    'rp-id-underscore': badAt('shop_.example', 'https://shop_.example'),
    'rp-id-not-ascii': badAt('b\u00fccher.example', 'https://b\u00fccher.example'),
    'rp-id-of-another-host': badAt('other.example', ORIGIN),
    'rp-id-below-the-host': badAt('a.countersign.shop.example', ORIGIN),
    'rp-id-suffix-of-a-label': badAt('op.example', ORIGIN),
    'rp-id-top-level': badAt('example', ORIGIN),
    'origin-http': badAt(RP, 'http://countersign.shop.example'),
    'origin-localhost-lookalike': badAt('localhost.example', 'http://localhost.example'),
    'origin-with-a-path': badAt(RP, `${ORIGIN}/`),
    'origin-with-a-query': badAt(RP, `${ORIGIN}?a`),
    'origin-with-a-user': badAt(RP, `https://a@countersign.shop.example`),
    'origin-upper-case': badAt(RP, 'https://Countersign.shop.example'),
    'origin-default-port': badAt(RP, `${ORIGIN}:443`),
    'origin-port-zero': badAt(RP, `${ORIGIN}:0`),
    'origin-port-leading-zero': badAt(RP, `${ORIGIN}:08443`),
    'origin-port-too-large': badAt(RP, `${ORIGIN}:65536`),
    'origin-port-empty': badAt(RP, `${ORIGIN}:`),
    'origin-null': badAt(RP, 'null'),
    'origin-of-an-app': badAt(RP, 'android:apk-key-hash:AAAA'),
    'origin-line-end': badAt(RP, `${ORIGIN}\n`),
    'origin-zero-byte': badAt(RP, `${ORIGIN}\0`),
    'space-before': bad(`passkey: ${RP}:${url(unhex(P256_SPKI))}:${ORIGIN}`),
    'too-long': badAt('a'.repeat(63).concat('.').repeat(20).concat('example'), ORIGIN),
  },
}

const MESSAGE = 'DSSEv1 28 application/vnd.in-toto+json 2 {}'
const CLIENT = { type: 'webauthn.get', challenge: url(sha256(MESSAGE)), origin: ORIGIN, crossOrigin: false }

interface Bent {
  readonly spki?: string
  readonly rpId?: string
  readonly flags?: number
  readonly more?: string
  /** Members of the client data in the place of those, undefined for none; or the client data. */
  readonly client?: Readonly<Record<string, unknown>> | string
  /** Of what the signature is, where not of what it must be. */
  readonly signed?: (data: Uint8Array, client: Uint8Array) => Uint8Array
  /** The signature as it is sent. */
  readonly signature?: (signature: Uint8Array) => Uint8Array
  /** The whole as it is sent. */
  readonly text?: (whole: string) => string
  readonly message?: string
}

const P256_N = p256.Point.Fn.ORDER

/** An assertion, signed anew whatever is bent in it: nothing but that is wrong with it. */
function signedBy(bent: Bent): { passkey: string; message: string; signature: string } {
  const spki = bent.spki ?? P256_SPKI
  const client = Buffer.from(
    typeof bent.client === 'string' ? bent.client : JSON.stringify({ ...CLIENT, ...bent.client }),
  )
  const data = Buffer.concat([
    sha256(bent.rpId ?? RP),
    Buffer.of(bent.flags ?? 0x05),
    Buffer.of(0, 0, 0, 7),
    Buffer.from(bent.more ?? '', 'hex'),
  ])
  const signed = bent.signed?.(data, client) ?? Buffer.concat([data, sha256(client)])
  const made =
    spki === ED25519_SPKI
      ? ed25519.sign(signed, ED25519_SECRET)
      : p256.Signature.fromBytes(p256.sign(signed, P256_SECRET, { lowS: false })).toBytes('der')
  const signature = bent.signature?.(made) ?? made
  const whole = JSON.stringify({
    authenticatorData: url(data),
    clientDataJSON: url(client),
    signature: url(signature),
  })
  return {
    passkey: textOf(RP, spki, ORIGIN),
    message: bent.message ?? MESSAGE,
    signature: bent.text?.(whole) ?? whole,
  }
}

const valid = (bent: Bent = {}) => ({ ...signedBy(bent), valid: true })
const invalid = (why: string, bent: Bent) => ({ ...signedBy(bent), valid: false, why })
/** What only the signature is against. */
const unsigned = (bent: Bent) => ({ ...signedBy(bent), valid: false })
const mirrored = (der: Uint8Array) => {
  const { r, s } = p256.Signature.fromBytes(der, 'der')
  return new p256.Signature(r, P256_N - s).toBytes('der')
}
const asText = (change: (value: Record<string, unknown>) => unknown) => (whole: string) =>
  JSON.stringify(change(JSON.parse(whole) as Record<string, unknown>))

export const passkeySignatures: Topic = {
  name: 'passkey-signature',
  vectors: {
    good: valid(),
    ed25519: valid({ spki: ED25519_SPKI }),
    'backed-up': valid({ flags: 0x1d }),
    'backup-eligible': valid({ flags: 0x0d }),
    'client-member-unknown': valid({ client: { other_keys_can_be_added_here: 'do not compare against a template' } }),
    'cross-origin-left-out': valid({ client: { crossOrigin: undefined } }),
    'client-members-in-another-order': valid({
      client: JSON.stringify(Object.fromEntries(Object.entries(CLIENT).toReversed())),
    }),
    's-mirrored': valid({ signature: mirrored }),
    'other-message': invalid('its challenge is another', { message: `${MESSAGE} ` }),
    'challenge-of-another': invalid('its challenge is another', { client: { challenge: url(sha256('other')) } }),
    'challenge-is-the-message': invalid('its challenge is another', { client: { challenge: url(MESSAGE) } }),
    'challenge-hashed-twice': invalid('its challenge is another', {
      client: { challenge: url(sha256(sha256(MESSAGE))) },
    }),
    'challenge-in-hex': invalid('its challenge is another', {
      client: { challenge: sha256(MESSAGE).toString('hex') },
    }),
    'challenge-padded': invalid('its challenge is another', { client: { challenge: `${CLIENT.challenge}=` } }),
    'challenge-missing': invalid('its challenge is another', { client: { challenge: undefined } }),
    'type-create': invalid('its type is another', { client: { type: 'webauthn.create' } }),
    'type-payment': invalid('its type is another', { client: { type: 'payment.get' } }),
    'type-missing': invalid('its type is another', { client: { type: undefined } }),
    'origin-of-another': invalid('another origin', { client: { origin: 'https://evil.shop.example' } }),
    'origin-with-a-slash': invalid('another origin', { client: { origin: `${ORIGIN}/` } }),
    'origin-other-port': invalid('another origin', { client: { origin: `${ORIGIN}:8443` } }),
    'origin-http': invalid('another origin', { client: { origin: 'http://countersign.shop.example' } }),
    'origin-upper-case': invalid('another origin', { client: { origin: ORIGIN.toUpperCase() } }),
    'origin-missing': invalid('another origin', { client: { origin: undefined } }),
    'cross-origin': invalid("another's page", { client: { crossOrigin: true } }),
    'cross-origin-null': invalid("another's page", { client: { crossOrigin: null } }),
    'top-origin': invalid("another's page", { client: { topOrigin: ORIGIN } }),
    'rp-id-of-another': invalid('another RP ID', { rpId: 'other.example' }),
    'rp-id-is-the-host': invalid('another RP ID', { rpId: 'countersign.shop.example' }),
    'user-not-present': invalid('nobody was there', { flags: 0x04 }),
    'user-not-verified': invalid('did not verify who was there', { flags: 0x01 }),
    'flags-zero': invalid('nobody was there', { flags: 0 }),
    'backed-up-and-never-to-be': invalid('contradict themselves', { flags: 0x15 }),
    'attested-data': invalid('announce more', { flags: 0x45 }),
    'extensions-announced': invalid('announce more', { flags: 0x85 }),
    'extensions-there': invalid('not 37 bytes', { flags: 0x85, more: 'a0' }),
    'data-with-a-byte-more': invalid('not 37 bytes', { more: '00' }),
    'client-duplicate-key': invalid('client data are not JSON', {
      client: JSON.stringify(CLIENT).replace('{', '{"type":"webauthn.get",'),
    }),
    'client-byte-order-mark': invalid('client data are not JSON', { client: `\ufeff${JSON.stringify(CLIENT)}` }),
    'client-bytes-behind': invalid('client data are not JSON', { client: `${JSON.stringify(CLIENT)}{}` }),
    'client-a-list': invalid('client data are not JSON', { client: `[${JSON.stringify(CLIENT)}]` }),
    'client-too-long': invalid('client data are too long', { client: { padding: 'a'.repeat(1_400) } }),
    'signed-without-its-client-data': unsigned({ signed: (data) => data }),
    'signed-client-data-not-hashed': unsigned({ signed: (data, client) => Buffer.concat([data, client]) }),
    'signed-the-message-itself': unsigned({ signed: () => Buffer.from(MESSAGE) }),
    'signed-the-challenge': unsigned({ signed: () => sha256(MESSAGE) }),
    'signature-raw': unsigned({ signature: (der) => p256.Signature.fromBytes(der, 'der').toBytes('compact') }),
    'signature-byte-behind': unsigned({ signature: (der) => Buffer.concat([der, Buffer.of(0)]) }),
    'signature-of-the-other-algorithm': { ...unsigned({}), passkey: textOf(RP, ED25519_SPKI, ORIGIN) },
    'signature-empty': invalid('one of its fields is empty', { signature: () => new Uint8Array() }),
    'bare-signature': invalid('not what a passkey signs', {
      text: () => Buffer.from(p256.sign(Buffer.from(MESSAGE), P256_SECRET)).toString('latin1'),
    }),
    empty: invalid('not what a passkey signs', { text: () => '' }),
    null: invalid('not what a passkey signs', { text: () => 'null' }),
    'a-list': invalid('not what a passkey signs', { text: (whole) => `[${whole}]` }),
    'white-space': invalid('not canonical', { text: (whole) => `${whole} ` }),
    'members-in-another-order': invalid('not canonical', {
      text: asText((value) => Object.fromEntries(Object.entries(value).toReversed())),
    }),
    'duplicate-key': invalid('not what a passkey signs', {
      text: (whole) => whole.replace('{', '{"signature":"AA",'),
    }),
    'member-more': invalid('other fields', { text: asText((value) => ({ ...value, userHandle: 'AA' })) }),
    'member-missing': invalid('other fields', {
      text: asText(({ authenticatorData, clientDataJSON }) => ({ authenticatorData, clientDataJSON })),
    }),
    'member-null': invalid('is empty', { text: asText((value) => ({ ...value, signature: null })) }),
    'member-padded': invalid('not base64url', {
      text: asText((value) => ({ ...value, clientDataJSON: `${String(value['clientDataJSON'])}=` })),
    }),
    'too-long': invalid('too long', { text: asText((value) => ({ ...value, signature: 'A'.repeat(2_600) })) }),
  },
}
