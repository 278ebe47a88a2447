import { base64url, fromBase64url } from './base64.ts'
import { concat, equal, fromUtf8, utf8 } from './bytes.ts'
import type { Crypto } from './crypto.ts'
import { CodedError } from './errors.ts'
import { hex } from './hex.ts'
import { canonicalJson } from './jcs.ts'
import { type JsonObject, type JsonValue, parseJson } from './json.ts'
import { type Passkey, parsePublicKey, type PublicKey, readPublicKey } from './keys.ts'
import { sha256 } from './hash.ts'

/** Where a passkey signs, and with what. */
export interface PasskeyParts {
  /** The domain it was made for (WebAuthn L3 §4, RP ID). */
  readonly rpId: string
  /** The one origin whose pages have it sign: `https://host`, `https://host:port`, or http of this very machine. */
  readonly origin: string
  /** What the authenticator signs with: P-256 or Ed25519. */
  readonly key: PublicKey
}

/** What an authenticator gave for one signature (WebAuthn L3 §5.2.2). Nothing in it is verified. */
export interface Assertion {
  readonly authenticatorData: Uint8Array
  readonly clientDataJSON: Uint8Array
  readonly signature: Uint8Array
}

const PREFIX = 'passkey:'
/** Most characters of a passkey, and bytes of what it signs. */
export const MAX_PASSKEY_TEXT = 1_024
export const MAX_ASSERTION_BYTES = 2_560
const MAX_CLIENT_DATA = 1_536
const FIELDS = ['authenticatorData', 'clientDataJSON', 'signature']

/** The hash of the RP ID, flags, a counter; with no extension, which is never asked for, no more (WebAuthn L3 §6.1). */
const AUTHENTICATOR_DATA_BYTES = 37
const FLAGS_AT = 32
const FLAGS = { present: 0x01, verified: 0x04, backedUpEligible: 0x08, backedUp: 0x10, attested: 0x40, extended: 0x80 }

/** Text of a passkey, its one spelling: `passkey:<rpId>:<key>:<origin>`. Throws `key-invalid`. */
export function writePasskey({ rpId, origin, key }: PasskeyParts): string {
  const text = `${PREFIX}${rpId}:${base64url(key.spki)}:${origin}`
  parsePasskey(text)
  return text
}

/**
 * Passkey from its text. Its bytes are those of the text, and so its key id says where it signs too: the same
 * authenticator at another origin is another key. Throws `key-invalid`.
 */
export function parsePasskey(text: string): PublicKey {
  if (text.length > MAX_PASSKEY_TEXT) throw invalid('is too long')
  const match = /^passkey:([^:]*):([^:]*):(.*)$/s.exec(text)
  if (match === null) throw invalid('is not passkey:RPID:KEY:ORIGIN')
  const [, rpId, spki, origin] = match as unknown as [string, string, string, string]
  if (!isDomain(rpId)) throw invalid('has no domain as its RP ID')
  const host = hostOf(origin)
  if (host === null) throw invalid('has no origin as a browser writes it: https://HOST, with a port if it has its own')
  // What a browser allows (HTML, "is a registrable domain suffix of or is equal to"), as far as a text tells it.
  const within = rpId === host || (rpId.includes('.') && host.endsWith(`.${rpId}`))
  if (!within) throw invalid('has an origin outside of its RP ID')
  const key = bareKey(spki)
  const bytes = utf8(text)
  const passkey: Passkey = { rpId, origin, key }
  // No bytes of a key by itself: whoever takes it for a bare one has none.
  return { algorithm: 'passkey', spki: bytes, raw: new Uint8Array(), keyId: hex(sha256(bytes)), passkey }
}

function bareKey(spki: string): PublicKey {
  try {
    return parsePublicKey(fromBase64url(spki))
  } catch (cause) {
    throw invalid('has no ECDSA P-256 or Ed25519 key', cause)
  }
}

function invalid(what: string, cause?: unknown): CodedError {
  return new CodedError('key-invalid', `the passkey ${what}`, { cause })
}

/** Key of a signer from PEM, from bare base64 of its SPKI, or a passkey from its text. Throws `key-invalid`. */
export function readSigningKey(text: string): PublicKey {
  const trimmed = text.length > 2 * MAX_PASSKEY_TEXT ? text : text.trim()
  return trimmed.startsWith(PREFIX) ? parsePasskey(trimmed) : readPublicKey(text)
}

/** Key of a signer from its bytes: SPKI DER, or a passkey's text. Throws `key-invalid`. */
export function parseSigningKey(bytes: Uint8Array): PublicKey {
  if (!equal(bytes.subarray(0, PREFIX.length), utf8(PREFIX))) return parsePublicKey(bytes)
  let text: string
  try {
    text = fromUtf8(bytes)
  } catch (cause) {
    throw invalid('is not text', cause)
  }
  return parsePasskey(text)
}

/** What an authenticator is asked to sign for a message: its SHA-256, 32 bytes. */
export function passkeyChallenge(message: Uint8Array, crypto: Pick<Crypto, 'sha256'>): Uint8Array {
  return crypto.sha256(message)
}

/** Signature of a passkey: RFC 8785 JSON of what the authenticator gave. Throws `signature-invalid` where no reader would take it. */
export function writeAssertion({ authenticatorData, clientDataJSON, signature }: Assertion): Uint8Array {
  const bytes = canonicalJson({
    authenticatorData: base64url(authenticatorData),
    clientDataJSON: base64url(clientDataJSON),
    signature: base64url(signature),
  })
  parseAssertion(bytes)
  return bytes
}

