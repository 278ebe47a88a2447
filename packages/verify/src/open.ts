import { CodedError, type ConcurrentCrypto, type Crypto } from '@countersign/core'
import {
  type Bundle,
  linkDigestOfPae,
  pae,
  parseStatement,
  readReceipt,
  readStep,
  RECEIPT_PREDICATE,
  type Statement,
} from '@countersign/formats'
import type { Signer, Trust, TrustedKey, VerifiedReceipt, VerifiedStep } from './types.ts'

/**
 * Verifies a step attestation: signature over the raw payload under a trusted signer's key, then the
 * payload's shape. `at` is when the signature is taken to have been made (ISO time), for revocation; left
 * out, it is what the step says of itself. Throws `signature-invalid`, `signer-unknown`, `signer-revoked`,
 * `predicate-type`, and what reading a step throws.
 */
export function verifyStep(bundle: Bundle, trust: Trust, crypto: Crypto, at?: string): VerifiedStep {
  const { key, link } = checkSignature(bundle, trust.signers, crypto)
  return openStep(bundle, link, key, parseStatement(bundle.envelope.payload), at)
}

/** {@link verifyStep} with its signature check beside the calling thread. Rejects as it throws. */
export async function verifyStepLater(
  bundle: Bundle,
  trust: Trust,
  crypto: ConcurrentCrypto,
  at?: string,
): Promise<VerifiedStep> {
  const checked = await checkSignatureLater(bundle, trust.signers, crypto)
  const { key, link } = checked ?? checkSignature(bundle, trust.signers, crypto)
  return openStep(bundle, link, key, parseStatement(bundle.envelope.payload), at)
}

/** Verifies a receipt: signature under a trusted server's key, then its shape. Throws as `verifyStep` does, and `receipt-invalid`. */
export function verifyReceipt(bundle: Bundle, trust: Trust, crypto: Crypto): VerifiedReceipt {
  const { key } = checkSignature(bundle, trust.countersigners, crypto)
  return openReceipt(bundle, key, parseStatement(bundle.envelope.payload))
}

/** Either of the two, told apart by what was signed: a signer vouches for steps only, a server for receipts only. */
export function verifyEither(bundle: Bundle, trust: Trust, crypto: Crypto): VerifiedStep | VerifiedReceipt {
  return openEither(bundle, checkEither(bundle, trust, crypto), trust)
}

/** The first half of `verifyEither`: its signature, under whatever key is trusted for anything. */
export function checkEither(bundle: Bundle, trust: Trust, crypto: Crypto): Checked {
  return checkSignature(bundle, anyOf(trust), crypto)
}

/** The second half of `verifyEither`: what the signature covers, once it was checked. */
export function openEither(bundle: Bundle, { key, link }: Checked, trust: Trust): VerifiedStep | VerifiedReceipt {
  const statement = parseStatement(bundle.envelope.payload)
  const receipt = statement.predicateType === RECEIPT_PREDICATE
  // A key trusted for one kind says nothing about the other; one key may be trusted for both.
  const trusted = (receipt ? trust.countersigners : trust.signers).find((known) => known.key.keyId === key.key.keyId)
  if (trusted === undefined) {
    const what = `${key.name} is not trusted to sign ${receipt ? 'receipts' : 'steps'}`
    throw new CodedError('signer-unknown', what)
  }
  return receipt ? openReceipt(bundle, trusted, statement) : openStep(bundle, link, trusted, statement)
}

const NOBODY: readonly Signer[] = []

function openStep(bundle: Bundle, link: string, key: TrustedKey, statement: Statement, at?: string): VerifiedStep {
  const step = readStep(statement)
  const signedAt = at ?? step.predicate.invocation.finishedAt
  if (key.revokedAt !== null && signedAt >= key.revokedAt) {
    throw new CodedError('signer-revoked', `the key of ${key.name} was revoked at ${key.revokedAt}`)
  }
  return { link, signer: signerOf(key), cosigners: NOBODY, statement: step, bundle } as unknown as VerifiedStep
}

function openReceipt(bundle: Bundle, key: TrustedKey, statement: Statement): VerifiedReceipt {
  const receipt = readReceipt(statement)
  if (key.revokedAt !== null && receipt.acceptedAt >= key.revokedAt) {
    throw new CodedError('signer-revoked', `the key of server ${key.name} was revoked at ${key.revokedAt}`)
  }
  return { receipt, countersigner: signerOf(key), bundle } as VerifiedReceipt
}

/** The trusted key under which the signature of one bundle verifies, and the link digest of what it covers. */
export interface Checked {
  readonly key: TrustedKey
  readonly link: string
}

/**
 * {@link checkEither} beside the calling thread, under the key that the bundle names alone. Null where it names
 * none that is trusted, or does not verify: what that means, `checkEither` says.
 */
export function checkLater(bundle: Bundle, trust: Trust, crypto: ConcurrentCrypto): Promise<Checked | null> {
  return checkSignatureLater(bundle, anyOf(trust), crypto)
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

/** Keys trusted for anything. */
function anyOf({ signers, countersigners }: Trust): readonly TrustedKey[] {
  return countersigners.length === 0 ? signers : [...signers, ...countersigners]
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

function signerOf(trusted: TrustedKey): Signer {
  // A bare key is an enrolled identity: who holds it is the enroller's word.
  return { name: trusted.name, keyId: trusted.key.keyId, algorithm: trusted.key.algorithm, grade: 'D' }
}
