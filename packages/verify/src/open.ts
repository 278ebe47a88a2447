import { CodedError, type ConcurrentCrypto, type Crypto, hex, openAssertion, type PublicKey } from '@countersign/core'
import {
  type Bundle,
  linkDigestOfPae,
  pae,
  parseStatement,
  readStep,
  signerOf,
  type StepStatement,
} from '@countersign/formats'
import { believesCertificates, type Certified, certifiedBy, CertificatesRead, timestampsOf } from './keyless.ts'
import type { IdentityCrypto } from './identity/index.ts'
import type { SignedUnder, Signer, Trust, TrustedKey, VerifiedStep } from './types.ts'

/**
 * Verifies a step attestation: signature over the raw payload under a trusted signer's key, or under a certificate of
 * a believed authority, then the payload's shape. `at` is a time (ISO) by which the signature was made, as the caller knows
 * it, for revocation and for certificates; left out, it is what a trusted timestamp in the bundle says, never the step:
 * without one, neither a key that was revoked counts nor a certificate. Throws `signature-invalid`, `signer-unknown`, `signer-revoked`,
 * `predicate-type`, what reading a step throws, and what `CertificatesRead` throws.
 */
export function verifyStep(bundle: Bundle, trust: Trust, crypto: IdentityCrypto, at?: string): VerifiedStep {
  return finish(bundle, checkSignature(bundle, trust, crypto), trust, crypto, at)
}

/** {@link verifyStep} with its signature check beside the calling thread. Rejects as it throws. */
export async function verifyStepLater(
  bundle: Bundle,
  trust: Trust,
  crypto: ConcurrentCrypto & IdentityCrypto,
  at?: string,
): Promise<VerifiedStep> {
  const checked = (await checkSignatureLater(bundle, trust, crypto)) ?? checkSignature(bundle, trust, crypto)
  return finish(bundle, checked, trust, crypto, at)
}

function finish(bundle: Bundle, checked: Checked, trust: Trust, crypto: IdentityCrypto, at?: string): VerifiedStep {
  const opened = openChecked(bundle, checked)
  if (!isProvisional(opened) && checked.key?.revokedAt == null) return opened
  const times = at === undefined ? timestampsOf(bundle, trust, crypto) : [at]
  if (!isProvisional(opened)) {
    checkRevoked(checked.key!, times.toSorted()[0] ?? null)
    return opened
  }
  return settled(opened, new CertificatesRead(trust, crypto).signer(opened.certified, times))
}

/**
 * Who signed a bundle, whatever it is about: as `verifyStep` finds it, with the payload unread. What a certificate signed
 * needs a trusted timestamp in the bundle. Throws what `verifyStep` throws of signatures.
 */
export function verifySigner(bundle: Bundle, trust: Trust, crypto: IdentityCrypto): Signer {
  const checked = checkSignature(bundle, trust, crypto)
  const times = timestampsOf(bundle, trust, crypto)
  if (checked.certified !== null) return new CertificatesRead(trust, crypto).signer(checked.certified, times)
  checkRevoked(checked.key, times.toSorted()[0] ?? null)
  return gradeD(checked.key.name, checked.key.key)
}

/** The first half of `verifyStep`: its signature. */
export function checkStep(bundle: Bundle, trust: Trust, crypto: IdentityCrypto): Checked {
  return checkSignature(bundle, trust, crypto)
}

/** A step whose signature is that of its certificate's key. Whose that is, a trusted time has yet to tell. */
export interface ProvisionalStep {
  readonly link: string
  readonly statement: StepStatement
  readonly bundle: Bundle
  readonly under: SignedUnder
  readonly certified: Certified
}

/** The second half of `verifyStep`: what the signature covers, once it was checked. Revocation is still to be asked about. */
export function openChecked(bundle: Bundle, checked: Checked): VerifiedStep | ProvisionalStep {
  const { key, link, under, certified } = checked
  const statement = readStep(parseStatement(bundle.envelope.payload))
  if (certified !== null) return { link, statement, bundle, under, certified }
  return made({ link, statement, bundle, under }, gradeD(key.name, key.key))
}

export function isProvisional(step: VerifiedStep | ProvisionalStep): step is ProvisionalStep {
  return 'certified' in step
}

/** The step of a certificate's key, once it is known who that was. */
export function settled({ link, statement, bundle, under }: ProvisionalStep, signer: Signer): VerifiedStep {
  return made({ link, statement, bundle, under }, signer)
}

const NOBODY: readonly Signer[] = []
const NONE: readonly Bundle[] = []

/**
 * Throws `signer-revoked` unless the key was good at `at`, a time by which its signature is known to have been made;
 * null where none is known. What a step says of its own time is none: whoever has the key says what he likes (T-67).
 */
export function checkRevoked({ name, revokedAt }: TrustedKey, at: string | null, signed = 'this'): void {
  if (revokedAt === null || (at !== null && at < revokedAt)) return
  const when =
    at === null
      ? `nothing that is believed says that it signed ${signed} before`
      : `that it signed ${signed} is known only since ${at}`
  const what = `the key of ${name} was revoked as of ${revokedAt}, and ${when}`
  if (at !== null) throw new CodedError('signer-revoked', what)
  throw new CodedError('signer-revoked', what, {
    fix: 'Bring the receipt of a log that you believe, which the contract names as countersigner; or sign again with the key that replaced it.',
  })
}

function made(
  { link, statement, bundle, under }: Pick<VerifiedStep, 'link' | 'statement' | 'bundle' | 'under'>,
  signer: Signer,
): VerifiedStep {
  return { link, signer, under, cosigners: NOBODY, cosignatures: NONE, statement, bundle } as unknown as VerifiedStep
}

