import { CodedError, equal, fromUtf8, hex } from '@countersign/core'
import { readLogStatementText, type StatementDigests } from '@countersign/formats'
import {
  isNamedBy,
  OID_SHA256,
  type Rfc3161Anchor,
  type TimestampInfo,
  type TimestampToken,
} from '@countersign/formats/anchor'
import { basicConstraints, type Certificate, commonName, extendedKeyUsage, keyUsage } from '@countersign/formats/x509'
import { sha1 } from '@noble/hashes/legacy.js'
import { commonFault, findPath, TIME_STAMPING } from '../x509/path.ts'
import type { AnchorProved } from './proved.ts'
import { DEFAULT_SKEW, type Rfc3161Trust, type TrustedAuthority } from './rfc3161-trust.ts'
import { type CertificateCrypto, digestOf, hashOf, schemeOf, verifySignature } from '../x509/signature.ts'

/** A token whose signature, certificates and time were checked against an authority. */
export interface VerifiedTimestamp {
  readonly authority: TrustedAuthority
  readonly info: TimestampInfo
  /** Who signed, first, up to the pinned certificate, last; one alone where the signer is pinned. */
  readonly path: readonly Certificate[]
}

/**
 * Verifies that an authority put its time to this statement (RFC 3161 §2.2 and 2.4.2, RFC 5652 §5.6, RFC 5816). The
 * certificate that is checked is the one that signed: found by the hash in the signed attributes, so that others beside
 * it are of no matter (CVE-2026-39984).
 *
 * A time before the statement's own, by more than the accuracy and the skew, is a contradiction: a hash of a text that
 * says when it was made cannot have been seen before. One of the two clocks is wrong or lies, and which is not known:
 * `anchor-unproven`. A later time is none: an anchor may be late.
 *
 * Throws `anchor-mismatch` for another statement, `anchor-unproven` for what does not verify, `anchor-untrusted` for an
 * authority that is not pinned, and what `readLogStatementText` throws.
 */
export function verifyRfc3161(
  anchor: Rfc3161Anchor,
  statement: { readonly text: Uint8Array; readonly digests: StatementDigests },
  trust: Rfc3161Trust,
  crypto: CertificateCrypto,
): AnchorProved {
  if (anchor.statement !== hex(statement.digests.sha256)) {
    throw new CodedError('anchor-mismatch', 'the token is for another statement')
  }
  const verified = verifyTimestamp(anchor.token, anchor.certificates, statement.digests.sha256, trust, crypto)
  const { info, authority, path } = verified
  const made = Date.parse(readLogStatementText(fromUtf8(statement.text)).time)
  const within = accuracyOf(info)
  const early = (made - info.time.milliseconds) / 1000
  if (early > within + (trust.skew ?? DEFAULT_SKEW)) {
    throw new CodedError(
      'anchor-unproven',
      `${authority.name} says it saw the statement ${Math.round(early)} seconds before it was made`,
    )
  }
  const signer = path[0]!
  return {
    kind: 'rfc3161',
    by: authority.name,
    at: `serial ${info.serial}`,
    time: new Date(info.time.milliseconds).toISOString(),
    within,
    trusted: [
      `The clock and the key of the timestamp authority ${authority.name}.`,
      path.length === 1
        ? `Its certificate${named(signer)}, which is pinned.`
        : `The CA${named(path.at(-1)!)}, which is pinned, and that it vouches for the authority alone.`,
      'That no certificate on the way was revoked: offline nobody can say.',
    ],
  }
}

