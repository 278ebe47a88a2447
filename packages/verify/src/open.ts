import { CodedError, type ConcurrentCrypto, type Crypto, type PublicKey } from '@countersign/core'
import { type Bundle, linkDigestOfPae, pae, parseStatement, readStep } from '@countersign/formats'
import type { Signer, Trust, TrustedKey, VerifiedStep } from './types.ts'

/**
 * Verifies a step attestation: signature over the raw payload under a trusted signer's key, then the
 * payload's shape. `at` is a time (ISO) by which the signature was made, as the caller knows it, for revocation; left
 * out, a key that was revoked counts not at all. Throws `signature-invalid`, `signer-unknown`, `signer-revoked`,
 * `predicate-type`, and what reading a step throws.
 */
export function verifyStep(bundle: Bundle, trust: Trust, crypto: Crypto, at?: string): VerifiedStep {
  const checked = checkSignature(bundle, trust.signers, crypto)
  return openBefore(bundle, checked, at)
}

/** {@link verifyStep} with its signature check beside the calling thread. Rejects as it throws. */
export async function verifyStepLater(
  bundle: Bundle,
  trust: Trust,
  crypto: ConcurrentCrypto,
  at?: string,
): Promise<VerifiedStep> {
  const checked = await checkSignatureLater(bundle, trust.signers, crypto)
  return openBefore(bundle, checked ?? checkSignature(bundle, trust.signers, crypto), at)
}

function openBefore(bundle: Bundle, checked: Checked, at: string | undefined): VerifiedStep {
  const step = openChecked(bundle, checked)
  checkRevoked(checked.key, at ?? null)
  return step
}

/** The first half of `verifyStep`: its signature. */
export function checkStep(bundle: Bundle, { signers }: Trust, crypto: Crypto): Checked {
  return checkSignature(bundle, signers, crypto)
}

/** The second half of `verifyStep`: what the signature covers, once it was checked. Revocation is still to be asked about. */
export function openChecked(bundle: Bundle, { key, link }: Checked): VerifiedStep {
  const statement = readStep(parseStatement(bundle.envelope.payload))
  return { link, signer: gradeD(key.name, key.key), cosigners: NOBODY, statement, bundle } as unknown as VerifiedStep
}

const NOBODY: readonly Signer[] = []

/**
 * Throws `signer-revoked` unless the key was good at `at`, a time by which its signature is known to have been made;
 * null where none is known. What a step says of its own time is none: whoever has the key says what he likes (T-67).
 */
export function checkRevoked({ name, revokedAt }: TrustedKey, at: string | null): void {
  if (revokedAt === null || (at !== null && at < revokedAt)) return
  const when = at === null ? 'nothing that is believed says that it signed this before' : `this is known since ${at}`
  const what = `the key of ${name} was revoked as of ${revokedAt}, and ${when}`
  if (at !== null) throw new CodedError('signer-revoked', what)
  throw new CodedError('signer-revoked', what, {
    fix: 'Bring the receipt of a log that you believe, which the contract names as countersigner; or sign again with the key that replaced it.',
  })
}

/** The trusted key under which the signature of one bundle verifies, and the link digest of what it covers. */
export interface Checked {
  readonly key: TrustedKey
  readonly link: string
}

/**
 * {@link checkStep} beside the calling thread, under the key that the bundle names alone. Null where it names
 * none that is trusted, or does not verify: what that means, `checkStep` says.
 */
export function checkLater(bundle: Bundle, trust: Trust, crypto: ConcurrentCrypto): Promise<Checked | null> {
  return checkSignatureLater(bundle, trust.signers, crypto)
}

const NOT_CHECKED: Promise<null> = Promise.resolve(null)

function checkSignatureLater(
  bundle: Bundle,
  keys: readonly TrustedKey[],
  crypto: ConcurrentCrypto,
): Promise<Checked | null> {
  const key = hintedOf(bundle, keys)
  if (key === undefined) return NOT_CHECKED
  const { envelope } = bundle
  const signed = pae(envelope.payloadType, envelope.payload)
  const verified = crypto.verifyLater(key.key, signed, envelope.signature)
  const link = linkDigestOfPae(signed, crypto)
  return verified.then((valid) => (valid ? { key, link } : null))
}

function hintedOf({ key }: Bundle, keys: readonly TrustedKey[]): TrustedKey | undefined {
  const hint = key.kind === 'publicKey' ? key.hint : null
  return keys.find((known) => known.key.keyId === hint)
}

function checkSignature(bundle: Bundle, keys: readonly TrustedKey[], crypto: Crypto): Checked {
  if (keys.length === 0) throw new CodedError('trust-missing', 'no key is trusted')
  const { envelope } = bundle
  const signed = pae(envelope.payloadType, envelope.payload)
  const hinted = hintedOf(bundle, keys)
  if (hinted !== undefined && crypto.verify(hinted.key, signed, envelope.signature)) {
    return { key: hinted, link: linkDigestOfPae(signed, crypto) }
  }
  // The hint is a hint: a missing or wrong one costs time, not the verdict.
  for (const known of keys) {
    if (known !== hinted && crypto.verify(known.key, signed, envelope.signature)) {
      return { key: known, link: linkDigestOfPae(signed, crypto) }
    }
  }
  if (hinted !== undefined)
    throw new CodedError('signature-invalid', `the signature named as ${hinted.name}'s does not verify`)
  const hint = bundle.key.kind === 'publicKey' ? bundle.key.hint : null
  const named = hint === null ? 'no key' : `key ${hint.slice(0, 16)}`
  throw new CodedError(
    'signer-unknown',
    `the signature names ${named} and verifies under none of the ${keys.length} trusted keys`,
  )
}

/** A bare key is an enrolled identity: who holds it is the enroller's word. */
export function gradeD(name: string, { keyId, algorithm }: PublicKey): Signer {
  return { name, keyId, algorithm, grade: 'D' }
}
