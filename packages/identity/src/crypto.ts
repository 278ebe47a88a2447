import type { JwsAlgorithm } from './systems.ts'

/** A public key of an issuer, checked for form and strength; made only by `readIssuerKeys`. */
export type IssuerKey = {
  /** Its name at the issuer. */
  readonly id: string
  /** The only algorithms it verifies; one where the issuer names it. */
  readonly algorithms: readonly JwsAlgorithm[]
  /** JSON Web Key (RFC 7517) with the members of a public key, and no other. */
  readonly jwk:
    | { readonly kty: 'RSA'; readonly n: string; readonly e: string }
    | { readonly kty: 'EC'; readonly crv: 'P-256' | 'P-384'; readonly x: string; readonly y: string }
    | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }
}

/** Port: the cryptography of identity tokens. */
export interface TokenCrypto {
  /**
   * True when `signature` is valid over `message` (RFC 7518 §3.3 to §3.5, RFC 8037 §3.1; ECDSA as r‖s). Asked only with
   * an algorithm that the key is for. Malformed input is `false`, never a throw.
   */
  verifyJws(algorithm: JwsAlgorithm, key: IssuerKey, message: Uint8Array, signature: Uint8Array): boolean
}
