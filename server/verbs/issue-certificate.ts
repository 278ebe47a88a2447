import { CodedError, type JsonObject, parsePublicKey, type PublicKey, readPublicKey, utf8 } from '@countersign/core'
import { parseTlogProof } from '@countersign/formats'
import { type Certificate, DerReader } from '@countersign/formats/x509'
import {
  type CertificateRequest,
  type Grade,
  type Identity,
  ISSUANCE_PROOF_OID,
  parseCertificateRequest,
  SCT_LIST_OID,
  sctMessage,
  tbsCertificate,
  withExtension,
  writeCertificate,
  writeIssuanceProof,
  writeSctList,
} from '@countersign/formats/identity'
import type { Signer } from '@countersign/sign'
import { CERTIFICATE_LIFE, type IssuingAuthority, keyIdentifier, newSerial, serialText } from '../ca-keys.ts'
import type { Deps } from './deps.ts'

/** Who is to be certified, as a verified identity token says. */
export interface CertifiedToken {
  readonly system: string
  readonly identity: Identity
  readonly grade: Exclude<Grade, 'D'>
  readonly claims: JsonObject
}

/** The key that is to be certified, and proof that whoever asks has it. */
export type KeyRequest =
  /** PEM or base64 of an SPKI; a signature over the token's `sub`, or over its e-mail address. */
  | { readonly kind: 'key'; readonly publicKey: string; readonly proof: Uint8Array }
  /** PKCS #10, DER. */
  | { readonly kind: 'request'; readonly der: Uint8Array }

declare const proven: unique symbol

/** A key that whoever asks has shown to have. Made only by {@link proveKey}. */
export interface ProvenKey {
  readonly [proven]: 'key'
  readonly publicKey: PublicKey
  /** What it has signed; null where it signed a request. */
  readonly challenge: string | null
}

export interface IssueInput {
  readonly tenant: string
  readonly token: CertifiedToken
  readonly key: ProvenKey
}

export interface IssuedCertificate {
  /** DER: the certificate first, the root last. */
  readonly chain: readonly Uint8Array[]
  readonly serial: string
  /** ISO times. */
  readonly notBefore: string
  readonly notAfter: string
  /** Of its leaf in the log. */
  readonly index: number
}

/** Certificates of a tenant that may be on their way at once; beyond, the server says that it is busy. */
const MAX_WAITING = 64
/** Most bytes of what is logged: the proof of it must find room in what a certificate may have. */
const MAX_TBS = 10_240
/** Of TLS: SHA-256 and ECDSA (RFC 5246 §7.4.1.4.1). */
const SHA256 = 4
const ECDSA = 3

/** The authority of a server: what it issues with, and how many are on their way. */
export class Issuing {
  readonly authority: IssuingAuthority
  readonly #waiting = new Map<string, number>()

  constructor(authority: IssuingAuthority) {
    this.authority = authority
  }

  /** Does some work for a tenant; throws `server-busy` where too much is being done for it. */
  async within<T>(tenant: string, work: () => Promise<T>): Promise<T> {
    const waiting = this.#waiting.get(tenant) ?? 0
    if (waiting >= MAX_WAITING) throw new CodedError('server-busy', 'too many certificates of this tenant wait')
    this.#waiting.set(tenant, waiting + 1)
    try {
      return await work()
    } finally {
      const left = this.#waiting.get(tenant)! - 1
      if (left === 0) this.#waiting.delete(tenant)
      else this.#waiting.set(tenant, left)
    }
  }
}

/**
 * Certifies the key of who showed an identity token, for ten minutes. The certificate is in the log, under a published
 * checkpoint, before it is signed, and holds the proof of that; so whatever is handed out can be found by whoever
 * follows the log. What fails after it was logged is a leaf whose certificate nobody has.
 *
 * Throws `certificate-invalid` for an identity that no certificate can say, `signature-invalid` where the key was proven
 * to be somebody else's, and what the sequencer and the keys throw.
 */
export async function issueCertificate(deps: Deps, input: IssueInput): Promise<IssuedCertificate> {
  try {
    const issued = await deps.issuing.within(input.tenant, () => issue(deps, input))
    deps.metrics.certificate('issued')
    return issued
  } catch (error) {
    if (error instanceof CodedError) deps.metrics.certificate(error.code)
    throw error
  }
}

