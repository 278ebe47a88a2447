import { CodedError, parsePublicKey, type PublicKey } from '@countersign/core'
import { matchesIdentity } from '@countersign/contract'
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

  constructor(trust: Trust, crypto: IdentityCrypto) {
    this.#trust = trust
    this.#believed = byName(trust.authorities ?? [])
    const authorities = [...this.#believed].map(([name, { authority }]): TrustedAuthority => ({ ...authority, name }))
    this.#certificates = new CertificateCache(authorities, crypto)
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
    const believed = this.#believed.get(authority)!
    const who = this.#trust.identities?.find((one) => means(one, identity, believed.id))
    if (who === undefined) {
      throw new CodedError('signer-unknown', `${identityText(identity)} is none of the identities that are believed`)
    }
    const name = who.name ?? identityText(identity)
    for (const [what, revokedAt] of [
      [`the identity ${name}`, who.revokedAt],
      [`the authority ${authority}`, believed.revokedAt],
    ] as const) {
      if (revokedAt !== null && signedAt >= revokedAt) {
        throw new CodedError('signer-revoked', `${what} was revoked at ${revokedAt}`)
      }
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
        serial,
        system,
        notBefore: new Date(notBefore).toISOString(),
        notAfter: new Date(notAfter).toISOString(),
        signedAt,
      },
    }
  }
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

function means({ pattern, authorities }: TrustedIdentity, identity: Identity, id: string): boolean {
  if (authorities !== null && !authorities.includes(id)) return false
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
