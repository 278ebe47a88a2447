import { CodedError, type Crypto, equal, hex, parsePublicKey, type PublicKey } from '@countersign/core'
import { isWithin } from '@countersign/formats/anchor'
import { type CertifiedIdentity, type Grade, type Identity, identityOf } from '@countersign/formats/identity'
import {
  basicConstraints,
  type Certificate,
  extendedKeyUsage,
  keyUsage,
  parseCertificate,
} from '@countersign/formats/x509'
import {
  type CertificateCrypto,
  CODE_SIGNING,
  commonFault,
  findPath,
  type PathFault,
  type PathSearch,
} from '../x509/index.ts'
import type { TrustedAuthority } from './authority.ts'
import { checkIssuance } from './issuance.ts'
import { checkScts } from './sct.ts'

const CODE = 'certificate-invalid'
/** Most certificates that come with a signature, the signer's included. */
export const MAX_CHAIN = 6
/** Longest life of a signer's certificate, in milliseconds. What lives longer is no proof of who held the key when. */
const MAX_LIFE: Readonly<Record<TrustedAuthority['kind'], number>> = { countersign: 600_000, fulcio: 86_400_000 }
/** Constraints of names and policies (RFC 5280 §4.2.1.10, 11 and 14), which are not kept here: a path with one ends. */
const CONSTRAINTS = ['2.5.29.30', '2.5.29.36', '2.5.29.54']

/** Cryptography that certificates need. */
export type IdentityCrypto = Crypto & Pick<CertificateCrypto, 'verifySigned'>

declare const verified: unique symbol

/** A certificate that a trusted authority issued, in the open, to who it names. Only {@link verifyCertificate} makes one. */
export interface VerifiedCertificate {
  readonly [verified]: 'certificate'
  readonly identity: Identity
  readonly grade: Exclude<Grade, 'D'>
  /** CI system or workload platform, as a Countersign authority says; null where none did. */
  readonly system: string | null
  readonly publicKey: PublicKey
  /** Name of the authority, and its kind. */
  readonly authority: string
  readonly kind: TrustedAuthority['kind']
  /** Milliseconds since 1970, both included. */
  readonly notBefore: number
  readonly notAfter: number
  /** Hex of its two's complement. */
  readonly serial: string
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprint: string
}

export interface CertificateInput {
  /** DER: the signer's first, then what may be on the way from it. */
  readonly chain: readonly Uint8Array[]
  readonly authorities: readonly TrustedAuthority[]
  /** Milliseconds since 1970: when the signature was there, by somebody who is trusted to know. */
  readonly at: number
  readonly crypto: IdentityCrypto
}

/**
 * Verifies the certificate of a signer: a path to a certificate of an authority that is trusted, every one on it valid
 * at the time (RFC 5280 §6.1); made to sign code and nothing else; issued in the open, which an authority of Countersign
 * proves by its log (SPEC.md §15) and a Fulcio by an SCT (RFC 6962); one readable identity.
 *
 * Where one certificate is that of authorities of both kinds, the stricter kind holds: what Countersign's own authority
 * issues counts only with the proof of its log.
 *
 * Throws `trust-missing` for no authority, `certificate-invalid`, `certificate-untrusted`, `certificate-expired`,
 * `issuance-unproven`, and `key-invalid` for a key that is neither ECDSA P-256 nor Ed25519.
 */
export function verifyCertificate({ chain, authorities, at, crypto }: CertificateInput): VerifiedCertificate {
  checkAt(at)
  return judge(parseChain(chain, authorities), authorities, at, crypto)
}

/** What is compared with ends of time, and is none, is before and after all of them. */
export function checkAt(at: number): void {
  if (!Number.isSafeInteger(at)) throw new CodedError('time-untrusted', 'there is no time to judge a certificate at')
}

/** The signer's certificate first, as it came. */
export type Chain = readonly [Certificate, ...Certificate[]]

export function parseChain(chain: readonly Uint8Array[], authorities: readonly TrustedAuthority[]): Chain {
  if (chain.length === 0) throw new CodedError(CODE, 'there is no certificate')
  if (chain.length > MAX_CHAIN) throw new CodedError(CODE, `there are more than ${MAX_CHAIN} certificates`)
  const [leaf, ...others] = chain as readonly [Uint8Array, ...Uint8Array[]]
  const known = authorities.flatMap((authority) => authority.chain)
  const readOther = (der: Uint8Array) => known.find((one) => equal(one.der, der)) ?? parseCertificate(der, CODE)
  return [parseCertificate(leaf, CODE), ...others.map(readOther)]
}

/** Nothing here depends on the time but by comparing it with where certificates and trust in authorities begin and end. */
export function judge(
  chain: Chain,
  authorities: readonly TrustedAuthority[],
  at: number,
  crypto: IdentityCrypto,
  signed: PathSearch['signed'] = new WeakMap(),
): VerifiedCertificate {
  if (authorities.length === 0) throw new CodedError('trust-missing', 'no authority is trusted')
  const [leaf] = chain
  checkLeaf(leaf)
  const fault = commonFault(leaf, at)
  if (fault !== null) throw faultOf(fault)
  const certified = identityOf(leaf)
  const publicKey = parsePublicKey(leaf.spki)
  let first: CodedError | null = null
  for (const authority of strictest(authorities)) {
    try {
      const grade = issuedBy(authority, chain, certified, publicKey, { at, crypto, signed })
      if (grade !== null) return verifiedOf(leaf, certified, grade, publicKey, authority, crypto)
    } catch (error) {
      // Another authority may vouch for it. Without one, the first that it leads to says what is wrong.
      if (!(error instanceof CodedError)) throw error
      first ??= error
    }
  }
  throw first ?? new CodedError('certificate-untrusted', `the certificate ${leaf.serial} leads to no trusted authority`)
}