/** {@link writeAssertion} the other way; it has one spelling. Throws `signature-invalid`. */
export function parseAssertion(bytes: Uint8Array): Assertion {
  if (bytes.length > MAX_ASSERTION_BYTES) throw unsigned('it is too long for what a passkey signs')
  const value = objectIn(bytes, 'it is not what a passkey signs')
  if (!equal(canonicalJson(value), bytes)) throw unsigned('it is not canonical JSON')
  if (Object.keys(value).toSorted().join() !== FIELDS.join()) throw unsigned('it has other fields than a passkey gives')
  const [authenticatorData, clientDataJSON, signature] = FIELDS.map((name) => bytesIn(value[name]))
  return { authenticatorData: authenticatorData!, clientDataJSON: clientDataJSON!, signature: signature! }
}

function objectIn(bytes: Uint8Array, what: string): JsonObject {
  let value: JsonValue
  try {
    value = parseJson(bytes, { maxBytes: MAX_ASSERTION_BYTES, maxDepth: 4 })
  } catch (cause) {
    throw unsigned(what, cause)
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw unsigned(what)
  return value as JsonObject
}

function bytesIn(value: JsonValue | undefined): Uint8Array {
  if (typeof value !== 'string' || value === '') throw unsigned('one of its fields is empty')
  try {
    return fromBase64url(value)
  } catch (cause) {
    throw unsigned('one of its fields is not base64url', cause)
  }
}

function unsigned(what: string, cause?: unknown): CodedError {
  return new CodedError('signature-invalid', what, { cause })
}

/** What the key of a passkey signed, if it signed, and its signature: DER of ECDSA, or the 64 bytes of Ed25519. */
export interface SignedByPasskey {
  readonly key: PublicKey
  readonly signed: Uint8Array
  readonly signature: Uint8Array
}

/**
 * Verifies all of an assertion but its signature, which is over what this returns (WebAuthn L3 §7.2): asked for by a
 * page of the passkey's own origin, in no frame of another's, over the SHA-256 of this message, with its holder there
 * and known to the authenticator. The counter says nothing: passkeys that are synced have none, and where every
 * verifier must come to one verdict there is no last value to hold it against. Throws `signature-invalid`.
 */
export function openAssertion(
  { rpId, origin, key }: Passkey,
  message: Uint8Array,
  bytes: Uint8Array,
  crypto: Pick<Crypto, 'sha256'>,
): SignedByPasskey {
  const { authenticatorData, clientDataJSON, signature } = parseAssertion(bytes)
  if (clientDataJSON.length > MAX_CLIENT_DATA) throw unsigned('its client data are too long')
  const client = objectIn(clientDataJSON, 'its client data are not JSON')
  // §7.2, 11 to 14. Members that are not known are ignored: browsers add some so that nobody compares the whole.
  if (client['type'] !== 'webauthn.get') throw unsigned('it was not made to sign something: its type is another')
  if (client['challenge'] !== base64url(passkeyChallenge(message, crypto)))
    throw unsigned('it was made for something else: its challenge is another')
  if (client['origin'] !== origin) throw unsigned('it was made for a page of another origin')
  if (client['crossOrigin'] !== undefined && client['crossOrigin'] !== false)
    throw unsigned("it was made in a frame of another's page")
  if (client['topOrigin'] !== undefined) throw unsigned("it was made in a frame of another's page")
  // §7.2, 15 to 19.
  if (authenticatorData.length !== AUTHENTICATOR_DATA_BYTES) throw unsigned('its authenticator data are not 37 bytes')
  if (!equal(authenticatorData.subarray(0, FLAGS_AT), crypto.sha256(utf8(rpId))))
    throw unsigned('it was made for another RP ID')
  const flags = authenticatorData[FLAGS_AT]!
  if (!(flags & FLAGS.present)) throw unsigned('nobody was there when it was made')
  if (!(flags & FLAGS.verified)) throw unsigned('the authenticator did not verify who was there when it was made')
  if (flags & (FLAGS.attested | FLAGS.extended)) throw unsigned('its authenticator data announce more than is there')
  if (flags & FLAGS.backedUp && !(flags & FLAGS.backedUpEligible))
    throw unsigned('its authenticator data contradict themselves: backed up, and never to be')
  // §7.2, 20 and 21.
  return { key, signed: concat(authenticatorData, crypto.sha256(clientDataJSON)), signature }
}

/** {@link openAssertion}, or null where that throws. */
export function openedAssertion(
  passkey: Passkey,
  message: Uint8Array,
  signature: Uint8Array,
  crypto: Pick<Crypto, 'sha256'>,
): SignedByPasskey | null {
  try {
    return openAssertion(passkey, message, signature, crypto)
  } catch (error) {
    if (error instanceof CodedError) return null
    throw error
  }
}

const MAX_DOMAIN = 253
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** True for a host name as a browser writes it; an address is none, and has no passkeys. */
function isDomain(text: string): boolean {
  if (text.length > MAX_DOMAIN) return false
  const labels = text.split('.')
  return labels.every((label) => LABEL.test(label)) && /[a-z]/.test(labels.at(-1)!)
}

/** The host of an origin in the one form in which browsers write it; null for everything else. */
function hostOf(origin: string): string | null {
  const [, scheme, host, port] = /^(https?):\/\/([^:/]+)(?::([1-9][0-9]{0,4}))?$/.exec(origin) ?? []
  if (scheme === undefined || host === undefined || !isDomain(host)) return null
  if (port !== undefined && (Number(port) > 65_535 || Number(port) === (scheme === 'https' ? 443 : 80))) return null
  // By http only this machine is a secure context (W3C Secure Contexts §3.1), and has passkeys.
  if (scheme === 'http' && host !== 'localhost' && !host.endsWith('.localhost')) return null
  return host
}
