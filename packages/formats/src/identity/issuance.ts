import { CodedError, type Crypto, hex } from '@countersign/core'
import type { CertificateLeaf } from '../leaf.ts'
import { parseTlogProof, type TlogProof, writeTlogProof } from '../tlog-proof.ts'
import { derOctets, DerReader } from '../x509/index.ts'

const CODE = 'certificate-invalid'

/** What the log holds of a certificate that is about to be issued. `tbs`: its TBSCertificate so far; `notBefore`: milliseconds since 1970. */
export function issuanceLeaf(
  tbs: Uint8Array,
  notBefore: number,
  crypto: Pick<Crypto, 'sha256' | 'sha3_256'>,
): CertificateLeaf {
  return {
    kind: 'certificate',
    issuedAt: new Date(notBefore).toISOString(),
    tbs: { sha256: hex(crypto.sha256(tbs)), sha3_256: hex(crypto.sha3_256(tbs)) },
  }
}

/**
 * Value of the extension that proves issuance: an OCTET STRING of a C2SP tlog-proof without extra data. Throws
 * `certificate-invalid` for extra data, which nobody would read, and what `writeTlogProof` throws.
 */
export function writeIssuanceProof(proof: TlogProof): Uint8Array {
  checkBare(proof)
  return derOctets(writeTlogProof(proof))
}

/** {@link writeIssuanceProof} the other way. Throws also what `parseTlogProof` throws. */
export function readIssuanceProof(value: Uint8Array): TlogProof {
  const outer = new DerReader(value, 'the proof of issuance', CODE)
  const text = outer.octets()
  outer.end()
  const proof = parseTlogProof(text)
  checkBare(proof)
  return proof
}

function checkBare({ extra }: TlogProof): void {
  if (extra !== null) throw new CodedError(CODE, 'the proof of issuance has extra data')
}
