import { CodedError, equal } from '@countersign/core'
import { basicConstraints, type Certificate, extendedKeyUsage, keyUsage } from '@countersign/formats/x509'
import { type CertificateCrypto, schemeOf, verifySignature } from './signature.ts'

/** Id of the purpose `id-kp-timeStamping` (RFC 3161 §2.3). */
export const TIME_STAMPING = '1.3.6.1.5.5.7.3.8'
/** Id of the purpose `id-kp-codeSigning` (RFC 5280 §4.2.1.12). */
export const CODE_SIGNING = '1.3.6.1.5.5.7.3.3'
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

/** What is wrong with a certificate; `expired` where nothing is but the time. */
export interface PathFault {
  readonly what: string
  readonly expired: boolean
}

const NOT_SIGNED: PathFault = { what: 'not signed by this one', expired: false }

export interface PathSearch {
  readonly leaf: Certificate
  /** Certificates that may be on the way. They count for nothing until one that counts has signed them. */
  readonly others: readonly Certificate[]
  /** More of the same, of which whoever trusts knows: what they lack is told. */
  readonly known?: readonly Certificate[]
  /** Where a path must end. */
  readonly pinned: readonly Certificate[]
  /** Milliseconds since 1970: when all of them must be valid. */
  readonly time: number
  /** What a CA on the way must be for, if it says what it is for: {@link TIME_STAMPING} or {@link CODE_SIGNING}. */
  readonly purpose: string
  readonly crypto: CertificateCrypto
  /** Who was found to have signed whom; what is found now is added. */
  readonly signed?: WeakMap<Certificate, WeakSet<Certificate>>
}

/** The certificates from the first to a pinned one, or why there are none: null where nothing leads to one. */
export type PathFound =
  | { readonly path: readonly Certificate[]; readonly fault: null }
  | { readonly path: null; readonly fault: PathFault | null }

/**
 * The way from a certificate to a pinned one (RFC 5280 §6.1, without revocation, names and policies): each signed by
 * the next, all valid at the time, every issuer a CA that may sign certificates, for this purpose, with so many below
 * it. The certificate may be pinned itself. Where there would be one but for a certificate that
 * is pinned or known, that is the fault.
 */
export function findPath(search: PathSearch): PathFound {
  const state: SearchState = { checks: 0, fault: null }
  const path = extend([search.leaf], search, state)
  return path === null ? { path, fault: state.fault } : { path, fault: null }
}

interface SearchState {
  checks: number
  fault: PathFault | null
}

function extend(path: readonly Certificate[], search: PathSearch, state: SearchState): readonly Certificate[] | null {
  const last = path.at(-1)!
  if (search.pinned.some((one) => equal(one.der, last.der))) return path
  if (path.length === MAX_PATH) return null
  // Pinned ones first: a path that ends is shorter than one that goes on.
  const { known = [], others, pinned } = search
  const among = [...pinned, ...known, ...others]
  for (const [i, issuer] of among.entries()) {
    if (!equal(issuer.subject, last.issuer) || path.some((one) => equal(one.der, issuer.der))) continue
    // Most bring along what is known.
    if (among.slice(0, i).some((one) => equal(one.der, issuer.der))) continue
    if (state.checks === MAX_CHECKS) return null
    state.checks++
    // The signature first: what is wrong with a certificate of the same name that signed nothing here is no fault.
    const fault = readable(() => signatureFault(last, issuer, search) ?? issuerFault(issuer, path, search))
    if (fault !== null) {
      // Anybody can put in others that lack anything.
      if (fault !== NOT_SIGNED && (pinned.includes(issuer) || known.includes(issuer))) state.fault ??= fault
      continue
    }
    const found = extend([...path, issuer], search, state)
    if (found !== null) return found
  }
  return null
}

/** A certificate that cannot be read is one that does not count; who put it there must not end the search. */
function readable(judge: () => PathFault | null): PathFault | null {
  try {
    return judge()
  } catch (error) {
    if (error instanceof CodedError) return faulty(error.what)
    throw error
  }
}

function issuerFault(issuer: Certificate, below: readonly Certificate[], search: PathSearch): PathFault | null {
  const fault = commonFault(issuer, search.time)
  if (fault !== null) return fault
  const { ca, pathLength } = basicConstraints(issuer)
  if (!ca) return faulty(`the certificate ${issuer.serial} signed another and is no CA`)
  // Certificates between this one and the last, those not counted that issued themselves (RFC 5280 §4.2.1.9).
  const between = below.slice(1).filter((one) => !equal(one.subject, one.issuer)).length
  if (pathLength !== null && between > pathLength)
    return faulty(`there are too many certificates under ${issuer.serial}`)
  const usage = keyUsage(issuer)
  if (usage !== null && !usage(5)) return faulty(`the key of ${issuer.serial} may not sign certificates`)
  const purposes = extendedKeyUsage(issuer)?.purposes
  if (purposes !== undefined && !purposes.includes(search.purpose) && !purposes.includes(ANY_PURPOSE)) {
    const of = search.purpose === TIME_STAMPING ? 'for timestamp authorities' : 'for those who sign code'
    return faulty(`the CA ${issuer.serial} is not ${of}`)
  }
  return null
}

/** What is wrong with any certificate of a path. */
export function commonFault(certificate: Certificate, time: number): PathFault | null {
  const { serial, notBefore, notAfter, extensions } = certificate
  if (time < notBefore || time > notAfter) {
    return { what: `the certificate ${serial} was not valid at that time`, expired: true }
  }
  for (const [oid, { critical }] of extensions) {
    if (critical && !KNOWN.includes(oid)) return faulty(`the certificate ${serial} has the critical extension ${oid}`)
  }
  return null
}

function signatureFault(certificate: Certificate, issuer: Certificate, search: PathSearch): PathFault | null {
  const known = search.signed?.get(certificate)
  if (known?.has(issuer) === true) return null
  const { algorithm, code, serial, signed, signature } = certificate
  const scheme = schemeOf(algorithm, null, code)
  if (scheme === null) return faulty(`the certificate ${serial} is signed by an algorithm that is not taken`)
  if (!verifySignature(scheme, issuer.spki, signed, signature, search.crypto)) return NOT_SIGNED
  if (known === undefined) search.signed?.set(certificate, new WeakSet([issuer]))
  else known.add(issuer)
  return null
}

function faulty(what: string): PathFault {
  return { what, expired: false }
}
