/** The name in a certificate's SubjectAlternativeName, with its kind: an e-mail address is no URI that looks like one (T-57). */
export interface SubjectName {
  readonly kind: 'uri' | 'email'
  readonly value: string
}

/**
 * Who signed, as an issuer vouched for it: Fulcio's certificate extensions by their names (fulcio, docs/oid-info.md;
 * OIDs 1.3.6.1.4.1.57264.1.8 to 24). Null where the issuer says nothing of it.
 */
export interface Identity {
  /** SubjectAlternativeName; with the issuer it names the signer, and never without. */
  readonly subject: SubjectName
  /** .8, URL of the OpenID issuer. */
  readonly issuer: string
  /** .9, what ran: the reusable workflow or build definition, at its ref. */
  readonly buildSignerURI: string | null
  /** .10 */
  readonly buildSignerDigest: string | null
  /** .11, `github-hosted`, `self-hosted`, … */
  readonly runnerEnvironment: string | null
  /** .12 */
  readonly sourceRepositoryURI: string | null
  /** .13, commit. */
  readonly sourceRepositoryDigest: string | null
  /** .14 */
  readonly sourceRepositoryRef: string | null
  /** .15, the repository's id, which no rename and no successor of the same name has. */
  readonly sourceRepositoryIdentifier: string | null
  /** .16 */
  readonly sourceRepositoryOwnerURI: string | null
  /** .17 */
  readonly sourceRepositoryOwnerIdentifier: string | null
  /** .18, the top-level build instructions, at their ref. */
  readonly buildConfigURI: string | null
  /** .19 */
  readonly buildConfigDigest: string | null
  /** .20, the event. */
  readonly buildTrigger: string | null
  /** .21, run and attempt, or job. */
  readonly runInvocationURI: string | null
  /** .22 */
  readonly sourceRepositoryVisibilityAtSigning: string | null
  /** .23 */
  readonly deploymentEnvironment: string | null
  /** .24, `sub` of the token as it came. */
  readonly tokenSubject: string | null
}

/** Names of the facts of an identity and the last arc of their OIDs under {@link FULCIO_ARC}. */
export const IDENTITY_EXTENSIONS = {
  issuer: 8,
  buildSignerURI: 9,
  buildSignerDigest: 10,
  runnerEnvironment: 11,
  sourceRepositoryURI: 12,
  sourceRepositoryDigest: 13,
  sourceRepositoryRef: 14,
  sourceRepositoryIdentifier: 15,
  sourceRepositoryOwnerURI: 16,
  sourceRepositoryOwnerIdentifier: 17,
  buildConfigURI: 18,
  buildConfigDigest: 19,
  buildTrigger: 20,
  runInvocationURI: 21,
  sourceRepositoryVisibilityAtSigning: 22,
  deploymentEnvironment: 23,
  tokenSubject: 24,
} as const satisfies Record<Exclude<keyof Identity, 'subject'>, number>

export type IdentityFact = keyof typeof IDENTITY_EXTENSIONS
export const IDENTITY_FACTS = Object.keys(IDENTITY_EXTENSIONS) as readonly IdentityFact[]

/** Fulcio's arc (Sigstore's private enterprise number, then 1). */
export const FULCIO_ARC = '1.3.6.1.4.1.57264.1'

/**
 * Our own arc: a GUID under the arc that is open to all GUIDs (1.2.840.113556.1.8000.2554). Not the UUID arc 2.25, whose
 * one number of 128 bits Go's X.509 reader refuses.
 */
export const COUNTERSIGN_ARC = '1.2.840.113556.1.8000.2554.29594.19970.20006.17259.38037.13934394.6235117'
/** Extension: proof that the certificate was logged by its authority; OCTET STRING of a C2SP tlog-proof text. */
export const ISSUANCE_PROOF_OID = `${COUNTERSIGN_ARC}.1`
/** Extension: the grade, UTF8String of one letter. */
export const GRADE_OID = `${COUNTERSIGN_ARC}.2`
/** Extension: the CI system or workload platform, UTF8String such as `github-actions`. */
export const SYSTEM_OID = `${COUNTERSIGN_ARC}.3`

/** An identity of which only the two facts are known that every one has. */
export function bareIdentity(issuer: string, subject: SubjectName): Identity {
  return {
    subject,
    issuer,
    buildSignerURI: null,
    buildSignerDigest: null,
    runnerEnvironment: null,
    sourceRepositoryURI: null,
    sourceRepositoryDigest: null,
    sourceRepositoryRef: null,
    sourceRepositoryIdentifier: null,
    sourceRepositoryOwnerURI: null,
    sourceRepositoryOwnerIdentifier: null,
    buildConfigURI: null,
    buildConfigDigest: null,
    buildTrigger: null,
    runInvocationURI: null,
    sourceRepositoryVisibilityAtSigning: null,
    deploymentEnvironment: null,
    tokenSubject: null,
  }
}

/**
 * How well an identity is known. A: a CI system's own token with repository, commit and run. B: confirmed by the
 * provider. C: a workload's identity alone. D: an enrolled key.
 */
export type Grade = 'A' | 'B' | 'C' | 'D'

/** Best first. */
export const GRADES: readonly Grade[] = ['A', 'B', 'C', 'D']

/** True when `grade` is as good as `least`, or better. */
export function isAtLeast(grade: Grade, least: Grade): boolean {
  return GRADES.indexOf(grade) <= GRADES.indexOf(least)
}

/** What facts of an issuer alone are worth: A where they say repository, commit and run; C where one is missing. */
export function gradeOf(
  facts: Pick<Identity, 'sourceRepositoryURI' | 'sourceRepositoryDigest' | 'runInvocationURI'>,
): 'A' | 'C' {
  const { sourceRepositoryURI, sourceRepositoryDigest, runInvocationURI } = facts
  return sourceRepositoryURI !== null && sourceRepositoryDigest !== null && runInvocationURI !== null ? 'A' : 'C'
}
