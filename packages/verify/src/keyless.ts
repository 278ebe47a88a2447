import { CodedError, hex, parsePublicKey, type PublicKey } from '@countersign/core'
import { matchesIdentity, PUBLIC_SIGSTORE } from '@countersign/contract'
import type { Bundle } from '@countersign/formats'
import { parseTimestampResponse, parseTimestampToken } from '@countersign/formats/anchor'
import { type Identity, identityText } from '@countersign/formats/identity'
import { type Certificate, parseCertificate } from '@countersign/formats/x509'
import { verifyTimestamp } from './anchors/rfc3161.ts'
import { CertificateCache, type IdentityCrypto, type TrustedAuthority } from './identity/index.ts'
import type { BelievedAuthority, Signer, Trust, TrustedIdentity } from './types.ts'

/** The certificate beside a signature, and its key. Nothing says yet that anybody issued it. */
export interface Certified {
  readonly leaf: Certificate
  readonly key: PublicKey
}

/** Anybody at all whom a believed authority vouches for. */
export const ANY_IDENTITY: TrustedIdentity = { name: null, pattern: null, authorities: null, revokedAt: null }

/** True when certificates count for anything. */
export function believesCertificates({ authorities = [] }: Trust): boolean {
  return authorities.length > 0
}

/**
 * The certificate that a bundle names; throws `certificate-invalid` and `key-invalid`. Others that came with it are of no
 * matter: what is on the way to a root comes with the trust in it, and so nobody can make the way long.
 */
export function certifiedBy({ key }: Bundle): Certified {
  const [der] = key.kind === 'certificate' ? key.chain : []
  if (der === undefined) throw new CodedError('certificate-invalid', 'the bundle holds no certificate')
  const leaf = parseCertificate(der, 'certificate-invalid')
  return { leaf, key: parsePublicKey(leaf.spki) }
}

/** Who signed under certificates. Each certificate is verified once for all steps that are signed under it. */
export class CertificatesRead {
  readonly #trust: Trust
  readonly #believed: ReadonlyMap<string, BelievedAuthority>
  readonly #certificates: CertificateCache
  /** Of an authority, by its name, the others that have the same certificates, each to be asked for itself. */
  readonly #alike: ReadonlyMap<string, readonly Alike[]>

  constructor(trust: Trust, crypto: IdentityCrypto) {
    this.#trust = trust
    this.#believed = byName(trust.authorities ?? [])
    const authorities = [...this.#believed].map(([name, { authority }]): TrustedAuthority => ({ ...authority, name }))
    this.#certificates = new CertificateCache(authorities, crypto)
    this.#alike = alikeAmong(this.#believed, crypto)
  }

  /**
   * Who signed, at the earliest of these times (ISO) at which that holds: the certificate leads to a believed authority,
   * its whole path was valid, somebody trusted is meant, and nobody was revoked. Each time is one at which a third party
   * had what was signed. Throws `time-untrusted` where there is none, `certificate-expired` where none is in the
   * lifetime of the certificate, `certificate-untrusted`, `certificate-invalid`, `issuance-unproven`, `key-invalid`,
   * `signer-unknown` and `signer-revoked`.
   */
  signer(certified: Certified, times: readonly string[]): Signer {
    const { leaf, key } = certified
    this.#checkParts(key)
    const sorted = times.toSorted()
    const within = sorted.filter((time) => isWithin(time, leaf))
    const [earliest] = within
    if (earliest === undefined) {
      // What nobody issued is no better at another time, and more worth telling.
      this.#certificates.verify([leaf.der], leaf.notBefore)
      const [first] = sorted
      if (first === undefined) {
        throw new CodedError(
          'time-untrusted',
          'nobody trusted says when what is signed under the certificate was there',
        )
      }
      throw new CodedError('certificate-expired', `the certificate was valid ${timesOf(leaf)}, not at ${first}`)
    }
    const latest = within.at(-1)!
    try {
      return this.#signerAt(certified, earliest)
    } catch (error) {
      // An authority may begin to be believed in between.
      const expired = error instanceof CodedError && error.code === 'certificate-expired'
      if (!expired || latest === earliest) throw error
      return this.#signerAt(certified, latest)
    }
  }

  /** One key plays one part: else a log could sign the steps that it countersigns (T-39). */
  #checkParts({ keyId }: PublicKey): void {
    const { countersigners, witnesses = [] } = this.#trust
    const others = [...countersigners.map(({ key }) => key), ...witnesses]
    const other = others.find(({ publicKey }) => publicKey.keyId === keyId)
    if (other === undefined) return
    throw new CodedError(
      'certificate-untrusted',
      `the certificate is for the key of ${other.name}, which signs no steps`,
    )
  }

