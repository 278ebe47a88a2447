import { CodedError, type Crypto, equal } from '@countersign/core'
import { isWithin } from '@countersign/formats/anchor'
import { precertTbs, readSctList, type Sct, SCT_LIST_OID, sctMessage } from '@countersign/formats/identity'
import type { Certificate } from '@countersign/formats/x509'
import { type CertificateCrypto, type Scheme, verifySignature } from '../x509/index.ts'
import type { FulcioAuthority } from './authority.ts'

type SctCrypto = CertificateCrypto & Pick<Crypto, 'sha256'>

/** HashAlgorithm and SignatureAlgorithm of TLS that RFC 6962 §2.1.4 allows: SHA-256 with RSA or ECDSA. */
const SCHEMES: Readonly<Record<number, Scheme>> = {
  1: { name: 'rsa', hash: 'sha256' },
  3: { name: 'ecdsa', hash: 'sha256' },
}
const SHA256 = 4

/**
 * Checks that a log of Certificate Transparency promised to log the certificate: at least one SCT in it (RFC 6962 §3.3)
 * of a trusted log, which was valid when it says it made it. Others beside it are of no matter. Throws
 * `issuance-unproven`, and `certificate-invalid` for a list that cannot be read.
 */
export function checkScts(
  certificate: Certificate,
  issuer: Certificate,
  authority: FulcioAuthority,
  crypto: SctCrypto,
): void {
  const extension = certificate.extensions.get(SCT_LIST_OID)
  if (extension === undefined) {
    throw new CodedError('issuance-unproven', `the certificate ${certificate.serial} holds no SCT`)
  }
  const tbs = precertTbs(certificate)
  const issuerKeyHash = crypto.sha256(issuer.spki)
  const scts = readSctList(extension.value)
  if (scts.some((sct) => isValid(sct, sctMessage(sct, issuerKeyHash, tbs), authority, crypto))) return
  throw new CodedError(
    'issuance-unproven',
    `the certificate ${certificate.serial} holds no SCT of a log that ${authority.name} is trusted with`,
  )
}

function isValid(sct: Sct, message: Uint8Array, { ctlogs }: FulcioAuthority, crypto: SctCrypto): boolean {
  const scheme = sct.hash === SHA256 ? SCHEMES[sct.algorithm] : undefined
  if (scheme === undefined) return false
  return ctlogs.some(
    ({ logId, spki, validFor }) =>
      equal(logId, sct.logId) &&
      isWithin(sct.timestamp, validFor) &&
      verifySignature(scheme, spki, message, sct.signature, crypto),
  )
}
