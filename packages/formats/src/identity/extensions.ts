import { CodedError, fromUtf8, hasControl, utf8 } from '@countersign/core'
import { type Certificate, der, DerReader, TAG } from '../x509/index.ts'
import {
  bareIdentity,
  FULCIO_ARC,
  type Grade,
  GRADE_OID,
  type Identity,
  IDENTITY_EXTENSIONS,
  IDENTITY_FACTS,
  type IdentityFact,
  type SubjectName,
  SYSTEM_OID,
} from './identity.ts'

const CODE = 'certificate-invalid'
/** The issuer once more, raw, as Fulcio wrote it before it wrote DER (fulcio, docs/oid-info.md, 1.3.6.1.4.1.57264.1.1). */
export const ISSUER_V1_OID = `${FULCIO_ARC}.1`
export const SUBJECT_NAME_OID = '2.5.29.17'

/** Most bytes of one fact. */
export const MAX_FACT_BYTES = 4096
const SYSTEM = /^[a-z0-9][a-z0-9-]{0,63}$/
/** Grades that an authority can vouch for; D is that of a key without a certificate. */
const CERTIFIED: readonly string[] = ['A', 'B', 'C'] satisfies Grade[]

/** Tags of the two kinds of GeneralName (RFC 5280 §4.2.1.6) that name a signer. */
const NAME_TAGS: Readonly<Record<SubjectName['kind'], number>> = { email: 0x81, uri: 0x86 }

/** Object identifier of a fact's extension. */
export const factOid = (fact: IdentityFact): string => `${FULCIO_ARC}.${IDENTITY_EXTENSIONS[fact]}`

/** What a certificate says of who signs. */
export interface CertifiedIdentity {
  readonly identity: Identity
  /** What its authority says of how well the identity is known; null where it says nothing. */
  readonly grade: Exclude<Grade, 'D'> | null
  /** CI system or workload platform; null where the authority says nothing. */
  readonly system: string | null
}

/**
 * Reads an identity out of a certificate: exactly one name in the SubjectAlternativeName, a URI or an e-mail address,
 * and Fulcio's extensions, each one DER UTF8String, none empty. The issuer stands in one extension or in the older one
 * or, the same, in both. Verifies nothing. Throws `certificate-invalid`.
 */
export function identityOf(certificate: Certificate): CertifiedIdentity {
  const facts: Partial<Record<IdentityFact, string>> = {}
  for (const fact of IDENTITY_FACTS) {
    const text = textExtension(certificate, factOid(fact), fact)
    if (text !== null) facts[fact] = text
  }
  const { issuer: named, ...others } = facts
  const issuer = issuerOf(certificate, named ?? null)
  const grade = textExtension(certificate, GRADE_OID, 'grade')
  if (grade !== null && !CERTIFIED.includes(grade)) throw new CodedError(CODE, 'the grade in the certificate is none')
  const system = textExtension(certificate, SYSTEM_OID, 'system')
  if (system !== null && !SYSTEM.test(system)) throw new CodedError(CODE, 'the system in the certificate is none')
  return {
    identity: { ...bareIdentity(issuer, subjectName(certificate)), ...others },
    grade: grade as CertifiedIdentity['grade'],
    system,
  }
}

/** Two issuers in one certificate would be one for each reader (T-58). */
function issuerOf({ extensions }: Certificate, named: string | null): string {
  const old = extensions.get(ISSUER_V1_OID)
  if (old === undefined) {
    if (named === null) throw new CodedError(CODE, 'the certificate does not say who vouches for its identity')
    return named
  }
  const raw = factText(old.value, 'issuer')
  if (named !== null && named !== raw) throw new CodedError(CODE, 'the certificate names two issuers of its identity')
  return raw
}

/** The one name of the SubjectAlternativeName (RFC 5280 §4.2.1.6). */
export function subjectName({ extensions }: Certificate): SubjectName {
  const extension = extensions.get(SUBJECT_NAME_OID)
  if (extension === undefined) throw new CodedError(CODE, 'the certificate names no subject')
  const outer = new DerReader(extension.value, 'the subject name', CODE)
  const names = outer.sequence()
  outer.end()
  const { tag, content } = names.any()
  if (!names.done) names.fail('is not one')
  const kind = tag === NAME_TAGS.uri ? 'uri' : tag === NAME_TAGS.email ? 'email' : names.fail('is no URI and no e-mail')
  // IA5String: what lies beyond ASCII stands escaped in a URI, and not at all in an address.
  if (content.length === 0 || content.length > MAX_FACT_BYTES) names.fail(`has not 1 to ${MAX_FACT_BYTES} bytes`)
  if (!content.every((byte) => byte >= 0x20 && byte < 0x7f)) names.fail('holds something else than printable ASCII')
  return { kind, value: String.fromCharCode(...content) }
}

function textExtension({ extensions }: Certificate, oid: string, name: string): string | null {
  const extension = extensions.get(oid)
  if (extension === undefined) return null
  const reader = new DerReader(extension.value, `the extension ${name}`, CODE)
  const { content } = reader.next(TAG.utf8String)
  reader.end()
  return factText(content, name)
}

/** An empty fact would be one that is there and says nothing, which Fulcio never writes. */
function factText(bytes: Uint8Array, name: string): string {
  if (bytes.length === 0) throw new CodedError(CODE, `the extension ${name} is empty`)
  if (bytes.length > MAX_FACT_BYTES) throw new CodedError(CODE, `the extension ${name} exceeds ${MAX_FACT_BYTES} bytes`)
  let text: string
  try {
    text = fromUtf8(bytes)
  } catch (cause) {
    throw new CodedError(CODE, `the extension ${name} is not UTF-8`, { cause })
  }
  if (hasControl(text)) throw new CodedError(CODE, `the extension ${name} holds a control character`)
  return text
}

/** One extension to be written. */
export interface NewExtension {
  readonly oid: string
  readonly critical: boolean
  /** DER of its value. */
  readonly value: Uint8Array
}

/**
 * The extensions that say an identity, as {@link identityOf} reads them: the name, critical because the certificate has
 * no other, then the facts in the order of their numbers, the issuer once more for older readers, grade and system.
 * Throws `certificate-invalid` for what no reader would take.
 */
export function identityExtensions({ identity, grade, system }: CertifiedIdentity): NewExtension[] {
  const { kind, value } = identity.subject
  const text = (oid: string, content: string) => ({ oid, critical: false, value: der(TAG.utf8String, utf8(content)) })
  const facts = IDENTITY_FACTS.flatMap((fact) => {
    const content = identity[fact]
    return content === null ? [] : [text(factOid(fact), content)]
  })
  return [
    { oid: SUBJECT_NAME_OID, critical: true, value: der(TAG.sequence, der(NAME_TAGS[kind], utf8(value))) },
    { oid: ISSUER_V1_OID, critical: false, value: utf8(identity.issuer) },
    ...facts,
    ...(grade === null ? [] : [text(GRADE_OID, grade)]),
    ...(system === null ? [] : [text(SYSTEM_OID, system)]),
  ]
}
