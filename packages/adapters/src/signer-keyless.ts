import { generateKeyPair, sign } from 'node:crypto'
import { promisify } from 'node:util'
import { CodedError, equal, parsePublicKey, utf8 } from '@countersign/core'
import { openSession, requestSigningCertificate, type SessionRequest, type TransportOptions } from '@countersign/client'
import { type CertifiedIdentity, identityOf } from '@countersign/formats/identity'
import { parseCertificate } from '@countersign/formats/x509'
import type { IdentityTokens, Signer } from '@countersign/sign'
import { unverifiedClaims } from './identity-claims.ts'

/** Whoever certifies a key for who shows an identity token. */
export interface KeyAuthority {
  certify(request: SessionRequest & { readonly key: object }): Promise<Certified>
}

export interface Certified {
  /** DER, the key's first. Not verified: whoever reads the signature does that. */
  readonly certificates: readonly Uint8Array[]
  /** API token of the server, where it is one, and until when; milliseconds since 1970. */
  readonly access: Access | null
  /** Why the provider did not confirm the run, where it was to be asked and did not. */
  readonly unconfirmed?: string | null
}

export interface Access {
  readonly token: string
  readonly expiresAt: number
}

/** Our own server: a certificate and access to it, for one token. */
export function countersignAuthority(options: Omit<TransportOptions, 'token'>): KeyAuthority {
  return {
    async certify(request) {
      const { certificates, accessToken, expiresAt, unconfirmed } = await openSession(options, request)
      return { certificates, access: { token: accessToken, expiresAt }, unconfirmed: unconfirmed?.what ?? null }
    },
  }
}

/** Any Fulcio, such as the public one. */
export function fulcioAuthority(options: Omit<TransportOptions, 'token'>): KeyAuthority {
  return {
    async certify(request) {
      return { certificates: await requestSigningCertificate(options, request), access: null }
    },
  }
}

/** A signer whose key is minutes old and was certified for an identity. */
export interface CertifiedSigner extends Signer {
  readonly certified: CertifiedIdentity
  /** Certificates as DER, the key's first. */
  readonly certificates: readonly Uint8Array[]
  /** Milliseconds since 1970. */
  readonly expiresAt: number
  /** Why the provider did not confirm the run, where it was to be asked and did not. */
  readonly unconfirmed: string | null
}

export interface KeylessOptions {
  readonly tokens: IdentityTokens
  readonly audience: string
  readonly authority: KeyAuthority
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** A certificate with less than this left is not signed under: the signature has to reach the server too. Milliseconds. */
const LEAST_LEFT = 60_000
/** Difference of clocks that is taken, milliseconds. */
const TOLERANCE = 60_000
/** Most tokens that are shown, should each have been used before. */
const MAX_TOKENS = 10

/**
 * Signs as the job that runs, with no key to be stored: a P-256 key that is made here, never leaves memory, and is
 * certified for the job's identity token. The certificate is had before the step runs, so that a missing permission
 * stops it, and again for another key where the step took longer than the certificate lives.
 */
export class Keyless {
  readonly #options: KeylessOptions
  #signer: CertifiedSigner
  #access: Access | null

  private constructor(options: KeylessOptions, first: Obtained) {
    this.#options = options
    this.#signer = first.signer
    this.#access = first.access
  }

  /** Throws `identity-unavailable`, what the authority refuses with, `server-unreachable` and `certificate-invalid`. */
  static async open(options: KeylessOptions): Promise<Keyless> {
    return new Keyless(options, await obtain(options))
  }

  /** As it was certified last; its certificate may have ended. */
  get last(): CertifiedSigner {
    return this.#signer
  }

  /** API token that came with the certificate, renewed where it ends; null where the authority gives none. */
  async accessToken(): Promise<string | null> {
    if (this.#access !== null && this.#access.expiresAt - this.#options.now() < LEAST_LEFT / 2) await this.#renew()
    return this.#access?.token ?? null
  }

  /** A signer whose certificate has a minute left. Throws what {@link open} throws, and `identity-mismatch`. */
  async signer(): Promise<CertifiedSigner> {
    if (this.#signer.expiresAt - this.#options.now() < LEAST_LEFT) await this.#renew()
    return this.#signer
  }

  async #renew(): Promise<void> {
    const { signer, access } = await obtain(this.#options)
    const [before, after] = [this.#signer.certified.identity, signer.certified.identity]
    // One step is of one run: whoever set another token in between is not who was let in.
    if (
      before.issuer !== after.issuer ||
      before.subject.value !== after.subject.value ||
      before.runInvocationURI !== after.runInvocationURI
    ) {
      throw new CodedError('identity-mismatch', 'the new identity token is not of the run that the step began in')
    }
    this.#signer = signer
    this.#access = access
  }
}

interface Obtained {
  readonly signer: CertifiedSigner
  readonly access: Access | null
}

async function obtain(options: KeylessOptions): Promise<Obtained> {
  const { tokens, audience, authority } = options
  for (let shown = 1; ; shown++) {
    const token = await tokens.token(audience)
    try {
      return await certify({ token, run: tokens.run ?? null }, authority, options.now)
    } catch (error) {
      const used = error instanceof CodedError && error.code === 'identity-token-used'
      // Steps of one job share the tokens that it was given; a platform may keep one for a while.
      if (!used || shown === (tokens.renewable ? 2 : MAX_TOKENS)) throw error
    }
  }
}

async function certify(
  { token, run }: { readonly token: string; readonly run: string | null },
  authority: KeyAuthority,
  now: () => number,
): Promise<Obtained> {
  const { publicKey: made, privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
  const publicKey = parsePublicKey(made.export({ type: 'spki', format: 'der' }))
  const proof = new Uint8Array(sign('sha256', utf8(holderOf(token)), privateKey))
  const {
    certificates,
    access,
    unconfirmed = null,
  } = await authority.certify({
    token,
    run,
    key: { publicKey, proof },
  })
  const [leaf] = certificates
  if (leaf === undefined) throw new CodedError('certificate-invalid', 'the authority gave no certificate')
  const certificate = parseCertificate(leaf, 'certificate-invalid')
  // An authority that certified another key would have everything refused that is signed from now on.
  if (!equal(certificate.spki, publicKey.spki)) {
    throw new CodedError('certificate-invalid', 'the authority certified another key than ours')
  }
  const certified = identityOf(certificate)
  if (certificate.notAfter - now() < LEAST_LEFT || certificate.notBefore - now() > TOLERANCE) {
    throw new CodedError('certificate-expired', 'the certificate just made is not valid by the clock of this machine', {
      fix: 'Set the clock of this machine, or that of the server.',
    })
  }
  const signer: CertifiedSigner = {
    key: { kind: 'certificate', chain: [leaf] },
    publicKey,
    certified,
    certificates,
    expiresAt: certificate.notAfter,
    unconfirmed,
    sign: (pae) => Promise.resolve(new Uint8Array(sign('sha256', pae, privateKey))),
  }
  return { signer, access }
}

/** Over what the key is proven: the e-mail address of a token that has one, else its subject, as Fulcio has it. */
function holderOf(token: string): string {
  const { email, email_verified: verified, sub } = unverifiedClaims(token) ?? {}
  const holder = typeof email === 'string' && verified === true ? email : sub
  if (typeof holder === 'string' && holder !== '') return holder
  throw new CodedError('identity-unavailable', 'the identity token names nobody')
}
