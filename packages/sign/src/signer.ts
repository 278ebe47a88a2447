import type { PublicKey } from '@countersign/core'
import type { KeyMaterial } from '@countersign/formats'

/**
 * Whoever can sign: a key file, a KMS, a keyless identity. `sign` may take as long as the network takes and
 * may be called many times at once; it throws a coded error, `sign-failed` where none says more.
 */
export interface Signer {
  /** How a bundle names this signer. A hint to verifiers, never a reason to trust. */
  readonly key: KeyMaterial
  /** The key under which `sign`'s signatures verify. */
  readonly publicKey: PublicKey
  /** Signature over the bytes themselves (not over a digest of them): ECDSA P-256 with SHA-256 in DER, or raw Ed25519. */
  sign(pae: Uint8Array): Promise<Uint8Array>
}
