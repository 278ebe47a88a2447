import { generateKeyPair, sign } from 'node:crypto'
import { promisify } from 'node:util'
import { CodedError, equal, parsePublicKey, utf8 } from '@countersign/core'
import { openSession, requestSigningCertificate, type SessionRequest, type TransportOptions } from '@countersign/client'
import { type CertifiedIdentity, identityOf } from '@countersign/formats/identity'
import { parseCertificate } from '@countersign/formats/x509'
import type { IdentityTokens, Signer } from '@countersign/sign'
import { unverifiedClaims } from './identity-claims.ts'
import type { Access, SessionFiles } from './session-files.ts'
import { isSpent, isUsed, showToken } from './token-again.ts'

export type { Access } from './session-files.ts'

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
  /** Why later processes of the job cannot go on with its session, where they may need to; else null. */
  readonly unkept: string | null
}

export interface KeylessOptions {
  readonly tokens: IdentityTokens
  readonly audience: string
  readonly authority: KeyAuthority
  /** Where sessions are kept for later processes of the job; null where each is given a token of its own. */
  readonly sessions: SessionFiles | null
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** A certificate with less than this left is not signed under: the signature has to reach the server too. Milliseconds. */
const LEAST_LEFT = 60_000
/** Difference of clocks that is taken, milliseconds. */
const TOLERANCE = 60_000

/**
 * Signs as the job that runs, with no key to be stored: a P-256 key that is made here, never leaves memory, and is
 * certified for the job's identity token. The certificate is had before the step runs, so that a missing permission
 * stops it, and again for another key where the step took longer than the certificate lives.
 */
export class Keyless {
  readonly #options: KeylessOptions
  #held: Obtained

  private constructor(options: KeylessOptions, first: Obtained) {
    this.#options = options
    this.#held = first
  }

  /** Throws `identity-unavailable`, what the authority refuses with, `server-unreachable` and `certificate-invalid`. */
  static async open(options: KeylessOptions): Promise<Keyless> {
    return new Keyless(options, await obtain(options, null))
  }

  /** As it was certified last; its certificate may have ended. */
  get last(): CertifiedSigner {
    return this.#held.signer
  }

  /** API token that came with the certificate, renewed where it ends; null where the authority gives none. */
  async accessToken(): Promise<string | null> {
    const { access } = this.#held
    if (access !== null && access.expiresAt - this.#options.now() < LEAST_LEFT / 2) await this.#renew()
    return this.#held.access?.token ?? null
  }

  /** A signer whose certificate has a minute left. Throws what {@link open} throws, and `identity-mismatch`. */
  async signer(): Promise<CertifiedSigner> {
    if (this.last.expiresAt - this.#options.now() < LEAST_LEFT) await this.#renew()
    return this.last
  }

  async #renew(): Promise<void> {
    const renewed = await obtain(this.#options, this.#held)
    const [before, after] = [this.last.certified.identity, renewed.signer.certified.identity]
    // One step is of one run: whoever set another token in between is not who was let in.
    if (
      before.issuer !== after.issuer ||
      before.subject.value !== after.subject.value ||
      before.runInvocationURI !== after.runInvocationURI
    ) {
      throw new CodedError('identity-mismatch', 'the new identity token is not of the run that the step began in')
    }
    this.#held = renewed
  }
}

interface Obtained {
  /** What was shown. */
  readonly token: string
  readonly signer: CertifiedSigner
  readonly access: Access | null
}

/** For the token and session that are held where they go on, else for the next token; with its session, where it has one. */
async function obtain(options: KeylessOptions, held: Obtained | null): Promise<Obtained> {
  const { tokens, audience } = options
  if (held !== null && tokens.repeats && mayGoOn(held, options.now())) {
    try {
      return await certify(options, held.token, held.access)
    } catch (error) {
      if (!isSpent(error)) throw error
    }
  }
  return showToken(tokens, audience, (token) => show(options, token))
}

async function show(options: KeylessOptions, token: string): Promise<Obtained> {
  const { sessions, tokens } = options
  if (sessions === null) return certify(options, token, null)
  try {
    const { signer, ...obtained } = await sessions.within(token, (kept) => certify(options, token, kept))
    return { ...obtained, signer: { ...signer, unkept: sessions.fault } }
  } catch (error) {
    if (!isUsed(error) || !tokens.renewable) throw error
    throw new CodedError('identity-token-used', error.what, { fix: fixOf(sessions), cause: error })
  }
}

/** What is to be done where a platform gives a job the same token again, and this process knows nothing of its session. */
function fixOf({ fault }: SessionFiles): string {
  const why = fault === null ? '' : ` (here none can be kept: ${fault})`
  return `Give all steps of the job that share a token one directory to keep its session in: COUNTERSIGN_SESSIONS${why}; if nobody of yours used the token, find out who did.`
}

/** Whether a session lasts, and the token that opened it, as far as it says itself. */
function mayGoOn({ token, access }: Obtained, now: number): boolean {
  const { exp } = unverifiedClaims(token) ?? {}
  return access !== null && access.expiresAt > now && typeof exp === 'number' && exp * 1000 > now
}

async function certify(
  { tokens, authority, sessions, now }: KeylessOptions,
  token: string,
  session: Access | null,
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
    run: tokens.run ?? null,
    key: { publicKey, proof },
    session: session?.token ?? null,
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
    unkept: sessions?.fault ?? null,
    sign: (pae) => Promise.resolve(new Uint8Array(sign('sha256', pae, privateKey))),
  }
  return { token, signer, access }
}

/** Over what the key is proven: the e-mail address of a token that has one, else its subject, as Fulcio has it. */
function holderOf(token: string): string {
  const { email, email_verified: verified, sub } = unverifiedClaims(token) ?? {}
  const holder = typeof email === 'string' && verified === true ? email : sub
  if (typeof holder === 'string' && holder !== '') return holder
  throw new CodedError('identity-unavailable', 'the identity token names nobody')
}
