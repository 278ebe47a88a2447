export {
  type Actor,
  ADMINISTRATIVE_PAYLOAD_TYPE,
  type AdministrativeAct,
  type LoggedAct,
  parseAdministrativeAct,
  parseLoggedAct,
  writeAdministrativeAct,
  writeLoggedAct,
  readActor,
} from './administrative-act.ts'
export { actCommitment, type ActOpening, parseActOpening, writeActOpening } from './act-opening.ts'
export {
  type Attachment,
  MAX_ATTACHED_BYTES,
  MAX_ATTACHMENT_BYTES,
  parseAttachment,
  readAttachment,
  writeAttachment,
} from './attachment.ts'
export { type Bundle, type KeyMaterial, parseBundle, readBundle, signerOf, writeBundle } from './bundle.ts'
export { MAX_CHAIN_BYTES, MAX_CHAIN_LINES, parseChainFile, writeChainFile } from './chain-file.ts'
export {
  type ChainLine,
  isAttachment,
  isBundle,
  isDeviation,
  isDisclosure,
  isReceipt,
  isRemark,
  isWithheld,
  parseChainLine,
  writeChainLine,
} from './chain-line.ts'
export {
  type Checkpoint,
  type LogTrust,
  parseCheckpoint,
  readCheckpoint,
  type SignedCheckpoint,
  type VerifiedCheckpoint,
  verifyCheckpoint,
  writeCheckpoint,
} from './checkpoint.ts'
export * from './constants.ts'
export {
  CONTRACT_PAYLOAD_TYPE,
  isSignedContract,
  MAX_SIGNED_CONTRACT_BYTES,
  parseSignedContract,
  writeSignedContract,
} from './contract-envelope.ts'
export {
  type Cosignature,
  cosignatureMessage,
  MAX_COSIGNATURE_TIME,
  parseCosignature,
  writeCosignature,
} from './cosignature.ts'
export { type Coverage, coverageJson, readCoverage } from './coverage.ts'
export {
  type Disclosed,
  type Disclosure,
  MAX_DISCLOSURE_BYTES,
  opens,
  parseDisclosure,
  readDisclosure,
  writeDisclosure,
} from './disclosure.ts'
export {
  type ActProof,
  actProofOf,
  type Endorsed,
  type Endorsement,
  MAX_ENDORSEMENTS,
} from './endorsed.ts'
export {
  type Deviation,
  DEVIATION_PAYLOAD_TYPE,
  type Excuse,
  MAX_DEVIATION_BYTES,
  MAX_DEVIATION_LIFE,
  parseDeviation,
  parseDeviationLine,
  sortedExcuses,
  writeDeviation,
  writeDeviationLine,
} from './deviation.ts'
export {
  type Envelope,
  linkDigest,
  linkDigestOfPae,
  MAX_SIGNATURE_TEXT,
  pae,
  readEnvelope,
  writeEnvelope,
} from './dsse.ts'
export {
  type ChainHead,
  HEAD_BYTES,
  HEAD_PROOF_MEDIA_TYPE,
  type HeadMember,
  type HeadProof,
  MAX_HEAD_PROOF_BYTES,
  parseHead,
  parseHeadProof,
  writeHead,
  writeHeadProof,
} from './head-proof.ts'
export { MAX_PROOF_HASHES } from './lines.ts'
export {
  checkStatementsAgree,
  LOG_STATEMENT,
  type LogStatement,
  parseLogStatement,
  readLogStatement,
  readLogStatementText,
  type SignedLogStatement,
  type StatementDigests,
  statementDigests,
  type VerifiedLogStatement,
  verifyLogStatement,
  writeLogStatement,
} from './log-statement.ts'
export { isKeyName, type NoteKey, type NoteKeyType, noteKey, noteKeyId, parseVkey, writeVkey } from './note-key.ts'
export {
  MAX_NOTE_BYTES,
  MAX_NOTE_SIGNATURES,
  type Note,
  type NoteSignature,
  parseNote,
  parseSignatureLines,
  type VerifiedNoteSignature,
  verifyNote,
  writeNote,
  writeSignatureLines,
} from './note.ts'
export {
  hasQuorum,
  MAX_POLICY_BYTES,
  MAX_POLICY_ENTRIES,
  parsePolicy,
  type PolicyGroup,
  type PolicyLog,
  type PolicyWitness,
  type WitnessPolicy,
} from './policy.ts'
export {
  beginReceipt,
  endReceipt,
  MAX_RECEIPT_BYTES,
  parseReceipt,
  type Receipt,
  receiptOf,
  readReceipt,
  writeReceipt,
} from './receipt.ts'
export {
  MAX_REMARK_BYTES,
  MAX_REMARK_SUBJECTS,
  MAX_REMARK_TEXT,
  parseRemark,
  parseRemarkLine,
  type Remark,
  REMARK_ABOUT,
  REMARK_KINDS,
  REMARK_PREDICATE,
  type RemarkAbout,
  remarkId,
  type RemarkKind,
  type RemarkSubject,
  sortedSubjects,
  writeRemark,
  writeRemarkLine,
} from './remark.ts'
export {
  type Fact,
  type Facts,
  isReportType,
  MAX_FACT_TEXT,
  names,
  type ReportNotes,
  type ReportRef,
  type ReportSigner,
} from './report-ref.ts'
export {
  isRevocationReason,
  MAX_REVOCATIONS,
  MAX_REVOCATIONS_BYTES,
  parseRevocations,
  type Revocation,
  REVOCATION_REASONS,
  type RevocationReason,
  REVOCATIONS_MEDIA_TYPE,
  writeRevocations,
} from './revocations.ts'
export {
  isSealed,
  isSealedField,
  type SealableFields,
  sealableFields,
  type SealableValues,
  type Sealed,
  SEALED_FIELDS,
  type SealedField,
  sealedFields,
  sealValue,
  withFields,
} from './sealed.ts'
export { isTime, ObjectShape, Shape } from './shape.ts'
export {
  asSubject,
  type DigestSet,
  type FileMode,
  isTree,
  parseStatement,
  type Resource,
  type Statement,
} from './statement.ts'
export { chainOfRun, type CiRun } from './run-chain.ts'
export {
  type ChainRef,
  type ClaimedIdentity,
  type Invocation,
  isMatrixKey,
  isName,
  parseStep,
  type PreviousRef,
  readStep,
  type Runner,
  type StepPredicate,
  type StepRef,
  type StepStatement,
  succeeded,
  UNCLAIMED,
  writeStep,
} from './step.ts'
export {
  type EnrolmentCode,
  enrolmentMessage,
  passkeyEnrolmentMessage,
  notACode,
  parseEnrolmentCode,
  writeEnrolmentCode,
} from './enrolment.ts'
export {
  type ActLeaf,
  type AttestationLeaf,
  blindChain,
  type CertificateLeaf,
  type Commitment,
  commitmentOf,
  type Committed,
  type Leaf,
  leafTime,
  MAX_LEAF_BYTES,
  type Opening,
  OPENING_BYTES,
  parseLeaf,
  readLeaf,
  type TombstoneLeaf,
  writeLeaf,
} from './leaf.ts'
export { type LeafOpening, MAX_OPENING_BYTES, openEntry, parseOpening, writeOpening } from './opening.ts'
export {
  MAX_PROOF_EXTRA_BYTES,
  MAX_TLOG_PROOF_BYTES,
  parseTlogProof,
  type TlogProof,
  type TlogProofStart,
  writeTlogProof,
  writeTlogProofStart,
} from './tlog-proof.ts'
export { type HandoverToken, MAX_TOKEN_LINKS, parseToken, writeToken } from './token.ts'
export { compareTreePaths, parseTree, type TreeEntry, treeLine } from './tree.ts'
export {
  type AddCheckpoint,
  MAX_ADD_CHECKPOINT_BYTES,
  parseAddCheckpoint,
  parseTlogSize,
  TLOG_SIZE_MEDIA_TYPE,
  writeAddCheckpoint,
  writeTlogSize,
} from './witness.ts'
export {
  MAX_WITHHELD_BYTES,
  parseUnopened,
  parseWithheld,
  readWithheld,
  type Tombstone,
  tombstoneProof,
  type Unopened,
  type Withheld,
  withheldOf,
  withhold,
  type WithheldProofs,
  writeUnopened,
  writeWithheld,
} from './withheld.ts'