/** {@link verifyRfc3161} of a SHA-256 hash of anything, without a statement's own time to hold it against. */
export function verifyTimestamp(
  token: TimestampToken,
  certificates: readonly Certificate[],
  sha256: Uint8Array,
  trust: Rfc3161Trust,
  crypto: CertificateCrypto,
): VerifiedTimestamp {
  const { info } = token
  const { algorithm, digest } = info.imprint
  if (algorithm.oid !== OID_SHA256 || algorithm.parameters !== null || !equal(digest, sha256)) {
    throw new CodedError('anchor-mismatch', 'the token is about another hash')
  }
  const pinned = trust.authorities.flatMap((authority) => authority.certificates)
  const others = [...token.certificates, ...certificates]
  const signer = signerOf(token, [...others, ...pinned], crypto)
  verifySigner(token, signer, crypto)
  const time = info.time.milliseconds
  checkSigner(signer, time)
  const { path, fault } = findPath({ leaf: signer, others, pinned, time, purpose: TIME_STAMPING, crypto })
  if (fault !== null) throw new CodedError('anchor-unproven', fault.what)
  if (path === null) {
    throw new CodedError('anchor-untrusted', `no pinned certificate vouches for the one that signed${named(signer)}`)
  }
  const end = path.at(-1)!
  const vouching = trust.authorities.filter(({ certificates: own }) => own.some((one) => equal(one.der, end.der)))
  const authority = vouching.find(
    ({ from, until }) => (from === null || time >= from) && (until === null || time <= until),
  )
  if (authority === undefined) {
    throw new CodedError('anchor-untrusted', `${vouching[0]!.name} is not believed at ${info.time.text}`)
  }
  return { authority, info, path }
}

/** By how many seconds a token's time can be off, rounded up; 1 where it says nothing, the least that RFC 3161 can say. */
export function accuracyOf({ accuracy }: TimestampInfo): number {
  if (accuracy === null) return 1
  return accuracy.seconds + Math.ceil((accuracy.milliseconds * 1000 + accuracy.microseconds) / 1_000_000)
}

/** The certificate that the signed attributes name by its hash. All of them must mean it: there may be an old and a new one. */
function signerOf(token: TimestampToken, among: readonly Certificate[], crypto: CertificateCrypto): Certificate {
  const { certificates, id } = token.signer
  const signer = among.find((certificate) =>
    certificates.every(({ hash, digest }) => {
      const computed = certificateDigest(hash, certificate.der, crypto)
      return computed !== null && equal(computed, digest)
    }),
  )
  if (signer === undefined) {
    throw new CodedError('anchor-unproven', 'the certificate that the token says it is signed with is not there')
  }
  if (!isNamedBy(signer, id)) {
    throw new CodedError('anchor-unproven', 'the token names two certificates as the one that signed')
  }
  return signer
}

/**
 * SHA-1 names a certificate in the attribute of RFC 2634, which public authorities still send alone. Nothing hangs on
 * it that a collision could turn: what it finds must also have signed, and lead to a pinned certificate.
 */
function certificateDigest(oid: string, der: Uint8Array, crypto: CertificateCrypto): Uint8Array | null {
  if (oid === '1.3.14.3.2.26') return sha1(der)
  const hash = hashOf({ oid, parameters: null })
  return hash === null ? null : digestOf(hash, der, crypto)
}

function verifySigner({ content, signer }: TimestampToken, { spki }: Certificate, crypto: CertificateCrypto): void {
  const hash = hashOf(signer.digest)
  const scheme = schemeOf(signer.algorithm, hash, 'anchor-invalid')
  if (hash === null || scheme === null) {
    throw new CodedError('anchor-unproven', 'the token is signed by an algorithm that is not taken')
  }
  if (!equal(digestOf(hash, content, crypto), signer.messageDigest)) {
    throw new CodedError('anchor-unproven', 'the signed digest is of another time-stamp')
  }
  if (!verifySignature(scheme, spki, signer.signed, signer.signature, crypto)) {
    throw new CodedError('anchor-unproven', 'the signature of the token does not verify')
  }
}

/** RFC 3161 §2.3: one purpose, and no other, marked critical; so that no other certificate of a CA can tell times. */
function checkSigner(signer: Certificate, time: number): void {
  const unproven = (what: string) => new CodedError('anchor-unproven', `the certificate that signed ${what}`)
  const usage = extendedKeyUsage(signer)
  if (usage === null || usage.purposes.length !== 1 || usage.purposes[0] !== TIME_STAMPING) {
    throw unproven('is not for time-stamping alone')
  }
  if (!usage.critical) throw unproven('does not say critically that it is for time-stamping alone')
  const keys = keyUsage(signer)
  // digitalSignature or contentCommitment.
  if (keys !== null && !keys(0) && !keys(1)) throw unproven('may not sign')
  if (basicConstraints(signer).ca) throw unproven('is a CA')
  const fault = commonFault(signer, time)
  if (fault !== null) throw new CodedError('anchor-unproven', fault.what)
}

function named({ subject, serial }: Certificate): string {
  const name = commonName(subject, 'anchor-invalid')
  return name === null ? ` ${serial}` : ` “${name}”`
}
