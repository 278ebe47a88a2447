export type { Covered, StatementAnchors } from './anchored.ts'
export type {
  AnchorCalls,
  ListedAnchor,
  ListedAnchored,
  ListedChecks,
  ListedCost,
  ListedProgress,
} from './anchors.ts'
export {
  type Appended,
  type Buried,
  type Client,
  type ClientOptions,
  createClient,
  type Found,
  type InboxItem,
  type Listed,
  type ListedStatement,
  type LookedUp,
  type Page,
  type SearchQuery,
  type ServerFacts,
} from './client.ts'
export type { CertificateCalls, ListedCertificate } from './certificates.ts'
export type { ContractCalls, ListedContract } from './contracts.ts'
export type { AskedContract, GateCalls, GateQuestion, RemoteDecision, RemoteDeviation } from './gate.ts'
export { type ListedToken, TOKEN_SCOPES, type TokenCalls, type TokenScope } from './tokens.ts'
export type { IssuerCalls, ListedIssuer, TokenRefusal, Tried } from './issuers.ts'
export { requestSigningCertificate } from './fulcio.ts'
export {
  type Affected,
  type AskedSigner,
  type AffectedStep,
  enrolByCode,
  type Invited,
  type KeyCalls,
  type ListedEvent,
  type ListedKey,
  type ShownKey,
} from './keys.ts'
export type { LogReads } from './log-reads.ts'
export { plainText } from './plain-text.ts'
export { mayPass, ServerRefusal } from './problem.ts'
export { derOf, openSession, type Session, sessionAudience, type SessionRequest } from './session.ts'
export { type Flushed, type FlushHooks, Spool, type Waiting } from './spool.ts'
export { diskFiles, type SpoolFiles } from './spool-files.ts'
export type { Fetch, Fetched, RetryOptions, TransportOptions } from './transport.ts'