/** The trusted key, or the certificate, under which the signature of one bundle verifies; and what it covers. */
export type Checked = { readonly link: string; readonly under: SignedUnder } & (
  | { readonly key: TrustedKey; readonly certified: null }
  | { readonly key: null; readonly certified: Certified }
)

/**
 * {@link checkStep} beside the calling thread, under the key that the bundle names alone. Null where it names
 * none that is trusted, or does not verify: what that means, `checkStep` says.
 */
export function checkLater(
  bundle: Bundle,
  trust: Trust,
  crypto: ConcurrentCrypto & IdentityCrypto,
): Promise<Checked | null> {
  return checkSignatureLater(bundle, trust, crypto)
}

const NOT_CHECKED: Promise<null> = Promise.resolve(null)

function checkSignatureLater(
  bundle: Bundle,
  trust: Trust,
  crypto: ConcurrentCrypto & IdentityCrypto,
): Promise<Checked | null> {
  const certified = bundle.key.kind === 'certificate' ? certifiedOrNull(bundle, trust) : null
  const key = certified === null ? hintedOf(bundle, trust.signers) : keyOf(certified, trust)
  const by = certified?.key ?? key?.key
  if (by === undefined) return NOT_CHECKED
  const { envelope } = bundle
  const signed = pae(envelope.payloadType, envelope.payload)
  const verified = crypto.verifyLater(by, signed, envelope.signature)
  const link = linkDigestOfPae(signed, crypto)
  return verified.then((valid) => (valid ? checkedBy(bundle, link, key, certified, crypto) : null))
}

function checkedBy(
  bundle: Bundle,
  link: string,
  key: TrustedKey | undefined,
  certified: Certified | null,
  crypto: Pick<Crypto, 'sha256'>,
): Checked {
  // An enrolled key is what it was enrolled as, whatever certificate somebody got for it: one key plays one part (T-39).
  if (key !== undefined) return { link, under: underOf(bundle, key.key, crypto), key, certified: null }
  return { link, under: underOf(bundle, certified!.key, crypto), key: null, certified: certified! }
}

function underOf(bundle: Bundle, key: PublicKey, crypto: Pick<Crypto, 'sha256'>): SignedUnder {
  const der = signerOf(bundle, key)
  return { der, digest: der === key.spki ? key.keyId : hex(crypto.sha256(der)) }
}

/** Null where certificates count for nothing, and where there is none that can be read. */
function certifiedOrNull(bundle: Bundle, trust: Trust): Certified | null {
  if (!believesCertificates(trust)) return null
  try {
    return certifiedBy(bundle)
  } catch (error) {
    if (error instanceof CodedError) return null
    throw error
  }
}

function keyOf({ key }: Certified, { signers }: Trust): TrustedKey | undefined {
  return signers.find((known) => known.key.keyId === key.keyId)
}

function hintedOf({ key }: Bundle, keys: readonly TrustedKey[]): TrustedKey | undefined {
  const hint = key.kind === 'publicKey' ? key.hint : null
  return keys.find((known) => known.key.keyId === hint)
}

const NO_AUTHORITY = 'it is signed under a certificate, and no authority is believed'

function checkSignature(bundle: Bundle, trust: Trust, crypto: IdentityCrypto): Checked {
  const { signers: keys } = trust
  const keyless = believesCertificates(trust)
  const certificate = bundle.key.kind === 'certificate'
  if (keys.length === 0 && !keyless) {
    if (certificate) throw new CodedError('certificate-untrusted', NO_AUTHORITY)
    throw new CodedError('trust-missing', 'no key is trusted')
  }
  const { envelope } = bundle
  const signed = pae(envelope.payloadType, envelope.payload)
  if (certificate && keyless) {
    const certified = certifiedBy(bundle)
    if (!crypto.verify(certified.key, signed, envelope.signature)) {
      throw new CodedError('signature-invalid', 'the signature does not verify under the key of its certificate')
    }
    return checkedBy(bundle, linkDigestOfPae(signed, crypto), keyOf(certified, trust), certified, crypto)
  }
  const hinted = hintedOf(bundle, keys)
  if (hinted !== undefined && crypto.verify(hinted.key, signed, envelope.signature)) {
    return checkedBy(bundle, linkDigestOfPae(signed, crypto), hinted, null, crypto)
  }
  // The hint is a hint: a missing or wrong one costs time, not the verdict.
  for (const known of keys) {
    if (known !== hinted && crypto.verify(known.key, signed, envelope.signature)) {
      return checkedBy(bundle, linkDigestOfPae(signed, crypto), known, null, crypto)
    }
  }
  if (hinted !== undefined) {
    if (hinted.key.passkey !== undefined) openAssertion(hinted.key.passkey, signed, envelope.signature, crypto)
    throw new CodedError('signature-invalid', `the signature named as ${hinted.name}'s does not verify`)
  }
  if (certificate) throw new CodedError('certificate-untrusted', NO_AUTHORITY)
  const hint = bundle.key.kind === 'publicKey' ? bundle.key.hint : null
  const named = hint === null ? 'no key' : `key ${hint.slice(0, 16)}`
  throw new CodedError(
    'signer-unknown',
    `the signature names ${named} and verifies under none of the ${keys.length} trusted keys`,
  )
}

/** A bare key is an enrolled identity: who holds it is the enroller's word. */
export function gradeD(name: string, { keyId, algorithm }: PublicKey): Signer {
  return { name, keyId, algorithm, grade: 'D', identity: null, authority: null, certificate: null }
}
