import { type Code, CodedError, type ErrorReport, fromHex, type PublicKey } from '@countersign/core'
import { isSealed, isTree, type ReportRef, type ReportSigner } from '@countersign/formats'
import type { SubjectName } from '@countersign/formats/identity'
import type { Report } from '@countersign/formats/report'
import type { Criterion } from '../criteria.ts'
import { disclosedPredicate } from '../disclosure.ts'
import type { IdentityCrypto } from '../identity/certificate.ts'
import type { JudgedStep, Verdict } from '../judge.ts'
import type { SigstoreTrust } from '../sigstore/trusted-root.ts'
import type { ArtifactDigests, SigstorePolicy, SigstoreThresholds } from '../sigstore/types.ts'
import type { VerifiedAttachment } from '../types.ts'
import { type ForeignInput, verifyAttestation } from './attestation.ts'

/** Whom a verifier believes about what others attested. */
export interface AttesterTrust {
  /** Instances of Sigstore, each for itself. */
  readonly sigstore: readonly SigstoreTrust[]
  readonly keys: readonly PublicKey[]
  /** An artifact that is at hand: some signatures are over its bytes, and npm names a package by SHA-512 alone. */
  readonly artifact: (Pick<ForeignInput, 'digests'> & { readonly signed: Uint8Array | ArtifactDigests }) | null
}

/** What stands behind the signature of somebody else's that a step says it verified. */
export interface Attested {
  readonly ref: ReportRef
  /**
   * `here`: it verified again, under this verifier's own trust. `word`: whoever recorded the step says so, and here
   * something is missing to say more. `refused`: what was signed is here, and it is not by whom the step says.
   */
  readonly standing: 'here' | 'word' | 'refused'
  /** Why it is not `here`. */
  readonly fault: ErrorReport | null
}

/** Codes that no other trust would turn into a good one: the bytes that the step signed for say something else. */
const CONTRADICTED: ReadonlySet<Code> = new Set<Code>([
  'signature-invalid',
  'signature-missing',
  'signer-unknown',
  'artifact-mismatch',
  'entry-mismatch',
  'report-type',
])
/** A log had it, or a timestamp authority: what was imported may have had either behind it. */
const BEHIND: readonly SigstoreThresholds[] = [{ logs: 1 }, { logs: 0, timestamps: 1 }]
/** Most artifacts of a step that the signature of one may be over. */
const MAX_ARTIFACTS = 16

/** Verifies again what the steps of a verdict say that others signed, as far as it lies beside them. In their order. */
export function verifyAttested(
  { step, disclosed, attached }: Pick<JudgedStep, 'step' | 'disclosed' | 'attached'>,
  trust: AttesterTrust,
  crypto: IdentityCrypto,
): Attested[] {
  const predicate = disclosedPredicate(step.statement.predicate, disclosed)
  if (isSealed(predicate.evidence)) return []
  const own = [...predicate.materials, ...step.statement.subject].filter((one) => !isTree(one))
  const received = [...new Set(own.map(({ digest }) => digest.sha256))]
  return predicate.evidence.flatMap((ref): Attested[] => {
    const { annotations } = ref
    if (annotations === undefined || annotations.signer === null) return []
    const here = attached.find(({ refs }) => refs.some(({ digest }) => digest.sha256 === ref.digest.sha256))
    const { about, signer, type } = annotations
    const meant = about.length === 0 && type === 'signature' ? received : about
    const fault = faultOf(here ?? null, { signer, about: meant.slice(0, MAX_ARTIFACTS) }, trust, crypto)
    const standing = fault === null ? 'here' : fault.contradicts ? 'refused' : 'word'
    return [{ ref, standing, fault: fault?.error.report() ?? null }]
  })
}

interface Fault {
  readonly error: CodedError
  readonly contradicts: boolean
}

/** What a step says of a signature, and the artifacts that this may be over. */
interface Said {
  readonly signer: ReportSigner
  readonly about: readonly string[]
}

function faultOf(
  attached: VerifiedAttachment | null,
  said: Said,
  trust: AttesterTrust,
  crypto: IdentityCrypto,
): Fault | null {
  const report = attached?.report ?? null
  if (report === null) return lacking('evidence-unavailable', 'what was signed is not here')
  if (said.about.length === 0) {
    return { error: new CodedError('artifact-mismatch', 'it is about nothing of the step'), contradicts: true }
  }
  const tried = (sha256: string) => triedFor(sha256, report, said.signer, trust, crypto)
  if (report.type === 'signature') {
    // Which of them it is over, it does not say: one is enough, and where there are more none speaks against it.
    const faults = said.about.map(tried)
    const [first = null] = faults
    if (first === null || faults.includes(null)) return null
    return faults.length === 1 ? first : { ...first, contradicts: false }
  }
  // Of an artifact that it names by SHA-256 the attachment was found to mean all that the step says.
  const some = namesSha256(report) ? said.about.slice(0, 1) : said.about
  return some.map(tried).find((fault) => fault !== null) ?? null
}