function verifiedOf(
  { der, notAfter, notBefore, serial }: Certificate,
  { identity, system }: CertifiedIdentity,
  grade: VerifiedCertificate['grade'],
  publicKey: PublicKey,
  { kind, name }: TrustedAuthority,
  crypto: IdentityCrypto,
): VerifiedCertificate {
  return {
    identity,
    grade,
    system: kind === 'countersign' ? system : null,
    publicKey,
    authority: name,
    kind,
    notBefore,
    notAfter,
    serial,
    fingerprint: hex(crypto.sha256(der)),
  } as unknown as VerifiedCertificate
}

/** A Fulcio says no grade: an identity is a run of a CI system where repository, commit and run are known. */
function gradeOf({ sourceRepositoryURI, sourceRepositoryDigest, runInvocationURI }: Identity): 'A' | 'C' {
  const known = sourceRepositoryURI !== null && sourceRepositoryDigest !== null && runInvocationURI !== null
  return known ? 'A' : 'C'
}

/** RFC 5280 §4.2.1: made for signatures of code, and for nothing that would make it more. */
function checkLeaf(leaf: Certificate): void {
  const untrusted = (what: string) => new CodedError('certificate-untrusted', `the certificate ${leaf.serial} ${what}`)
  if (basicConstraints(leaf).ca) throw untrusted('is that of a CA')
  const usage = keyUsage(leaf)
  if (usage === null || !usage(0)) throw untrusted('is not for signatures')
  // keyCertSign and cRLSign.
  if (usage(5) || usage(6)) throw untrusted('is for issuing others')
  const purposes = extendedKeyUsage(leaf)?.purposes ?? []
  if (purposes.length !== 1 || purposes[0] !== CODE_SIGNING) throw untrusted('is not for signing code alone')
  if (leaf.notAfter < leaf.notBefore) throw new CodedError(CODE, `the certificate ${leaf.serial} ends before it begins`)
}

function faultOf({ what, expired }: PathFault): CodedError {
  return new CodedError(expired ? 'certificate-expired' : 'certificate-untrusted', what)
}

/** Where Countersign's own authority is trusted as a Fulcio too, only the stricter trust holds. */
function strictest(authorities: readonly TrustedAuthority[]): readonly TrustedAuthority[] {
  const own = authorities.filter(({ kind }) => kind === 'countersign').flatMap(({ chain }) => chain)
  const isOwn = ({ chain }: TrustedAuthority) => chain.some(({ spki }) => own.some((one) => equal(one.spki, spki)))
  return authorities.filter((authority) => authority.kind === 'countersign' || !isOwn(authority))
}

interface JudgeContext {
  readonly at: number
  readonly crypto: IdentityCrypto
  readonly signed: NonNullable<PathSearch['signed']>
}

/** The grade with which an authority vouches for a certificate, null where nothing leads to it. Throws where it does not. */
function issuedBy(
  authority: TrustedAuthority,
  [leaf, ...others]: Chain,
  { identity, grade }: CertifiedIdentity,
  publicKey: PublicKey,
  context: JudgeContext,
): VerifiedCertificate['grade'] | null {
  const { crypto } = context
  const path = pathTo(authority, leaf, others, context)
  if (path === null) return null
  if (leaf.notAfter - leaf.notBefore > MAX_LIFE[authority.kind]) {
    throw new CodedError(
      'certificate-untrusted',
      `the certificate ${leaf.serial} lives longer than one for signing may`,
    )
  }
  if (authority.kind === 'fulcio') {
    checkScts(leaf, path[1]!, authority, crypto)
    return gradeOf(identity)
  }
  if (publicKey.algorithm !== 'ecdsa-p256') {
    throw new CodedError('key-invalid', `${authority.name} certifies ECDSA P-256 keys alone`)
  }
  checkIssuance(leaf, authority, crypto)
  if (grade === null) throw new CodedError(CODE, `the certificate ${leaf.serial} says no grade`)
  return grade
}

/** Certificates from the signer's to the one of the authority that is trusted, two or more. */
function pathTo(
  authority: TrustedAuthority,
  leaf: Certificate,
  others: readonly Certificate[],
  { at, crypto, signed }: JudgeContext,
): readonly Certificate[] | null {
  const root = authority.chain.at(-1)
  if (root === undefined) throw new CodedError('trust-missing', `${authority.name} has no certificate`)
  const known = authority.chain.slice(0, -1)
  const search = { leaf, others, known, pinned: [root], time: at, purpose: CODE_SIGNING, crypto, signed }
  const { path, fault } = findPath(search)
  if (fault !== null) throw faultOf(fault)
  if (path === null) return null
  if (path.length < 2) throw new CodedError('certificate-untrusted', 'the certificate is that of an authority itself')
  for (const { extensions, serial } of path) {
    if (CONSTRAINTS.some((oid) => extensions.has(oid))) {
      throw new CodedError('certificate-untrusted', `the certificate ${serial} constrains names or policies`)
    }
  }
  if (!isWithin(at, authority.validFor)) {
    throw new CodedError('certificate-expired', `${authority.name} is not believed at that time`)
  }
  return path
}
