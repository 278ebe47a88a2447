export {
  authorityId,
  type AuthorityRoot,
  authorityRootsJson,
  type OwnAuthorityRoot,
  readAuthorityRoots,
  type SigstoreRoot,
} from './authority-root.ts'
export {
  type AuthorityAlgorithm,
  type CertificateRequest,
  loggedTbs,
  parseCertificateRequest,
  precertTbs,
  type SigningCertificate,
  tbsCertificate,
  withExtension,
  writeCertificate,
} from './certificate.ts'
export {
  type CertifiedIdentity,
  factOid,
  identityExtensions,
  identityOf,
  ISSUER_V1_OID,
  MAX_FACT_BYTES,
  type NewExtension,
  SUBJECT_NAME_OID,
  subjectName,
} from './extensions.ts'
export {
  bareIdentity,
  COUNTERSIGN_ARC,
  FULCIO_ARC,
  type Grade,
  GRADE_OID,
  gradeOf,
  GRADES,
  type Identity,
  IDENTITY_EXTENSIONS,
  IDENTITY_FACTS,
  type IdentityFact,
  isAtLeast,
  ISSUANCE_PROOF_OID,
  type SubjectName,
  SYSTEM_OID,
} from './identity.ts'
export { identityText } from './identity-text.ts'
export { issuanceLeaf, readIssuanceProof, writeIssuanceProof } from './issuance.ts'
export { readSctList, type Sct, SCT_LIST_OID, sctMessage, writeSctList } from './sct.ts'
export {
  type PublishedAuthority,
  type PublishedCtLog,
  type PublishedService,
  SIGNING_CONFIG_MEDIA_TYPE,
  signingConfigJson,
  TRUSTED_ROOT_MEDIA_TYPES,
  trustedRootJson,
} from './trusted-root.ts'
