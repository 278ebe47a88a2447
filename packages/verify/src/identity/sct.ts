import { CodedError, type Crypto, equal } from '@countersign/core'
import { isWithin } from '@countersign/formats/anchor'
import { precertTbs, readSctList, type Sct, SCT_LIST_OID, sctMessage } from '@countersign/formats/identity'
import type { Certificate } from '@countersign/formats/x509'
import type { FulcioAuthority } from './authority.ts'

/** SHA-256 and ECDSA as TLS numbers them (RFC 5246 §7.4.1.4.1); the RSA that RFC 6962 §2.1.4 allows beside it is not taken. */
const [SHA256, ECDSA] = [4, 3]

/**
 * Checks that a log of Certificate Transparency promised to log the certificate: at least one SCT in it (RFC 6962 §3.3)
 * of a trusted log, which was valid when it says it made it. Others beside it are of no matter. Throws
 * `issuance-unproven`, and `certificate-invalid` for a list that cannot be read.
 */
export function checkScts(
  certificate: Certificate,
  issuer: Certificate,
  authority: FulcioAuthority,
  crypto: Pick<Crypto, 'sha256' | 'verify'>,
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

function isValid(sct: Sct, message: Uint8Array, { ctlogs }: FulcioAuthority, crypto: Pick<Crypto, 'verify'>): boolean {
  if (sct.hash !== SHA256 || sct.algorithm !== ECDSA) return false
  return ctlogs.some(
    ({ logId, key, validFor }) =>
      key.algorithm === 'ecdsa-p256' &&
      equal(logId, sct.logId) &&
      isWithin(sct.timestamp, validFor) &&
      crypto.verify(key, message, sct.signature),
  )
}
