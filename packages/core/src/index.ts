export { base64, base64url, fromBase64, fromBase64url } from './base64.ts'
export { concat, equal, fromUtf8, utf8 } from './bytes.ts'
export { CATALOGUE, type Code } from './codes.ts'
export { type ConcurrentCrypto, type Crypto, rawFromDer } from './crypto.ts'
export { CodedError, type ErrorReport, Findings, MAX_FINDINGS, reportOf } from './errors.ts'
export { type Glob, isLiteral, parseGlob, parseTextGlob } from './glob.ts'
export { sha256 } from './hash.ts'
export { hmac } from './hmac.ts'
export { fromHex, hex, isHex } from './hex.ts'
export { canonicalJson } from './jcs.ts'
export {
  DEFAULT_MAX_BYTES,
  DEFAULT_MAX_DEPTH,
  type JsonLimits,
  type JsonObject,
  type JsonValue,
  parseJson,
} from './json.ts'
export {
  type KeyAlgorithm,
  materialOf,
  parsePublicKey,
  type Passkey,
  type PublicKey,
  publicKeyPem,
  readPublicKey,
  spkiOf,
} from './keys.ts'
export {
  type Assertion,
  MAX_ASSERTION_BYTES,
  MAX_PASSKEY_TEXT,
  openAssertion,
  openedAssertion,
  parseAssertion,
  parsePasskey,
  parseSigningKey,
  passkeyChallenge,
  type PasskeyParts,
  readSigningKey,
  type SignedByPasskey,
  writeAssertion,
  writePasskey,
} from './passkey.ts'
export { checkPath, collisionKey } from './path.ts'
export { hasControl } from './text.ts'