async function issue(deps: Deps, { tenant, token, key }: IssueInput): Promise<IssuedCertificate> {
  const { crypto, sequencer, log, issuing } = deps
  const { authority } = issuing
  const { publicKey, challenge } = key
  if (challenge !== null && !challengesOf(token.claims).includes(challenge)) throw unproven()
  await log.ready()
  const { system, identity, grade } = token
  const [ca] = authority.chain
  // Whole seconds: a certificate knows no smaller ones.
  const notBefore = Math.floor(Date.parse(deps.now()) / 1000) * 1000
  const notAfter = Math.min(notBefore + CERTIFICATE_LIFE, ...authority.chain.map((one) => one.notAfter))
  if (notAfter <= notBefore) throw new CodedError('certificate-expired', 'the authority itself has expired')
  const serial = newSerial()
  const tbs = tbsCertificate({
    identity,
    grade,
    system,
    serial,
    issuer: ca.subject,
    issuerKeyId: subjectKeyIdentifier(ca),
    subjectKeyId: keyIdentifier(publicKey),
    notBefore,
    notAfter,
    spki: publicKey.spki,
    algorithm: 'ecdsa-sha256',
  })
  if (tbs.length > MAX_TBS) throw new CodedError('certificate-invalid', `the identity exceeds ${MAX_TBS} bytes`)
  const times = { notBefore: new Date(notBefore).toISOString(), notAfter: new Date(notAfter).toISOString() }
  const logged = await sequencer.issue({
    tenant,
    serial: serialText(serial),
    authority: authority.signer.publicKey.keyId,
    keyId: publicKey.keyId,
    issuedAt: times.notBefore,
    notAfter: times.notAfter,
    tbs,
  })
  const proof = writeIssuanceProof(parseTlogProof(logged.proof))
  const proven = withExtension(tbs, { oid: ISSUANCE_PROOF_OID, critical: false, value: proof })
  const scts = await promise(deps, authority, proven)
  const whole = withExtension(proven, { oid: SCT_LIST_OID, critical: false, value: scts })
  const certificate = writeCertificate(whole, 'ecdsa-sha256', await signed(authority.signer, whole, crypto))
  const chain = [certificate, ...authority.chain.map(({ der }) => der)]
  return { chain, serial: serialText(serial), ...times, index: logged.index }
}

/** Value of the extension that holds the promise of the server's CT key (RFC 6962 §3.2), for readers that ask for one. */
async function promise(
  { crypto, now }: Pick<Deps, 'crypto' | 'now'>,
  { chain, ctSigner }: IssuingAuthority,
  tbs: Uint8Array,
): Promise<Uint8Array> {
  const sct = { timestamp: Date.parse(now()), extensions: new Uint8Array() }
  const message = sctMessage(sct, crypto.sha256(chain[0].spki), tbs)
  const signature = await signed(ctSigner, message, crypto)
  const logId = crypto.sha256(ctSigner.publicKey.spki)
  return writeSctList([{ ...sct, logId, hash: SHA256, algorithm: ECDSA, signature }])
}

/** A signature that verifies: one that does not would tell of a fault, and two of them may tell the key. */
async function signed(signer: Signer, message: Uint8Array, crypto: Deps['crypto']): Promise<Uint8Array> {
  const signature = await signer.sign(message)
  if (await crypto.verifyLater(signer.publicKey, message, signature)) return signature
  throw new CodedError('sign-failed', 'what the authority has just signed does not verify under its key')
}

/**
 * The key, when whoever asks has shown that it is his: else he could claim what others have signed. `claims` are those of
 * the token, which need not be verified yet: so a mistake here does not use the token up. Throws `key-invalid`,
 * `certificate-invalid` for a request that cannot be read, and `signature-invalid`.
 */
export async function proveKey(
  { crypto }: Pick<Deps, 'crypto'>,
  request: KeyRequest,
  claims: JsonObject,
): Promise<ProvenKey> {
  const made = (publicKey: PublicKey, challenge: string | null) => ({ publicKey, challenge }) as unknown as ProvenKey
  if (request.kind === 'request') {
    const asked = parseCertificateRequest(request.der)
    const key = checked(parsePublicKey(asked.spki))
    if (isEcdsaSha256(asked) && (await crypto.verifyLater(key, asked.signed, asked.signature))) return made(key, null)
    throw new CodedError('signature-invalid', 'the certificate request is not signed with the key that it is for')
  }
  const key = checked(readPublicKey(request.publicKey))
  for (const challenge of challengesOf(claims)) {
    if (await crypto.verifyLater(key, utf8(challenge), request.proof)) return made(key, challenge)
  }
  throw unproven()
}

function unproven(): CodedError {
  return new CodedError(
    'signature-invalid',
    'the proof of possession is not a signature over the subject of the token',
    {
      fix: 'Sign the `sub` of the identity token, or its e-mail address, with the key that is to be certified.',
    },
  )
}

/** What clients of Fulcio sign: the e-mail address where the token has one, the subject where not. */
function challengesOf(claims: JsonObject): string[] {
  return [claims['sub'], claims['email']].filter((claim) => typeof claim === 'string' && claim !== '') as string[]
}

function checked(key: PublicKey): PublicKey {
  // What a verifier takes from this authority.
  if (key.algorithm === 'ecdsa-p256') return key
  throw new CodedError('key-invalid', 'the authority certifies ECDSA P-256 keys alone', {
    fix: 'Make a P-256 key for the signature; it lives no longer than the certificate.',
  })
}

/** Null where it has none. */
function subjectKeyIdentifier({ extensions, code }: Certificate): Uint8Array | null {
  const extension = extensions.get('2.5.29.14')
  return extension === undefined ? null : new DerReader(extension.value, 'the key identifier', code).octets()
}

function isEcdsaSha256({ algorithm }: CertificateRequest): boolean {
  return algorithm.oid === '1.2.840.10045.4.3.2' && algorithm.parameters === null
}