  #signerAt({ leaf, key }: Certified, signedAt: string): Signer {
    const verified = this.#certificates.verify([leaf.der], Date.parse(signedAt))
    const { identity, grade, system, serial, notBefore, notAfter, authority } = verified
    const vouching = [this.#believed.get(authority)!, ...this.#alikeFor(authority, leaf, signedAt)]
    const standing = vouching.filter(({ revokedAt }) => revokedAt === null || signedAt < revokedAt)
    const meant = (ids: readonly string[]) => this.#trust.identities?.find((one) => means(one, identity, ids))
    const vouchedBy = [...new Set(standing.flatMap(idsOf))]
    const stands = meant(vouchedBy)
    const who = stands ?? meant(vouching.flatMap(idsOf))
    if (who === undefined) {
      throw new CodedError('signer-unknown', `${identityText(identity)} is none of the identities that are believed`)
    }
    const name = who.name ?? identityText(identity)
    if (who.revokedAt !== null && signedAt >= who.revokedAt) {
      throw new CodedError('signer-revoked', `the identity ${name} was revoked at ${who.revokedAt}`)
    }
    const [believed] = standing
    if (believed === undefined || stands === undefined) {
      const since = vouching.flatMap(({ revokedAt }) => revokedAt ?? []).toSorted()[0]
      throw new CodedError('signer-revoked', `the authority ${authority} was revoked at ${since}`)
    }
    return {
      name,
      keyId: key.keyId,
      algorithm: key.algorithm,
      grade,
      identity,
      authority: believed.authority.name,
      certificate: {
        authorityId: believed.id,
        vouchedBy,
        serial,
        system,
        notBefore: new Date(notBefore).toISOString(),
        notAfter: new Date(notAfter).toISOString(),
        signedAt,
      },
    }
  }

  /** Who else vouches for the certificate: the same certificates may be in several trusted roots. */
  #alikeFor(authority: string, leaf: Certificate, signedAt: string): BelievedAuthority[] {
    const alike = this.#alike.get(authority) ?? []
    return alike.filter(({ certificates }) => vouches(certificates, leaf, signedAt)).map(({ believed }) => believed)
  }
}

interface Alike {
  readonly believed: BelievedAuthority
  readonly certificates: CertificateCache
}

/** By name, those that have the same certificates as another: seldom any. */
function alikeAmong(
  believed: ReadonlyMap<string, BelievedAuthority>,
  crypto: IdentityCrypto,
): ReadonlyMap<string, readonly Alike[]> {
  const same = Map.groupBy(believed, ([, { authority }]) =>
    authority.chain.map(({ der }) => hex(crypto.sha256(der))).join(),
  )
  const alike = new Map<string, readonly Alike[]>()
  for (const group of same.values()) {
    if (group.length === 1) continue
    const each = group.map(([name, one]) => ({
      name,
      believed: one,
      certificates: new CertificateCache([one.authority], crypto),
    }))
    for (const [name] of group)
      alike.set(
        name,
        each.filter((other) => other.name !== name),
      )
  }
  return alike
}

function vouches(certificates: CertificateCache, { der }: Certificate, signedAt: string): boolean {
  try {
    certificates.verify([der], Date.parse(signedAt))
    return true
  } catch (error) {
    if (error instanceof CodedError) return false
    throw error
  }
}

function idsOf({ id, isPublic }: BelievedAuthority): string[] {
  return isPublic ? [id, PUBLIC_SIGSTORE] : [id]
}

/** Under names of which no two are equal: a verified certificate says by name who vouches for it. */
function byName(authorities: readonly BelievedAuthority[]): ReadonlyMap<string, BelievedAuthority> {
  const named = new Map<string, BelievedAuthority>()
  for (const one of authorities) {
    const { name } = one.authority
    let own = name
    for (let again = 2; named.has(own); again++) own = `${name} (${again})`
    named.set(own, one)
  }
  return named
}

function means({ pattern, authorities }: TrustedIdentity, identity: Identity, ids: readonly string[]): boolean {
  // Nobody is meant by whom nobody vouches for.
  if (authorities === null ? ids.length === 0 : !authorities.some((id) => ids.includes(id))) return false
  return pattern === null || matchesIdentity(pattern, identity)
}

/** Whether a time (ISO) is in the lifetime of a certificate. */
export function isWithin(time: string, { notBefore, notAfter }: Certificate): boolean {
  const at = Date.parse(time)
  return at >= notBefore && at <= notAfter
}

function timesOf({ notBefore, notAfter }: Certificate): string {
  return `from ${new Date(notBefore).toISOString()} to ${new Date(notAfter).toISOString()}`
}

/** Most timestamps of one signature that are looked at. */
const MAX_TIMESTAMPS = 4

/**
 * The times (ISO) at which trusted timestamp authorities had the signature of a bundle (RFC 3161 over the signature's
 * bytes, as Sigstore has it). What does not verify tells no time.
 */
export function timestampsOf(
  { timestamps, envelope }: Bundle,
  trust: Trust,
  crypto: IdentityCrypto,
): readonly string[] {
  const { timestamps: believed } = trust
  if (believed === undefined || timestamps.length === 0) return []
  const imprint = crypto.sha256(envelope.signature)
  return timestamps.slice(0, MAX_TIMESTAMPS).flatMap((response) => {
    try {
      const { status, token } = parseTimestampResponse(response)
      if (status > 1 || token === null) return []
      const { info } = verifyTimestamp(parseTimestampToken(token), [], imprint, believed, crypto)
      return [new Date(info.time.milliseconds).toISOString()]
    } catch (error) {
      if (error instanceof CodedError) return []
      throw error
    }
  })
}
