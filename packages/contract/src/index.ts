export { type Baseline, lintBaseline, parseBaseline, tighten } from './baseline.ts'
export { BASELINE_SCHEMA } from './baseline-schema.ts'
export { countPeople, identityOf } from './approvals.ts'
export {
  evaluate,
  maySign,
  otherContractsOf,
  outsideOf,
  type PreviousFacts,
  type RanFacts,
  requiredJobs,
  type SignerFacts,
  signingKeys,
  type StepFacts,
} from './evaluate.ts'
export { adviseContract } from './advice.ts'
export { type Change, type Effect } from './change.ts'
export { EXCUSABLE, isExcusable } from './deviation.ts'
export { diffContracts } from './diff.ts'
export { durationOf } from './duration.ts'
export { required } from './graph.ts'
export { drawContract, type Drawing, type Outline, outlineContract } from './drawing.ts'
export {
  type IdentityPattern,
  matchesIdentity,
  matchesText,
  mismatchOf,
  type PatternFact,
  type TextPattern,
} from './identity-pattern.ts'
export {
  type AnchoredRule,
  type ApprovalRule,
  type AuthorityRule,
  type Contract,
  type IdentityRule,
  type KeyRule,
  type Maintainers,
  type MaterialRule,
  type OutsideRule,
  type OwnAuthorityRule,
  PUBLIC_SIGSTORE,
  type SignerRule,
  type SigstoreRule,
  type StepRule,
} from './model.ts'
export { learnContract, type Learning, type SeenRun, type SeenStep } from './learn.ts'
export type { LearnedAuthority } from './learn-signers.ts'
export { lintContract, parseContract } from './parse.ts'
export { CONTRACT_SCHEMA } from './schema.ts'
export type { Fault } from './fault.ts'