function lacking(code: Code, what: string): Fault {
  return { error: new CodedError(code, what), contradicts: false }
}

function triedFor(
  sha256: string,
  report: Report,
  signer: ReportSigner,
  trust: AttesterTrust,
  crypto: IdentityCrypto,
): Fault | null {
  const atHand = trust.artifact?.digests.sha256 === sha256 ? trust.artifact : null
  const artifact = atHand?.signed ?? { sha256: fromHex(sha256), sha512: null }
  const digests = atHand?.digests ?? { sha256 }
  const known = atHand !== null || (report.type !== 'signature' && namesSha256(report))
  let found: Fault | null = null
  for (const believed of basesOf(signer, trust)) {
    try {
      verifyAttestation({ report, artifact, digests, crypto, ...believed })
      return null
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      const fault = { error, contradicts: known && CONTRADICTED.has(error.code) }
      // What only lacks trust here says more of whoever asks than of the signature.
      if (found === null || (fault.contradicts && !found.contradicts)) found = fault
    }
  }
  return found ?? lacking('trust-missing', 'nobody is named to check it under')
}

/** That what was signed says by SHA-256 which artifacts it means. */
function namesSha256({ about }: Report): boolean {
  return about.length > 0 && about.every((digests) => Object.hasOwn(digests, 'sha256'))
}

/** Under what a signature is tried: whom the step names and nobody else, each trust for itself. */
function basesOf(
  signer: ReportSigner,
  { sigstore, keys }: AttesterTrust,
): Pick<ForeignInput, 'policy' | 'trust' | 'thresholds'>[] {
  if ('key' in signer) {
    const key = keys.find(({ keyId }) => keyId === signer.key)
    if (key === undefined) return []
    // Whoever names a key believes it without a log.
    return [null, ...sigstore].map((trust) => ({ policy: { key }, trust, thresholds: { logs: 0 } }))
  }
  const policy: SigstorePolicy = {
    identity: { issuer: signer.issuer, subject: subjectNamed(signer.subject), facts: new Map() },
  }
  return sigstore.flatMap((trust) => BEHIND.map((thresholds) => ({ policy, trust, thresholds })))
}

/** What has a scheme is a URI, and all else an e-mail address: the other kind never counts for it (T-57). */
export function subjectNamed(value: string): SubjectName {
  return { kind: /^[a-z][a-z0-9+.-]*:/i.test(value) ? 'uri' : 'email', value }
}

/** A verdict, and what stands behind what others attested, a list for each of its steps. */
export interface AttestedVerdict {
  readonly verdict: Verdict
  readonly attested: readonly (readonly Attested[])[]
}

/**
 * The verdict with what others attested verified again. Who says of bytes that he signed for what they do not hold has
 * not said the truth of the rest either: that speaks against the artifact. What cannot be checked here is told, and stays
 * the word of who recorded it.
 */
export function judgeAttested(verdict: Verdict, trust: AttesterTrust, crypto: IdentityCrypto): AttestedVerdict {
  const attested = verdict.steps.map((judged) => verifyAttested(judged, trust, crypto))
  const all = attested.flat()
  if (all.length === 0) return { verdict, attested }
  const count = (standing: Attested['standing']) => all.filter((one) => one.standing === standing).length
  const refused = count('refused')
  const told = [
    `${count('here')} checked here`,
    `${count('word')} on the word of whoever recorded them`,
    ...(refused > 0 ? [`${refused} not by whom a step says`] : []),
  ]
  const criterion: Criterion = { name: 'attestations of others', met: refused === 0, detail: told.join(', ') }
  const findings = all.flatMap(({ standing, ref, fault }) => (standing === 'refused' ? [mismatch(ref, fault!)] : []))
  const criteria = [...verdict.criteria, criterion]
  if (findings.length === 0) return { verdict: { ...verdict, criteria }, attested }
  return {
    verdict: { ...verdict, verdict: 'fail', criteria, findings: [...verdict.findings, ...findings] },
    attested,
  }
}

function mismatch({ name }: ReportRef, { code, what }: ErrorReport): ErrorReport {
  return new CodedError('report-signer', `${name} is not signed by whom the step says: ${code}: ${what}`).report()
}
