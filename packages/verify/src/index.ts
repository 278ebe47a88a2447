export { type Anchored, type AnchoredStatement, existedBy, provenBy } from './anchors/anchored.ts'
export { verifyAttachment } from './attachment.ts'
export { ancestry, placeOf } from './ancestry.ts'
export { type Chain, claimedIn, reportsIn, readChain, readChainConcurrently } from './chain.ts'
export { type Contradiction, contradictions, factsOf } from './claims.ts'
export { deviationId, type DeviationTrust, type Excused, Excusing, verifyDeviation } from './deviation.ts'
export { disclosedPredicate, verifyDisclosure } from './disclosure.ts'
export { actDigest, checkActsFollow, checkAudit, type VerifiedAct, verifyLoggedAct } from './audit.ts'
export { type Endorsers, endorsedText, endorsersOf, type Endorsing, enough } from './endorsed.ts'
export { checkHandshake, DEFAULT_CLOCK_TOLERANCE, handshake, type Receiving } from './handshake.ts'
export { checkHead, type VerifiedChainEntry, type VerifiedHead, verifyChainEntry, verifyHead } from './head.ts'
export type { Other } from './elsewhere.ts'
export type { Criterion } from './criteria.ts'
export { ANCHOR_PATIENCE, type AnchorDemand, durationText } from './demand.ts'
export { type Decision, decisionOf, type TrustToday, trustToday } from './gate.ts'
export {
  judge,
  type JudgedStep,
  type JudgeInput,
  judgeRun,
  type JudgeRunInput,
  unknownVerdict,
  type Verdict,
} from './judge.ts'
export { ANY_IDENTITY } from './keyless.ts'
export { seenRuns } from './seen.ts'
export { judgeSubject, type SubjectInput } from './subject.ts'
export { gradeD, verifySigner, verifyStep, verifyStepLater } from './open.ts'
export { type Replayed, replayRun } from './replay.ts'
export { isSameParty } from './party.ts'
export {
  openDisputes,
  openRemark,
  type Remarked,
  remarkLine,
  type StandingRemark,
  standingRemarks,
  supersedingFault,
  verifyRemark,
} from './remark.ts'
export { verifyReceipt } from './receipt.ts'
export { receive, type Received, type ReceiveInput } from './receive.ts'
export {
  authorityRootsOf,
  believesPublicSigstore,
  type BroughtRoots,
  distinctRoots,
  identitiesOf,
  type KnownRoots,
  logKeys,
  namedKeys,
  trustBrought,
  trustOf,
  withAuthorities,
  isLessened,
  withRevocations,
} from './trust.ts'
export type {
  BelievedAuthority,
  Edge,
  EdgeStrength,
  Grade,
  Handshake,
  SignedUnder,
  Signer,
  SigningCertificate,
  Trust,
  TrustedIdentity,
  TrustedKey,
  TrustedLogKey,
  VerifiedAttachment,
  VerifiedDeviation,
  VerifiedDisclosure,
  VerifiedReceipt,
  VerifiedRemark,
  VerifiedStep,
  VerifiedWithheld,
} from './types.ts'
export { verifyWithheld } from './withheld.ts'
