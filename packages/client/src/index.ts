export type { Covered, StatementAnchors } from './anchored.ts'
export { type GatheredStatements, gatherStatements, type StatementSource } from './gathering.ts'
export type {
  AnchorCalls,
  ListedAnchor,
  ListedAnchored,
  ListedChecks,
  ListedCost,
  ListedProgress,
} from './anchors.ts'
export type { AuditCalls, ListedCoverage, ListedDecision, ListedRefusal, ListedRun, ListedRuns } from './audit.ts'
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
export type { ContractCalls, ListedContract, ProposedDeviation, WaitingDeviation } from './contracts.ts'
export {
  type AdminActed,
  ALERTS,
  type AnchorTold,
  type ContractPublished,
  type CountersignEvent,
  type DeviationAdmitted,
  type DeviationExpiring,
  type DeviationProposed,
  type Erased,
  EVENT_NAMES,
  EVENT_PREFIX,
  EVENT_SEVERITY,
  type EventData,
  type EventName,
  eventName,
  eventNames,
  type EventOf,
  type EventPage,
  type EventSeverity,
  type EventsLost,
  type EventType,
  type GateDecided,
  type IdentityFirstSeen,
  type KeyChanged,
  type LogForked,
  type SignInRefused,
  type NoteAdded,
  type StepAccepted,
  type StepRefused,
  type WebhookTold,
} from './events.ts'
export { type EventCalls, eventOf, type EventQuery, type FollowQuery } from './event-calls.ts'
export { type Followed, followedIn } from './event-stream.ts'
export { eventPath, eventText } from './event-text.ts'
export type { AskedContract, GateCalls, GateQuestion, RemoteDecision, RemoteDeviation } from './gate.ts'
export {
  type ListedAct,
  type ListedPerson,
  type Me,
  type PeopleCalls,
  type Role,
  ROLES,
  type SignInLink,
} from './people.ts'
export type { ListedRemark, RemarkCalls } from './remarks.ts'
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
export type { DeploysAtQuery, DeploysQuery, RunsQuery, ViewCalls } from './view-calls.ts'
export { plainText } from './plain-text.ts'
export { isAway, mayPass, ServerRefusal } from './problem.ts'
export { derOf, openSession, type Session, sessionAudience, type SessionRequest } from './session.ts'
export { type Flushed, type FlushHooks, Spool, type Waiting } from './spool.ts'
export { diskFiles, type SpoolFiles } from './spool-files.ts'
export {
  type ListedDelivery,
  type ListedWebhook,
  type NewWebhook,
  verifyWebhook,
  type WebhookCalls,
  type WebhookRequest,
  type WebhookSecret,
} from './webhooks.ts'
export type { Fetch, Fetched, RetryOptions, TransportOptions } from './transport.ts'
export type {
  Counted,
  Coverage,
  CoveredPipeline,
  CoveredSystem,
  CoverageFinding,
  Deploy,
  DeployBucket,
  Deploys,
  DeploysAt,
  DeployStrip,
  DeployStrips,
  Identities,
  IdentityRow,
  IdentityWeeks,
  RuleHeat,
  Run,
  RunEdge,
  RunRefusal,
  Runs,
  RunStep,
  RunView,
  Search,
  SearchHit,
  SeenIdentity,
  ViewPage,
} from './views.ts'
