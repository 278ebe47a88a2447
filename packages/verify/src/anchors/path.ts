import { CodedError, equal } from '@countersign/core'
import { basicConstraints, type Certificate, extendedKeyUsage, keyUsage } from '@countersign/formats/anchor'
import { type CertificateCrypto, schemeOf, verifySignature } from './signature.ts'

/** Id of the purpose `id-kp-timeStamping` (RFC 3161 §2.3). */
export const TIME_STAMPING = '1.3.6.1.5.5.7.3.8'
const ANY_PURPOSE = '2.5.29.37.0'

/** Extensions whose rules are kept here; a critical one beside them ends the path (RFC 5280 §4.2). */
const KNOWN: readonly string[] = [
  '2.5.29.15', // key usage
  '2.5.29.19', // basic constraints
  '2.5.29.37', // extended key usage
  '2.5.29.14', // subject key identifier
  '2.5.29.35', // authority key identifier
  '2.5.29.17', // subject alternative names: of no matter, nothing is looked up by name
  '2.5.29.32', // certificate policies: every policy is taken, so none constrains
]

/** Most certificates of a path, both ends included. */
const MAX_PATH = 6
/** Most signatures that are checked on the way to a path: injected certificates must not cost more than that. */
const MAX_CHECKS = 48

const NOT_SIGNED = 'not signed by this one'

export interface PathSearch {
  readonly leaf: Certificate
  /** Certificates that may be on the way. They count for nothing until one that counts has signed them. */
  readonly others: readonly Certificate[]
  /** Where a path must end. */
  readonly pinned: readonly Certificate[]
  /** Milliseconds since 1970: when all of them must be valid. */
  readonly time: number
  readonly crypto: CertificateCrypto
}

/**
 * The way from a certificate to a pinned one (RFC 5280 §6.1, without revocation, names and policies): each signed by
 * the next, all valid at the time, every issuer a CA that may sign certificates, for this purpose, with so many below
 * it. The certificate may be pinned itself. Null where there is none; throws `anchor-unproven` where there would be one
 * but for what it says.
 */
export function findPath(search: PathSearch): readonly Certificate[] | null {
  const state = { checks: 0, fault: null as string | null }
  const path = extend([search.leaf], search, state)
  if (path === null && state.fault !== null) throw new CodedError('anchor-unproven', state.fault)
  return path
}

function extend(
  path: readonly Certificate[],
  search: PathSearch,
  state: { checks: number; fault: string | null },
): readonly Certificate[] | null {
  const last = path.at(-1)!
  if (search.pinned.some((one) => equal(one.der, last.der))) return path
  if (path.length === MAX_PATH) return null
  // Pinned ones first: a path that ends is shorter than one that goes on.
  for (const issuer of [...search.pinned, ...search.others]) {
    if (!equal(issuer.subject, last.issuer) || path.some((one) => equal(one.der, issuer.der))) continue
    if (state.checks === MAX_CHECKS) return null
    state.checks++
    // The signature first: what is wrong with a certificate of the same name that signed nothing here is no fault.
    const fault = readable(() => signatureFault(last, issuer, search.crypto) ?? issuerFault(issuer, path, search.time))
    if (fault !== null) {
      // Only what a pinned certificate lacks is worth telling: anybody can put in others that lack anything.
      if (fault !== NOT_SIGNED && search.pinned.includes(issuer)) state.fault ??= fault
      continue
    }
    const found = extend([...path, issuer], search, state)
    if (found !== null) return found
  }
  return null
}

/** A certificate that cannot be read is one that does not count; who put it there must not end the search. */
function readable(judge: () => string | null): string | null {
  try {
    return judge()
  } catch (error) {
    if (error instanceof CodedError) return error.what
    throw error
  }
}

function issuerFault(issuer: Certificate, below: readonly Certificate[], time: number): string | null {
  const fault = commonFault(issuer, time)
  if (fault !== null) return fault
  const { ca, pathLength } = basicConstraints(issuer)
  if (!ca) return `the certificate ${issuer.serial} signed another and is no CA`
  // Certificates between this one and the last, those not counted that issued themselves (RFC 5280 §4.2.1.9).
  const between = below.slice(1).filter((one) => !equal(one.subject, one.issuer)).length
  if (pathLength !== null && between > pathLength) return `there are too many certificates under ${issuer.serial}`
  const usage = keyUsage(issuer)
  if (usage !== null && !usage(5)) return `the key of ${issuer.serial} may not sign certificates`
  const purposes = extendedKeyUsage(issuer)?.purposes
  if (purposes !== undefined && !purposes.includes(TIME_STAMPING) && !purposes.includes(ANY_PURPOSE)) {
    return `the CA ${issuer.serial} is not for timestamp authorities`
  }
  return null
}

/** What is wrong with any certificate of a path. */
export function commonFault(certificate: Certificate, time: number): string | null {
  const { serial, notBefore, notAfter, extensions } = certificate
  if (time < notBefore || time > notAfter) return `the certificate ${serial} was not valid at that time`
  for (const [oid, { critical }] of extensions) {
    if (critical && !KNOWN.includes(oid)) return `the certificate ${serial} has the critical extension ${oid}`
  }
  return null
}

function signatureFault(
  { algorithm, serial, signed, signature }: Certificate,
  { spki }: Certificate,
  crypto: CertificateCrypto,
): string | null {
  const scheme = schemeOf(algorithm, null)
  if (scheme === null) return `the certificate ${serial} is signed by an algorithm that is not taken`
  return verifySignature(scheme, spki, signed, signature, crypto) ? null : NOT_SIGNED
}
