export { type Anchored, type AnchoredStatement, existedBy, provenBy } from './anchors/anchored.ts'
export { ancestry, type Chain, placeOf, readChain, readChainConcurrently } from './chain.ts'
export { disclosedPredicate, verifyDisclosure } from './disclosure.ts'
export { checkHandshake, DEFAULT_CLOCK_TOLERANCE, handshake, type Receiving } from './handshake.ts'
export { checkHead, type VerifiedChainEntry, type VerifiedHead, verifyChainEntry, verifyHead } from './head.ts'
export type { Criterion } from './criteria.ts'
export { ANCHOR_PATIENCE, type AnchorDemand, durationText } from './demand.ts'
export {
  judge,
  type JudgedStep,
  type JudgeInput,
  judgeRun,
  type JudgeRunInput,
  unknownVerdict,
  type Verdict,
} from './judge.ts'
export { judgeSubject, type SubjectInput } from './subject.ts'
export { verifyStep, verifyStepLater } from './open.ts'
export { verifyReceipt } from './receipt.ts'
export { receive, type Received, type ReceiveInput } from './receive.ts'
export { logKeys, namedKeys, trustOf, withRevocations } from './trust.ts'
export type {
  Edge,
  EdgeStrength,
  Grade,
  Handshake,
  Signer,
  Trust,
  TrustedKey,
  TrustedLogKey,
  VerifiedDisclosure,
  VerifiedReceipt,
  VerifiedStep,
  VerifiedWithheld,
} from './types.ts'
export { verifyWithheld } from './withheld.ts'
