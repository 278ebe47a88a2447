import { CodedError, fromUtf8 } from '@countersign/core'
import { type CertifiedIdentity, identityOf, writeCertificate } from '@countersign/formats/identity'
import { parseCertificate } from '@countersign/formats/x509'
import type { Page, StoredIssuance } from '../store.ts'
import type { Deps } from './deps.ts'

/** A certificate that was logged, and who it names. */
export interface LoggedCertificate extends StoredIssuance, CertifiedIdentity {}

/** Certificates that were logged for a tenant, newest first. */
export async function listCertificates(
  { store }: Pick<Deps, 'store'>,
  tenant: string,
  limit: number,
  cursor: string | null,
): Promise<Page<LoggedCertificate>> {
  const { items, next } = await store.issued.page(tenant, limit, cursor)
  return { items: items.map(read), next }
}

/** One of them with the `.tlog-proof` of its leaf, as of now. Throws `not-found`, and what proving throws. */
export async function showCertificate(
  { store, log }: Pick<Deps, 'store' | 'log'>,
  tenant: string,
  serial: string,
): Promise<{ readonly certificate: LoggedCertificate; readonly proof: string }> {
  const held = await store.issued.one(tenant, serial)
  if (held === null) throw new CodedError('not-found', 'there is no certificate with this serial number')
  return { certificate: read(held), proof: fromUtf8(await log.proofOf(held.index)) }
}

/** What was logged is read as the certificate that it became. */
function read(issuance: StoredIssuance): LoggedCertificate {
  const unsigned = writeCertificate(issuance.tbs, 'ecdsa-sha256', new Uint8Array(1))
  return { ...issuance, ...identityOf(parseCertificate(unsigned, 'certificate-invalid')) }
}
